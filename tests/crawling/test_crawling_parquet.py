from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from crawling.table import CrawledTable
from errors import InvalidInputError
from storage.duck import connect

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]


def parquet(path: Path, select: str) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with connect() as connection:
        connection.sql(f"SELECT {select}").write_parquet(str(path))
    return path


def test_the_file_declares_its_columns(tmp_path: Path, crawl: Crawl) -> None:
    select = "1 AS Id, 'Ada' AS name, 1.50 AS price, DATE '2024-01-31' AS born, [{'x': 1::BIGINT}] AS parts"
    path = parquet(tmp_path / "people.parquet", select)
    table = crawl(path)
    assert (table.name, table.classification) == ("people_parquet", "parquet")
    assert {column.name: column.type for column in table.columns} == {
        "id": "int",
        "name": "string",
        "price": "decimal(3,2)",
        "born": "date",
        "parts": "array<struct<x:bigint>>",
    }
    assert table.columns[0].source_name == "Id"
    assert table.parameters == {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": "parquet",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": "1",
        "recordCount": "1",
        "averageRecordSize": str(path.stat().st_size),
        "sizeKey": str(path.stat().st_size),
    }


def test_the_name_does_not_have_to_say_parquet(tmp_path: Path, crawl: Crawl) -> None:
    assert crawl(parquet(tmp_path / "people.csv", "1 AS id")).classification == "parquet"


def test_a_column_has_the_wider_type_of_all_files(tmp_path: Path, crawl: Crawl) -> None:
    parquet(tmp_path / "data" / "a.parquet", "1 AS id, 'x' AS name")
    parquet(tmp_path / "data" / "b.parquet", "'y' AS name, 2 :: BIGINT AS id")
    table = crawl(tmp_path / "data")
    assert [(column.name, column.type) for column in table.columns] == [("id", "bigint"), ("name", "string")]
    assert table.parameters["recordCount"] == "2"


def test_a_file_with_other_columns_is_named(tmp_path: Path, crawl: Crawl) -> None:
    parquet(tmp_path / "data" / "a.parquet", "1 AS id")
    parquet(tmp_path / "data" / "b.parquet", "1 AS id, 2 AS age")
    with pytest.raises(InvalidInputError, match=r"^'.*b\.parquet' cannot be .*a\.parquet': it has 'age'\."):
        crawl(tmp_path / "data")


def test_columns_that_fold_to_one_are_refused(tmp_path: Path, crawl: Crawl) -> None:
    write_table(pa.table([[1], [2]], names=["Name", "name"]), tmp_path / "x.parquet")
    with pytest.raises(InvalidInputError, match=r"Columns 1 \('Name'\) and 2 \('name'\)"):
        crawl(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("select", "message"),
    [("1 AS id WHERE false", r"'.*x\.parquet' holds no records\."), ('1 AS " "', r"A column of '.*' has no name")],
    ids=["no records", "no name"],
)
def test_a_useless_file_is_refused(tmp_path: Path, crawl: Crawl, select: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        crawl(parquet(tmp_path / "x.parquet", select))


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"x" * 200 + b"PAR1"], ids=["cut short", "damaged"])
def test_a_broken_file_is_refused_in_one_line(write: Write, crawl: Crawl, content: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"^'.*x\.parquet' is not a sound Parquet file: ") as refusal:
        crawl(write("x.parquet", content))
    assert "\n" not in str(refusal.value)
