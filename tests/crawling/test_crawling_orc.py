"""ORC: the types are the file's own, under Hive's names."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc

from crawling.table import CrawledTable
from errors import InvalidInputError

Crawl = Callable[..., CrawledTable]


@pytest.fixture
def write_orc(tmp_path: Path) -> Callable[..., Path]:
    """Write columns as an ORC file."""

    def write(columns: dict[str, Any], name: str = "x.orc", **options: Any) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(exist_ok=True)
        orc.write_table(pa.table(columns), path, **options)
        return path

    return write


@pytest.mark.parametrize(
    ("values", "type_", "name"),
    [
        ([1, None], pa.int8(), "tinyint"),
        ([1, None], pa.int16(), "smallint"),
        ([1, None], pa.int32(), "int"),
        ([1, None], pa.int64(), "bigint"),
        ([1.5, None], pa.float32(), "float"),
        ([1.5, None], pa.float64(), "double"),
        ([True, None], pa.bool_(), "boolean"),
        (["a", None], pa.string(), "string"),
        ([b"a", None], pa.binary(), "binary"),
        ([date(2024, 1, 31), None], pa.date32(), "date"),
        ([datetime(2024, 1, 31), None], pa.timestamp("us"), "timestamp"),  # noqa: DTZ001 - ORC's have no zone
        ([Decimal("1.50"), None], pa.decimal128(5, 2), "decimal(5,2)"),
        ([[1], None], pa.list_(pa.int32()), "array<int>"),
        ([{"X": "a"}, None], pa.struct([("X", pa.string())]), "struct<X:string>"),
        ([[("a", 1)], None], pa.map_(pa.string(), pa.int64()), "map<string,bigint>"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_types_have_hives_names(
    write_orc: Callable[..., Path], crawl: Crawl, values: list[Any], type_: pa.DataType, name: str
) -> None:
    table = crawl(write_orc({"X": pa.array(values, type_)}))
    assert [(column.name, column.type, column.source_name) for column in table.columns] == [("x", name, "X")]


def test_the_parameters_are_glues(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    path = write_orc({"id": [1, 2, 3]}, compression="zstd")
    parameters = crawl(path).parameters
    told = {name: parameters[name] for name in ("classification", "compressionType", "recordCount", "sizeKey")}
    size = str(path.stat().st_size)
    assert told == {"classification": "orc", "compressionType": "none", "recordCount": "3", "sizeKey": size}


def test_all_stripes_are_read(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    path = write_orc({"id": list(range(300_000))}, stripe_size=2**14, batch_size=1024)
    assert orc.ORCFile(path).nstripes > 3
    assert crawl(path).parameters["recordCount"] == "300000"


def test_files_of_one_table_have_the_same_columns(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    folder = write_orc({"id": [1], "name": ["a"]}, "a.orc").parent
    write_orc({"id": [1], "town": ["a"]}, "b.orc")
    with pytest.raises(InvalidInputError, match=r"'.*b\.orc' cannot be in one table with '.*a\.orc': it lacks 'name'"):
        crawl(folder)


def test_a_text_that_begins_with_orc_is_a_text(tmp_path: Path, crawl: Crawl) -> None:
    (tmp_path / "x.csv").write_text("ORCID,n\nabc,1\n")
    assert crawl(tmp_path / "x.csv").classification == "csv"


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.7, 0.999])
def test_a_file_that_is_cut_short_is_refused(write_orc: Callable[..., Path], crawl: Crawl, keep: float) -> None:
    path = write_orc({"id": list(range(5000)), "name": [f"name {n}" for n in range(5000)]})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(
        InvalidInputError, match=r"^'.*x\.orc' is (not a sound ORC file: [^\n]+\. Write it again|empty)"
    ):
        crawl(path)


def test_bytes_that_were_turned_over_are_refused(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    path = write_orc({"name": [f"name {n * n}" for n in range(5000)]}, compression="zlib")
    content = bytearray(path.read_bytes())
    content[100:300] = bytes(255 - byte for byte in content[100:300])
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"^'.*x\.orc' is not a sound ORC file: [^\n]+\. Write it again\.$"):
        crawl(path)


def test_a_time_that_no_reader_holds_is_named(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    path = write_orc({"t": pa.array([datetime(9999, 12, 31)], pa.timestamp("us"))})  # noqa: DTZ001
    with pytest.raises(InvalidInputError, match=r"cannot be read as a table: ORC timestamp .* out of range"):
        crawl(path)


def test_a_file_without_records_is_refused(write_orc: Callable[..., Path], crawl: Crawl) -> None:
    with pytest.raises(InvalidInputError, match=r"'.*x\.orc' holds no records"):
        crawl(write_orc({"id": pa.array([], pa.int64())}))
