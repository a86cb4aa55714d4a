"""Every table as SQL: the query over its files, the view in the catalog, and queries people ask."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.hive_types import duck_type, is_nested
from catalog.snapshots import is_no_file, snapshot
from errors import InvalidInputError
from storage.copies import Copies, compression_read, needs_copy
from storage.duck import connect, quoted, reach
from storage.duck_errors import in_plain_words
from storage.partition_sql import original_path, partition_value
from storage.sources import csv_source, json_source, parquet_source

if TYPE_CHECKING:
    from catalog.database import Catalog
    from catalog.session import Session
    from catalog.table import Column, Layout, Table

WAYS_OF_READING = ("areColumnsQuoted", "delimiter", "quoteChar", "skip.header.line.count")
MOST_OPENED = 100  # Parquet files; of more only the first is opened before records are asked for
TYPED_FORMATS = frozenset({"parquet", "orc", "avro"})  # values have types of their own, in ORC and Avro's copies too


def records_query(table: "Table", as_text: bool, files: Sequence[str] = (), *, first_only: bool = False) -> str:
    """Return the SELECT over a table's files, columns named as catalogued, those of the partitions last.

    Records come as they stand in the files, these in their order, layout after layout. `as_text` gives every value as
    a text, exactly as written (numbers in JSON and values in Parquet as DuckDB writes them: 1.50 becomes 1.5);
    otherwise values have the catalogued types, and one that does not fit is an error when it is read. An empty text
    is NULL either way, except in typed Parquet, ORC and Avro. `files` are what DuckDB reads in place of `table.files`
    (`readable_files`); `first_only` says that DuckDB may open no more than the first of them beforehand. Run it on a
    connection from `storage.duck` that reaches them, inside `storage.duck_errors.in_plain_words()`.
    """
    if not table.files:
        raise InvalidInputError(
            f"Table '{table.qualified_name}' has no files under '{table.location}'. Crawl it again."
        )
    table = replace(table, classification="parquet") if is_no_file(table) else table
    readable = dict(zip(table.files, files or table.files, strict=True))
    parts = [_layout_as_table(table, layout) for layout in table.layouts] or [table]
    first_only = first_only or len(table.files) > MOST_OPENED
    return "\nUNION ALL\n".join(_select(table, part, as_text, readable, first_only) for part in parts)


def readable_files(copies: Copies, table: "Table", *, first_only: bool = False) -> tuple[str, ...]:
    """The files that DuckDB reads for a table: its own, or copies that are made now where they are missing.

    With `first_only` but the first of each layout is made; the others are only named. The rows of a table that is no
    file are copied as they are now; with `first_only` they are not, and there is nothing to read.
    """
    if is_no_file(table):
        return () if first_only else (snapshot(copies, table),)
    layouts = [layout.files for layout in table.layouts] or [table.files]
    made = {files[0] for files in layouts if files} if first_only else None
    return copies.readable_files(table.location, table.files, table.classification, _compression(table), made)


def create_view(session: "Session", table: "Table", files: Sequence[str] = (), *, first_only: bool = False) -> None:
    """Make, or make anew, the view "database"."table" of a table, with the catalogued types; `files` as above.

    `first_only` says that only the first file of each layout need be there. A table that is no file has a view only
    where `files` hold its rows.
    """
    if not session.keeps_views:
        return None
    if is_no_file(table) and not files:
        return drop_view(session, table)
    files = files or table.files
    reach(session.connection, files)
    schema = quoted(table.database_name)
    query = records_query(table, as_text=False, files=files, first_only=first_only)
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    with in_plain_words():
        session.execute(f"CREATE OR REPLACE VIEW {schema}.{quoted(table.name)} AS {query}")
    return None


def drop_view(session: "Session", table: "Table") -> None:
    """Take the view of a table away, where it has one."""
    if not session.keeps_views:
        return
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.database_name)}")
    session.execute(f"DROP VIEW IF EXISTS {quoted(table.database_name)}.{quoted(table.name)}")


def run_query(catalog: "Catalog", sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one SELECT over the catalogued tables and return its column names and rows; rules as `asked` has them."""
    with asked(catalog, sql) as (connection, select):
        cursor = connection.execute(select)
        return [column[0] for column in cursor.description or ()], cursor.fetchall()


@contextmanager
def asked(catalog: "Catalog", sql: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.Statement]]:
    """Give a connection to a copy of the catalog, and the one SELECT that `sql` is, to be run there.

    The copy is in memory: the SELECT can change nothing, and may take its time. Tables of the database `default` need
    no database name; and `default`, which SQL keeps for itself, need not be put in quotes.
    """
    from catalog.tables import list_tables

    tables = list_tables(catalog)
    files = [file for table in tables for file in table.files]
    copies = Copies(catalog.workspace.copies)
    with closing(connect(paths=files)) as connection, copies.named(), in_plain_words():
        catalog.copy_into(connection)
        _look_in_default_first(connection)
        select = _one_select(connection, _names_quoted(sql))
        _bring_views_up_to_date(connection, copies, tables, select, every=not catalog.keeps_views)
        yield connection, select


