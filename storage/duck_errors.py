"""What DuckDB says when a file or a query is wrong, said in one line for people.

DuckDB's own texts run over many lines and advise settings that findmatches does not have.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from errors import InvalidInputError, counted
from storage.url_secrets import without_logins

_MENDABLE = (duckdb.ProgrammingError, duckdb.DataError, duckdb.IOException, duckdb.NotSupportedError)
_MEND = "Mend the line and run again"
_CSV_REASONS = (
    (r"Value with unterminated quote found", f"has a quote that is not closed, or text after a closing quote. {_MEND}"),
    (r"not utf-8 encoded", "is not UTF-8 text. Save the file as UTF-8"),
    (r"Maximum line size of (\d+) bytes exceeded", rf"is longer than \1 bytes; a quote may be left open. {_MEND}"),
)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn DuckDB's complaints about a file or a query into an InvalidInputError of one line; bugs stay bugs."""
    try:
        yield
    except _MENDABLE as error:
        raise InvalidInputError(plain_words(without_logins(str(error)))) from error


def plain_words(text: str) -> str:
    r"""Return DuckDB's error text as one line that names the file and the line where it can.

    >>> plain_words("Parser Error: syntax error at or near 'selec'\n\nLINE 1: selec 1\n        ^")
    "syntax error at or near 'selec'."
    """
    return _csv_words(text) or _json_words(text) or _file_words(text) or _first_paragraph(text)


def _csv_words(text: str) -> str:
    line = re.search(r"CSV Error on Line: (\d+)", text)
    file = re.search(r"^ *file = (.+)$", text, re.MULTILINE)
    if file and "state machine reached an invalid state" in text:
        return f"'{file[1]}' mixes line endings or has a stray carriage return. Save it with one kind of line ending."
    if not line or not file:
        return ""
    reasons = (found.expand(words) for pattern, words in _CSV_REASONS if (found := re.search(pattern, text, re.DOTALL)))
    reason = _width_words(text) or next(reasons, f"is not valid CSV. {_MEND}")
    return f"Line {line[1]} of '{file[1]}' {_one_line(reason)}."


def _width_words(text: str) -> str:
    found = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if not found:
        return ""
    return width_words(int(found[1]), int(found[2]))


def width_words(expected: int, values: int) -> str:
    """Say that a record has another number of values than its table has columns, and what to do.

    >>> width_words(2, 1)
    'has 1 value where 2 are expected. Mend the line and run again'
    """
    width = f"has {counted(values, 'value')} where {expected} {'is' if expected == 1 else 'are'} expected"
    return f"{width}. {_MEND}" + "; values that contain the delimiter belong in quotation marks" * (values > expected)


def _json_words(text: str) -> str:
    long = re.search(r"\"maximum_object_size\" of (\d+) bytes exceeded while reading file \"(.+?)\"", text, re.DOTALL)
    if long:
        return f"A record of '{long[2]}' is longer than {int(long[1]):,} bytes. Split it, or leave it out."
    found = re.search(r"JSON[^\n]* in file \"(.+)\",.* in (line|record)\S* (\d+): ([^\n]*)", text)
    if not found:
        return ""
    number = int(found[3]) - ("Malformed JSON" in text)  # DuckDB 2.0 counts the broken line twice
    reason = found[4].strip().rstrip(".")
    return f"{found[2].capitalize()} {number} of '{found[1]}' is not valid JSON: {reason}. Mend it and run again."


def _file_words(text: str) -> str:
    missing = re.search(r"No files found that match the pattern \"(.+?)\"", text, re.DOTALL)
    if missing:
        path = re.sub(r"\[([*?\[])\]", r"\1", missing[1])
        return f"No file at '{path}'. Put it back, or crawl again if it moved."
    cut = re.search(
        r"No magic bytes found at end of file '(.+?)'|File '(.+?)' too small to be a Parquet", text, re.DOTALL
    )
    return f"'{cut[1] or cut[2]}' is not a Parquet file, or it is cut short." if cut else ""


def _first_paragraph(text: str) -> str:
    paragraph = re.split(r"\n\s*\n", text, maxsplit=1)[0]
    words = re.sub(r"^[A-Z][\w ]* Error: |\s*Did you mean \"(pg|duckdb)_.*", "", paragraph)
    sentence = _one_line(words)
    advice = " If the file changed since it was crawled, crawl it again." if text.startswith("Conversion Error") else ""
    return (sentence if sentence.endswith(("?", "!", ".")) else f"{sentence}.") + advice


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 400 else words[:399] + "…"
