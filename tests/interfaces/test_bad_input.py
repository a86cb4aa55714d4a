"""Bad input ends with one clear line, exit code 1, and nothing changed."""

import csv
import errno
import json
import os
import re
from pathlib import Path

import duckdb
import pytest

from tests.crawling.packing import PACK, zipped

GOOD = "id,name\n1,anna abernathy\n2,anna abernathi\n3,boris blumenthal\n4,clara castellano\n"


def refused(done, pattern: str) -> bool:
    """Check that a command ended with one line that fits `pattern`."""
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.match(f"Error: {pattern}", done.stderr), done.stderr
    return True


def known(findmatches) -> list[object]:
    """Return all that the catalog knows, but for the history of runs."""
    tables = json.loads(findmatches("tables", "--json").stdout)
    return [tables, json.loads(findmatches("transform", "list", "--json").stdout)]


@pytest.fixture
def good(findmatches, workspace):
    """Commands in a workspace with the table `good` and a transform `good`."""
    (workspace / "good.csv").write_text(GOOD)
    for words in (
        ("crawl", "good.csv", "--table", "good"),
        ("transform", "create", "good", "--table", "default.good", "--primary-key", "id"),
    ):
        assert findmatches(*words).exit_code == 0
    return findmatches


@pytest.mark.parametrize(
    ("content", "pattern"),
    [
        pytest.param(None, r"No file at 'bad\.csv'", id="missing file"),
        pytest.param(b"", r".*bad\.csv'? (is|has).*empty|.*[Ee]mpty", id="empty file"),
        pytest.param(b"id,name\n", r".*bad\.csv.*", id="header only"),
        pytest.param(
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00" * 40, r".*bad\.csv.*", id="a picture called .csv"
        ),
        pytest.param(b"Name,name,year\nx,y,1999\n", r".*'?[Nn]ame'?", id="two columns that fold to one name"),
        pytest.param(PACK["bzip2"](GOOD.encode())[:-9], r"'.*bad\.csv' is cut short or damaged", id="cut bzip2"),
        pytest.param(PACK["zstd"](GOOD.encode())[:-9], r"'.*bad\.csv' is cut short or damaged", id="cut zstd"),
        pytest.param(
            zipped(b"a,b\n1,2\n", b"c,d\n3,4\n"), r"'.*bad\.csv' is a zip archive with 2 files", id="zip of two"
        ),
        pytest.param(b"PAR1" + bytes(40) + b"\xff\0\0\0PAR1", r"'.*bad\.csv' is not a sound Parquet", id="no footer"),
        pytest.param(b"ORC" + bytes(90), r"'.*bad\.csv' is not a sound ORC file", id="corrupt ORC"),
        pytest.param(b"Obj\x01" + bytes(90), r"'.*bad\.csv' is not a sound Avro file", id="corrupt Avro"),
    ],
)
def test_a_file_that_is_no_table_is_not_catalogued(good, workspace, content, pattern):
    if content is not None:
        (workspace / "bad.csv").write_bytes(content)
    before = known(good)
    assert refused(good("crawl", "bad.csv", "--table", "good"), pattern)
    assert known(good) == before


@pytest.mark.parametrize(
    ("rows", "pattern"),
    [
        pytest.param("1,anna\n2,boris\n1,clara\n", r".*'?id'?.*1", id="a key twice"),
        pytest.param("1,anna\n,boris\n3,clara\n", r".*'?id'?", id="an empty key"),
    ],
)
def test_keys_that_do_not_tell_rows_apart_stop_the_run(good, workspace, rows, pattern):
    (workspace / "good.csv").write_text(f"id,name\n{rows}")
    (workspace / "matches.csv").write_text("older")
    for words in (
        ("run", "good", "--output", "matches.csv"),
        ("labels", "generate", "good", "--output", "matches.csv"),
    ):
        assert refused(good(*words), pattern)
        assert (workspace / "matches.csv").read_text() == "older"


def test_a_primary_key_must_be_a_column(good):
    before = known(good)
    done = good("transform", "create", "other", "--table", "default.good", "--primary-key", "nmae")
    assert refused(done, r".*nmae.*Did you mean 'name'\?")
    assert known(good) == before


def test_a_table_needs_a_column_besides_its_key(good, workspace):
    (workspace / "keys.csv").write_text("id\n1\n2\n3\n")
    good("crawl", "keys.csv", "--table", "keys", "--header")
    done = good("transform", "create", "keys", "--table", "default.keys", "--primary-key", "id")
    if done.exit_code == 0:
        done = good("run", "keys", "--output", "matches.csv")
    assert refused(done, r".*keys.*")
    assert not (workspace / "matches.csv").exists()


def test_a_transform_name_is_given_once(good):
    before = known(good)
    done = good("transform", "create", "good", "--table", "default.good", "--primary-key", "id")
    assert refused(done, r"Transform with name good already exists")
    assert known(good) == before


@pytest.mark.parametrize(
    "words",
    [
        "transform show gud",
        "transform update gud --timeout 5",
        "transform delete gud",
        "labels generate gud --output x.csv",
        "labels import gud good.csv",
        "labels export gud --output x.csv",
        "labels status gud",
        "train gud",
        "evaluate gud",
        "run gud --output x.csv",
        "runs gud",
    ],
)
def test_an_unknown_transform_is_named(good, workspace, words):
    before = known(good)
    assert refused(good(*words.split()), r".*gud.*")
    assert known(good) == before
    assert not (workspace / "x.csv").exists()


