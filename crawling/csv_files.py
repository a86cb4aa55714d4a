"""What CSV files of one table have in common: how they are written, and whether they begin with a header."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from crawling.columns import raise_other_file, refuse_other_columns
from crawling.content import FileContent
from crawling.dialect import Dialect, Sample, forced_sample, read_sample
from crawling.header import could_be_header, has_header, only_text
from crawling.rules import CsvRule
from errors import InvalidInputError, counted
from storage.copies import compression_read
from storage.sources import csv_source

log = logging.getLogger("findmatches.crawling")


@dataclass(frozen=True)
class CsvFiles:
    """CSV files that are read alike; `samples` are the first records of each, `lines` how many are not empty.

    `readable` are the paths that DuckDB reads, `compression` is that of what it finds there.
    """

    paths: tuple[str, ...]
    samples: tuple[Sample, ...]
    lines: tuple[int, ...]
    dialect: Dialect
    has_header: bool
    readable: tuple[str, ...]
    compression: str

    @property
    def source_names(self) -> tuple[str, ...]:
        """The columns' names as the header spells them; without a header they are empty."""
        return self.samples[0].records[0] if self.has_header else ("",) * self.samples[0].width

    @property
    def skip_lines(self) -> int:
        """How many lines stand above the records of every file."""
        return self.samples[0].blank_lines + 1 if self.has_header else 0

    @property
    def sample_records(self) -> Iterator[tuple[str, ...]]:
        """The first records of all files, without the headers."""
        return chain.from_iterable(sample.records[self.has_header :] for sample in self.samples)

    def source(self, column_names: Sequence[str], paths: Sequence[str] = ()) -> str:
        """The FROM clause that reads all records, or those of some `readable` paths."""
        return csv_source(
            paths or self.readable,
            column_names,
            delimiter=self.dialect.delimiter,
            quote=self.dialect.quote,
            skip_lines=self.skip_lines,
            compression=self.compression,
        )


def read_csv_files(contents: Sequence[FileContent], rule: CsvRule) -> CsvFiles:
    """Read the beginning of each file and settle how all are read; refuse a file that is written in another way.

    `rule` says how they are written; whether they have a header is left to Glue's rule where it does not say.
    """
    paths = tuple(content.file.path for content in contents)
    samples = tuple(_sample(content, rule) for content in contents)
    dialect = _shared_dialect(paths, samples)
    if rule.header is None and samples[0].width == 1:
        raise InvalidInputError(
            f"'{paths[0]}' has a single column: none of the delimiters , | tab ; Ctrl-A splits it. Crawl it with "
            "--header when its first line names the column, or with --no-header."
        )
    with_header = _shared_header(paths, samples) if rule.header is None else rule.header
    _refuse_other_columns(paths, samples, with_header)
    lines = tuple(content.lines for content in contents)
    readable = tuple(content.readable for content in contents)
    compression = compression_read(contents[0].compression)
    return CsvFiles(paths, samples, lines, dialect, with_header, readable, compression)


def _sample(content: FileContent, rule: CsvRule) -> Sample:
    if rule.delimiter is None and rule.quote is None:
        return read_sample(content)
    known = forced_sample(content, rule.delimiter, rule.quote)
    return known if known.records else read_sample(content)


def _shared_dialect(paths: Sequence[str], samples: Sequence[Sample]) -> Dialect:
    """The one way in which all files are written; a file that has nothing in quotes goes with any quote."""
    first = samples[0].dialect
    for path, sample in zip(paths, samples, strict=True):
        if (found := sample.dialect.delimiter) != first.delimiter:
            raise_other_file(path, paths[0], f"its delimiter is {found!r}, not {first.delimiter!r}")
    telling = [i for i, sample in enumerate(samples) if sample.dialect.quoted or not sample.dialect.quote]
    quotes = [samples[i].dialect.quote for i in telling]
    for i, quote in zip(telling, quotes, strict=True):
        if quote != quotes[0]:
            raise_other_file(paths[i], paths[telling[0]], f"its quote is {quote!r}, not {quotes[0]!r}")
    return Dialect(first.delimiter, quotes[0] if quotes else first.quote, any(quotes))


def _shared_header(paths: Sequence[str], samples: Sequence[Sample]) -> bool:
    """Whether the files begin with a header: when the rule finds one in any of them, all must have it."""
    if any(has_header(sample.records) for sample in samples):
        return True
    if all(len(sample.records) == 1 and could_be_header(sample.records[0]) for sample in samples):
        names = ", ".join(samples[0].records[0])
        raise InvalidInputError(
            f"'{paths[0]}' holds a header ({_shortened(names)}) and no records. Add records and crawl again, or crawl "
            "with --no-header if this is a record."
        )
    if all(could_be_header(sample.records[0]) and only_text(sample.records[1:]) for sample in samples):
        log.warning(
            "'%s': every column is text, so a header cannot be told from a record. The first line counts as a record "
            "and the columns are called col0, col1, …; if it names the columns, crawl again with --header.",
            paths[0],
        )
    return False


def _refuse_other_columns(paths: Sequence[str], samples: Sequence[Sample], with_header: bool) -> None:
    first, *others = samples
    for path, sample in zip(paths[1:], others, strict=True):
        if with_header and _folded(sample.records[0]) != _folded(first.records[0]):
            refuse_other_columns(path, _folded(sample.records[0]), paths[0], _folded(first.records[0]))
        if sample.width != first.width:
            raise_other_file(path, paths[0], f"it has {counted(sample.width, 'column')}, not {first.width}")
        if with_header and sample.blank_lines != first.blank_lines:
            found = counted(sample.blank_lines, "empty line")
            raise_other_file(path, paths[0], f"it begins with {found}, not {first.blank_lines}")


def _folded(header: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in header]


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
