"""One quantity on different scales: 3m 28sec, 3:28, 208 and 208000, or 1.5 and 1500, in a column that mixes them."""

import re

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.profile import ColumnProfile
from matching.units import amounts
from matching.values import DistinctPairs, Measure, NamedMeasures, Numbers, Values, enough, written_forms

ANY_SCALE = "any_scale"
FACTORS = (1.0, 60.0, 1000.0, 60_000.0)
NEAR = 0.1
LONGEST = 20
MOSTLY_NUMBERS = 0.8
FEW, TENFOLDS = 0.05, 2.5
_PLAIN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?:\.\d+)?")


def scale_measures(column: NormalisedColumn, profile: ColumnProfile) -> NamedMeasures:
    """Yield `any_scale` for a column of numbers that are written on several scales.

    That is seen from notations that are mixed, or from numbers of which a tenth is TENFOLDS powers of ten larger than
    another tenth.
    """
    if profile.mean_length > LONGEST:
        return
    texts = [text.strip().lower() for text in written_forms(column)]
    sizes = np.array([size_of(text) for text in texts])
    known = ~np.isnan(sizes)
    plain = np.array([bool(_PLAIN.fullmatch(text)) for text in texts], dtype=bool)
    mixed = enough(plain, column.counts, FEW) and enough(known & ~plain, column.counts, FEW)
    several = mixed or _spread(sizes[known], column.counts[known]) >= TENFOLDS
    if several and enough(known, column.counts, MOSTLY_NUMBERS):
        yield ANY_SCALE, _nearest_scale(sizes)


def size_of(text: str) -> float:
    """Return the natural logarithm of the number or duration (in seconds) that a lower-case text is; NaN for others.

    >>> [round(float(np.exp(size_of(text)))) for text in ("3m 28sec", "03:28", "208", "208,000")]
    [208, 208, 208, 208000]
    """
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        size = 3600.0 * hours + 60.0 * minutes + seconds
    elif _PLAIN.fullmatch(text):
        size = float(text.replace(",", ""))
    else:
        stated = amounts(text)
        return stated[0].size if len(stated) == 1 else float("nan")
    return float(np.log(size)) if 0 < size < np.inf else float("nan")


def _spread(sizes: NDArray[np.float64], counts: Numbers) -> float:
    """Return how many powers of ten lie between the lowest and the highest tenth of the rows; 0 without rows."""
    if not counts.sum():
        return 0.0
    low, high = np.quantile(np.repeat(sizes, counts), (0.1, 0.9))
    return float((high - low) / np.log(10))


def _nearest_scale(sizes: NDArray[np.float64]) -> Measure:
    """1 where the one is the other times one of FACTORS, 0 where it is off by NEAR of itself and more."""
    factors = np.log(FACTORS)

    def measure(distinct: DistinctPairs) -> Values:
        apart = np.abs(sizes[distinct.left] - sizes[distinct.right])
        off = np.abs(apart[:, None] - factors).min(axis=1)
        near: Values = (1 - off / NEAR).clip(0, 1).astype(np.float32)
        return near

    return measure
