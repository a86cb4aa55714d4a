"""How a pair stands among the other pairs of its two records: rank and margin.

On data with many lookalikes these say more than the similarity itself: the true partner is first on both lists, with a
gap to the next.
"""

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs

NEIGHBOUR_FEATURES = ("worse_rank", "better_rank", "smaller_margin", "larger_margin")


def neighbour_features(score: NDArray[np.float32], pairs: Pairs, records: int) -> NDArray[np.float32]:
    """Return (pairs, 4): worse and better rank, smaller and larger margin of each pair.

    The rank (0 is first) is that of the pair on the list of either record, the margin is that over the best other pair
    of either record, in units of `score`.  Equal scores share the better rank.  A record with a single pair has its
    whole score as margin.
    """
    count = len(pairs)
    record = np.r_[pairs.left, pairs.right]
    value = np.r_[score, score]
    rank, best, second = _standing(record, value, records)
    value = value.astype(np.float64)
    rival = np.where(value >= best[record], second[record], best[record])
    margin = value - rival
    ranks, margins = (rank[:count], rank[count:]), (margin[:count], margin[count:])
    columns = (np.maximum(*ranks), np.minimum(*ranks), np.minimum(*margins), np.maximum(*margins))
    return np.column_stack(columns).astype(np.float32)


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
