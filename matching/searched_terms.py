"""The commonest terms: what most records have in common, and what the search leaves out of their vectors."""

from dataclasses import dataclass

import numpy as np

from matching.block import without_common_terms
from matching.matcher import PreparedRecords
from matching.overlap import without_repeats
from matching.profile import ColumnKind
from matching.tfidf import ALPHABET


@dataclass(frozen=True)
class CommonTerm:
    """A 3-gram or word, how many records have it, and of how many of them it is no part of the search."""

    by: str
    term: str
    records: int
    left_out: int


def commonest_terms(prepared: PreparedRecords, count: int) -> tuple[CommonTerm, ...]:
    """Return the `count` commonest terms of each search, the commonest first; blanks in a 3-gram are written _."""
    return tuple(
        CommonTerm(by, _term(prepared, name, column), had, had - sought)
        for by, name in (("3-grams", "grams"), ("words", "words"))
        for column, had, sought in _commonest(prepared, name, count)
    )


def _commonest(prepared: PreparedRecords, name: str, count: int) -> list[tuple[int, int, int]]:
    """Return column, records that have it and records that are searched by it."""
    vectors = prepared.whole[name]
    had = np.bincount(vectors.indices, minlength=vectors.shape[1])
    sought = np.bincount(without_common_terms(vectors).indices, minlength=vectors.shape[1])
    most = np.argsort(-had, kind="stable")[:count]
    return [(int(column), int(had[column]), int(sought[column])) for column in most if had[column]]


def _term(prepared: PreparedRecords, name: str, column: int) -> str:
    if name == "grams":
        return gram_text(column).replace(" ", "_")
    kinds = {profile.name: profile.kind for profile in prepared.profiles}
    told = without_repeats([each for each in prepared.columns if kinds[each.name] != ColumnKind.EMPTY])
    return list(dict.fromkeys(word for each in told for value in each.values for word in value.split()))[column]


def gram_text(number: int) -> str:
    """Return the three letters of a 3-gram's column (see tfidf.gram_counts).

    >>> gram_text(1 * 37 * 37 + 2 * 37 + 27)
    'ab0'
    """
    size = len(ALPHABET)
    return "".join(chr(ALPHABET[place]) for place in (number // size**2, number // size % size, number % size))
