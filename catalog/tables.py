"""The tables of the catalog: what their files hold, and which version of that is known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from catalog.database import Catalog
from catalog.session import Session, utc_now
from catalog.snapshots import is_no_file
from catalog.table import Column, Layout, Table, table_of_row, table_row
from catalog.views import create_view, drop_view, readable_files
from errors import EntityNotFoundError, InvalidInputError, closest
from storage.copies import Copies

__all__ = ["Column", "Layout", "Table"]

RESERVED_DATABASES = frozenset(
    {
        "findmatches",
        "catalog",
        "memory",
        "temp",
        "system",
        "information_schema",
        "pg_catalog",
    }  # DuckDB's names, and ours
)
PASSING_PARAMETERS = frozenset(
    {
        "recordCount",
        "averageRecordSize",
        "sizeKey",
        "objectCount",
        "CRAWL_RUN_ID",
        "UPDATED_BY_CRAWLER",
        "findmatches.sampled",
    }
)


def register_table(catalog: Catalog, table: Table) -> Table:
    """Put a table into the catalog, with its view, and return it as it is known now.

    Database and table names are folded to lower case. A table whose location, classification, columns or lasting
    parameters changed gets the next version, and the old one is kept in table_versions. Counts and files that
    changed are brought up to date without a new version. One that is the same in all stays untouched.
    """
    found = checked_table(table)
    copies = Copies(catalog.workspace.copies)
    files = readable_files(copies, found, first_only=is_no_file(found))  # before the visit, which keeps others waiting
    with catalog.transaction() as session:
        return put_table(session, found, files)


def put_table(session: Session, found: Table, files: Sequence[str] | None, *, first_only: bool = False) -> Table:
    """Put a table that `checked_table` gave into the catalog as `register_table` does, inside a visit.

    `files` are what DuckDB reads, None leaves the view as it is; `first_only` says that but the first of them need
    not be there yet.
    """
    known = read_table(session, found.database_name, found.name)
    current = _next_state(known, found)
    if known != current:
        _keep_version(session, known, current)
        _write_table(session, current)
    if files is not None and (
        known != current or tuple(files) != current.files
    ):  # copies have other names when a table's files changed
        create_view(session, current, files, first_only=first_only)
    return current


def drop_table(session: Session, table: Table) -> None:
    """Take a table out of the catalog, with its view, its versions and its partitions; its files stay."""
    place = (table.database_name, table.name)
    for kind, column in (("tables", "name"), ("table_versions", "name"), ("partitions", "table_name")):
        session.execute(f"DELETE FROM findmatches.{kind} WHERE database_name = ? AND {column} = ?", place)
    drop_view(session, table)


def get_table(catalog: Catalog, qualified_name: str) -> Table:
    """Return the table `database.table`; a name without a dot is looked for in the database `default`."""
    database, _, name = qualified_name.lower().partition(".")
    place = (database, name) if name else ("default", database)
    with catalog.reading() as session:
        table = read_table(session, *place)
        known = session.rows("SELECT database_name, name FROM findmatches.tables")
    if table is None:
        hint = closest(".".join(place), [f"{row['database_name']}.{row['name']}" for row in known])
        raise EntityNotFoundError(f"No table '{qualified_name}' in the catalog.{hint} `findmatches tables` lists them.")
    return table


def list_tables(catalog: Catalog, database: str | None = None) -> list[Table]:
    """Return all tables, or those of one database, by name."""
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.tables ORDER BY database_name, name")
    if database is None:
        return [table_of_row(row) for row in rows]
    _check_known(database, {row["database_name"] for row in rows})
    return [table_of_row(row) for row in rows if row["database_name"] == database.lower()]


def list_versions(catalog: Catalog, table: Table) -> list[Table]:
    """Return what a table was and is, the newest version first."""
    query = "SELECT * FROM findmatches.table_versions WHERE database_name = ? AND name = ? ORDER BY version_id DESC"
    with catalog.reading() as session:
        return [table, *map(table_of_row, session.rows(query, (table.database_name, table.name)))]


def list_databases(catalog: Catalog) -> list[str]:
    """Return the names of the databases."""
    with catalog.reading() as session:
        return [row["name"] for row in session.rows("SELECT name FROM findmatches.databases ORDER BY name")]


def checked_table(table: Table) -> Table:
    """The table with its names folded to lower case; refuse one that the catalog cannot hold."""
    table = replace(table, database_name=table.database_name.lower(), name=table.name.lower())
    name = table.database_name
    if name in RESERVED_DATABASES:
        raise InvalidInputError(
            f"'{name}' cannot be a database: the catalog needs that name. Choose another, such as '{name}_data'."
        )
    if not name.strip() or "." in name or not table.name.strip():
        raise InvalidInputError(
            f"'{table.qualified_name}' is no table name. Write DATABASE.TABLE, with no dot in the database."
        )
    if not table.columns:
        raise InvalidInputError(f"Table '{table.qualified_name}' has no columns. Check that its files hold records.")
    return table


def _check_known(database: str, known: set[str]) -> None:
    if database.lower() not in known:
        has = ", ".join(sorted(known)) or "none yet"
        raise EntityNotFoundError(f"No database '{database}' in the catalog.{closest(database, known)} It has: {has}.")


def _next_state(known: Table | None, found: Table) -> Table:
    now = utc_now()
    if known is None:
        return replace(found, version_id=0, create_time=now, update_time=now)
    same = replace(found, version_id=known.version_id, create_time=known.create_time, update_time=known.update_time)
    if same == known:
        return known
    bump = int(_lasting(found) != _lasting(known))
    return replace(same, version_id=known.version_id + bump, update_time=now)


def _lasting(table: Table) -> tuple[Any, ...]:
    """What makes a version: all but counts, names of crawl runs, and the list of files."""
    parameters = {name: value for name, value in table.parameters.items() if name not in PASSING_PARAMETERS}
    return table.location, table.classification, table.columns, table.partition_keys, parameters


def _keep_version(session: Session, known: Table | None, current: Table) -> None:
    if known and known.version_id != current.version_id:
        session.insert("table_versions", table_row(known))


def _write_table(session: Session, table: Table) -> None:
    session.execute(
        "INSERT INTO findmatches.databases (name, create_time) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (table.database_name, utc_now()),
    )
    session.execute(
        "DELETE FROM findmatches.tables WHERE database_name = ? AND name = ?", (table.database_name, table.name)
    )
    session.insert("tables", table_row(table))


def read_table(session: Session, database: str, name: str) -> Table | None:
    """Return one table, inside a visit; None where there is none of that name."""
    row = session.row("SELECT * FROM findmatches.tables WHERE database_name = ? AND name = ?", (database, name))
    return table_of_row(row) if row else None
