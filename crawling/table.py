"""Crawling: from files to the description of the one table they hold, as AWS Glue would write it."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crawling.columns import CrawledColumn, CrawledRecords, raise_other_file
from crawling.content import READABLE, FileContent, look_into
from crawling.names import catalog_name, table_name_for
from crawling.rules import CsvRule
from errors import InvalidInputError, counted
from storage.copies import Copies
from storage.duck import connect
from storage.files import StoredFile

log = logging.getLogger("findmatches.crawling")


@dataclass(frozen=True)
class TableLayout:
    """Files of a table that are read alike: their columns in the files' order, and how they are written."""

    columns: tuple[CrawledColumn, ...]
    parameters: dict[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True)
class CrawledPartition:
    """A folder of a table with files right in it: what it says for each partition key, and Glue's parameters."""

    location: str
    values: tuple[str | None, ...]
    columns: tuple[CrawledColumn, ...]
    parameters: dict[str, str]


@dataclass(frozen=True)
class CrawledTable:
    """A table as its files show it; `parameters` are Glue's table parameters, all texts.

    `partition_keys` name the folders between the location and the files. `layouts` are there where files are read in
    different ways; without any, all are read as the table says. `unchanged` says that all files were known as they are.
    """

    name: str
    location: str
    classification: str
    columns: tuple[CrawledColumn, ...]
    parameters: dict[str, str]
    files: tuple[str, ...]
    partition_keys: tuple[str, ...] = ()
    layouts: tuple[TableLayout, ...] = ()
    partitions: tuple[CrawledPartition, ...] = ()
    unchanged: bool = False


def crawl_table(
    location: str,
    files: Sequence[StoredFile],
    *,
    name: str | None = None,
    header: bool | None = None,
    copies: Copies | None = None,
    csv: CsvRule | None = None,
) -> CrawledTable:
    """Describe the table that `files` hold, records in the order of the files.

    `name` is folded to lower case, None names the table after `location`. `header` says whether CSV files begin with
    the columns' names; None leaves it to Glue's rule. Every record is read once or more, so that the types hold.
    Files that DuckDB cannot read by itself are copied to `copies`; None keeps the copies only while they are read.
    `csv` says how CSV files are written, where that is known already.
    """
    table_name = catalog_name("table", name) if name else table_name_for(location)
    contents = _look_into_all(location, files)
    records = _crawl_records(contents, csv or CsvRule(header=header), copies)
    first = contents[0]
    size = f"{counted(records.count, 'record')}, {counted(len(records.columns), 'column')}"
    log.info("crawl: %s in '%s'", size, location)
    return CrawledTable(
        table_name,
        location,
        first.classification,
        records.columns,
        _shared_parameters(contents, records.count) | records.parameters,
        tuple(content.file.path for content in contents),
    )


def _look_into_all(location: str, files: Sequence[StoredFile]) -> list[FileContent]:
    """Look into every file with something in it; all must have one format and one compression."""
    if not files:
        raise InvalidInputError(f"'{location}' holds no files (names that start with . or _ are skipped). {READABLE}")
    contents = [look_into(file) for file in files if file.size]
    if not contents:
        raise InvalidInputError(f"'{location}' is empty. {READABLE}")
    first = contents[0]
    for content in contents[1:]:
        if content.classification != first.classification:
            difference = f"it is {content.classification}, not {first.classification}"
            raise_other_file(content.file.path, first.file.path, difference)
        if content.compression != first.compression:
            difference = f"its compression is {content.compression}, not {first.compression}"
            raise_other_file(content.file.path, first.file.path, difference)
    return contents


def _crawl_records(contents: Sequence[FileContent], csv: CsvRule, copies: Copies | None) -> CrawledRecords:
    with ExitStack() as stack:
        copies = copies or Copies(Path(stack.enter_context(TemporaryDirectory(prefix="findmatches-"))))
        stack.enter_context(copies.named())
        return _crawl_readable([_with_copy(content, copies) for content in contents], csv)


def _with_copy(content: FileContent, copies: Copies) -> FileContent:
    readable = copies.readable(content.file, content.classification, content.compression)
    return content if readable == content.file.path else replace(content, copy=readable)


def _crawl_readable(contents: Sequence[FileContent], csv: CsvRule) -> CrawledRecords:
    from crawling.avro_records import crawl_avro
    from crawling.csv_records import crawl_csv
    from crawling.json_records import crawl_json
    from crawling.parquet_records import crawl_parquet

    with closing(connect(paths=[content.readable for content in contents])) as connection:
        if contents[0].classification == "csv":
            return crawl_csv(connection, contents, csv)
        if contents[0].classification == "json":
            return crawl_json(connection, contents)
        if contents[0].classification == "avro":
            return crawl_avro(connection, contents)
        return crawl_parquet(connection, contents)


def _shared_parameters(contents: Sequence[FileContent], count: int) -> dict[str, str]:
    """The parameters Glue's crawler writes for every table; sizes in bytes, as stored."""
    size = sum(content.file.size for content in contents)
    return {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": contents[0].classification,
        "compressionType": contents[0].compression,
        "typeOfData": "file",
        "objectCount": str(len(contents)),
        "recordCount": str(count),
        "averageRecordSize": str(round(size / count)),
        "sizeKey": str(size),
    }
