"""Tables of real PostgreSQL and MariaDB servers: found, described, and read whole."""

import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymysql
import pytest

from catalog.hive_types import duck_type
from errors import InvalidInputError
from storage import database_rows, databases
from storage.copies import Copies
from storage.database_rows import write_rows
from storage.database_tables import DatabaseTable, TableName, find_tables, include_path, server_version
from storage.database_urls import Login
from tests.servers.database_server import DatabaseServer

HOSTILE = [
    'x"; DROP TABLE people; --',
    "x`; DROP TABLE people; --",
    "it's",
    "100%s %(x)s",
    "a:b ?",
    "select",
    "ünï cödé",
    "a/b.c",
    "new\nline",
    "$$;\\",
]

every_server = pytest.mark.parametrize("server", ["postgresql_source", "mariadb"], indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """One of the servers, with no table in it."""
    found: DatabaseServer = request.getfixturevalue(request.param)
    drop_all(found)
    yield found
    drop_all(found)


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


@every_server
def test_tables_and_views_are_found_by_path(server: DatabaseServer) -> None:
    for name in ("people", "orders_2023", "orders_2024"):
        server.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, name varchar(20))")
    server.execute("CREATE VIEW seen AS SELECT name FROM people")
    assert [table.name.table for table in tables(server)] == ["orders_2023", "orders_2024", "people", "seen"]
    assert [table.name.table for table in tables(server, server.table("orders%"))] == ["orders_2023", "orders_2024"]
    (people,) = tables(server, server.table("people"))
    assert people.name.location == server.table("people").replace("/", ".")
    assert people.primary_key == ("id",)
    assert [(column.name, column.type) for column in people.columns] == [("id", "int"), ("name", "string")]


@pytest.mark.parametrize("server", ["postgresql_source"], indirect=True)
def test_schemas_are_told_apart(server: DatabaseServer) -> None:
    server.execute("CREATE SCHEMA other", "CREATE TABLE other.people (b int)", "CREATE TABLE people (a int)")
    assert [table.name.schema for table in tables(server, "shop/%")] == ["other", "public"]
    assert [table.name.schema for table in tables(server, "shop/%/people")] == ["other", "public"]
    assert [table.columns[0].name for table in tables(server, "shop/other/%")] == ["b"]


@every_server
def test_the_order_of_rows_is_that_of_the_primary_key(server: DatabaseServer, tmp_path: Path) -> None:
    server.execute(
        "CREATE TABLE people (name varchar(20), b int, a int, PRIMARY KEY (b, a))",
        "INSERT INTO people VALUES ('third', 2, 1), ('first', 1, 1), ('second', 1, 2)",
    )
    (people,) = tables(server)
    assert people.primary_key == ("b", "a")
    assert [row["name"] for row in rows(server, people, tmp_path)] == ["first", "second", "third"]


@every_server
def test_ten_thousand_rows_come_whole(server: DatabaseServer, tmp_path: Path) -> None:
    server.execute("CREATE TABLE people (id int PRIMARY KEY, name varchar(20))")
    for start in range(0, 10_000, 1_000):
        values = ", ".join(f"({number}, 'person {number}')" for number in range(start, start + 1_000))
        server.execute(f"INSERT INTO people VALUES {values}")
    (people,) = tables(server)
    assert rows(server, people, tmp_path) == [{"id": n, "name": f"person {n}"} for n in range(10_000)]


@every_server
def test_an_empty_table_has_its_columns_and_no_row(server: DatabaseServer, tmp_path: Path) -> None:
    from pyarrow.parquet import read_schema

    server.execute("CREATE TABLE people (id bigint, born date)")
    (people,) = tables(server)
    assert rows(server, people, tmp_path) == []
    assert [str(type_) for type_ in read_schema(tmp_path / "rows.parquet").types] == ["int64", "date32[day]"]


