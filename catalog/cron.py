"""Schedules as Glue writes them, cron(minutes hours day-of-month month day-of-week year), and as others do."""

import re

from errors import InvalidInputError

_GLUE = re.compile(r"cron\((.*)\)", re.DOTALL)
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
    for name, value, (low, high) in zip(_NAMES, fields, _RANGES, strict=True):
        _check(schedule, name, value, low, high)
    return " ".join(fields)


_NAMES = ("minute", "hour", "day of the month", "month", "day of the week")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def _standard(schedule: str, fields: list[str]) -> list[str]:
    *five, year = fields
    if year != "*":
        raise InvalidInputError(f"'{schedule}' names years, which a schedule here cannot. Write * for the year.")
    if five[2] != "?" and five[4] != "?":
        raise InvalidInputError(f"'{schedule}': one of day-of-month and day-of-week must be ?. {_EXAMPLE}")
    five[4] = re.sub(r"(?<![/\w])\d+", lambda number: str(int(number[0]) - 1), five[4])
    return ["*" if field == "?" else field for field in five]


def _check(schedule: str, name: str, value: str, low: int, high: int) -> None:
    for part in value.split(","):
        span, _, step = part.partition("/")
        ends = span.split("-") if span != "*" else []
        numbers = [_number(end) for end in ends]
        sound = len(ends) <= 2 and all(number is not None and low <= number <= high for number in numbers)
        if not sound or (step and not (step.isdecimal() and int(step))):
            raise InvalidInputError(
                f"'{schedule}' is not a schedule: its {name} '{value}' is not a number from {low} to {high}, a list, a "
                f"range or a step of them. {_EXAMPLE}"
            )


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    if text.upper() in _MONTHS:
        return _MONTHS.index(text.upper()) + 1
    return _DAYS.index(text.upper()) if text.upper() in _DAYS else None
