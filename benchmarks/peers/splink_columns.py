"""What a careful person finds when they look at the columns of a table before they write Splink's settings.

Every column is copied into the table `clean` as `column_0`, `column_1`...: in small letters, without punctuation, NULL
where nothing is left.  Texts get two columns more: their words, and those of their words that few records have.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from benchmarks.peers.task import KEY, SOURCE, Task

FILLED_AT_LEAST = 0.3  # emptier columns are left out
CATEGORIES_AT_MOST = 20
WORDS_OF_A_TEXT = 3.5
RARE_WORD_AT_MOST = 10  # records that have it
WORD = re.compile(r"\w+")

Value = str | float | list[str] | None


@dataclass(frozen=True)
class Column:
    """A column under its new name: `kind` is date, email, category, number, code, text or name."""

    name: str
    original: str
    kind: str
    filled: float


def looked_at(task: Task) -> tuple[list[Column], list[dict[str, Value]]]:
    """Return the columns that are worth comparing, and the cleaned records."""
    values = {name: [cleaned(record[name]) for record in task.records] for name in task.columns}
    kept = [name for name in task.columns if _worth_comparing(values[name])]
    kept = [name for name in kept if not _repeats_others(name, kept, values)]
    columns = [_column(number, name, values[name], task) for number, name in enumerate(kept)]
    rows: list[dict[str, Value]] = [{KEY: record[KEY]} for record in task.records]
    if task.link:
        rows = [{KEY: record[KEY], SOURCE: record[SOURCE]} for record in task.records]
    for column in columns:
        for row, converted in zip(rows, _converted(column, task, values[column.original]), strict=True):
            row.update(converted)
    return columns, rows


def cleaned(value: str) -> str | None:
    """Return a value in small letters without punctuation.

    >>> cleaned(" O'Neill & Co. "), cleaned("--")
    ('oneill co', None)
    """
    words = WORD.findall(value.lower().replace("'", ""))
    return " ".join(words) or None


def as_date(value: str) -> str | None:
    """Return a date of the forms 2001-02-03 and 20010203 as the first.

    >>> as_date("20010203"), as_date("2001-13-03"), as_date("12345678")
    ('2001-02-03', None, None)
    """
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", value.strip()[:10])
    try:
        return date(*map(int, found.groups())).isoformat() if found and "1000" < found[1] < "2100" else None
    except ValueError:
        return None


def as_number(value: str) -> float | None:
    """Return an amount, with or without a currency sign.

    >>> as_number("$1,099.50"), as_number("a lot")
    (1099.5, None)
    """
    found = re.fullmatch(r"[^\w.]*([\d,]+(?:\.\d+)?)[^\w.]*", value.strip())
    return float(found[1].replace(",", "")) if found and found[1].strip(",") else None


def _worth_comparing(values: list[str | None]) -> bool:
    given = [value for value in values if value]
    return len(given) >= FILLED_AT_LEAST * len(values) and len(set(given)) > 1


def _repeats_others(name: str, names: list[str], values: dict[str, list[str | None]]) -> bool:
    """Return whether a column only strings together what two or more others say, as a full name does."""
    others = [values[other] for other in names if other != name]
    repeated, joined = [], []
    for value, *rest in zip(values[name], *others, strict=True):
        if value:
            words = set(value.split())
            shared = [words & set((other or "").split()) for other in rest]
            repeated.append(len(set().union(*shared)) / len(words))
            joined.append(sum(0 < len(part) < len(words) for part in shared) > 1)
    return fmean(repeated) >= 0.8 and fmean(joined) >= 0.5


def _column(number: int, name: str, values: list[str | None], task: Task) -> Column:
    given = [record[name] for record in task.records if cleaned(record[name])]
    return Column(f"column_{number}", name, _kind(given), len(given) / len(values))


def _kind(given: list[str]) -> str:
    words = fmean(len(WORD.findall(value)) for value in given)
    if _share(as_date(value) for value in given) >= 0.8:
        return "date"
    if _share("@" in value for value in given) >= 0.8:
        return "email"
    if len(set(given)) <= CATEGORIES_AT_MOST:
        return "category"
    if _share(as_number(value) for value in given) >= 0.8 and _share("." in value for value in given) >= 0.2:
        return "number"
    if words >= WORDS_OF_A_TEXT:
        return "text"
    return "code" if _share(any(map(str.isdigit, value)) for value in given) >= 0.8 else "name"


def _share(answers: Iterable[object]) -> float:
    return fmean(bool(answer) for answer in answers)


def _converted(column: Column, task: Task, values: list[str | None]) -> Iterable[dict[str, Value]]:
    originals = [record[column.original] for record in task.records]
    match column.kind:
        case "date":
            return [{column.name: as_date(value) or cleaned(value)} for value in originals]
        case "email":
            return [{column.name: value.strip().lower() or None} for value in originals]
        case "number":
            return [{column.name: as_number(value)} for value in originals]
        case "code":
            return [{column.name: value.replace(" ", "") if value else None} for value in values]
        case "text":
            return _texts(column.name, values)
    return [{column.name: value} for value in values]


def _texts(name: str, values: list[str | None]) -> Iterable[dict[str, Value]]:
    words = [sorted(set((value or "").split())) for value in values]
    records = Counter(word for found in words for word in found)
    for value, found in zip(values, words, strict=True):
        rare = [word for word in found if 1 < records[word] <= RARE_WORD_AT_MOST]
        rarest = min(rare, key=lambda word: (records[word], word), default=None)
        yield {name: value, f"{name}_words": found or None, f"{name}_rare": rare or None, f"{name}_rarest": rarest}
