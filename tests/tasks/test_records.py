import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.tables import Table
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.records import read_records, read_typed_records

ADVICE = r"Choose a column that names every row of 'default\.things_csv' once, or mend the file\.$"


def things(workspace: Workspace, tmp_path: Path, text: str) -> Table:
    (tmp_path / "things.csv").write_text(text, encoding="utf-8", newline="")
    return crawl(workspace, str(tmp_path / "things.csv"), header=True)


def rewritten(workspace: Workspace, tmp_path: Path, text: str) -> Table:
    """A table whose file was good when it was crawled, and is `text` now."""
    table = things(workspace, tmp_path, "id,name\n1,a\n2,b\n")
    (tmp_path / "things.csv").write_text(text, encoding="utf-8")
    return table


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("007", "007", id="leading zeros"),
        pytest.param("1.50", "1.50", id="trailing zero"),
        pytest.param(" a ", " a ", id="blanks"),
        pytest.param("", None, id="empty"),
        pytest.param('"say ""hi"", ok"', 'say "hi", ok', id="quotes and comma"),
        pytest.param('"one\ntwo"', "one\ntwo", id="line break"),
        pytest.param("Zoë 東京", "Zoë 東京", id="unicode"),
        pytest.param("NULL", "NULL", id="a word for nothing"),
        pytest.param("2020-01-02", "2020-01-02", id="date"),
    ],
)
def test_a_value_is_read_as_it_is_written(workspace: Workspace, tmp_path: Path, written: str, read: str | None) -> None:
    table = things(workspace, tmp_path, f"id,name,more\n1,{written},x\n2,b,y\n")
    assert read_records(workspace, table, "id")["name"].to_pylist() == [read, "b"]


def test_records_come_in_file_order_as_texts(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,name\n" + "".join(f"{n},name {n}\n" for n in (10, 9, 100, 1)))
    records = read_records(workspace, table, "id")
    assert records["id"].to_pylist() == ["10", "9", "100", "1"]
    assert set(records.schema.types) == {pa.string()}


def test_typed_records_have_the_catalogued_types(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,price,name\n2,1.50,a\n1,,b\n")
    assert read_typed_records(workspace, table).to_pydict() == {"id": [2, 1], "price": [1.5, None], "name": ["a", "b"]}


def test_the_files_of_a_folder_are_one_table_in_the_order_of_their_names(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for name, rows in (("b.csv.gz", "id,name\n1,anna\n"), ("a.csv.gz", "id,name\n3,otto\n2,lena\n")):
        (folder / name).write_bytes(gzip.compress(rows.encode()))
    table = crawl(workspace, str(folder), header=True)
    assert read_records(workspace, table, "id")["id"].to_pylist() == ["3", "2", "1"]


def test_one_row_is_a_table(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,name\n1,anna\n")
    assert read_records(workspace, table, "id").to_pylist() == [{"id": "1", "name": "anna"}]


def test_a_file_that_lost_all_its_rows_has_none(workspace: Workspace, tmp_path: Path) -> None:
    assert read_records(workspace, rewritten(workspace, tmp_path, "id,name\n"), "id").num_rows == 0


def test_a_key_that_is_no_column_is_named_with_the_one_that_was_meant(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,name\n1,anna\n")
    message = r"^Table 'default\.things_csv' has no column 'nmae'\. It has: id, name\. Did you mean 'name'\?$"
    with pytest.raises(EntityNotFoundError, match=message):
        read_records(workspace, table, "nmae")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param("1,,2,", r"^Primary key 'id' is empty in 2 rows, first in row 2\. ", id="empty"),
        pytest.param("1,2,1", r"^Primary key 'id' is not unique: 1 key repeats: '1'\. ", id="twice"),
        pytest.param("7,7,7", r"^Primary key 'id' is not unique: 1 key repeats: '7'\. ", id="all identical"),
        pytest.param(",,", r"^Primary key 'id' is empty in 3 rows, first in row 1\. ", id="all missing"),
        pytest.param(
            ",".join(f"{n},{n}" for n in range(7)),
            r"^Primary key 'id' is not unique: 7 keys repeat: '0', '1', '2', '3', '4', …\. ",
            id="more than are shown",
        ),
    ],
)
def test_keys_that_do_not_name_a_row_are_an_error(
    workspace: Workspace, tmp_path: Path, keys: str, message: str
) -> None:
    rows = "".join(f"{key},x{n}\n" for n, key in enumerate(keys.split(",")))
    with pytest.raises(InvalidInputError, match=message + ADVICE):
        read_records(workspace, rewritten(workspace, tmp_path, f"id,name\n{rows}"), "id")


def test_keys_that_differ_only_in_their_writing_are_two(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,name\n7,a\n07,b\n 7,c\n")
    assert read_records(workspace, table, "id")["id"].to_pylist() == ["7", "07", " 7"]


def test_a_file_that_is_gone_is_named(workspace: Workspace, tmp_path: Path) -> None:
    table = things(workspace, tmp_path, "id,name\n1,anna\n")
    (tmp_path / "things.csv").unlink()
    with pytest.raises(InvalidInputError, match=r"things\.csv"):
        read_records(workspace, table, "id")
