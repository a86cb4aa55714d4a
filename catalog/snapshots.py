"""Tables that are no files: a step reads their rows as they are now, from a Parquet file made for it.

Such a table has one "file", which is its location. A view of it stands in the catalog only while a query runs.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from catalog.hive_types import duck_type
from catalog.table import Table
from storage.copies import Copies
from storage.workspace import Workspace

Writer = Callable[[Workspace, Table, Path], None]


def is_no_file(table: Table) -> bool:
    """Whether the rows of a table lie in no file, but with a server."""
    return table.classification in _WRITERS


def snapshot(copies: Copies, table: Table) -> str:
    """The path of a Parquet file with the rows of such a table as they are now; columns have their source's names."""
    workspace = Workspace.of_copies(copies.folder)
    write = _WRITERS[table.classification]
    source = f"{table.parameters.get('connectionName', table.classification)}:{table.location}"
    return copies.snapshot(source, lambda path: write(workspace, table, path))


def settled(copies: Copies, table: Table) -> Table:
    """The table with its rows as they are now, for a step that reads them more than once; files stay what they are."""
    if not is_no_file(table):
        return table
    path = snapshot(copies, table)
    return replace(table, classification="parquet", location=path, files=(path,))


def _write_from_database(workspace: Workspace, table: Table, path: Path) -> None:
    from catalog.connections import login_of
    from storage.database_rows import write_rows
    from storage.database_tables import SOURCE_TABLE, TableName

    login = login_of(workspace, table.parameters["connectionName"])
    columns = [(column.source_name, duck_type(column.type)) for column in table.columns]
    write_rows(login, TableName.of_json(table.parameters[SOURCE_TABLE]), columns, path)


def _write_from_dynamodb(workspace: Workspace, table: Table, path: Path) -> None:  # noqa: ARG001 - as every writer
    from storage.dynamodb_rows import write_items

    columns = [column.source_name for column in table.columns]
    write_items(table.parameters["dynamodbTable"], columns, path, float(table.parameters["scanRate"]))


_WRITERS: dict[str, Writer] = {
    **dict.fromkeys(("postgresql", "mysql", "mariadb"), _write_from_database),
    "dynamodb": _write_from_dynamodb,
}
