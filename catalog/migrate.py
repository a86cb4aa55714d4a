"""Bring a catalog to the shape this version knows: numbered SQL files, one transaction each."""

from importlib.resources import files
from typing import NamedTuple

import duckdb

from errors import WorkspaceVersionError

_RECORD = (
    "INSERT INTO findmatches.schema_migrations (version, name, applied_on) VALUES (?, ?, now() AT TIME ZONE 'UTC')"
)


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
    known = known_migrations()
    version = _applied_version(connection)
    if version > known[-1].version:
        raise WorkspaceVersionError(
            f"Catalog '{catalog}' was made by a newer findmatches: its schema is {version}, this version knows"
            f" {known[-1].version}. Upgrade findmatches, or name another workspace in FINDMATCHES_HOME."
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
    connection.execute("CREATE SCHEMA IF NOT EXISTS findmatches")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS findmatches.schema_migrations"
        " (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_on TIMESTAMP NOT NULL)"
    )
    connection.execute(migration.sql)
    connection.execute(_RECORD, [migration.version, migration.name])


def _applied_version(connection: duckdb.DuckDBPyConnection) -> int:
    try:
        found = connection.execute("SELECT max(version) FROM findmatches.schema_migrations").fetchone()
    except duckdb.CatalogException:  # a new catalog; asking information_schema first takes longer than all the rest
        return 0
    return int(found[0] or 0) if found else 0
