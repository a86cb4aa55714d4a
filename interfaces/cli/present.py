"""How results look: tables for people, JSON for programs. Nothing here knows what it shows."""

import dataclasses
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

WIDE_ENOUGH = 100_000


def say(text: str = "") -> None:
    """Print one line, as it is: no markup, no colour, no wrapping."""
    _console().print(text, soft_wrap=True)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], right: Collection[str] = ()) -> None:
    """Print a table, numbers and the columns named in `right` to the right.

    On a terminal it has a line, and a row that does not fit the width is shown as one value a line; in a pipe it is
    plain text, and nothing is cut off.
    """
    console, rows = _console(), [list(row) for row in rows]
    table = Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None, show_edge=False, pad_edge=False, header_style="bold"
    )
    for number, heading in enumerate(headings):
        numbers = any(row[number] is not None for row in rows) and all(_is_number(row[number]) for row in rows)
        justify: Literal["left", "right"] = "right" if numbers or heading in right else "left"
        table.add_column(printable(heading), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    if console.is_terminal and rows and _width(console, table) > console.width:
        return _show_one_by_one(headings, rows)
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    say("\n".join(line if console.is_terminal else line.rstrip() for line in lines))
    return None


def _width(console: Console, table: Table) -> int:
    """Return how wide the table is when no cell is broken."""
    return Measurement.get(console, console.options.update(width=WIDE_ENOUGH), table).maximum


def _show_one_by_one(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows too wide for the terminal below one another, so that ids stay whole and can be copied."""
    for number, row in enumerate(rows):
        if number:
            say()
        _show_pairs(zip(map(printable, headings), row, strict=True))


def _show_pairs(pairs: Iterable[tuple[str, Any]]) -> None:
    pairs = [(name, value) for name, value in pairs if value is not None]
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        say(f"{name.ljust(width)}  {printable(value)}")


def show_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values below one another; what is None is left out."""
    _show_pairs(facts.items())


def show_json(value: Any) -> None:
    """Print a value as JSON: dataclasses become objects, times ISO 8601, what JSON cannot say becomes text or null."""
    say(json.dumps(plain(value), indent=2, ensure_ascii=False))


def json_line(value: Any) -> str:
    """Return a value as JSON on one line."""
    try:
        return _QUICK.encode(value)
    except (TypeError, ValueError):  # a number or a key that JSON has no word for
        return json.dumps(plain(value), ensure_ascii=False)


def json_block(value: Any, indent: int) -> str:
    """Return a value as the lines of JSON that it is inside an object or array, `indent` blanks to the right."""
    return " " * indent + json.dumps(plain(value), indent=2, ensure_ascii=False).replace("\n", "\n" + " " * indent)


def plain(value: Any) -> Any:
    """Return a value in JSON's own types; a decimal number with more digits than JSON's numbers keep is a text.

    >>> plain({"share": float("nan"), "on": date(2024, 2, 29), "keys": ("a", "b")})
    {'share': None, 'on': '2024-02-29', 'keys': ['a', 'b']}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return _plain_decimal(value)
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _plain_decimal(value: Decimal) -> float | str | None:
    if not value.is_finite():
        return None
    return float(value) if Decimal(repr(float(value))) == value else str(value)


_QUICK = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, default=plain)


def printable(value: Any) -> str:
    r"""Return a value as one line of text; control characters, which could steer a terminal, are spelled out.

    >>> printable("a\x1b[31mb\n"), printable(None), printable(True)
    ('a\\x1b[31mb\\n', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "".join(_visible(character) for character in str(value))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _console() -> Console:
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = WIDE_ENOUGH
    return console
