"""What several timings come to: the median with its spread, and how time grows with the table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from statistics import linear_regression, median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """The median of several repeats, the least and the most."""

    median: float
    low: float
    high: float


def spread_of(values: Iterable[float]) -> Spread:
    """Return the median and the spread of at least one value.

    >>> spread_of([3.0, 1.0, 2.0, 9.0])
    Spread(median=2.5, low=1.0, high=9.0)
    """
    given = list(values)
    return Spread(median(given), min(given), max(given))


def exponent(rows: Sequence[int], seconds: Sequence[float]) -> float | None:
    """Return the power of the number of rows that the time grows with: least squares in log–log.

    None where there are fewer than two sizes or a time that is not above 0.

    >>> round(exponent([10, 100, 1000], [2.0, 20.0, 200.0]), 6)
    1.0
    """
    if len(set(rows)) < 2 or min(seconds) <= 0:
        return None
    return linear_regression([log(number) for number in rows], [log(second) for second in seconds]).slope


def in_turns(systems: Sequence[T], repeats: int) -> Iterator[tuple[int, T]]:
    """Yield each repeat with each system, every second repeat in the opposite order: A B, B A, A B.

    What a machine does besides, and what it gets warm by, then hits all of them alike.

    >>> list(in_turns("AB", 2))
    [(0, 'A'), (0, 'B'), (1, 'B'), (1, 'A')]
    """
    for repeat in range(repeats):
        for system in reversed(systems) if repeat % 2 else systems:
            yield repeat, system
