"""Dates: how far apart, and whether the one may be a slip for the other: day and month swapped, one digit wrong."""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.profile import ColumnProfile
from matching.values import DistinctPairs, Flags, NamedMeasures, Numbers, Values, enough, written_forms

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EARLIEST, LATEST = 1000, 2199
LONG_AGO_DAYS = 3653.0
STAND_INS, FEWEST_STAND_INS = 0.03, 5
YEARS = 0.8

_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME = r"(?:[t ,]+\d{1,2}:\d\d.*|\.0+)?"
_WRITTEN = [
    re.compile(pattern + _TIME)
    for pattern in (
        r"(?P<y>\d{4})[-/. ](?P<m>\d{1,2})[-/. ](?P<d>\d{1,2})",
        r"(?P<y>(?:1[0-9]|2[01])\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])",
        r"(?P<one>\d{1,2})[-/. ](?P<two>\d{1,2})[-/. ](?P<y>\d{4}|\d{2})",
        r"(?:[a-z]{3,9},? )?(?P<d>\d{1,2})(?:st|nd|rd|th)?[-/. ]*(?:of )?" + _MONTH + r"[-/., ]*(?P<y>\d{4}|\d{2})",
        r"(?:[a-z]{3,9},? )?" + _MONTH + r"[-/. ]*(?P<d>\d{1,2})(?:st|nd|rd|th)?,?[-/. ]+(?P<y>\d{4}|\d{2})",
        _MONTH + r"[-/., ]*(?P<y>\d{4})",
        r"(?P<y>\d{4})[-/](?P<m>\d{1,2})",
        r"(?P<m>\d{1,2})[-/](?P<y>\d{4})",
    )
]
_YEAR = re.compile(r"\W*(?:c(?:irca|a)?\.? ?)?(?P<y>1[0-9]\d\d|20\d\d|21\d\d)[a-z]?\W*(?:\.0+)?")

_SHORT_YEAR = re.compile(r"\W?(\d{1,2})")


@dataclass(frozen=True)
class WrittenDate:
    """A date as far as it is written: 0 stands for a month or a day that is not."""

    year: int
    month: int = 0
    day: int = 0


NO_DATE = WrittenDate(0)


def date_measures(column: NormalisedColumn, _profile: ColumnProfile) -> NamedMeasures:
    """Yield the measures of days where a fifth of the rows hold dates, that of years where four fifths hold years."""
    table = _DateTable(read_dates(written_forms(column), column.counts))
    if enough(table.whole, column.counts):
        yield "date_slip", table.slip
        yield "days_apart", table.days_apart
    elif enough(table.year > 0, column.counts, YEARS):
        yield "years_apart", table.years_apart


def read_dates(texts: list[str], counts: Numbers) -> list[WrittenDate]:
    """Return the date that each text is, NO_DATE for what is none; `counts` says how many rows hold the text.

    Whether day or month comes first in 03/04/1999 is told by the other texts: by those where only one of the two can
    be.  1 January is taken for a missing day where it stands for many: in FEWEST_STAND_INS rows and STAND_INS of all.
    Among years of four digits two digits are a year too.
    """
    found = [_match(text.strip().lower()) for text in texts]
    numeric = [(int(m["one"]), int(m["two"])) for m in found if m and "one" in m]
    day_first = sum(one > 12 for one, _ in numeric) > sum(two > 12 for _, two in numeric)
    dates = [_date(parts, day_first) if parts else NO_DATE for parts in found]
    new_year = np.array([(d.month, d.day) == (1, 1) for d in dates], dtype=bool)
    if counts[new_year].sum() >= FEWEST_STAND_INS and enough(new_year, counts, STAND_INS):
        dates = [WrittenDate(d.year) if is_first else d for d, is_first in zip(dates, new_year, strict=True)]
    if enough([d.year > 0 and not d.month for d in dates], counts):
        dates = [d if d.year else _short_year(text) for d, text in zip(dates, texts, strict=True)]
    return dates


def _short_year(text: str) -> WrittenDate:
    match = _SHORT_YEAR.fullmatch(text.strip())
    return WrittenDate(_year(match[1].zfill(2))) if match else NO_DATE


