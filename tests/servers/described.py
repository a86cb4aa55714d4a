"""What tests ask of the tables of a database server: that there is none, what there are, and their rows."""

from pathlib import Path
from typing import Any

import pytest

from catalog.hive_types import duck_type
from storage.database_rows import write_rows
from storage.database_tables import DatabaseTable, find_tables, include_path
from storage.database_urls import Login
from tests.servers.database_server import DatabaseServer

every_server = pytest.mark.parametrize("server", ["postgresql_source", "mariadb"], indirect=True)


def login_of(server: DatabaseServer, **other: str) -> Login:
    return Login("shop", **{"url": server.url, "password": server.password, **other})


def drop_all(server: DatabaseServer) -> None:
    if server.kind == "postgresql":
        server.execute("DROP SCHEMA IF EXISTS other CASCADE", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return
    for table in tables(server):
        server.execute(f"DROP TABLE IF EXISTS {server.quoted(table.name.table)}")
    server.execute("DROP VIEW IF EXISTS seen")


def tables(server: DatabaseServer, path: str = "") -> list[DatabaseTable]:
    return find_tables(login_of(server), include_path(path or server.path, server.kind))


def rows(server: DatabaseServer, table: DatabaseTable, folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    columns = [(column.name, duck_type(column.type)) for column in table.columns]
    write_rows(login_of(server), table.name, columns, folder / "rows.parquet")
    found: list[dict[str, Any]] = pq.read_table(folder / "rows.parquet").to_pylist()
    return found
