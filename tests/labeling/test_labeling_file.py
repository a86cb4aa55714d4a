import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import InvalidInputError, ResourceNumberLimitExceededError
from labeling.file import LabelingFile, LabelingRow, read_labeling_file, write_labeling_file

COLUMNS = ["id", "name", "city"]
PLAIN = "labeling_set_id,label,id,name,city\nS1,A,1,Ann,Bonn\nS1,,2,Bob,\n"
VALUES = st.text() | st.text(alphabet="'=+-@\t\r\n\",; 1a")


def read(folder: Path, content: str | bytes, columns: list[str] = COLUMNS, name: str = "x.csv") -> LabelingFile:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_labeling_file(str(path), columns, "id")


def cells(file: LabelingFile) -> list[tuple[str, ...]]:
    return [(row.labeling_set_id, row.label, row.primary_key) for row in file.rows]


def test_a_written_file_has_glues_header_and_empty_labels(tmp_path: Path) -> None:
    path = tmp_path / "question.csv"
    write_labeling_file(
        str(path), COLUMNS, [{"labeling_set_id": "S1", "label": "", "id": "1", "name": "=x", "city": None}]
    )
    assert path.read_bytes() == b"labeling_set_id,label,id,name,city\r\nS1,,1,'=x,\r\n"


def test_a_table_column_called_label_is_left_to_the_labels(tmp_path: Path) -> None:
    path = tmp_path / "question.csv"
    write_labeling_file(str(path), ["id", "label"], [{"labeling_set_id": "S1", "label": "A", "id": "1"}])
    assert path.read_text() == "labeling_set_id,label,id\nS1,A,1\n"


def test_of_two_columns_called_label_the_first_is_the_labeling_files(tmp_path: Path) -> None:
    file = read(tmp_path, "labeling_set_id,label,id,label\nS1,A,1,Motown\n", columns=["id", "label"])
    assert cells(file) == [("S1", "A", "1")]


def test_rows_come_with_their_line_and_values(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN).rows == (
        LabelingRow(2, "S1", "A", "1", {"id": "1", "name": "Ann", "city": "Bonn"}),
        LabelingRow(3, "S1", "", "2", {"id": "2", "name": "Bob", "city": None}),
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(PLAIN.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(PLAIN.replace(",", ";").encode(), id="semicolons"),
        pytest.param(PLAIN.replace(",", "\t").encode("utf-16"), id="tabs in UTF-16"),
        pytest.param(
            PLAIN.replace("labeling_set_id,label,id", " Labeling_Set_ID ,LABEL,Id").encode(), id="header case"
        ),
        pytest.param(PLAIN.replace("\nS1,A,1,", "\n S1 , A ,1,").encode(), id="blanks around set and label"),
        pytest.param(PLAIN.replace("2,Bob,", "2,Bob").encode(), id="trailing empty cell cut off"),
        pytest.param(f"{PLAIN},,,,\n\n".encode(), id="blank rows at the end"),
    ],
)
def test_what_editors_and_spreadsheets_do_to_a_file_changes_no_row(tmp_path: Path, changed: bytes) -> None:
    assert read(tmp_path, changed).rows == read(tmp_path, PLAIN).rows


def test_columns_may_stand_in_any_order_and_foreign_ones_are_named(tmp_path: Path) -> None:
    file = read(tmp_path, "note,city,id,label,name,labeling_set_id\nsure,Bonn,1,A,Ann,S1\n")
    assert file.rows[0].values == {"id": "1", "name": "Ann", "city": "Bonn"}
    assert cells(file) == [("S1", "A", "1")]
    assert file.extra_columns == ("note",)


def test_a_missing_column_is_left_to_the_gate(tmp_path: Path) -> None:
    file = read(tmp_path, "labeling_set_id,label,id,name\nS1,A,1,Ann\n")
    assert file.columns == ("labeling_set_id", "label", "id", "name")
    assert file.rows[0].values == {"id": "1", "name": "Ann"}


def test_windows_letters_are_read(tmp_path: Path) -> None:
    file = read(tmp_path, PLAIN.replace("Bonn", "Köln").encode("cp1252"))
    assert (file.rows[0].values["city"], file.encoding) == ("Köln", "cp1252")


