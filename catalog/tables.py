"""The tables of the catalog: what their files hold, and which version of that is known."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from catalog.database import Catalog
from catalog.session import Session, utc_now
from catalog.views import create_view, readable_files
from errors import EntityNotFoundError, InvalidInputError, closest
from storage.copies import Copies

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
    {"recordCount", "averageRecordSize", "sizeKey", "objectCount", "CRAWL_RUN_ID", "UPDATED_BY_CRAWLER"}
)


@dataclass(frozen=True)
class Column:
    """A column: its name and type in the catalog, and how the file spells its name."""

    name: str
    type: str
    source_name: str


@dataclass(frozen=True)
class Table:
    """A catalogued table: `files` are read in this order; `parameters` are Glue's, all texts."""

    database_name: str
    name: str
    location: str
    classification: str
    columns: tuple[Column, ...]
    parameters: dict[str, str]
    files: tuple[str, ...]
    version_id: int = 0
    create_time: datetime | None = None
    update_time: datetime | None = None

    @property
    def qualified_name(self) -> str:
        """The name with its database: `default.people`."""
        return f"{self.database_name}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in the catalog, in order."""
        return tuple(column.name for column in self.columns)


def register_table(catalog: Catalog, table: Table) -> Table:
    """Put a table into the catalog, with its view, and return it as it is known now.

    Database and table names are folded to lower case. A table whose location, classification, columns or lasting
    parameters changed gets the next version, and the old one is kept in table_versions. Counts and files that
    changed are brought up to date without a new version. One that is the same in all stays untouched.
    """
    found = _checked(replace(table, database_name=table.database_name.lower(), name=table.name.lower()))
    files = readable_files(Copies(catalog.workspace.copies), found)  # before the visit, which keeps others waiting
    with catalog.transaction() as session:
        known = _read_table(session, found.database_name, found.name)
        current = _next_state(known, found)
        if known != current:
            _keep_version(session, known, current)
            _write_table(session, current)
        if known != current or files != current.files:  # copies have other names when the same table's files changed
            create_view(session, current, files)
    return current


def get_table(catalog: Catalog, qualified_name: str) -> Table:
    """Return the table `database.table`; a name without a dot is looked for in the database `default`."""
    database, _, name = qualified_name.lower().partition(".")
    place = (database, name) if name else ("default", database)
    with catalog.reading() as session:
        table = _read_table(session, *place)
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
        return [_table(row) for row in rows]
    _check_known(database, {row["database_name"] for row in rows})
    return [_table(row) for row in rows if row["database_name"] == database.lower()]


def list_databases(catalog: Catalog) -> list[str]:
    """Return the names of the databases."""
    with catalog.reading() as session:
        return [row["name"] for row in session.rows("SELECT name FROM findmatches.databases ORDER BY name")]


def record_crawl(catalog: Catalog, table: Table, start_time: datetime) -> str:
    """Remember that a crawl that began at `start_time` ended now with `table`; returns the crawl's id."""
    crawl_id = str(uuid4())
    crawl = {
        "crawl_id": crawl_id,
        "location": table.location,
        "database_name": table.database_name,
        "table_name": table.name,
        "version_id": table.version_id,
        "start_time": start_time,
        "end_time": utc_now(),
    }
    with catalog.transaction() as session:
        session.insert("crawls", crawl)
    return crawl_id


def _checked(table: Table) -> Table:
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
    return table.location, table.classification, table.columns, parameters


def _keep_version(session: Session, known: Table | None, current: Table) -> None:
    if known and known.version_id != current.version_id:
        session.insert("table_versions", _row(known))


def _write_table(session: Session, table: Table) -> None:
    session.execute(
        "INSERT INTO findmatches.databases (name, create_time) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (table.database_name, utc_now()),
    )
    session.execute(
        "DELETE FROM findmatches.tables WHERE database_name = ? AND name = ?", (table.database_name, table.name)
    )
    session.insert("tables", _row(table))


def _read_table(session: Session, database: str, name: str) -> Table | None:
    row = session.row("SELECT * FROM findmatches.tables WHERE database_name = ? AND name = ?", (database, name))
    return _table(row) if row else None


def _row(table: Table) -> dict[str, Any]:
    return {
        "database_name": table.database_name,
        "name": table.name,
        "version_id": table.version_id,
        "location": table.location,
        "classification": table.classification,
        "columns_json": json.dumps([asdict(column) for column in table.columns]),
        "parameters_json": json.dumps(table.parameters),
        "files_json": json.dumps(table.files),
        "create_time": table.create_time,
        "update_time": table.update_time,
    }


def _table(row: dict[str, Any]) -> Table:
    return Table(
        database_name=row["database_name"],
        name=row["name"],
        location=row["location"],
        classification=row["classification"],
        columns=tuple(Column(**column) for column in json.loads(row["columns_json"])),
        parameters=json.loads(row["parameters_json"]),
        files=tuple(json.loads(row["files_json"])),
        version_id=row["version_id"],
        create_time=row["create_time"],
        update_time=row["update_time"],
    )
