"""What a measure works on: the distinct values of a column, and the different pairs of them that meet.

A measure tells of each pair of values how alike they are, from 0 to 1, or NaN where it has nothing to say.  What it
needs to know of a value it works out once a value, not once a pair.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn

NOTHING = -1
PAIRS_AT_ONCE = 50_000
ENOUGH = 0.2
LONGEST_ALIGNED = 10_000

Values = NDArray[np.float32]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class DistinctPairs:
    """The different pairs of values among the compared pairs: indices into a column's values, both present."""

    left: Numbers
    right: Numbers

    def __len__(self) -> int:
        return len(self.left)


Measure = Callable[[DistinctPairs], Values]
NamedMeasures = Iterator[tuple[str, Measure]]


def written_forms(column: NormalisedColumn) -> list[str]:
    """Return for each plain text of the column how it was written, punctuation and all.

    Of several spellings the longest stands for all, of equally long ones the first by letter.
    """
    filled = column.codes >= 0
    plain_of = np.full(len(column.written_values), NOTHING, dtype=np.int64)
    plain_of[column.written_codes[filled]] = column.codes[filled]
    forms = [""] * len(column.values)
    for plain, text in zip(plain_of.tolist(), column.written_values, strict=True):
        if plain >= 0 and (-len(text), text) < (-len(forms[plain]), forms[plain]):
            forms[plain] = text
    return forms


def beginnings(values: list[str]) -> list[str]:
    """Return of each value its first LONGEST_ALIGNED characters: what is compared letter by letter.

    That takes time by the product of the two lengths: a second and more for a pair of texts of a million characters.
    """
    return [value if len(value) <= LONGEST_ALIGNED else value[:LONGEST_ALIGNED] for value in values]


def enough(have: Sequence[bool] | Flags, counts: Numbers, share: float = ENOUGH) -> bool:
    """Whether at least `share` of the rows with a value have what a measure looks at.

    `have` says it of each value, `counts` how many rows hold the value.  A measure of fewer teaches more noise than
    truth.
    """
    total = int(counts.sum())
    return total > 0 and float(counts[np.array(have, dtype=bool)].sum()) / total >= share


def padded(rows: Sequence[Sequence[int]], most: int) -> Numbers:
    """Return rows of different length as (rows, width): their first `most` numbers, then NOTHING.

    >>> padded([[3, 4], [], [5]], most=9).tolist()
    [[3, 4], [-1, -1], [5, -1]]
    """
    width = max(1, min(most, max(map(len, rows), default=1)))
    table = np.full((len(rows), width), NOTHING, dtype=np.int64)
    lengths = np.array([min(len(row), width) for row in rows], dtype=np.int64)
    table[np.arange(width) < lengths[:, None]] = [number for row in rows for number in row[:width]]
    return table


def in_chunks(function: Measure) -> Measure:
    """Return the measure working on PAIRS_AT_ONCE pairs at a time, so that its tables stay small."""

    def measure(distinct: DistinctPairs) -> Values:
        result = np.empty(len(distinct), dtype=np.float32)
        for start in range(0, len(distinct), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            result[part] = function(DistinctPairs(distinct.left[part], distinct.right[part]))
        return result

    return measure


def found_of_shorter(scores: NDArray[np.generic], left: Numbers, right: Numbers) -> Values:
    """Return how much of the shorter of two lists is found in the other, from the scores of all their items.

    `scores` (pairs, left items, right items) holds 0 or False where there is no item; `left` and `right` count the
    items.  Of two lists of one length the worse direction counts.  NaN where one is empty.
    """
    of_left, of_right = _found(scores, left, right)
    either = np.where(left < right, of_left, np.where(left > right, of_right, np.minimum(of_left, of_right)))
    return np.where((left > 0) & (right > 0), either, np.nan).astype(np.float32)


def found_of_longer(scores: NDArray[np.generic], left: Numbers, right: Numbers) -> Values:
    """Return how much of the longer of two lists is found in the other: what only one of them holds counts against."""
    of_left, of_right = _found(scores, left, right)
    either = np.where(left > right, of_left, np.where(left < right, of_right, np.minimum(of_left, of_right)))
    return np.where((left > 0) & (right > 0), either, np.nan).astype(np.float32)


def _found(scores: NDArray[np.generic], left: Numbers, right: Numbers) -> tuple[Values, Values]:
    of_left = scores.max(axis=2).sum(axis=1) / np.maximum(left, 1)
    of_right = scores.max(axis=1).sum(axis=1) / np.maximum(right, 1)
    return of_left, of_right