def test_long_numbers_stay_the_text_they_are(tmp_path: Path) -> None:
    file = read(tmp_path, "labeling_set_id,label,id,name,city\nS1,A,00012345678901234567,,\n")
    assert file.rows[0].primary_key == "00012345678901234567"


def test_a_cell_of_a_megabyte_is_read(tmp_path: Path) -> None:
    file = read(tmp_path, PLAIN.replace("Ann", "x" * 2**20))
    assert len(file.rows[0].values["name"] or "") == 2**20


def test_the_content_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    first, same, other = read(tmp_path, PLAIN), read(tmp_path, PLAIN, name="y.csv"), read(tmp_path, PLAIN + "\n")
    assert first.content_hash == same.content_hash != other.content_hash


def test_an_empty_file_is_refused_in_glues_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^Invalid label file of size 0\."):
        read(tmp_path, b"")


def test_a_blank_file_is_told_what_line_1_must_be(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="only blank lines, line 1 must name the columns"):
        read(tmp_path, b"\n\n")


def test_a_file_over_ten_megabytes_is_refused_in_glues_words(tmp_path: Path) -> None:
    with pytest.raises(
        ResourceNumberLimitExceededError,
        match=r"^Label file has exceeded the limit of 10 MB\. '.*x\.csv' has 10\.0 MB\. Split it",
    ):
        read(tmp_path, b"x" * (10 * 1024 * 1024 + 1))


def test_a_folder_is_no_labeling_file(tmp_path: Path) -> None:
    read(tmp_path, PLAIN)
    read(tmp_path, PLAIN, name="y.csv")
    with pytest.raises(InvalidInputError, match=r"^Invalid label file path\. '.*' holds 2 files; name one CSV file\."):
        read_labeling_file(str(tmp_path), COLUMNS, "id")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"No file at '.*none\.csv'"):
        read_labeling_file(str(tmp_path / "none.csv"), COLUMNS, "id")


def test_rows_with_more_values_than_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"x\.csv' were not stored: line 2 has 6 values under 5 column names\."):
        read(tmp_path, PLAIN.replace("Ann", "Smith, Ann"))


def test_only_the_first_ten_overlong_rows_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="line 11 has 6 values under 5 column names; and 2 more"):
        read(tmp_path, PLAIN.splitlines()[0] + "\nS1,A,1,Smith, Ann,Bonn" * 12)


def test_a_column_that_stands_there_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="line 1 names column 'id' 2 times; keep one"):
        read(tmp_path, "labeling_set_id,label,id,ID\nS1,A,1,2\n")


def test_an_unclosed_quotation_mark_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"Labels in '.*x\.csv' were not stored: line 3: a quotation mark"):
        read(tmp_path, PLAIN.replace("Bob", '"Bob'))


@given(st.lists(st.fixed_dictionaries({"id": VALUES, "name": VALUES, "city": VALUES}), max_size=5))
def test_any_text_that_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    write_labeling_file(str(path), COLUMNS, [{"labeling_set_id": "S1", "label": "A"} | record for record in records])
    file = read_labeling_file(str(path), COLUMNS, "id")
    assert [row.values for row in file.rows] == [{name: text or None for name, text in row.items()} for row in records]
    assert {row.labeling_set_id + row.label for row in file.rows} <= {"S1A"}


@given(st.lists(st.text(alphabet=string.ascii_letters + "'=-@", min_size=1, max_size=6), max_size=4))
def test_labels_are_read_back_with_their_case(tmp_path_factory: pytest.TempPathFactory, labels: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "labels.csv"
    rows = [{"labeling_set_id": f"S{label}", "label": label, "id": "1"} for label in labels]
    write_labeling_file(str(path), ["id"], rows)
    found = read_labeling_file(str(path), ["id"], "id").rows
    assert [(row.labeling_set_id, row.label) for row in found] == [(f"S{label}", label) for label in labels]


def test_a_file_in_another_store_is_written_and_read_the_same() -> None:
    path = "memory://labels/question.csv"
    write_labeling_file(path, COLUMNS, [{"labeling_set_id": "S1", "label": "A", "id": "1", "name": "Müller"}])
    (row,) = read_labeling_file(path, COLUMNS, "id").rows
    assert (row.label, row.values["name"]) == ("A", "Müller")
