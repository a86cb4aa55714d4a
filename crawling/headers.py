"""Whether text files begin with a header, settled among the files of one folder where one alone cannot tell."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.header import names_columns
from crawling.names import column_names
from crawling.problems import Problem, problem_of
from errors import InvalidInputError

log = logging.getLogger("findmatches.crawling")


def settle_headers(schemas: Sequence[FileSchema], *, glue: bool) -> tuple[list[FileSchema], list[Problem]]:
    """Say of each first record that may be a header whether it is one; a header above nothing is a problem.

    It is when a file beside it has these names in its header for certain, or begins with the same line; it is none when
    the files beside it have as many columns and no header. Where nothing tells it is one, unless `glue` wants Glue's
    rule.
    """
    headers = {
        frozenset(_folded([column.source_name for column in each.columns])) for each in schemas if each.has_header
    }
    bare_widths = {len(each.columns) for each in schemas if not each.has_header and not each.first_record}
    first_lines = Counter(_folded(each.first_record) for each in schemas if each.first_record)
    settled: list[FileSchema] = []
    problems: list[Problem] = []
    for each in schemas:
        line = _folded(each.first_record)
        if not each.first_record:
            settled.append(each)
        elif frozenset(line) in headers or first_lines[line] > 1:
            settled.append(with_header(each))
        elif len(line) in bare_widths:
            settled.append(as_record(each))
        elif each.records == 1 and each.whole:
            problems.append(problem_of(each.file.path, _only_a_header(each)))
        else:
            settled.append(_alone(each, glue=glue))
    return settled, problems


def with_header(schema: FileSchema) -> FileSchema:
    """Take the first record as the header."""
    names = column_names(schema.first_record, schema.file.path)
    columns = zip(names, schema.columns, schema.first_record, strict=True)
    return replace(
        schema,
        columns=tuple(CrawledColumn(name, column.type, source) for name, column, source in columns),
        parameters=schema.parameters | {"skip.header.line.count": str(schema.blank_lines + 1)},
        records=max(0, schema.records - 1),
        first_record=(),
    )


def as_record(schema: FileSchema) -> FileSchema:
    """Take the first record as a record like the others."""
    columns = zip(schema.columns, schema.first_record, strict=True)
    typed = (replace(column, type="string") if cell else column for column, cell in columns)
    return replace(schema, columns=tuple(typed), first_record=())


def _alone(schema: FileSchema, *, glue: bool) -> FileSchema:
    if glue:
        log.warning(
            "'%s': every column is text, so a header cannot be told from a record. The first line counts as a record "
            "and the columns are called col0, col1, …; if it names the columns, crawl again with --header.",
            schema.file.path,
        )
        return as_record(schema)
    if not names_columns(schema.first_record):
        return as_record(schema)
    log.warning(
        "'%s': every column is text. The first line is taken for the columns' names; if it is a record, crawl again "
        "with --no-header.",
        schema.file.path,
    )
    return with_header(schema)


def _only_a_header(schema: FileSchema) -> InvalidInputError:
    names = ", ".join(schema.first_record)
    return InvalidInputError(
        f"'{schema.file.path}' holds a header ({_shortened(names)}) and no records. Add records and crawl again, or "
        "crawl with --no-header if this is a record."
    )


def _folded(record: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in record)


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
