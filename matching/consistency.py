"""Where the line between matches and others runs, told by consistency: if A is B and B is C, then A is C.

A line too strict cuts groups into pieces and a line too lenient joins lookalikes; both leave triangles open.  The
line that closes the largest share of them needs no answers from anybody.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs, positions_of, two_of_each

MOST_TRIANGLES = 1_000_000
LINES = np.linspace(0.01, 0.99, 99)
UNCOMPARED = 0.5
LEAST_CLOSED = 0.75
SLACK = 0.5


@dataclass(frozen=True)
class Triangles:
    """Two pairs that share a record, and the pair of the other two records: positions among all pairs.

    `third` is -1 where the other two were not compared.  `share` is the part of all triangles that is here.
    """

    tip: NDArray[np.int64]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    third: NDArray[np.int64]
    share: float


def triangles_of(pairs: Pairs, records: int, sources: NDArray[np.int64] | None, seed: int = 0) -> Triangles:
    """Return the triangles with their tips at all records, or at a sample of them that has about MOST_TRIANGLES.

    Two records of one source cannot match, so triangles with two of those tell nothing and are left out.
    """
    record = np.r_[pairs.left, pairs.right]
    order = np.argsort(record, kind="stable")
    record, neighbour = record[order], np.r_[pairs.right, pairs.left][order]
    position = np.tile(np.arange(len(pairs)), 2)[order]
    degree = np.bincount(record, minlength=records)
    share = float(min(1.0, MOST_TRIANGLES / max(1, (degree * (degree - 1) // 2).sum())))
    drawn = np.random.default_rng(seed).random(records) < share
    entry = np.flatnonzero(drawn[record])
    first, second = (entry[side] for side in two_of_each(record[entry]))
    if sources is not None:
        telling = sources[neighbour[first]] != sources[neighbour[second]]
        first, second = first[telling], second[telling]
    one, other = neighbour[first], neighbour[second]
    third = positions_of(Pairs(np.minimum(one, other), np.maximum(one, other)), pairs, records)
    return Triangles(record[first], position[first], position[second], third, share)


def most_consistent_line(log_odds: NDArray[np.float64], triangles: Triangles) -> float:
    """Return the log-odds above which pairs are matches so that the largest share of triangles closes.

    Two matches that share a record are a closed triangle if the other two records match as well; where those were
    never compared, it is UNCOMPARED of an open one.  Where there are fewer triangles than matches, groups are too small
    to tell: such lines are not considered, and nothing is moved if 0 is one of them.
    """
    sides = np.minimum(log_odds[triangles.one], log_odds[triangles.other])
    compared = triangles.third >= 0
    whole = np.minimum(sides[compared], log_odds[triangles.third[compared]])
    ordered = np.sort(log_odds)
    lines = np.append(_quantiles(ordered), 0.0)
    above = _above_sorted(ordered, lines)
    matched = _above(sides[compared], lines) + UNCOMPARED * _above(sides[~compared], lines)
    telling = matched >= triangles.share * above
    if not telling[-1]:
        return 0.0
    closed = _above(whole, lines) / np.maximum(matched, 1)
    tips = np.full(int(triangles.tip.max(initial=0)) + 1, -np.inf)
    np.maximum.at(tips, triangles.tip, sides)
    error = SLACK * np.sqrt(closed * (1 - closed) / np.maximum(_above(tips, lines), 1))
    best = int(np.argmax(np.where(telling, closed - error, -1)))
    if closed[best] < LEAST_CLOSED:
        return 0.0
    between = (lines * lines[best] >= 0) & (np.abs(lines) <= abs(lines[best]))
    as_good = lines[between & telling & (closed + error >= closed[best] - error[best])]
    return float(as_good[np.argmin(np.abs(as_good))])


def _above(values: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many values are above each line."""
    return _above_sorted(np.sort(values), lines)


def _above_sorted(ordered: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(len(ordered) - np.searchsorted(ordered, lines, side="right"))


def _quantiles(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantiles LINES of values in ascending order, between two values in proportion."""
    return np.interp(LINES * (len(ordered) - 1), np.arange(len(ordered)), ordered)