@pytest.mark.parametrize(
    "words", ["run good --output", "labels generate good --output"], ids=["the matches", "the file to label"]
)
def test_an_output_that_cannot_be_written_is_refused(good, workspace, words):
    (workspace / "folder.csv").mkdir()
    assert refused(good(*words.split(), "nowhere/deep/x.csv"), r"Cannot write '.*nowhere/deep/x\.csv'")
    assert refused(good(*words.split(), "folder.csv"), r"Cannot write '.*folder\.csv'")
    assert list((workspace / "folder.csv").iterdir()) == []
    assert not (workspace / "nowhere").exists()


def test_a_full_disk_leaves_the_old_output_whole(good, workspace, monkeypatch):
    matches = workspace / "matches.csv"
    assert good("run", "good", "--output", matches).exit_code == 0
    before, files = matches.read_bytes(), sorted(workspace.iterdir())
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        if Path(target) == matches:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    assert refused(good("run", "good", "--output", matches, "--scores"), r"Disk full while writing '.*matches\.csv'")
    assert matches.read_bytes() == before
    assert sorted(workspace.iterdir()) == files


@pytest.mark.parametrize(
    "command", ["run good --output x.csv", "train good", "evaluate good", "labels generate good --output x.csv"]
)
@pytest.mark.parametrize(
    ("size", "pattern"),
    [
        pytest.param(
            "plenty", r"'plenty' is no size for --memory-limit\. Write a number with a unit, such as 8GiB", id="no size"
        ),
        pytest.param("8", r"'8' is no size for --memory-limit\.", id="no unit"),
        pytest.param("0GiB", r"'0GiB' is no size for --memory-limit\.", id="nothing"),
    ],
)
def test_a_memory_limit_is_a_size(good, workspace, command, size, pattern):
    assert refused(good(*command.split(), "--memory-limit", size), pattern)
    assert not (workspace / "x.csv").exists()


def test_a_memory_limit_that_is_too_little_says_how_much_is_needed(good, workspace, monkeypatch):
    pattern = r"A memory limit of 100 MiB is too little: 4 rows .* need about \d+ MiB at least\. Raise or leave"
    assert refused(good("run", "good", "--output", "x.csv", "--memory-limit", "100MiB"), pattern)
    monkeypatch.setenv("FINDMATCHES_MEMORY_LIMIT", "100MiB")
    assert refused(good("run", "good", "--output", "x.csv"), pattern)
    assert not (workspace / "x.csv").exists()
    assert good("run", "good", "--output", "x.csv", "--memory-limit", "1GiB").exit_code == 0


@pytest.fixture
def with_rows(findmatches, workspace):
    """Make the transform `bad` of a table with the given rows below the header id,name,city."""

    def make(*rows: str):
        (workspace / "bad.csv").write_text("\n".join(["id,name,city", *rows, ""]))
        for words in (
            ("crawl", "bad.csv", "--table", "bad", "--header"),
            ("transform", "create", "bad", "--table", "default.bad", "--primary-key", "id"),
        ):
            assert findmatches(*words).exit_code == 0
        return findmatches

    return make


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(["1,anna abernathy,bonn"], id="one row"),
        pytest.param([f"{n},anna abernathy,bonn" for n in range(300)], id="all rows the same"),
        pytest.param(["1,,", "2,,", "3,,"], id="all rows empty"),
    ],
)
def test_a_table_whose_columns_say_nothing_is_refused(with_rows, workspace, rows):
    pattern = r".*[Nn]o usable column.*"
    findmatches = with_rows(*rows)
    assert refused(findmatches("run", "bad", "--output", "x.csv"), pattern)
    assert refused(findmatches("labels", "generate", "bad", "--output", "x.csv"), pattern)
    assert not (workspace / "x.csv").exists()


def test_rows_that_have_nothing_in_common_are_each_a_cluster(with_rows, workspace):
    findmatches = with_rows("1,aaaa,bbbb", "2,cccc,dddd", "3,eeee,ffff")
    done = findmatches("run", "bad", "--output", "x.csv", "--json")
    assert done.exit_code == 0, done.output
    with (workspace / "x.csv").open(newline="") as file:
        assert len({row["match_id"] for row in csv.DictReader(file)}) == 3
    pattern = r".*[Nn]othing to ask.*"
    assert refused(findmatches("labels", "generate", "bad", "--output", "asked.csv"), pattern)


def test_a_value_that_half_of_the_rows_have_is_named(with_rows):
    """People write such a value where they know nothing; it would pair every row with every other."""
    names = [f"{first}{middle}{last}" for first in "abcdefghij" for middle in "aeiou" for last in "klmnopqrst"]
    rows = (f"{n},{names[n % 500] if n % 2 else 'not known'},{names[n % 500]}ville {n // 500}" for n in range(1000))
    done = with_rows(*rows)("run", "bad", "--output", "x.csv")
    assert done.exit_code == 0, done.output
    told = "500 rows have 'not known' in column 'name', which says little of who is who."
    assert [line for line in done.stderr.splitlines() if told in line], done.stderr


@pytest.mark.parametrize("words", ["tables", "crawl good.csv", "transform list", "run good --output x.csv"])
def test_a_workspace_of_a_newer_version_is_left_alone(good, workspace, words):
    path = workspace / "home" / "catalog.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "INSERT INTO findmatches.schema_migrations (version, name, applied_on)"
            " VALUES (9999, 'from_the_future', now()::TIMESTAMP)"
        )
    before = path.read_bytes()
    assert refused(good(*words.split()), r".*newer")
    assert path.read_bytes() == before
    assert not (workspace / "x.csv").exists()
