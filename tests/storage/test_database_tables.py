"""Tables of real PostgreSQL and MariaDB servers: found, described, and read whole."""

from pathlib import Path

import pytest

from errors import InvalidInputError
from storage.database_rows import write_rows
from storage.database_tables import TableName, include_path
from tests.servers.database_server import DatabaseServer
from tests.servers.described import every_server, login_of, rows, tables

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


@every_server
def test_a_table_or_column_that_is_gone_is_said(server: DatabaseServer, tmp_path: Path) -> None:
    server.execute("CREATE TABLE people (name varchar(9))")
    (people,) = tables(server)
    with pytest.raises(InvalidInputError, match=r"no column 'nam' any more. Did you mean 'name'"):
        write_rows(login_of(server), people.name, [("nam", "VARCHAR")], tmp_path / "x.parquet")
    server.execute("DROP TABLE people")
    with pytest.raises(InvalidInputError, match=r"no table '.*people' any more"):
        write_rows(login_of(server), people.name, [("name", "VARCHAR")], tmp_path / "x.parquet")


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
