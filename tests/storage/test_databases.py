"""Database servers that refuse, are away, say nothing or break: one line each, and no password in it."""

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymysql
import pytest

from errors import InvalidInputError
from storage import database_rows, databases
from storage.copies import Copies
from storage.database_rows import write_rows
from storage.database_tables import find_tables, include_path, server_version
from storage.database_urls import Login
from tests.servers.database_server import DatabaseServer
from tests.servers.described import every_server, login_of, tables


@every_server
def test_a_server_tells_its_version(server: DatabaseServer) -> None:
    assert {"postgresql": "PostgreSQL 1", "mariadb": "MariaDB"}[server.kind] in server_version(login_of(server))


@every_server
def test_what_is_wrong_with_a_login_is_one_line_without_the_password(server: DatabaseServer) -> None:
    with pytest.raises(InvalidInputError, match=r"refuses user 'reader': the password is not right") as refused:
        server_version(login_of(server, password="hunter2"))
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(InvalidInputError, match=r"there is no database 'nowhere' on|may not read that in database"):
        find_tables(login_of(server), include_path(server.path.replace("shop", "nowhere"), server.kind))
    away = server.url.replace(str(server.port), "1")
    with pytest.raises(InvalidInputError, match=r"no server answers at 127\.0\.0\.1:1 .*refused"):
        server_version(login_of(server, url=away))


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'findmatches'",
    "mariadb": "KILL USER reader",
}


@every_server
def test_a_connection_that_breaks_leaves_no_rows_and_is_one_line(
    server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server.execute("CREATE TABLE people (id int PRIMARY KEY, name text)")
    for start in range(0, 12_000, 1_000):
        values = ", ".join(f"({number}, '{'x' * 500}')" for number in range(start, start + 1_000))
        server.execute(f"INSERT INTO people VALUES {values}")
    (people,) = tables(server)
    typed = database_rows._typed
    batches: list[int] = []

    def break_after_the_first(*arguments: Any) -> Any:
        batches.append(1)
        if len(batches) == 2:
            with suppress(pymysql.err.Error):  # the one who kills is killed, too
                server.execute(KILL[server.kind])
        return typed(*arguments)

    monkeypatch.setattr(database_rows, "_typed", break_after_the_first)
    copies, columns = Copies(tmp_path / "copies"), [("id", "INTEGER"), ("name", "VARCHAR")]
    with pytest.raises(InvalidInputError, match=r"^Connection 'shop': "):
        copies.snapshot("people", lambda path: void(write_rows(login_of(server), people.name, columns, path)))
    assert batches
    assert list(copies.folder.iterdir()) == []
    assert caplog.records == []


def void(_: object) -> None:
    """Take a result that nobody needs."""


@pytest.mark.parametrize("scheme", ["mysql", "mariadb+pymysql", "mysql+pymysql"])
@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_one_driver_reads_mysql_and_mariadb(server: DatabaseServer, scheme: str) -> None:
    server.execute("CREATE TABLE people (id int)")
    login = login_of(server, url=server.url.replace("mariadb", scheme))
    assert login.kind == scheme.partition("+")[0]
    assert [table.name.table for table in find_tables(login, include_path("shop/%", login.kind))] == ["people"]


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_says_nothing_is_not_waited_for(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(databases, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{kind}://reader@127.0.0.1:{silent.getsockname()[1]}/shop"
        with pytest.raises(InvalidInputError, match=r"no server answers at"):
            server_version(Login("shop", url, "hunter2"))


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pg8000", None)
    with pytest.raises(InvalidInputError, match=r"Run: pip install 'findmatches\[postgresql\]'"):
        server_version(Login("shop", "postgresql://reader@localhost/shop"))
