"""Pairs of records: two index columns, left before right, every pair once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pairs:
    """Pairs of record indices with left < right, sorted, none twice."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.left)

    def keys(self, records: int) -> NDArray[np.int64]:
        """One integer a pair, ascending: left · records + right."""
        return self.left * records + self.right

    def among(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Pairs":
        """The pairs at which `chosen` is true, or at these positions."""
        return Pairs(self.left[chosen], self.right[chosen])


def distinct_pairs(one: NDArray[np.int64], other: NDArray[np.int64], records: int) -> Pairs:
    """Return the pairs in either order as pairs, without repeats and without a record paired with itself.

    >>> distinct_pairs(np.array([2, 0, 1]), np.array([0, 2, 1]), records=3)
    Pairs(left=array([0]), right=array([2]))
    """
    return pairs_of_keys([pair_keys(one, other, records)], records)


def pair_keys(one: NDArray[np.int64], other: NDArray[np.int64], records: int) -> NDArray[np.int64]:
    """Return one integer for each pair in either order, as `Pairs.keys` has it; none for a record with itself."""
    keys = np.minimum(one, other).astype(np.int64)
    keys *= records
    keys += np.maximum(one, other)
    return np.asarray(keys[one != other])


def pairs_of_keys(parts: list[NDArray[np.int64]], records: int) -> Pairs:
    """Return the pairs that the keys in one of the parts are of."""
    keys = distinct(np.concatenate([np.zeros(0, dtype=np.int64), *parts]))
    left = keys // max(1, records)
    keys -= left * records
    return Pairs(left, keys)


def union_of_pairs(first: Pairs, second: Pairs, records: int) -> Pairs:
    """Return the pairs that are in either."""
    return pairs_of_keys([first.keys(records), second.keys(records)], records)


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put numbers in order, in place, and return the different ones: np.unique takes many times as long."""
    numbers.sort(kind="stable")
    is_first = np.ones(len(numbers), dtype=bool)
    is_first[1:] = numbers[1:] != numbers[:-1]
    return np.asarray(numbers[is_first])


def distinct_with_places(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different numbers in order of appearance, and of each number its place among them."""
    import pandas as pd

    place, different = pd.factorize(numbers)  # a hash table, many times faster than sorting
    return different, place


def positions_of(wanted: Pairs, within: Pairs, records: int) -> NDArray[np.int64]:
    """Return for each wanted pair its position in `within`, or -1 where it is not there."""
    keys, sought = within.keys(records), wanted.keys(records)
    if not len(keys):
        return np.full(len(sought), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    return np.where(keys[at] == sought, at, -1)


def two_of_each(owner: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of every two entries of the same owner, the first before the second; owners are in order.

    >>> [side.tolist() for side in two_of_each(np.array([4, 4, 4, 7]))]
    [[0, 0, 1], [1, 2, 2]]
    """
    entry = np.arange(len(owner))
    later = np.searchsorted(owner, owner, side="right") - entry - 1
    first = np.repeat(entry, later)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)
