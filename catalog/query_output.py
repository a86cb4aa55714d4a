"""Answers to queries as files, and row by row: none of them has to fit into memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.views import asked
from errors import InvalidInputError
from storage.duck import literal
from storage.publish import check_writable, publishing

if TYPE_CHECKING:
    from catalog.database import Catalog

ROWS_AT_ONCE = 10_000
OPTIONS = {"csv": "FORMAT csv, HEADER true", "parquet": "FORMAT parquet, COMPRESSION zstd"}


def write_query(catalog: "Catalog", sql: str, path: str, form: str) -> int:
    """Write the answer to one SELECT to a file, local or s3://, which appears whole; return the number of rows.

    `form` is csv (with a header) or parquet; DuckDB writes them.
    """
    if form not in OPTIONS:
        raise InvalidInputError(f"'{form}' is no form of a file. There are: {', '.join(OPTIONS)}.")
    check_writable(path)
    with asked(catalog, sql) as (connection, select), publishing(path) as temporary:
        copy = f"COPY {_in_brackets(select)} TO {literal(str(temporary))} ({OPTIONS[form]})"
        return int(connection.execute(copy).fetchall()[0][0])


def stream_query(catalog: "Catalog", sql: str, *, as_text: bool = False) -> Iterator[tuple[Any, ...]]:
    """Give the column names of the answer to one SELECT, then its rows, some thousands of them in memory.

    A name that stands twice gets a number. `as_text` gives every value as the text that DuckDB writes into CSV.
    """
    columns = "CAST(COLUMNS(*) AS VARCHAR)" if as_text else "*"
    with asked(catalog, sql) as (connection, select):
        cursor = connection.execute(f"SELECT {columns} FROM {_in_brackets(select)}")
        yield tuple(column[0] for column in cursor.description or ())
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _in_brackets(select: duckdb.Statement) -> str:
    r"""A SELECT as a part of another statement: without the semicolon and the comments at its end.

    >>> _in_brackets(duckdb.extract_statements("SELECT ';' -- é;\n; -- done")[0])
    "(\nSELECT ';' -- é;\n\n)"
    """
    text = select.query.encode()
    words = [place for place, kind in duckdb.tokenize(select.query) if kind != duckdb.token_type.comment]
    if words and text[words[-1] : words[-1] + 1] == b";":
        text = text[: words[-1]]
    return f"(\n{text.decode()}\n)"
