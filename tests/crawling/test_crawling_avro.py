"""Avro: the types are the file's own, under Hive's names."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastavro import writer

from crawling.table import CrawledTable
from errors import InvalidInputError
from storage.copies import Copies
from storage.duck import connect, literal
from storage.files import list_files

Crawl = Callable[..., CrawledTable]
WriteAvro = Callable[..., Path]


@pytest.fixture
def write_avro(tmp_path: Path) -> WriteAvro:
    """Write records with the fields given by name as an Avro file."""

    def write(fields: dict[str, Any], records: Sequence[Any], name: str = "x.avro", **options: Any) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(exist_ok=True)
        types = [{"name": field, "type": type_} for field, type_ in fields.items()]
        with path.open("wb") as file:
            writer(file, {"type": "record", "name": "person", "fields": types}, records, **options)
        return path

    return write


def values(path: Path, folder: Path) -> list[tuple[Any, ...]]:
    """What DuckDB reads of the file."""
    copy = Copies(folder / "copies").readable(list_files(str(path))[0], "avro", "none")
    with closing(connect()) as connection:
        return connection.execute(f"FROM {literal(copy)}").fetchall()


def logical(name: str, base: str, **more: int) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


ENUM = {"type": "enum", "name": "size", "symbols": ["S", "L"]}
POINT = {
    "type": "record",
    "name": "point",
    "fields": [{"name": "X", "type": "int"}, {"name": "l", "type": ["null", ENUM]}],
}
DAY = datetime(2024, 1, 31, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "value", "hive", "read"),
    [
        ("boolean", True, "boolean", True),
        ("int", 1, "int", 1),
        ("long", 2**60, "bigint", 2**60),
        ("float", 1.5, "float", 1.5),
        ("double", 1.5, "double", 1.5),
        ("string", "a", "string", "a"),
        ("bytes", b"a", "binary", b"a"),
        (["null", "int"], None, "int", None),
        (["int", "long", "null"], 1, "bigint", 1),
        (["float", "long"], 1, "double", 1.0),
        (["string", "int"], 7, "string", "7"),
        (["int", POINT], {"X": 1, "l": "S"}, "string", '{"X": 1, "l": "S"}'),
        ("null", None, "string", None),
        (ENUM, "S", "string", "S"),
        ({"type": "fixed", "name": "two", "size": 2}, b"ab", "binary", b"ab"),
        ({"type": "array", "items": "int"}, [1, 2], "array<int>", [1, 2]),
        (
            {"type": "map", "values": ["null", "double"]},
            {"a": 1.5, "b": None},
            "map<string,double>",
            {"a": 1.5, "b": None},
        ),
        (POINT, {"X": 1, "l": "S"}, "struct<X:int,l:string>", {"X": 1, "l": "S"}),
        ({"type": "array", "items": ["int", "string"]}, [1, "a"], "array<string>", ["1", "a"]),
        (logical("decimal", "bytes", precision=5, scale=2), Decimal("1.50"), "decimal(5,2)", Decimal("1.50")),
        (logical("decimal", "bytes", precision=60, scale=2), Decimal("1.50"), "string", "1.50"),
        (logical("date", "int"), date(2024, 1, 31), "date", date(2024, 1, 31)),
        (logical("timestamp-millis", "long"), DAY, "timestamp", DAY),
        (logical("timestamp-micros", "long"), DAY, "timestamp", DAY),
        (logical("local-timestamp-micros", "long"), DAY.replace(tzinfo=None), "timestamp", DAY.replace(tzinfo=None)),
        (logical("time-millis", "int"), time(10, 30), "string", "10:30:00"),
        (logical("uuid", "string"), UUID(int=1), "string", str(UUID(int=1))),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, str | dict | list) else "",
)
def test_types_have_hives_names_and_values_stay(
    write_avro: WriteAvro, crawl: Crawl, tmp_path: Path, type_: Any, value: Any, hive: str, read: Any
) -> None:
    path = write_avro({"X": type_}, [{"X": value}])
    assert [(column.name, column.type, column.source_name) for column in crawl(path).columns] == [("x", hive, "X")]
    assert values(path, tmp_path) == [(read,)]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "snappy", "zstandard"])
def test_every_codec_is_read(write_avro: WriteAvro, crawl: Crawl, codec: str) -> None:
    records = [{"id": n, "name": f"name {n}"} for n in range(25_000)]
    table = crawl(write_avro({"id": "int", "name": "string"}, records, codec=codec, sync_interval=1000))
    assert (table.classification, table.parameters["recordCount"]) == ("avro", "25000")


def test_the_parameters_are_glues(write_avro: WriteAvro, crawl: Crawl) -> None:
    path = write_avro({"id": "int"}, [{"id": 1}, {"id": 2}])
    parameters = crawl(path).parameters
    told = {name: parameters[name] for name in ("classification", "compressionType", "recordCount", "sizeKey")}
    size = str(path.stat().st_size)
    assert told == {"classification": "avro", "compressionType": "none", "recordCount": "2", "sizeKey": size}
    schema = {"type": "record", "name": "person", "fields": [{"name": "id", "type": "int"}]}
    assert json.loads(parameters["avro.schema.literal"]) == schema


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        pytest.param(3, "is a binary file|is not a table|single column|1 MB", id="three bytes"),
        pytest.param(40, "is not a sound Avro file", id="in the header"),
        pytest.param(-1, "is not a sound Avro file: its end is missing", id="last byte"),
        pytest.param(-17, "is not a sound Avro file: its end is missing", id="last mark"),
        pytest.param(-3000, "is not a sound Avro file: its end is missing", id="some blocks"),
    ],
)
def test_a_file_that_is_cut_short_is_refused(write_avro: WriteAvro, crawl: Crawl, keep: int, message: str) -> None:
    path = write_avro({"name": "string"}, [{"name": f"name {n}"} for n in range(5000)], sync_interval=1000)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InvalidInputError, match=message):
        crawl(path)


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
def test_a_block_that_was_overwritten_is_refused(write_avro: WriteAvro, crawl: Crawl, codec: str) -> None:
    path = write_avro({"name": "string"}, [{"name": f"name {n * n}"} for n in range(5000)], codec=codec)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = b"\xff" * 50
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"^'.*x\.avro' is not a sound Avro file: [^\n]+\. Write it again\.$"):
        crawl(path)


def test_a_type_that_holds_itself_is_named(tmp_path: Path, crawl: Crawl) -> None:
    fields = [{"name": "next", "type": ["null", "node"]}]
    with (tmp_path / "x.avro").open("wb") as file:
        writer(file, {"type": "record", "name": "node", "fields": fields}, [{"next": None}])
    with pytest.raises(InvalidInputError, match=r"cannot be read as a table: its type 'node' holds itself, which no"):
        crawl(tmp_path / "x.avro")


def test_values_that_are_no_records_are_named(tmp_path: Path, crawl: Crawl) -> None:
    with (tmp_path / "x.avro").open("wb") as file:
        writer(file, {"type": "array", "items": "int"}, [[1], [2]])
    with pytest.raises(InvalidInputError, match=r"'.*x\.avro' cannot be read as a table: its values are no records"):
        crawl(tmp_path / "x.avro")


def test_a_file_without_records_is_refused(write_avro: WriteAvro, crawl: Crawl) -> None:
    with pytest.raises(InvalidInputError, match=r"'.*x\.avro' holds no records"):
        crawl(write_avro({"id": "int"}, []))
