"""What DuckDB reads is what the file says: the settings in storage/sources.py are there because others lose records."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import InvalidInputError
from storage.duck import connect
from storage.duck_errors import in_plain_words
from storage.sources import csv_source, json_source, json_values, parquet_source

CELLS = st.text(st.sampled_from("ab \"',;\n\té日"), max_size=6)


def read(source: str, select: str = "*") -> list[tuple[object, ...]]:
    with connect(threads=2) as connection, in_plain_words():
        return connection.execute(f"SELECT {select} FROM {source}").fetchall()


def written(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_every_record_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]], line_end: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator=line_end).writerows([("a", "b"), *records])
    found = read(csv_source([str(path)], ["a", "b"], skip_lines=1))
    assert found == [tuple(cell or None for cell in record) for record in records]


def test_a_broken_record_far_down_in_a_large_file_is_not_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", b"a,b\n" + b"1,2\n" * 2_000_000 + b"3,4,5\n" + b"1,2\n" * 500_000)
    with pytest.raises(InvalidInputError, match=r"^Line 2000002 of '.*x\.csv' has 3 values where 2 are expected"):
        read(csv_source([path], ["a", "b"], skip_lines=1), "count(*)")


def test_line_breaks_inside_quotes_are_read_in_a_large_file(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", b'1,"x\ny, z\n"\n' * 1_000_000)
    assert read(csv_source([path], ["a", "b"]), "count(*), min(b), max(b)") == [(1_000_000, "x\ny, z\n", "x\ny, z\n")]


def test_files_are_read_in_the_order_given_each_without_its_header(tmp_path: Path) -> None:
    paths = [
        written(tmp_path, "2.csv", b"\xef\xbb\xbfa,b\r\n1,x\r\n"),
        written(tmp_path, "1.csv", "a,b\n2,\n"),
        written(tmp_path, "3.csv", "a,b"),
        written(tmp_path, "0.csv", 'a,b\n"3",""'),
    ]
    assert read(csv_source(paths, ["a", "b"], skip_lines=1)) == [("1", "x"), ("2", None), ("3", None)]


@pytest.mark.parametrize(
    ("content", "delimiter", "quote"),
    [
        ("1|'x|y'\n", "|", "'"),
        ("1\tx|y\n", "\t", '"'),
        ("1\x01x|y\n", "\x01", '"'),
    ],
    ids=["pipe and single quote", "tab", "Ctrl-A"],
)
def test_delimiters_and_quotes_are_taken_as_told(tmp_path: Path, content: str, delimiter: str, quote: str) -> None:
    path = written(tmp_path, "x.csv", content)
    assert read(csv_source([path], ["a", "b"], delimiter=delimiter, quote=quote)) == [("1", "x|y")]


def test_without_a_quote_quotes_are_letters(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", '"Foo" Bar,5"\n"open,x\n')
    assert read(csv_source([path], ["a", "b"], quote="")) == [('"Foo" Bar', '5"'), ('"open', "x")]


@pytest.mark.parametrize("name", ["year=2017/x.csv", "x[1].csv", "x*.csv", "x?.csv", "it's.csv"])
def test_the_name_of_a_file_adds_nothing_to_its_records(tmp_path: Path, name: str) -> None:
    written(tmp_path, "x1.csv", "other,file\n")
    path = written(tmp_path, name, "1,x\n")
    assert read(csv_source([path], ["a", "b"])) == [("1", "x")]


def test_json_records_may_lack_keys_and_keys_are_case_sensitive(tmp_path: Path) -> None:
    path = written(tmp_path, "x.json", '[{"a": 1, "b": {"c": [2]}},\n {"A": 3}]')
    assert read(json_source([path], ["a", "b"])) == [("1", '{"c":[2]}'), (None, None)]


def test_json_types_hold_for_the_last_record_of_the_last_file(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"{i:02d}.json", '{"a": 1}\n' * 10) for i in range(40)]
    paths.append(written(tmp_path, "99.json", '{"a": "one"}\n{"b": true}\n'))
    with connect() as connection:
        relation = connection.sql(f"SELECT * FROM {json_values(paths)}")
        assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == {"a": "JSON", "b": "BOOLEAN"}


def test_parquet_columns_are_put_together_by_name_in_the_widest_type(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("1.parquet", "2.parquet")]
    with connect() as connection:
        connection.sql("SELECT 1 AS a, 'x' AS b").write_parquet(paths[0])
        connection.sql("SELECT 'y' AS b, 2.5 :: DOUBLE AS a").write_parquet(paths[1])
    assert read(parquet_source(paths)) == [(1.0, "x"), (2.5, "y")]
