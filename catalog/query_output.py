"""Answers to queries as files, and row by row: none of them has to fit into memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from catalog.views import asked
from errors import InvalidInputError
from storage.duck import literal
from storage.publish import check_writable, publishing

if TYPE_CHECKING:
    from catalog.database import Catalog

ROWS_AT_ONCE = 10_000
OPTIONS = {
    "csv": "FORMAT csv, HEADER true",
    "json": "FORMAT json, ARRAY true",
    "jsonl": "FORMAT json, ARRAY false",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def write_query(catalog: "Catalog", sql: str, path: str, form: str) -> int:
    """Write the answer to one SELECT to a file, local or s3://, which appears whole; return the number of rows.

    `form` is csv (with a header), json (an array), jsonl (one object a line) or parquet.
    """
    if form not in OPTIONS:
        raise InvalidInputError(f"'{form}' is no form of a file. There are: {', '.join(OPTIONS)}.")
    check_writable(path)
    with asked(catalog, sql) as (connection, select), publishing(path) as temporary:
        text = select.query.strip().rstrip(";")
        found = connection.execute(f"COPY (\n{text}\n) TO {literal(str(temporary))} ({OPTIONS[form]})").fetchall()
        return int(found[0][0])


def stream_query(catalog: "Catalog", sql: str) -> Iterator[tuple[Any, ...]]:
    """Give the column names of the answer to one SELECT, then its rows, some thousands of them in memory."""
    with asked(catalog, sql) as (connection, select):
        cursor = connection.execute(select)
        yield tuple(column[0] for column in cursor.description or ())
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