@every_server
def test_names_like_sql_are_names(server: DatabaseServer, tmp_path: Path) -> None:
    columns = ", ".join(f"{server.quoted(name)} varchar(9)" for name in HOSTILE)
    server.execute("CREATE TABLE people (id int)")
    for name in HOSTILE:
        server.execute(
            f"CREATE TABLE {server.quoted(name)} (id int PRIMARY KEY, {columns})",
            f"INSERT INTO {server.quoted(name)} (id) VALUES (7)",
        )
        (table,) = tables(server, server.table(name)) if "%" not in name else tables(server, server.table("100%"))
        assert table.name.table == name
        assert rows(server, table, tmp_path) == [{"id": 7, **dict.fromkeys(HOSTILE)}]
    assert {table.name.table for table in tables(server)} == {"people", *HOSTILE}


POSTGRESQL_TYPES = {
    "smallint": ("-3", "smallint", -3),
    "int": ("4", "int", 4),
    "bigint": ("9223372036854775807", "bigint", 2**63 - 1),
    "numeric(10,2)": ("4.50", "decimal(10,2)", Decimal("4.50")),
    "numeric": ("'12345678901234567890123456789012345678901234567890.1'", "string", f"{'1234567890' * 5}.1"),
    "real": ("0.1", "float", pytest.approx(0.1)),
    "double precision": ("0.1", "double", 0.1),
    "boolean": ("true", "boolean", True),
    "date": ("'2024-02-29'", "date", date(2024, 2, 29)),
    "timestamp": ("'2024-02-29 10:00:00.123456'", "timestamp", datetime.fromisoformat("2024-02-29T10:00:00.123456")),
    "timestamptz": ("'2024-02-29 10:00:00+02'", "timestamp", datetime.fromisoformat("2024-02-29T08:00")),
    "text": ("'é 🐘 ''x'", "string", "é 🐘 'x"),
    "varchar(9)": ("''", "string", ""),
    "char(5)": ("'ab'", "string", "ab"),
    "bytea": (r"'\x00ff'", "binary", b"\x00\xff"),
    "json": ("'{\"a\": [1, null]}'", "string", '{"a": [1, null]}'),
    "jsonb": ("'{\"a\":1}'", "string", '{"a": 1}'),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "string", "00000000-0000-0000-0000-000000000001"),
    "int[]": ("'{1,2}'", "string", "{1,2}"),
    "time": ("'10:00'", "string", "10:00:00"),
    "interval": ("'36 hours'", "string", "36:00:00"),
    "bit(3)": ("'101'", "string", "101"),
    "point": ("'(1,2)'", "string", "(1,2)"),
}
MARIADB_TYPES = {
    "tinyint(1)": ("2", "tinyint", 2),
    "tinyint unsigned": ("255", "smallint", 255),
    "smallint": ("-3", "smallint", -3),
    "mediumint unsigned": ("16777215", "int", 16777215),
    "int": ("4", "int", 4),
    "int unsigned": ("4294967295", "bigint", 2**32 - 1),
    "bigint unsigned": ("18446744073709551615", "decimal(20,0)", Decimal(2**64 - 1)),
    "decimal(10,2)": ("4.50", "decimal(10,2)", Decimal("4.50")),
    "decimal(60,1)": (f"{'1234567890' * 5}.1", "string", f"{'1234567890' * 5}.1"),
    "float": ("16777217.5", "float", 16777218.0),
    "double": ("0.1", "double", 0.1),
    "bit(1)": ("1", "boolean", True),
    "bit(10)": ("513", "bigint", 513),
    "date": ("'2024-02-29'", "date", date(2024, 2, 29)),
    "datetime(6)": ("'2024-02-29 10:00:00.123456'", "timestamp", datetime.fromisoformat("2024-02-29T10:00:00.123456")),
    "timestamp null": ("'2024-02-29 10:00:00'", "timestamp", datetime.fromisoformat("2024-02-29T10:00")),
    "year": ("2024", "smallint", 2024),
    "time": ("'-36:00'", "string", "-36:00:00"),
    "longtext": ("'é 🐘 ''x'", "string", "é 🐘 'x"),
    "varchar(9)": ("''", "string", ""),
    "blob": (r"x'00ff'", "binary", b"\x00\xff"),
    "binary(2)": (r"x'00ff'", "binary", b"\x00\xff"),
    "json": ("'{\"a\": 1}'", "string", '{"a": 1}'),
    "enum('a','b')": ("'b'", "string", "b"),
    "set('a','b')": ("'a,b'", "string", "a,b"),
    "point": ("point(1, 2)", "string", "POINT(1 2)"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "string", "00000000-0000-0000-0000-000000000001"),
}


