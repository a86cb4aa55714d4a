"""Two values at once: records that share a surname and a date of birth, whatever else they say.

In a large table one value says little and thousands share it; few records share two.  Such pairs of values are exact,
so they are found fast, and a record of eight columns has 28 of them to be found by.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.memory import IN_MEMORY, Spill, let_go
from matching.normalise import NormalisedColumn
from matching.pairs import distinct_with_places
from matching.record_vectors import entropy
from matching.tfidf import ROWS_AT_ONCE, stacked

MOST_COLUMNS = 10
NOT_SHARED = -1


class _Columns(NamedTuple):
    """Two columns; the pair of values (a, b) has the number start + a · width + b."""

    one: NormalisedColumn
    other: NormalisedColumn
    start: int

    @property
    def width(self) -> int:
        return len(self.other.values)


def value_pair_vectors(
    columns: list[NormalisedColumn], records: int, most: int, spill: Spill = IN_MEMORY
) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """Return (records, pairs of values) and the number of each pair of values, for `value_pair_texts`.

    Only pairs of values that at least two and at most `most` records have are in it.  A dot product is the sum over
    the pairs that two records share of ln(records / those who have it).  Of many columns the MOST_COLUMNS that tell
    most are taken.
    """
    two_columns = _two_columns(columns)
    term = spill.empty((len(two_columns), records), np.int32)
    numbers, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    known = entries = 0
    for two, place in zip(two_columns, term, strict=True):
        found, shared, had = _shared_pairs(two, most)
        place[:] = np.where(found >= 0, found + known, NOT_SHARED)
        let_go(term)
        numbers.append(shared + two.start)
        weights.append(np.sqrt(np.log(records / had)).astype(np.float32))
        known, entries = known + len(shared), entries + int(had.sum())
    weight = np.concatenate(weights)
    parts = (_vectors(term[:, start : start + ROWS_AT_ONCE].T, weight) for start in range(0, records, ROWS_AT_ONCE))
    return stacked(parts, entries, (records, max(1, known)), spill), np.concatenate(numbers)


def _shared_pairs(two: _Columns, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return of each record its place among the pairs of values that some share, these pairs, and how many have each.

    The place is NOT_SHARED where a value is missing, or fewer than two or more than `most` records have the pair.
    """
    row = np.flatnonzero((two.one.codes >= 0) & (two.other.codes >= 0))
    distinct, term = distinct_with_places(two.one.codes[row] * two.width + two.other.codes[row])
    had = np.bincount(term, minlength=len(distinct))
    is_kept = (had > 1) & (had <= most)
    place = np.where(is_kept, np.cumsum(is_kept) - 1, NOT_SHARED)
    found = np.full(len(two.one.codes), NOT_SHARED, dtype=np.int64)
    found[row] = place[term]
    return found, distinct[is_kept], had[is_kept]


def _vectors(term: NDArray[np.int32], weight: NDArray[np.float32]) -> sp.csr_matrix:
    is_shared = term >= 0
    indices = term[is_shared]
    starts = np.r_[0, np.cumsum(is_shared.sum(axis=1))]
    return sp.csr_matrix((weight[indices], indices, starts), shape=(len(term), max(1, len(weight))))


def value_pair_texts(columns: list[NormalisedColumn], numbers: list[int]) -> Iterator[str]:
    """Yield both values of each pair of values, with their columns."""
    two_columns = _two_columns(columns)
    for number in numbers:
        two = [two for two in two_columns if two.start <= number][-1]
        one, other = divmod(number - two.start, two.width)
        yield f"{two.one.name}={two.one.values[one]}, {two.other.name}={two.other.values[other]}"


def _two_columns(columns: list[NormalisedColumn]) -> list[_Columns]:
    telling = sorted(columns, key=entropy, reverse=True)[:MOST_COLUMNS]
    pairs = list(combinations([column for column in columns if any(column is one for one in telling)], 2))
    starts = np.cumsum([0, *(len(one.values) * len(other.values) for one, other in pairs)], dtype=np.int64)
    return [_Columns(one, other, int(start)) for (one, other), start in zip(pairs, starts, strict=False)]
