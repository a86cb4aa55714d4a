"""How a CSV file is written: its delimiter and its quote, found from the beginning of the file."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from itertools import islice

from crawling.content import READABLE, FileContent
from errors import InvalidInputError

DELIMITERS = (",", "|", "\t", ";", "\x01")
QUOTES = ('"', "'", "")  # "" says that quotes are ordinary characters
SAMPLE_RECORDS = 1000  # Glue looks at no more

csv.field_size_limit(2**21)  # as DuckDB, which reads records up to 2 MB


@dataclass(frozen=True)
class Dialect:
    """How records are written; `quoted` says that some cell is in quotes."""

    delimiter: str = ","
    quote: str = '"'
    quoted: bool = False


@dataclass(frozen=True)
class Sample:
    """The first records of a file in one way of reading them, empty lines left out.

    `blank_lines` stand above the first record.
    """

    dialect: Dialect
    records: tuple[tuple[str, ...], ...]
    blank_lines: int = 0

    @cached_property
    def width(self) -> int:
        """How many cells most records have; the wider of two that are equally frequent."""
        widths = Counter(map(len, self.records))
        return max(widths, key=lambda width: (widths[width], width))

    @cached_property
    def regularity(self) -> float:
        """The share of records that are as wide as most."""
        return sum(len(record) == self.width for record in self.records) / len(self.records)


def read_sample(content: FileContent) -> Sample:
    """Read the first records of a CSV file in the way that splits them most evenly, into two columns or more.

    When no delimiter does, it is a file of one column. Of equally even ways one with quotes wins, then the one with
    more columns, then double quotes and the delimiter that Glue names first.
    """
    text = content.sample if content.whole else _whole_lines(content)
    ways = [way for delimiter in DELIMITERS for way in _readings(text, delimiter, content.whole)]
    tables = [way for way in ways if way.width > 1]
    best = max(tables or ways, key=_evenness)
    if not content.whole and len(best.records) == 1:
        raise InvalidInputError(f"The second line of '{content.file.path}' is longer than 1 MB. {READABLE}")
    if best.regularity < 0.5:
        raise InvalidInputError(
            f"'{content.file.path}' is not a table: none of the delimiters , | tab ; Ctrl-A splits its lines into the "
            f"same number of columns. {READABLE}"
        )
    if not best.dialect.quote and _has_value_in_quotes(best):
        # both quotes and a broken quote: read with quotes, the first pass over all records then names the line
        return replace(best, dialect=Dialect(best.dialect.delimiter, '"', quoted=True))
    return best


def forced_sample(content: FileContent, delimiter: str | None, quote: str | None) -> Sample:
    """Read the first records in a way that is known in part or whole; no records where it cannot be that."""
    text = content.sample if content.whole else _whole_lines(content)
    quotes = QUOTES if quote is None else (quote,)
    ways = [
        way
        for sign in (DELIMITERS if delimiter is None else (delimiter,))
        for way in _readings(text, sign, content.whole, quotes)
    ]
    tables = [way for way in ways if way.width > 1]
    return max(tables or ways, key=_evenness, default=Sample(Dialect(), ()))


def _has_value_in_quotes(way: Sample) -> bool:
    """Whether some value still stands in double quotes, so that quotes are more than letters."""
    return any(re.fullmatch('".*"', cell, re.DOTALL) for record in way.records for cell in record)


def _whole_lines(content: FileContent) -> str:
    """The beginning of a file without the line that the sample cuts off."""
    end = max(content.sample.rfind("\n"), content.sample.rfind("\r"))
    if end < 0:
        raise InvalidInputError(f"The first line of '{content.file.path}' is longer than 1 MB. {READABLE}")
    return content.sample[: end + 1]


def _evenness(way: Sample) -> tuple[float, bool, int, bool]:
    return way.regularity, bool(way.dialect.quote), way.width, not _has_column_in_quotes(way)


def _has_column_in_quotes(way: Sample) -> bool:
    """Whether some column still stands in single quotes throughout, which then are not part of its values."""
    columns = zip(*(record for record in way.records if len(record) == way.width), strict=True)
    return any(all(re.fullmatch("'.*'", cell, re.DOTALL) for cell in column) for column in columns)


def _readings(text: str, delimiter: str, whole: bool, quotes: Sequence[str] = QUOTES) -> Iterator[Sample]:
    """Every way to read the text with one delimiter; none with a quote that is left open, except by a cut text."""
    for quote in quotes:
        records, lines = _parsed(text, delimiter, quote, whole)
        starts_cell = re.compile(f"(^|{re.escape(delimiter)}){quote}", re.MULTILINE)
        quoted = bool(quote and any(map(starts_cell.search, islice(StringIO(text, newline=""), lines))))
        if records and (quoted or quote != "'"):
            yield Sample(Dialect(delimiter, quote, quoted), records, _blank_lines(text))


def _parsed(text: str, delimiter: str, quote: str, whole: bool) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The first records and their lines; nothing where the text breaks the rules of this way of writing."""
    lines = StringIO(text, newline="")
    if quote:
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    records: list[tuple[str, ...]] = []
    try:
        records.extend(map(tuple, islice(filter(None, reader), SAMPLE_RECORDS)))
    except csv.Error as error:
        if whole or "unexpected end of data" not in str(error):
            return (), 0
    return tuple(records), reader.line_num


def _blank_lines(text: str) -> int:
    """How many empty lines stand above the first record."""
    start = re.match(r"[\r\n]*", text)
    return len(start[0].splitlines()) if start else 0