@pytest.mark.parametrize(
    ("server", "types"),
    [
        pytest.param("postgresql_source", POSTGRESQL_TYPES, id="postgresql"),
        pytest.param("mariadb", MARIADB_TYPES, id="mariadb"),
    ],
    indirect=["server"],
)
def test_every_type_has_its_name_and_keeps_its_values(
    server: DatabaseServer, types: dict[str, tuple[str, str, Any]], tmp_path: Path
) -> None:
    columns = ", ".join(f"c{i} {type_}" for i, type_ in enumerate(types))
    values = ", ".join(value for value, _, _ in types.values())
    names = ", ".join(f"c{i}" for i in range(len(types)))
    zone = "SET time_zone = '+00:00'" if server.kind == "mariadb" else "SELECT 1"
    server.execute(zone, f"CREATE TABLE everything (id int PRIMARY KEY, {columns})")
    server.execute(zone, f"INSERT INTO everything (id, {names}) VALUES (1, {values})")
    server.execute("INSERT INTO everything (id) VALUES (2)")
    (table,) = tables(server)
    told = dict(zip(types, table.columns[1:], strict=True))
    assert {name: told[name].type for name in types} == {name: type_ for name, (_, type_, _) in types.items()}
    full, empty = (list(row.values())[1:] for row in rows(server, table, tmp_path))
    assert dict(zip(types, full, strict=True)) == {name: value for name, (_, _, value) in types.items()}
    assert empty == [None] * len(types)


@pytest.mark.parametrize(
    ("server", "insert"),
    [
        pytest.param("postgresql_source", "INSERT INTO people VALUES ('NaN', 'infinity', '0044-03-15 BC')", id="pg"),
        pytest.param("mariadb", "INSERT IGNORE INTO people VALUES (NULL, '0000-00-00', NULL)", id="mariadb"),
    ],
    indirect=["server"],
)
def test_a_value_that_its_type_cannot_hold_is_empty_and_told(
    server: DatabaseServer, insert: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.execute("CREATE TABLE people (a numeric(5,2), b date, c timestamp NULL)")
    mode = ["SET sql_mode = ''"] if server.kind == "mariadb" else []
    server.execute(*mode, insert)
    (table,) = tables(server)
    with caplog.at_level(logging.WARNING):
        assert rows(server, table, tmp_path) == [{"a": None, "b": None, "c": None}]
    assert "Column 'b' of" in caplog.text
    assert "has 1 value that its type cannot hold" in caplog.text


@every_server
def test_a_table_or_column_that_is_gone_is_said(server: DatabaseServer, tmp_path: Path) -> None:
    server.execute("CREATE TABLE people (name varchar(9))")
    (people,) = tables(server)
    with pytest.raises(InvalidInputError, match=r"no column 'nam' any more. Did you mean 'name'"):
        write_rows(login_of(server), people.name, [("nam", "VARCHAR")], tmp_path / "x.parquet")
    server.execute("DROP TABLE people")
    with pytest.raises(InvalidInputError, match=r"no table '.*people' any more"):
        write_rows(login_of(server), people.name, [("name", "VARCHAR")], tmp_path / "x.parquet")


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


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("shop", "postgresql", "Write DATABASE/SCHEMA/TABLE"),
        ("shop/public", "postgresql", "Write DATABASE/SCHEMA/TABLE"),
        ("shop", "mysql", "Write DATABASE/TABLE"),
        ("shop/", "mysql", "Write DATABASE/TABLE"),
        ("%/public/people", "postgresql", "names no database"),
        ("", "mariadb", "Write DATABASE/TABLE"),
    ],
)
def test_a_path_that_names_no_tables_is_refused(path: str, kind: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        include_path(path, kind)


def test_a_name_with_dots_is_told_apart_from_a_schema_with_dots() -> None:
    one, other = TableName("shop", "a", "b.c"), TableName("shop", "a.b", "c")
    assert one.location == other.location
    assert TableName.of_json(one.json) == one != TableName.of_json(other.json)
