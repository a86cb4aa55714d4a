"""What each column is, found from its values: name, text, code, number, date, category or empty.

No rule looks at a column's name.  Shares are of the rows that have a value.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn

NUMBER = re.compile(r"[-+]?[$€£]?\s?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?\s?%?")
DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T].*)?"
    r"|(1[6-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
)


class ColumnKind(StrEnum):
    """What the values of a column are to the comparison."""

    NAME = "name"
    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    DATE = "date"
    CATEGORY = "category"
    EMPTY = "empty"


@dataclass(frozen=True)
class ColumnProfile:
    """What was found out about one column.

    `filled` is the share of rows with a value; `distinct` counts different plain texts; the means are over the rows
    with a value, in characters and words; the shares say how much of the column looks like what they name.
    """

    name: str
    kind: ColumnKind
    filled: float
    distinct: int
    mean_length: float = 0.0
    mean_words: float = 0.0
    digit_share: float = 0.0
    number_share: float = 0.0
    date_share: float = 0.0


def profile_column(column: NormalisedColumn) -> ColumnProfile:
    """Return what the column is.  A column with fewer than two different values tells nothing and is `empty`."""
    filled = float(np.mean(column.codes >= 0)) if len(column.codes) else 0.0
    if len(column.values) < 2:
        return ColumnProfile(column.name, ColumnKind.EMPTY, filled, len(column.values))
    weight = column.counts / column.counts.sum()
    measures = {
        "mean_length": _mean(weight, [len(v) for v in column.values]),
        "mean_words": _mean(weight, [v.count(" ") + 1 for v in column.values]),
        "digit_share": _mean(weight, [sum(c.isdigit() for c in v) / len(v) for v in column.values]),
        "number_share": _share_written(column, NUMBER),
        "date_share": _share_written(column, DATE),
    }
    kind = _kind(measures, column, int(column.counts.sum()))
    return ColumnProfile(column.name, kind, filled, len(column.values), **measures)


def _kind(measures: dict[str, float], column: NormalisedColumn, filled_rows: int) -> ColumnKind:
    if measures["date_share"] > 0.8:
        return ColumnKind.DATE
    if measures["number_share"] > 0.8:
        return ColumnKind.CODE if _is_identifier(measures, column, filled_rows) else ColumnKind.NUMBER
    if measures["digit_share"] > 0.5:
        return ColumnKind.CODE
    if len(column.values) <= min(60, 3 + 0.05 * filled_rows):
        return ColumnKind.CATEGORY
    if measures["mean_words"] > 6 or measures["mean_length"] > 45:
        return ColumnKind.TEXT
    return ColumnKind.NAME


def _is_identifier(measures: dict[str, float], column: NormalisedColumn, filled_rows: int) -> bool:
    """Whole numbers of four digits and more that seldom repeat name something; they do not measure it."""
    fractions = sum("." in value for value in column.written_values) / len(column.written_values)
    return measures["mean_length"] >= 4 and len(column.values) > 0.3 * filled_rows and fractions < 0.05


def _mean(weight: NDArray[np.float64], values: list[float] | list[int]) -> float:
    return float(weight @ np.array(values, dtype=np.float64))


def _share_written(column: NormalisedColumn, pattern: re.Pattern[str]) -> float:
    counts = np.bincount(column.written_codes[column.written_codes >= 0], minlength=len(column.written_values))
    fits = np.array([bool(pattern.fullmatch(value.strip())) for value in column.written_values])
    return float(counts[fits].sum() / max(1, counts.sum()))