def _match(text: str) -> dict[str, str] | None:
    if not any(c.isdigit() for c in text):
        return None
    for pattern in (*_WRITTEN, _YEAR):
        if match := pattern.fullmatch(text):
            return {key: value for key, value in match.groupdict().items() if value}
    return None


def _date(parts: dict[str, str], day_first: bool) -> WrittenDate:
    """Return the date that the named parts of a text are; NO_DATE when there is no such day."""
    year, month, day = _year(parts["y"]), int(parts.get("m", 0)), int(parts.get("d", 0))
    if "name" in parts:
        month = MONTHS.index(parts["name"]) + 1
    if "one" in parts:
        one, two = int(parts["one"]), int(parts["two"])
        swapped = two > 12 or (one <= 12 and not day_first)
        day, month = (two, one) if swapped else (one, two)
    is_one = EARLIEST <= year <= LATEST and month <= 12 and day <= 31 and (month or not day)
    return WrittenDate(year, month, day) if is_one else NO_DATE


def _year(text: str) -> int:
    """Return the year; two digits are the years 1930 to 2029."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 30 else 1900)


class _DateTable:
    """The dates of a column's values as arrays."""

    def __init__(self, dates: list[WrittenDate]) -> None:
        parts = np.array([(d.year, d.month, d.day) for d in dates], dtype=np.int64).reshape(-1, 3)
        self.year, self.month, self.day = parts.T
        self.whole: Flags = self.day > 0
        self.number = np.array([_day_number(d) for d in dates], dtype=np.int64)
        self.digits = _digits(self.year, self.month, self.day)

    def days_apart(self, distinct: DistinctPairs) -> Values:
        """1 on the same day, less the more days lie between, 0 from ten years on; by the logarithm of the days."""
        days = np.abs(self.number[distinct.left] - self.number[distinct.right])
        near = 1 - np.log1p(days) / np.log1p(LONG_AGO_DAYS)
        return _where(self.whole[distinct.left] & self.whole[distinct.right], near.clip(0, 1))

    def years_apart(self, distinct: DistinctPairs) -> Values:
        """1 in the same year, 1/2 a year apart, 1/3 two years apart."""
        left, right = self.year[distinct.left], self.year[distinct.right]
        return _where((left > 0) & (right > 0), 1 / (1 + np.abs(left - right)))

    def slip(self, distinct: DistinctPairs) -> Values:
        """How easily the one is written for the other: 1 the same, 0.9 day and month swapped, 0.8 one digit wrong.

        0.6 where one lacks the day or the month and the rest agrees; below that by the parts that agree.
        """
        a, b = distinct.left, distinct.right
        years, months, days = (x[a] == x[b] for x in (self.year, self.month, self.day))
        swapped = years & (self.month[a] == self.day[b]) & (self.day[a] == self.month[b])
        partial = ~(self.whole[a] & self.whole[b])
        fits = years & (months | (self.month[a] == 0) | (self.month[b] == 0))
        choices = [years & months & days & ~partial, partial & fits, partial, swapped, self._one_slip(a, b)]
        choices += [years & (months | days), months & days, years]
        grades = [1.0, 0.6, 0.0, 0.9, 0.8, 0.5, 0.4, 0.2]
        return _where((self.year[a] > 0) & (self.year[b] > 0), np.select(choices, grades, 0.0))

    def _one_slip(self, a: Numbers, b: Numbers) -> Flags:
        """One digit wrong, or two beside each other swapped."""
        left, right = self.digits[a], self.digits[b]
        wrong = (left != right).sum(axis=1)
        crossed = (left[:, :-1] == right[:, 1:]) & (left[:, 1:] == right[:, :-1]) & (left[:, :-1] != right[:, :-1])
        return np.asarray((wrong == 1) | ((wrong == 2) & crossed.any(axis=1)))


def _digits(year: Numbers, month: Numbers, day: Numbers) -> Numbers:
    eight = (year * 100 + month) * 100 + day
    return np.asarray(eight[:, None] // 10 ** np.arange(7, -1, -1) % 10)


def _day_number(written: WrittenDate) -> int:
    """Return days since the year 1; a day that the month does not have is its last one's successor."""
    if not written.day:
        return 0
    return date(written.year, written.month, 1).toordinal() + written.day - 1


def _where(known: NDArray[np.bool_], values: NDArray[np.floating]) -> Values:
    return np.where(known, values, np.nan).astype(np.float32)
