"""Parquet: the file itself says which columns it has, of which types, and how many records."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa
from pyarrow.parquet import read_metadata

from crawling.columns import CrawledRecords, refuse_other_columns, typed_columns
from crawling.content import FileContent
from crawling.types import native_type
from errors import InvalidInputError
from storage.duck_errors import in_plain_words
from storage.files import opened
from storage.sources import parquet_source


def crawl_parquet(connection: duckdb.DuckDBPyConnection, contents: Sequence[FileContent]) -> CrawledRecords:
    """Find the columns, types and number of the records of Parquet files, or copies as such, that make one table.

    All files have the same columns, in any order; where their types differ, the column has the wider one.
    """
    paths = [content.file.path for content in contents]
    readable = [content.readable for content in contents]
    names, counts = zip(*map(_footer, readable), strict=True)
    for path, other in zip(paths, names, strict=True):
        if set(other) != set(names[0]):
            refuse_other_columns(path, other, paths[0], names[0])
    if not sum(counts):
        raise InvalidInputError(f"'{paths[0]}' holds no records. Give a file with at least one.")
    typed_columns(names[0], {}, paths[0])
    with in_plain_words():
        relation = connection.sql(f"SELECT * FROM {parquet_source(readable)}")
    types = dict(zip(relation.columns, map(native_type, relation.types), strict=True))
    return CrawledRecords(typed_columns(names[0], types, paths[0]), sum(counts))


def _footer(path: str) -> tuple[list[str], int]:
    """The column names as the file spells them, and the number of records."""
    try:
        with opened(path) as file:
            footer = read_metadata(file)
            return footer.schema.to_arrow_schema().names, footer.num_rows
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise InvalidInputError(f"'{path}' is not a sound Parquet file: {reason} Write it again.") from error
