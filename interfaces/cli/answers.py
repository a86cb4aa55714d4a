"""Answers to queries as text, row by row: on the screen and in a file the same."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from interfaces.cli.present import json_block, json_line
from storage.publish import check_writable, publishing

Rows = Iterator[tuple[Any, ...]]  # the first names the columns

_quoted = re.compile('[",\n\r#]').search  # where DuckDB, which writes CSV files, puts a text in quotes


def csv_text(rows: Rows) -> Iterator[str]:
    """Rows of texts as CSV: an empty text in quotes, a missing value as nothing."""
    return (",".join(map(_csv_cell, row)) + "\n" for row in rows)


def json_text(rows: Rows) -> Iterator[str]:
    """Rows as one JSON array of objects, as `show_json` shows it."""
    names, before = next(rows), "[\n"
    for row in rows:
        yield before + json_block(dict(zip(names, row, strict=True)), indent=2)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def json_lines(rows: Rows) -> Iterator[str]:
    """Rows as JSON, one object a line."""
    names = next(rows)
    return (json_line(dict(zip(names, row, strict=True))) + "\n" for row in rows)


def print_text(pieces: Iterable[str]) -> None:
    """Print what comes, as it comes."""
    for piece in pieces:
        sys.stdout.write(piece)


def write_text(pieces: Iterable[str], path: str) -> int:
    """Write what comes to a file, local or s3://, which appears whole; return the number of pieces."""
    check_writable(path)
    count = 0
    with publishing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for piece in pieces:
            file.write(piece)
            count += 1
    return count


def _csv_cell(text: str | None) -> str:
    if text is None:
        return ""
    if text and not _quoted(text):
        return text
    return '"' + text.replace('"', '""') + '"'
