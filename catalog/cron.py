"""Schedules as Glue writes them, cron(minutes hours day-of-month month day-of-week year), and as others do."""

import re
from typing import NamedTuple

from errors import InvalidInputError

_GLUE = re.compile(r"cron\((.*)\)", re.DOTALL)
_DAY = re.compile(r"(?<![/\w])\d+")  # a number that is no step
_EXAMPLE = "Write cron(15 12 * * ? *), or 15 12 * * *; times are UTC."


def checked_schedule(schedule: str) -> str:
    """The schedule, if it is empty or can be kept."""
    if schedule:
        standard_cron(schedule)
    return schedule


def standard_cron(schedule: str) -> str:
    """The five fields of standard cron for Glue's six in cron(…), or for five that are standard already.

    Glue counts the days of the week from 1, Sunday; standard cron from 0.

    >>> standard_cron("cron(15 12 * * ? *)"), standard_cron("cron(0 8 ? * 2-6 *)"), standard_cron("0 8 * * 1-5")
    ('15 12 * * *', '0 8 * * 1-5', '0 8 * * 1-5')
    """
    glue = _GLUE.fullmatch(schedule.strip())
    fields = (glue[1] if glue else schedule).split()
    if len(fields) != (6 if glue else 5):
        wanted = "six fields between the brackets" if glue else "five fields"
        raise InvalidInputError(f"'{schedule}' is not a schedule: it needs {wanted}. {_EXAMPLE}")
    if glue:
        fields = _standard(schedule, fields)
    _, _, days, months, _ = (_numbers(schedule, value, of) for value, of in zip(fields, _FIELDS, strict=True))
    if min(days) > max(_LONGEST[month] for month in months):
        raise InvalidInputError(f"'{schedule}' never comes: no month of it has a day {min(days)}. {_EXAMPLE}")
    return " ".join(fields)


class _Field(NamedTuple):
    """One of the five fields: its numbers, and the names that stand for them from `first_name` on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 0


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of the week", 0, 7, _DAYS),
)


def _standard(schedule: str, fields: list[str]) -> list[str]:
    """Glue's six fields as the five of standard cron."""
    *five, year = fields
    if year != "*":
        raise InvalidInputError(f"'{schedule}' names years, which a schedule here cannot. Write * for the year.")
    if five[2] != "?" and five[4] != "?":
        raise InvalidInputError(f"'{schedule}': one of day-of-month and day-of-week must be ?. {_EXAMPLE}")
    if wrong := [day for day in _DAY.findall(five[4]) if not 1 <= int(day) <= 7]:
        raise InvalidInputError(f"'{schedule}': a day of the week is 1, Sunday, to 7, and {wrong[0]} is not.")
    five[4] = _DAY.sub(lambda day: str(int(day[0]) - 1), five[4])
    return ["*" if field == "?" and place in (2, 4) else field for place, field in enumerate(five)]


def _numbers(schedule: str, value: str, of: _Field) -> set[int]:
    """All numbers that a field stands for."""
    found: set[int] = set()
    for part in value.split(","):
        span, slash, step = part.partition("/")
        ends = [of.low, of.high] if span == "*" else [_number(end, of) for end in span.split("-")]
        first, last = ends[0], of.high if slash and len(ends) == 1 else ends[-1]
        if len(ends) > 2 or first is None or last is None or (slash and not (step.isdecimal() and int(step))):
            raise InvalidInputError(
                f"'{schedule}' is not a schedule: its {of.name} '{value}' is not a number from {of.low} to {of.high}, "
                f"a list, a range or a step of them. {_EXAMPLE}"
            )
        past = of.high + 1 - of.low if last < first else 0  # FRI-MON goes over the end
        found |= {of.low + (n - of.low) % (of.high + 1 - of.low) for n in range(first, last + past + 1, int(step or 1))}
    return found


def _number(text: str, of: _Field) -> int | None:
    if text.upper() in of.names:
        return of.names.index(text.upper()) + of.first_name
    return int(text) if text.isascii() and text.isdecimal() and of.low <= int(text) <= of.high else None
