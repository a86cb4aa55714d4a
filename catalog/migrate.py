"""Bring a catalog to the shape this version knows: numbered SQL files, one transaction each."""

from importlib.resources import files
from typing import NamedTuple

import duckdb

from catalog.places import elsewhere
from catalog.session import Session
from errors import WorkspaceVersionError

_RECORD = (
    "INSERT INTO findmatches.schema_migrations (version, name, applied_on) VALUES (?, ?, now() AT TIME ZONE 'UTC')"
)


_MIGRATIONS_TABLE = """CREATE TABLE IF NOT EXISTS findmatches.schema_migrations
    (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_on TIMESTAMP NOT NULL)"""
_FIRST_STATEMENTS = ("CREATE SCHEMA IF NOT EXISTS findmatches", _MIGRATIONS_TABLE)


class Migration(NamedTuple):
    """One step in the life of the catalog's schema."""

    version: int
    name: str
    sql: str


def known_migrations() -> list[Migration]:
    """Return the migrations of this version, oldest first."""
    found = (file for file in files("catalog").joinpath("migrations").iterdir() if file.name.endswith(".sql"))
    return sorted(
        Migration(int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in found
    )


def pending_migrations(connection: duckdb.DuckDBPyConnection, catalog: object) -> list[Migration]:
    """Return the migrations this database still lacks; a database newer than all of them is an error.

    `catalog` is what the error calls the database.
    """
    return _newer_than(_applied_version(connection), catalog)


class PostgresMigrations:
    """The migrations of a catalog in PostgreSQL, in the transaction that its session has open."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pending(self, catalog: object) -> list[Migration]:
        """Return those it still lacks; a catalog newer than all of them is an error."""
        there = self._session.row("SELECT to_regclass('findmatches.schema_migrations') IS NOT NULL AS is_there")
        if not (there and there["is_there"]):
            return known_migrations()
        found = self._session.row("SELECT max(version) AS version FROM findmatches.schema_migrations")
        return _newer_than(int((found and found["version"]) or 0), catalog)

    def apply(self, catalog: object) -> None:
        """Apply those that are missing now, which others may have done meanwhile."""
        for statement in _FIRST_STATEMENTS:
            self._session.execute(statement)
        for migration in self.pending(catalog):
            for statement in _statements(migration.sql):
                self._session.execute(statement)
            self._session.execute(_RECORD, (migration.version, migration.name))


def _statements(sql: str) -> list[str]:
    """The single statements of a migration, without its comments."""
    text = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return [statement for statement in map(str.strip, text.split(";\n")) if statement]


def _newer_than(version: int, catalog: object) -> list[Migration]:
    known = known_migrations()
    if version > known[-1].version:
        raise WorkspaceVersionError(
            f"Catalog '{catalog}' was made by a newer findmatches: its schema is {version}, this version knows"
            f" {known[-1].version}. Upgrade findmatches, or {elsewhere()}."
        )
    return [migration for migration in known if migration.version > version]


def migrate(connection: duckdb.DuckDBPyConnection, migrations: list[Migration]) -> None:
    """Apply `migrations` in order; each is whole or not there at all."""
    for migration in migrations:
        connection.execute("BEGIN")
        try:
            _apply(connection, migration)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    for statement in _FIRST_STATEMENTS:
        connection.execute(statement)
    connection.execute(migration.sql)
    connection.execute(_RECORD, [migration.version, migration.name])


def _applied_version(connection: duckdb.DuckDBPyConnection) -> int:
    try:
        found = connection.execute("SELECT max(version) FROM findmatches.schema_migrations").fetchone()
    except duckdb.CatalogException:  # a new catalog; asking information_schema first takes longer than all the rest
        return 0
    return int(found[0] or 0) if found else 0
