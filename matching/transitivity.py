"""What the others say of a pair: if A is B, then C is A as likely as C is B.

Where records have several matches this is evidence of its own, for and against a pair.
"""

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs, positions_of, two_of_each

SURE = 0.5
TRIOS_AT_ONCE = 4_000_000


def trios_of(pairs: Pairs, records: int) -> NDArray[np.int32]:
    """Return every three records of which every two were compared: (trios, 3), the positions of their pairs.

    Each trio is met at the record that has fewest pairs, so that one with thousands of pairs costs no more than others.
    """
    degree = np.bincount(np.r_[pairs.left, pairs.right], minlength=records)
    turned = degree[pairs.left] > degree[pairs.right]
    tip, end = np.where(turned, pairs.right, pairs.left), np.where(turned, pairs.left, pairs.right)
    order = np.argsort(tip, kind="stable")
    tip, end = tip[order], end[order]
    ways = np.bincount(tip, minlength=records)
    met = np.cumsum(ways * (ways - 1) // 2)[tip]
    parts = [np.zeros((0, 3), dtype=np.int32)]
    for part in np.split(np.arange(len(tip)), np.flatnonzero(np.diff(met // TRIOS_AT_ONCE)) + 1):
        first, second = (part[side] for side in two_of_each(tip[part]))
        one, other = end[first], end[second]
        third = positions_of(Pairs(np.minimum(one, other), np.maximum(one, other)), pairs, records)
        closed = third >= 0
        sides = (order[first[closed]], order[second[closed]], third[closed])
        parts.append(np.column_stack(sides).astype(np.int32))
    return np.asfortranarray(np.concatenate(parts))


def opinion_of_others(
    trios: NDArray[np.int32], probability: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each pair (A, C) the summed opinion of third records on it, and the weight of those who have one.

    A record B has an opinion if it is surely (SURE) the same as A and was compared with C, or the other way round; it
    is the probability of the compared pair, weighed by that of the sure one.  Opinion / weight is their mean.
    """
    opinion, weight = np.zeros_like(probability), np.zeros_like(probability)
    for start in range(0, len(trios), TRIOS_AT_ONCE):
        _add_opinions(trios[start : start + TRIOS_AT_ONCE], probability, opinion, weight)
    return opinion, weight


def _add_opinions(
    trios: NDArray[np.int32],
    probability: NDArray[np.float64],
    opinion: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> None:
    is_sure = probability > SURE
    sides = [trios[:, side] for side in range(3)]
    some = is_sure[sides[0]] | is_sure[sides[1]] | is_sure[sides[2]]
    sides = [side[some] for side in sides]
    likely = [probability[side] for side in sides]
    sure = [np.where(likelihood > SURE, likelihood, 0.0) for likelihood in likely]
    for pair, one, other in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        said = sure[one] * likely[other] + sure[other] * likely[one]
        opinion += np.bincount(sides[pair], weights=said, minlength=len(probability))
        weight += np.bincount(sides[pair], weights=sure[one] + sure[other], minlength=len(probability))
