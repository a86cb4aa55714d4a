"""What each column is, found from its values: name, text, code, number, date, category or empty.

No rule looks at a column's name.  Shares are of the rows that have a value.  A kind that somebody set stands.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn

_CURRENCY = r"(?:[$€£¥]|AUD|BRL|CAD|CHF|CNY|DKK|EUR|GBP|INR|JPY|MXN|NOK|PLN|SEK|USD|ZAR)"
NUMBER = re.compile(rf"[-+]?(?:{_CURRENCY}\s?)?[-+]?(?:\d+|\d{{1,3}}(?:[,.]\d{{3}})+)(?:[.,]\d+)?\s?(?:%|{_CURRENCY})?")
MEASURE = re.compile(rf"\.\d|,\d{{1,2}}\D*$|%|{_CURRENCY}")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T].*)?"
    r"|(1[6-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|(0?[1-9]|[12]\d|3[01])/(0?[1-9]|[12]\d|3[01])/\d\d"
    rf"|\d{{1,2}}(st|nd|rd|th)?[-/. ]+{_MONTH}[-/., ]+\d{{2,4}}|{_MONTH}[ .]*\d{{1,2}}(st|nd|rd|th)?,? +\d{{4}}",
    re.IGNORECASE,
)

_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")

IGNORE = "ignore"
SKEWED, LEAST_ROWS, LONGEST_SHOWN = 0.25, 1000, 40


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


@dataclass(frozen=True)
class SkewedValue:
    """A value that a large part of the rows have in a column of many values: a stand-in for "unknown", most often."""

    column: str
    value: str
    rows: int

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= LONGEST_SHOWN else f"{self.value[:LONGEST_SHOWN]}…"
        return (
            f"{self.rows:,} rows have '{shown}' in column '{self.column}', which says little of who is who. "
            "If it stands for an unknown value, leave it empty in the file and crawl again"
        )


def profile_column(column: NormalisedColumn, kind: ColumnKind | None = None) -> ColumnProfile:
    """Return what the column is: `kind` if that is given, else what its values look like.

    A column with fewer than two different values tells nothing and is found `empty`.
    """
    filled = float(np.mean(column.codes >= 0)) if len(column.codes) else 0.0
    if len(column.values) < (1 if kind else 2):
        return ColumnProfile(column.name, kind or ColumnKind.EMPTY, filled, len(column.values))
    weight = column.counts / column.counts.sum()
    measures = {
        "mean_length": _mean(weight, [len(v) for v in column.values]),
        "mean_words": _mean(weight, [v.count(" ") + 1 for v in column.values]),
        "digit_share": _mean(weight, [1 - len(v.translate(_WITHOUT_DIGITS)) / len(v) for v in column.values]),
        "number_share": _share_written(column, NUMBER),
        "date_share": _share_written(column, DATE),
    }
    found = kind or _kind(measures, column, int(column.counts.sum()))
    return ColumnProfile(column.name, found, filled, len(column.values), **measures)


def skewed_values(columns: list[NormalisedColumn], profiles: list[ColumnProfile]) -> list[SkewedValue]:
    """Return the values that SKEWED of the rows of a column have whose values otherwise tell records apart.

    Only of columns with LEAST_ROWS filled rows; categories are made of such values.
    """
    found = []
    for column, profile in zip(columns, profiles, strict=True):
        counts = column.counts
        if profile.kind in (ColumnKind.CATEGORY, ColumnKind.EMPTY) or counts.sum() < LEAST_ROWS:
            continue
        most = int(np.argmax(counts))
        if counts[most] >= SKEWED * counts.sum():
            found.append(SkewedValue(column.name, column.values[most], int(counts[most])))
    return found


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
    """Whole numbers of four digits and more that seldom repeat name something; fractions, prices and shares measure."""
    measuring = sum(bool(MEASURE.search(value)) for value in column.written_values) / len(column.written_values)
    return measures["mean_length"] >= 4 and len(column.values) > 0.3 * filled_rows and measuring < 0.05


def _mean(weight: NDArray[np.float64], values: list[float] | list[int]) -> float:
    return float(weight @ np.array(values, dtype=np.float64))


def _share_written(column: NormalisedColumn, pattern: re.Pattern[str]) -> float:
    """Return which share of the rows that have a value have it written so; a dash or "n/a" is no value."""
    written = column.written_codes[column.codes >= 0]
    counts = np.bincount(written, minlength=len(column.written_values))
    fits = np.array([bool(pattern.fullmatch(value.strip())) for value in column.written_values])
    return float(counts[fits].sum() / max(1, counts.sum()))
