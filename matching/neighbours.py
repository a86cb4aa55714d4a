"""How a pair stands among the other pairs of its two records: rank and margin.

On data with many lookalikes these say more than the similarity itself: the true partner is first on both lists, with a
gap to the next.
"""

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs

ENTRIES_AT_ONCE = 4_000_000
NEIGHBOUR_FEATURES = ("worse_rank", "better_rank", "smaller_margin", "larger_margin")


def neighbour_features(score: NDArray[np.float32], pairs: Pairs, records: int) -> NDArray[np.float32]:
    """Return (pairs, 4): worse and better rank, smaller and larger margin of each pair.

    The rank (0 is first) is that of the pair on the list of either record, the margin is that over the best other pair
    of either record, in units of `score`.  Equal scores share the better rank.  A record with a single pair has its
    whole score as margin.
    """
    ranks, margins = np.empty((2, len(pairs)), np.float32), np.empty((2, len(pairs)), np.float32)
    step = max(1, records * ENTRIES_AT_ONCE // max(1, 2 * len(pairs)))
    for start in range(0, records, step):
        of_left = np.arange(*np.searchsorted(pairs.left, (start, start + step)))
        of_right = np.flatnonzero((pairs.right >= start) & (pairs.right < start + step))
        record, value = np.r_[pairs.left[of_left], pairs.right[of_right]] - start, score[np.r_[of_left, of_right]]
        rank, margin = _rank_and_margin(record, value, min(step, records - start))
        for side, (here, part) in enumerate(((of_left, slice(len(of_left))), (of_right, slice(len(of_left), None)))):
            ranks[side, here], margins[side, here] = rank[part], margin[part]
    return np.column_stack((np.maximum(*ranks), np.minimum(*ranks), np.minimum(*margins), np.maximum(*margins)))


def _rank_and_margin(
    record: NDArray[np.int64], value: NDArray[np.float32], records: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each entry's rank within its record, and its margin over the best other one."""
    rank, best, second = _standing(record, value, records)
    exact = value.astype(np.float64)
    return rank, exact - np.where(exact >= best[record], second[record], best[record])


def _standing(
    record: NDArray[np.int64], value: NDArray[np.float32], records: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each entry's rank within its record, and every record's best and second best value (0 where none)."""
    order = np.argsort(_falling(record, value))
    ordered, values = record[order], value[order]
    starts = np.searchsorted(ordered, np.arange(records))
    place = np.arange(len(order)) - starts[ordered]
    tied = np.r_[False, (ordered[1:] == ordered[:-1]) & (values[1:] == values[:-1])]
    leader = np.maximum.accumulate(np.where(tied, 0, np.arange(len(order))))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = place[leader] if len(order) else place
    best, second = np.zeros(records), np.zeros(records)
    best[ordered[place == 0]] = values[place == 0]
    second[ordered[place == 1]] = values[place == 1]
    return rank, best, second


def _falling(record: NDArray[np.int64], value: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return one number an entry, in the order of the records and within a record from the largest value down.

    The bits of a float, taken as a number, are in the order of the floats once those of negative ones are turned.
    """
    bits = (value + np.float32(0)).view(np.uint32)
    rising = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
    return (record.astype(np.uint64) << np.uint64(32)) | (~rising).astype(np.uint64)
