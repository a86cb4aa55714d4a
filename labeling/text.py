"""The text of a CSV file as editors and spreadsheets leave it: encodings, delimiters, line numbers."""

import csv
import io
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from errors import InvalidInputError

DELIMITERS = (",", ";", "\t")
_LONGEST_CELL = 2**31 - 1
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode(content: bytes, path: str) -> tuple[str, str]:
    """Return the text of a CSV file and the encoding it was saved in.

    UTF-8 and UTF-16 by their marks, else UTF-8, else cp1252, which is what Windows editors fall back to.
    """
    if content.startswith(b"PK\x03\x04"):
        raise InvalidInputError(f"'{path}' is a spreadsheet or zip file. Save it as CSV (UTF-8) and import that.")
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if content.startswith(mark)]
    for encoding in marked or ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(f"'{path}' is not text in UTF-8 or cp1252. Save it as CSV (UTF-8) and import that.")


def records(text: str, delimiter: str, refuse: Callable[[str], Exception]) -> Iterator[tuple[int, list[str]]]:
    """Yield every record that is not blank, with the line of the text editor on which it starts (the first is 1).

    What is no CSV raises `refuse(problem)`, which names the line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise refuse(f"line {line}: a quotation mark is opened and not closed as CSV asks ({error})") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def find_delimiter(text: str, names: Collection[str]) -> str:
    """Return the delimiter under which the first record holds most of the wanted column names; comma when in doubt."""

    def found(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = next((cells for cells in reader if any(cells)), [])
        return len({cell.strip().lower() for cell in header} & set(names))

    return max(DELIMITERS, key=found)


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Let the csv module read cells longer than its 128 KiB; its limit is one for the whole process."""
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
