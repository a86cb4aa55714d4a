"""The rows of a database's table, streamed to a Parquet file in bounded memory."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import InvalidInputError, closest, counted
from storage.database_tables import DatabaseTable, TableName, described_tables
from storage.database_types import as_text, from_text
from storage.database_urls import Login
from storage.databases import connected
from storage.duck import opened_database, quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from sqlalchemy import Connection, Select

BATCH_ROWS = 2_000
GROUP_BYTES = 32 * 2**20  # of a row group in memory

log = logging.getLogger("findmatches.storage")


def write_rows(login: Login, name: TableName, columns: Sequence[tuple[str, str]], path: Path) -> int:
    """Write all rows of a table to the Parquet file `path`, in the order of its primary key, and return how many.

    `columns` are names and DuckDB's types. One query reads the table as it is at one moment. A value that its type
    cannot hold is missing, and a warning says how many are.
    """
    from pyarrow.parquet import ParquetWriter

    rows, lost = 0, dict.fromkeys((column for column, _ in columns), 0)
    with connected(login, name.database) as connection, closing(opened_database()) as duck:
        query = _query(login, _described(connection, login, name), [column for column, _ in columns])
        texts = _texts(connection, query, len(columns))
        groups = _groups(_typed(duck, batch, columns, lost) for batch in texts)
        first = next(groups)
        with ParquetWriter(path, first.schema) as parquet:
            for group in chain([first], groups):
                parquet.write_table(group)
                rows += group.num_rows
    _tell_lost(name, lost)
    return rows


def _described(connection: "Connection", login: Login, name: TableName) -> DatabaseTable:
    found = [table for table in described_tables(connection, login.kind, name.path) if table.name == name]
    if not found:
        raise InvalidInputError(
            f"Connection '{login.name}': there is no table '{name.location}' any more, or it may not be read. "
            "Put it back, or crawl again."
        )
    return found[0]


def _query(login: Login, table: DatabaseTable, names: Sequence[str]) -> "Select[Any]":
    """The rows by primary key, where there is one; every column as a text, called by its number."""
    from sqlalchemy import column, select
    from sqlalchemy import table as table_clause

    own_types = {each.name: each.own_type for each in table.columns}
    if gone := [name for name in names if name not in own_types]:
        raise InvalidInputError(
            f"Table '{table.name.location}' has no column '{gone[0]}' any more.{closest(gone[0], own_types)} "
            "Crawl it again."
        )
    clause = table_clause(table.name.table, *map(column, own_types), schema=table.name.schema or None)
    texts = [as_text(login.kind, clause.c[name], own_types[name]).label(f"c{i}") for i, name in enumerate(names)]
    return select(*texts).select_from(clause).order_by(*(clause.c[name] for name in table.primary_key))


def _texts(connection: "Connection", query: "Select[Any]", width: int) -> "Iterator[pa.Table]":
    """First a table without rows, then all rows, some at a time."""
    import pyarrow as pa

    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)])
    yield schema.empty_table()
    result = connection.execution_options(yield_per=BATCH_ROWS).execute(query)
    for rows in result.partitions():
        yield pa.table([pa.array(values, pa.string()) for values in zip(*rows, strict=True)], schema)


def _typed(
    duck: "duckdb.DuckDBPyConnection", texts: "pa.Table", columns: Sequence[tuple[str, str]], lost: dict[str, int]
) -> "pa.Table":
    """Rows in their types; values that are missing in these and were not before are counted in `lost`."""
    values = (f"{from_text(f'c{i}', type_)} AS {quoted(name)}" for i, (name, type_) in enumerate(columns))
    typed = duck.from_arrow(texts).select(", ".join(values)).to_arrow_table()
    for i, (name, _) in enumerate(columns):
        lost[name] += typed.column(i).null_count - texts.column(i).null_count
    return typed


def _groups(batches: "Iterable[pa.Table]") -> "Iterator[pa.Table]":
    """Put batches together to row groups of a good size; there is always one, with no row where there is none."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.nbytes for each in waiting) >= GROUP_BYTES:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _tell_lost(name: TableName, lost: dict[str, int]) -> None:
    for column, count in lost.items():
        if count:
            log.warning(
                "Column '%s' of '%s' has %s that its type cannot hold; it is empty there.",
                *(column, name.location, counted(count, "value")),
            )
