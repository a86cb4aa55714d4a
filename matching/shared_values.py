"""Two values at once: records that share a surname and a date of birth, whatever else they say.

In a large table one value says little and thousands share it; few records share two.  Such pairs of values are exact,
so they are found fast, and a record of eight columns has 28 of them to be found by.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.record_vectors import entropy

MOST_COLUMNS = 10


class _Columns(NamedTuple):
    """Two columns; the pair of values (a, b) has the number start + a · width + b."""

    one: NormalisedColumn
    other: NormalisedColumn
    start: int

    @property
    def width(self) -> int:
        return len(self.other.values)


def value_pair_vectors(
    columns: list[NormalisedColumn], records: int, most: int
) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """Return (records, pairs of values) and the number of each pair of values, for `value_pair_text`.

    Only pairs of values that at least two and at most `most` records have are in it.  A dot product is the sum over
    the pairs that two records share of ln(records / those who have it).  Of many columns the MOST_COLUMNS that tell
    most are taken.
    """
    rows, terms, numbers, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [], [np.zeros(0)]
    known = 0
    for two in _two_columns(columns):
        row = np.flatnonzero((two.one.codes >= 0) & (two.other.codes >= 0))
        distinct, term = _distinct(two.one.codes[row] * two.width + two.other.codes[row])
        had = np.bincount(term, minlength=len(distinct))
        is_kept = (had > 1) & (had <= most)
        place, here = np.cumsum(is_kept) - 1 + known, is_kept[term]
        rows.append(row[here])
        terms.append(place[term[here]])
        numbers.append(distinct[is_kept] + two.start)
        weights.append(np.log(records / had[is_kept]))
        known += int(is_kept.sum())
    row, term, weight = np.concatenate(rows), np.concatenate(terms), np.sqrt(np.concatenate(weights))
    vectors = sp.csr_matrix((weight[term].astype(np.float32), (row, term)), shape=(records, max(1, known)))
    return vectors, np.concatenate([np.zeros(0, np.int64), *numbers])


def value_pair_text(columns: list[NormalisedColumn], number: int) -> str:
    """Return both values of a pair of values, each with its column."""
    two = [two for two in _two_columns(columns) if two.start <= number][-1]
    one, other = divmod(number - two.start, two.width)
    return f"{two.one.name}={two.one.values[one]}, {two.other.name}={two.other.values[other]}"


def _two_columns(columns: list[NormalisedColumn]) -> list[_Columns]:
    telling = sorted(columns, key=entropy, reverse=True)[:MOST_COLUMNS]
    pairs = list(combinations([column for column in columns if any(column is one for one in telling)], 2))
    starts = np.cumsum([0, *(len(one.values) * len(other.values) for one, other in pairs)], dtype=np.int64)
    return [_Columns(one, other, int(start)) for (one, other), start in zip(pairs, starts, strict=False)]


def _distinct(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, and of each key its place among them; a hash table is faster than sorting."""
    import pandas as pd

    place, distinct = pd.factorize(keys)
    return distinct, place
