"""Types of real PostgreSQL and MariaDB servers: every one has its name in the catalog, and keeps its values."""

import logging
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.servers.database_server import DatabaseServer
from tests.servers.described import rows, tables

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
    "inet": ("'10.0.0.1'", "string", "10.0.0.1"),
    "cidr": ("'10.0.0.0/8'", "string", "10.0.0.0/8"),
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
