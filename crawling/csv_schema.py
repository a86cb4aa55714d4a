"""CSV: columns and types from the beginning of a file."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

from crawling.columns import CrawledColumn
from crawling.content import FileContent
from crawling.dialect import SAMPLE_RECORDS, Dialect, Sample, forced_sample, read_sample
from crawling.file_schema import FileSchema, schema_of
from crawling.header import could_be_header, only_text, repeats_below
from crawling.names import column_names
from crawling.rules import CsvRule
from crawling.types import PATTERNS, narrowest_type
from errors import InvalidInputError
from storage.duck_errors import width_words

GLUES_TYPES = frozenset({"bigint", "double"})


def csv_schema(content: FileContent, rules: Sequence[CsvRule], *, glue: bool = False) -> FileSchema:
    """Describe a CSV file after the first rule that fits it, or by what is found."""
    rule, sample = _way_of_reading(content, rules)
    _refuse_ragged(content, sample)
    header, unclear = _header(content, sample, rule, glue=glue)
    records = sample.records[1:] if header or unclear else sample.records
    names = rule.names or (sample.records[0] if header else ("",) * sample.width)
    types = _types(records, sample.width, rule, glue=glue)
    count = _count(content, sample)
    return replace(
        schema_of(content),
        columns=_columns(content, names, types, named=header),
        parameters=dialect_parameters(sample.dialect, sample.blank_lines + 1 if header else 0),
        records=count - header,
        whole=content.whole and len(sample.records) < SAMPLE_RECORDS,
        first_record=sample.records[0] if unclear else (),
        blank_lines=sample.blank_lines,
    )


def dialect_parameters(dialect: Dialect, skip_lines: int) -> dict[str, str]:
    """Glue's table parameters for CSV that is written in one way, with `skip_lines` above the records."""
    parameters = {
        "areColumnsQuoted": str(dialect.quoted).lower(),
        "columnsOrdered": "true",
        "delimiter": dialect.delimiter,
    }
    if dialect.quote != '"':
        parameters["quoteChar"] = dialect.quote
    if skip_lines:
        parameters["skip.header.line.count"] = str(skip_lines)
    return parameters


def _way_of_reading(content: FileContent, rules: Sequence[CsvRule]) -> tuple[CsvRule, Sample]:
    for rule in rules:
        if rule.delimiter is None and rule.quote is None and not rule.names:
            return rule, read_sample(content)
        sample = forced_sample(content, rule.delimiter, rule.quote)
        if _fits(rule, sample):
            return rule, sample
    return CsvRule(), read_sample(content)


def _fits(rule: CsvRule, sample: Sample) -> bool:
    """Whether a file can be what a rule says: as many columns as it names, and more than one unless it allows that."""
    if not sample.records or sample.regularity < 1 or (rule.names and len(rule.names) != sample.width):
        return False
    return sample.width > 1 or rule.allow_single_column


def _header(content: FileContent, sample: Sample, rule: CsvRule, *, glue: bool) -> tuple[bool, bool]:
    """Whether the first record is a header, and whether that cannot be told."""
    if rule.header is not None:
        return rule.header, False
    if rule.names:
        return _folded(sample.records[0]) == _folded(rule.names), False
    if sample.width == 1 and not rule.allow_single_column:
        raise InvalidInputError(
            f"'{content.file.path}' has a single column: none of the delimiters , | tab ; Ctrl-A splits it. Crawl it "
            "with --header when its first line names the column, or with --no-header."
        )
    first, *below = sample.records
    if not could_be_header(first):
        return False, False
    unclear = only_text(below)
    return not unclear, unclear and (glue or not repeats_below(first, below))


def _columns(
    content: FileContent, names: Sequence[str], types: Sequence[str], *, named: bool
) -> tuple[CrawledColumn, ...]:
    folded = column_names(names, content.file.path)
    sources = names if named else [""] * len(types)
    return tuple(map(CrawledColumn, folded, types, sources))


def _types(records: Sequence[Sequence[str]], width: int, rule: CsvRule, *, glue: bool) -> list[str]:
    if rule.types:
        return list(rule.types)
    among = GLUES_TYPES if glue else tuple(PATTERNS)
    return [narrowest_type(column, among) for column in zip(*records, strict=True)] or [""] * width


def _count(content: FileContent, sample: Sample) -> int:
    """The number of lines that are records or header: counted in a whole sample, else reckoned from its bytes."""
    if len(sample.records) < SAMPLE_RECORDS and content.whole:
        return len(sample.records)
    lines = max(content.lines, len(sample.records))
    if content.whole:
        return lines
    return max(lines, round(lines * content.file.size / max(1, min(content.head_bytes, content.file.size))))


def _refuse_ragged(content: FileContent, sample: Sample) -> None:
    wrong = next((i for i, record in enumerate(sample.records) if len(record) != sample.width), None)
    if wrong is None:
        return
    line = _line_of(content.sample, sample.dialect, wrong)
    raise InvalidInputError(
        f"Line {line} of '{content.file.path}' {width_words(sample.width, len(sample.records[wrong]))}."
    )


def _line_of(text: str, dialect: Dialect, wanted: int) -> int:
    """The line on which the record with the number `wanted` (from 0) begins; empty lines count, from 1."""
    lines = StringIO(text, newline="")
    if dialect.quote:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote)
    else:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    begins, number = 1, -1
    for record in reader:
        number += bool(record)
        if number == wanted:
            break
        begins = reader.line_num + 1
    return begins


def _folded(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]
