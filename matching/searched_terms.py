"""The commonest terms: what most records have in common, and what records are not sought by."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.matcher import PreparedRecords
from matching.normalise import NormalisedColumn
from matching.search import Search, term_texts


@dataclass(frozen=True)
class CommonTerm:
    """Letters in a row or a word, how many records have it, and how many of these are not sought by it."""

    by: str
    term: str
    records: int
    left_out: int


def commonest_terms(prepared: PreparedRecords, count: int) -> tuple[CommonTerm, ...]:
    """Return the `count` commonest terms of each search, the commonest first; blanks in letters are written _."""
    columns = prepared.searched_columns
    return tuple(term for search in prepared.searches for term in _commonest(search, columns, count))


def _commonest(search: Search, columns: list[NormalisedColumn], count: int) -> Iterator[CommonTerm]:
    had = np.bincount(search.vectors.indices, minlength=len(search.terms))
    sought = np.bincount(search.sought.indices, minlength=len(search.terms))
    most = np.argsort(-had, kind="stable")[:count].tolist()
    for place, term in zip(most, term_texts(search, columns, most), strict=True):
        yield CommonTerm(search.by, term, int(had[place]), int(had[place] - sought[place]))
