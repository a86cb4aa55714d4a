"""CSV: columns with types that hold for every record, not only for the sample."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from crawling.columns import CrawledColumn, CrawledRecords
from crawling.content import FileContent
from crawling.csv_files import CsvFiles, read_csv_files
from crawling.names import column_names
from crawling.questions import answer_all
from crawling.rules import CsvRule
from crawling.types import PATTERNS, STRING, all_values_are, possible_types
from errors import InvalidInputError
from storage.duck import quoted
from storage.duck_errors import in_plain_words


def crawl_csv(connection: duckdb.DuckDBPyConnection, contents: Sequence[FileContent], rule: CsvRule) -> CrawledRecords:
    """Find the columns, types and number of the records of CSV files that make one table.

    `rule` says how they are written as far as that is known. The sample says which types a column can have; one pass
    over all records says which of them it has.
    """
    files = read_csv_files(contents, rule)
    names = column_names(rule.names or files.source_names, files.paths[0])
    files, count, types = _checked(connection, files, names)
    if not count:
        raise InvalidInputError(f"'{files.paths[0]}' holds a header and no records. Add records and crawl again.")
    columns = map(CrawledColumn, names, types, files.source_names)
    return CrawledRecords(tuple(columns), count, _parameters(files))


def _checked(
    connection: duckdb.DuckDBPyConnection, files: CsvFiles, names: Sequence[str]
) -> tuple[CsvFiles, int, list[str]]:
    """Read all records; where quotes were only assumed and do not fit, read them as ordinary characters."""
    try:
        return files, *_count_and_types(connection, files, names)
    except InvalidInputError:
        plain = replace(files, dialect=replace(files.dialect, quote=""))
        if files.dialect.quoted or not (found := _read_plain(connection, plain, names)):
            raise
        return plain, *found


def _read_plain(
    connection: duckdb.DuckDBPyConnection, files: CsvFiles, names: Sequence[str]
) -> tuple[int, list[str]] | None:
    """What `_count_and_types` gives where quotes are letters; None where they cannot be that."""
    in_quotes = [f"regexp_full_match({quoted(name)}, '(?s)\".*\"')" for name in names]
    try:
        found = _count_and_types(connection, files, names)
    except InvalidInputError:
        return None
    is_there = connection.execute(f"SELECT 1 FROM {files.source(names)} WHERE {' OR '.join(in_quotes)} LIMIT 1")
    return None if is_there.fetchall() else found


def _count_and_types(
    connection: duckdb.DuckDBPyConnection, files: CsvFiles, names: Sequence[str]
) -> tuple[int, list[str]]:
    """The number of records, and for each column the narrowest type that all its values have."""
    candidates = dict(zip(names, _candidates(files), strict=True))
    with in_plain_words():
        answers = answer_all(
            connection, files.source(names), {name: _questions(name, candidates[name]) for name in names}
        )
    ((count, *_), *_) = answers.values()
    if count + files.has_header * len(files.paths) < sum(files.lines):
        _refuse_lost_records(connection, files, names)
    return count, [_narrowest(candidates[name], *answers[name][1:]) for name in names]


def _questions(name: str, type_names: Sequence[str]) -> list[str]:
    """SQL for the number of records, that of values in a column, and whether all values have each of the types."""
    return [
        "count(*)",
        f"count({quoted(name)})",
        *(all_values_are(type_name, quoted(name)) for type_name in type_names),
    ]


def _narrowest(type_names: Sequence[str], values: int, *holds: bool) -> str:
    held = [name for name, holds_for_all in zip(type_names, holds, strict=True) if holds_for_all]
    return held[0] if held and values else STRING


def _refuse_lost_records(connection: duckdb.DuckDBPyConnection, files: CsvFiles, names: Sequence[str]) -> None:
    """Raise when records and line breaks inside them do not account for all lines of a file.

    DuckDB passes over what follows a quote that is never closed, without a word.
    """
    line_breaks = " + ".join(f"coalesce(len(regexp_extract_all({quoted(name)}, '[\\r\\n]+')), 0)" for name in names)
    for path, readable, lines in zip(files.paths, files.readable, files.lines, strict=True):
        source = files.source(names, [readable])
        query = f"SELECT count(*), coalesce(sum({line_breaks}), 0) FROM {source}"
        ((count, inside),) = connection.execute(query).fetchall()
        if files.has_header + count + inside < lines:
            raise InvalidInputError(
                f"Record {count + 1} of '{path}' cannot be read: it opens a quote that is never closed, or its line "
                "endings are mixed. Mend it and crawl again."
            )


def _candidates(files: CsvFiles) -> list[tuple[str, ...]]:
    """For each column the types its values in the sample can have; all types where the sample has no value."""
    width = len(files.source_names)
    records = [record for record in files.sample_records if len(record) == width]
    return [possible_types(column) for column in zip(*records, strict=True)] or [tuple(PATTERNS)] * width


def _parameters(files: CsvFiles) -> dict[str, str]:
    parameters = {
        "areColumnsQuoted": str(files.dialect.quoted).lower(),
        "columnsOrdered": "true",
        "delimiter": files.dialect.delimiter,
    }
    if files.dialect.quote != '"':
        parameters["quoteChar"] = files.dialect.quote
    if files.skip_lines:
        parameters["skip.header.line.count"] = str(files.skip_lines)
    return parameters
