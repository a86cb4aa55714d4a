"""DuckDB connections, names and texts in SQL, and DuckDB's errors in plain words."""

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import __main__
from errors import InvalidInputError
from storage.duck import LISTED, connect, file_list, literal, quoted
from storage.duck_errors import in_plain_words, plain_words

TEXTS = ["a", "O'Hara", 'say "x"', "''", '""', "a;--", "/* x", "\n\t", "\\'", "$1 ? :a", "Ä日🦆", "%s{}", "' OR 1=1"]


@pytest.mark.parametrize("text", ["", *TEXTS])
def test_any_text_comes_back_from_sql_as_it_was(text: str) -> None:
    assert duckdb.execute(f"SELECT {literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", TEXTS)
def test_any_name_is_one_name_in_sql(name: str) -> None:
    relation = duckdb.execute(f"SELECT * FROM (SELECT 1 AS {quoted(name)})")
    assert [column[0] for column in relation.description] == [name]


def test_threads_memory_and_time_zone_are_set() -> None:
    with closing(connect(threads=1, memory_limit="512MiB")) as connection:
        settings = "current_setting('threads'), current_setting('memory_limit'), current_setting('TimeZone')"
        assert connection.execute(f"SELECT {settings}").fetchone() == (1, "512.0 MiB", "UTC")


def test_the_progress_bar_that_would_go_to_stdout_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(__main__, "__file__", raising=False)  # else DuckDB takes this for a program, without a bar
    with closing(connect()) as connection:
        assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


@pytest.mark.parametrize(
    ("paths", "reached"),
    [([], []), (["/a.csv"], []), (["/a.csv", "s3://b/c.csv", "s3://b/d.csv"], ["s3"])],
    ids=["none", "local", "S3"],
)
def test_a_connection_reaches_s3_when_a_path_is_there(paths: list[str], reached: list[str]) -> None:
    with closing(connect(paths=paths)) as connection:
        assert connection.list_filesystems() == reached


def test_mistakes_in_a_query_are_for_people_and_bugs_are_not() -> None:
    with pytest.raises(InvalidInputError, match=r'^syntax error at or near "SELEC"\.$'), in_plain_words():
        duckdb.execute("SELEC 1")
    with pytest.raises(KeyError, match="bug"), in_plain_words():
        raise KeyError("bug")


def test_a_very_long_value_does_not_flood_the_line() -> None:
    assert len(plain_words("Conversion Error: Could not convert string '" + "x" * 10_000 + "' to INT64")) < 500


@pytest.mark.parametrize("odd", ["o'dd [1]*.csv", "é 😀.csv", "line\nbreak.csv", "a;b--.csv"])
def test_a_long_list_names_the_same_files_in_the_same_order(odd: str, tmp_path: Path) -> None:
    names = [*(f"{number:04d}.csv" for number in range(LISTED + 5)), odd]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(f"{number}\n")
    paths = [str(tmp_path / name) for name in names]
    options = "columns = {'n': 'BIGINT'}, auto_detect = false, header = false, parallel = false"
    with connect() as connection:
        connection.execute(f"CREATE VIEW numbers AS SELECT n FROM read_csv({file_list(paths)}, {options})")
        found = connection.execute("SELECT n FROM numbers").fetchall()
    assert found == [(number,) for number in range(len(names))]