def _bring_views_up_to_date(
    connection: duckdb.DuckDBPyConnection,
    copies: Copies,
    tables: Sequence["Table"],
    select: duckdb.Statement,
    *,
    every: bool,
) -> None:
    """Let the views that a query names, all or those over copies, read the files as these are now."""
    from catalog.session import Session

    old = [
        table for table in tables if every or is_no_file(table) or needs_copy(table.classification, _compression(table))
    ]
    asked = _names_in(select) if old else set()
    for table in old:
        if table.name in asked:
            create_view(Session(connection), table, readable_files(copies, table))


def _names_in(select: duckdb.Statement) -> set[str]:
    """The tables and views a query names; asked of an empty database, where no view is opened for the answer."""
    with closing(connect()) as empty:
        return {name.lower() for name in empty.get_table_names(select.query)}


def _compression(table: "Table") -> str:
    return table.parameters.get("compressionType") or "none"


def _layout_as_table(table: "Table", layout: "Layout") -> "Table":
    """The part of a table that is read in one way, as a table of its own."""
    parameters = {name: value for name, value in table.parameters.items() if name not in WAYS_OF_READING}
    return replace(
        table, columns=layout.columns, parameters=parameters | layout.parameters, files=layout.files, layouts=()
    )


def _select(table: "Table", part: "Table", as_text: bool, readable: Mapping[str, str], first_only: bool) -> str:
    """The SELECT over files that are read alike; a column of the table that they lack is NULL."""
    spelled = {column.name: column for column in part.columns}
    value = _text if as_text else _typed
    columns = [
        f"{value(part, replace(spelled[column.name], type=column.type))} AS {quoted(column.name)}"
        if column.name in spelled
        else f"CAST(NULL AS {'VARCHAR' if as_text else duck_type(column.type)}) AS {quoted(column.name)}"
        for column in table.columns
    ]
    file = _name_of_its_own("file", spelled) if table.partition_keys else ""
    columns += _partition_columns(table, part, quoted(file), readable) if file else []
    paths = [readable[path] for path in part.files]
    return f"SELECT {', '.join(columns)} FROM {_source(part, paths, file, first_only)}"


def _partition_columns(table: "Table", part: "Table", file: str, readable: Mapping[str, str]) -> list[str]:
    copied = {readable[path]: path for path in part.files if readable[path] != path}
    path = original_path(file, copied)
    return [
        f"{partition_value(path, table.location, key, depth)} AS {quoted(key)}"
        for depth, key in enumerate(table.partition_keys)
    ]


def _name_of_its_own(name: str, others: Collection[str]) -> str:
    while name in others:
        name += "_"
    return name


def _source(table: "Table", files: Sequence[str], filename: str, first_only: bool) -> str:
    compression = compression_read(_compression(table))
    source_names = [column.source_name for column in table.columns]
    match table.classification:
        case "csv":
            return csv_source(
                files,
                [column.name for column in table.columns],
                delimiter=table.parameters.get("delimiter", ","),
                quote=table.parameters.get("quoteChar", '"'),
                skip_lines=int(table.parameters.get("skip.header.line.count", "0")),
                compression=compression,
                filename=filename,
            )
        case "json":
            return json_source(files, source_names, compression=compression, filename=filename)
        case "parquet" | "orc" | "avro":
            return parquet_source(files, same_columns=first_only, filename=filename)
        case other:
            raise InvalidInputError(
                f"Table '{table.qualified_name}' is classified as '{other}'; csv, json, parquet, orc and "
                "avro can be read."
            )


def _text(table: "Table", column: "Column") -> str:
    return f"NULLIF(CAST({_reference(table, column)} AS VARCHAR), '')"


def _typed(table: "Table", column: "Column") -> str:
    reference, wanted = _reference(table, column), duck_type(column.type)
    if table.classification in TYPED_FORMATS:
        return f"CAST({reference} AS {wanted})"
    if is_nested(column.type):
        return f"CAST(CAST({reference} AS JSON) AS {wanted})"
    return f"CAST(NULLIF({reference}, '') AS {wanted})"


def _reference(table: "Table", column: "Column") -> str:
    return quoted(column.name if table.classification == "csv" else column.source_name)


def _look_in_default_first(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute('CREATE SCHEMA IF NOT EXISTS "default"')
    connection.execute("""SET search_path = '"default",main'""")


def _one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    statements = connection.extract_statements(sql)
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise InvalidInputError(
            f"Only one SELECT can be asked, which '{sql.strip()}' is not. It may not change anything."
        )
    return statements[0]


def _names_quoted(sql: str) -> str:
    r"""Quote words of SQL that stand before a dot, and so are names.

    >>> _names_quoted("SELECT 'default.x' FROM default.people")
    'SELECT \'default.x\' FROM "default".people'
    """
    text = sql.encode()
    for start, kind in reversed(duckdb.tokenize(sql)):
        end = start + len(text[start:].split(b".", 1)[0])
        if kind == duckdb.token_type.keyword and text[start:end].isalpha() and text[end : end + 1] == b".":
            text = text[:start] + b'"' + text[start:end] + b'"' + text[end:]
    return text.decode()
