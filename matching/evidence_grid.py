"""Many pieces of evidence counted at once: the levels of a few pieces together are one number a pair.

Every round of expectation maximisation counts each level among matches and adds up each level's weight.  Taken piece
by piece that reads all pairs dozens of times; four pieces at a time it is a quarter of that, for the same sums.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

MOST_CELLS = 8192

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Part:
    """The pieces from `first` on, as many as `shape` is long; `cell` is the place of each pair in their grid."""

    first: int
    shape: tuple[int, ...]
    cell: NDArray[np.uint16]
    pairs_of_cell: NDArray[np.int64]

    def others(self, axis: int) -> tuple[int, ...]:
        return tuple(other for other in range(len(self.shape)) if other != axis)


class EvidenceGrid:
    """The levels of all pieces of evidence on all pairs: piece i has the levels 0 … sizes[i] - 1."""

    def __init__(self, levels: list[NDArray[np.uint8]], sizes: list[int]) -> None:
        self._parts: list[_Part] = []
        first = 0
        while first < len(levels):
            count = 1
            while first + count < len(levels) and np.prod(sizes[first : first + count + 1]) <= MOST_CELLS:
                count += 1
            self._parts.append(_part(first, levels[first : first + count], tuple(sizes[first : first + count])))
            first += count

    def shares(self, probability: Floats) -> list[tuple[Floats, Floats]]:
        """Return for each piece how many matches and how many others show each of its levels."""
        counted = []
        for part in self._parts:
            matches = np.bincount(part.cell, weights=probability, minlength=len(part.pairs_of_cell))
            others = part.pairs_of_cell - matches
            for axis in range(len(part.shape)):
                sides = (side.reshape(part.shape).sum(axis=part.others(axis)) for side in (matches, others))
                counted.append(tuple(sides))
        return [(matches, others) for matches, others in counted]

    def total(self, weights: list[Floats], start: float) -> Floats:
        """Return for each pair `start` plus the weights of all its levels; weights[i] has one for each level of i."""
        total = np.full(len(self._parts[0].cell), start)
        for part in self._parts:
            own = weights[part.first : part.first + len(part.shape)]
            total += reduce(np.add.outer, own).ravel()[part.cell]
        return total


def _part(first: int, levels: list[NDArray[np.uint8]], shape: tuple[int, ...]) -> _Part:
    cell = np.zeros(len(levels[0]), dtype=np.uint16)
    for level, size in zip(levels, shape, strict=True):
        cell = cell * np.uint16(size) + level
    return _Part(first, shape, cell, np.bincount(cell, minlength=int(np.prod(shape))))
