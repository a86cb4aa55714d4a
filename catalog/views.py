"""Every table as SQL: the query over its files, the view in the catalog, and queries people ask."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.hive_types import duck_type, is_nested
from errors import InvalidInputError
from storage.duck import connect, quoted, reach
from storage.duck_errors import in_plain_words
from storage.sources import csv_source, json_source, parquet_source

if TYPE_CHECKING:
    from catalog.database import Catalog
    from catalog.session import Session
    from catalog.tables import Column, Table


def records_query(table: "Table", as_text: bool) -> str:
    """Return the SELECT over a table's files, record after record as they stand there, columns named as catalogued.

    `as_text` gives every value as a text, exactly as written (numbers in JSON and values in Parquet as DuckDB writes
    them: 1.50 becomes 1.5); otherwise values have the catalogued types, and one that does not fit is an error when it
    is read. An empty text is NULL either way, except in typed Parquet. Run it on a connection from `storage.duck`
    that reaches `table.files`, inside `storage.duck_errors.in_plain_words()`.
    """
    if not table.files:
        raise InvalidInputError(
            f"Table '{table.qualified_name}' has no files under '{table.location}'. Crawl it again."
        )
    value = _text if as_text else _typed
    columns = ", ".join(f"{value(table, column)} AS {quoted(column.name)}" for column in table.columns)
    return f"SELECT {columns} FROM {_source(table)}"


def create_view(session: "Session", table: "Table") -> None:
    """Make, or make anew, the view "database"."table" of a table, with the catalogued types."""
    reach(session.connection, table.files)
    schema, view = quoted(table.database_name), quoted(table.name)
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    with in_plain_words():
        session.execute(f"CREATE OR REPLACE VIEW {schema}.{view} AS {records_query(table, as_text=False)}")


def run_query(catalog: "Catalog", sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one SELECT over the catalogued tables and return its column names and rows.

    It runs on a copy of the catalog in memory: it can change nothing, and may take its time. Tables of the database
    `default` need no database name; and `default`, which SQL keeps for itself, need not be put in quotes.
    """
    with closing(connect(paths=_catalogued_files(catalog))) as connection, in_plain_words():
        catalog.copy_into(connection)
        _look_in_default_first(connection)
        cursor = connection.execute(_one_select(connection, _names_quoted(sql)))
        return [column[0] for column in cursor.description or ()], cursor.fetchall()


def _source(table: "Table") -> str:
    compression = table.parameters.get("compressionType") or "none"
    source_names = [column.source_name for column in table.columns]
    match table.classification:
        case "csv":
            return csv_source(
                table.files,
                table.column_names,
                delimiter=table.parameters.get("delimiter", ","),
                quote=table.parameters.get("quoteChar", '"'),
                skip_lines=int(table.parameters.get("skip.header.line.count", "0")),
                compression=compression,
            )
        case "json":
            return json_source(table.files, source_names, compression=compression)
        case "parquet":
            return parquet_source(table.files)
        case other:
            raise InvalidInputError(
                f"Table '{table.qualified_name}' is classified as '{other}'; csv, json and parquet can be read."
            )


def _text(table: "Table", column: "Column") -> str:
    return f"NULLIF(CAST({_reference(table, column)} AS VARCHAR), '')"


def _typed(table: "Table", column: "Column") -> str:
    reference, wanted = _reference(table, column), duck_type(column.type)
    if table.classification == "parquet":
        return f"CAST({reference} AS {wanted})"
    if is_nested(column.type):
        return f"CAST(CAST({reference} AS JSON) AS {wanted})"
    return f"CAST(NULLIF({reference}, '') AS {wanted})"


def _reference(table: "Table", column: "Column") -> str:
    return quoted(column.name if table.classification == "csv" else column.source_name)


def _catalogued_files(catalog: "Catalog") -> list[str]:
    from catalog.tables import list_tables

    return [file for table in list_tables(catalog) for file in table.files]


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
