"""The records of a catalogued table, as texts, with a key that tells them apart."""

from contextlib import closing
from typing import TYPE_CHECKING

from catalog.tables import Table
from catalog.views import readable_files, records_query
from errors import EntityNotFoundError, InvalidInputError, closest, counted
from storage.copies import Copies
from storage.duck import connect
from storage.duck_errors import in_plain_words
from storage.workspace import Workspace
from tasks.memory_budget import database_memory

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5


def read_records(workspace: Workspace, table: Table, primary_key: str) -> "pa.Table":
    """Return all rows in file order, every value as written; an empty one is null.

    A row without a primary key, or a key that stands twice, is an error: nothing could be said of such rows.
    """
    if primary_key not in table.column_names:
        raise EntityNotFoundError(
            f"Table '{table.qualified_name}' has no column '{primary_key}'. "
            f"It has: {', '.join(table.column_names)}.{closest(primary_key, table.column_names)}"
        )
    records = _read(workspace, table, as_text=True)
    _check_keys(records[primary_key], table, primary_key)
    return records


def read_typed_records(workspace: Workspace, table: Table) -> "pa.Table":
    """Return all rows in file order with the catalogued types."""
    return _read(workspace, table, as_text=False)


def _read(workspace: Workspace, table: Table, as_text: bool) -> "pa.Table":
    copies = Copies(workspace.copies)
    files = readable_files(copies, table)
    with closing(connect(memory_limit=database_memory(), paths=files)) as connection, copies.named(), in_plain_words():
        return connection.sql(records_query(table, as_text, files)).to_arrow_table()


def _check_keys(keys: "pa.ChunkedArray", table: Table, primary_key: str) -> None:
    import pyarrow.compute as pc

    advice = f"Choose a column that names every row of '{table.qualified_name}' once, or mend the file."
    if keys.null_count:
        row = pc.index(pc.is_null(keys), value=True).as_py() + 1
        raise InvalidInputError(
            f"Primary key '{primary_key}' is empty in {counted(keys.null_count, 'row')}, first in row {row}. {advice}"
        )
    counts = pc.value_counts(keys)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist()
    if twice:
        shown = ", ".join(f"'{key}'" for key in twice[:SHOWN]) + (", …" if len(twice) > SHOWN else "")
        repeated = counted(len(twice), "key repeats", "keys repeat")
        raise InvalidInputError(f"Primary key '{primary_key}' is not unique: {repeated}: {shown}. {advice}")
