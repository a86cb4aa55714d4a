"""Every format and compression from the file to the matches, as a user meets it."""

import bz2
import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from fastavro import writer
from pyarrow import orc, parquet

from tests.crawling.packing import PACK

ROWS = [(1, "anna abernathy"), (2, "anna abernathi"), (3, "boris blumenthal"), (4, "clara castellano")]
CSV = b"id,name\n" + b"".join(b"%d,%s\n" % (key, name.encode()) for key, name in ROWS)
JSON = json.dumps([{"id": key, "name": name} for key, name in ROWS]).encode()
FIELDS = [{"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"]}]


def columns(rows) -> pa.Table:
    ids, names = zip(*rows, strict=True)
    return pa.table({"id": list(ids), "name": list(names)})


def write_avro(path: Path, rows) -> None:
    with path.open("wb") as file:
        records = [{"id": key, "name": name} for key, name in rows]
        writer(file, {"type": "record", "name": "person", "fields": FIELDS}, records, codec="snappy")


WRITE: dict[str, Callable[[Path], object]] = {
    "x.parquet": lambda path: parquet.write_table(columns(ROWS), path),
    "x.orc": lambda path: orc.write_table(columns(ROWS), path),
    "x.avro": lambda path: write_avro(path, ROWS),
    "x.json": lambda path: path.write_bytes(JSON),
    **{f"x.csv.{name}": lambda path, pack=pack: path.write_bytes(pack(CSV)) for name, pack in PACK.items()},
    **{f"x.json.{name}": lambda path, pack=pack: path.write_bytes(pack(JSON)) for name, pack in PACK.items()},
}


@pytest.mark.parametrize("name", WRITE)
def test_every_format_goes_from_the_file_to_the_matches(findmatches, workspace, name):
    WRITE[name](workspace / name)
    for words in (
        ("crawl", name, "--table", "t"),
        ("transform", "create", "t", "--table", "default.t", "--primary-key", "id"),
        ("run", "t", "--output", "matches.csv"),
        ("run", "t", "--output", "matches.parquet"),
    ):
        done = findmatches(*words)
        assert done.exit_code == 0, done.output
    with (workspace / "matches.csv").open(newline="") as file:
        assert [(row["id"], row["name"]) for row in csv.DictReader(file)] == [(str(key), name) for key, name in ROWS]
    typed = parquet.read_table(workspace / "matches.parquet").select(["id", "name"])
    assert [tuple(row.values()) for row in typed.to_pylist()] == ROWS
    asked = findmatches("query", "SELECT id + 1 AS next, name FROM t ORDER BY id", "--json")
    assert json.loads(asked.stdout) == [{"next": key + 1, "name": name} for key, name in ROWS]


def test_the_view_of_a_copied_table_opens_in_any_duckdb_client(findmatches, workspace):
    WRITE["x.orc"](workspace / "x.orc")
    findmatches("crawl", "x.orc")
    with duckdb.connect(workspace / "home" / "catalog.duckdb", read_only=True) as connection:
        assert connection.execute('FROM "default".x_orc').fetchall() == ROWS


def test_a_query_sees_a_file_that_changed_and_a_crawl_brings_the_view_up_to_date(findmatches, workspace):
    path = workspace / "x.csv"
    for number in (1, 2, 3):
        path.write_bytes(bz2.compress(b"id,name\n%d,a\n" % number))
        os.utime(path, ns=(number, number))
        if number != 2:
            assert findmatches("crawl", "x.csv").exit_code == 0
        assert findmatches("query", "SELECT id FROM x_csv", "--format", "csv").stdout == f"id\n{number}\n"
    with duckdb.connect(workspace / "home" / "catalog.duckdb", read_only=True) as connection:
        assert connection.execute('SELECT id FROM "default".x_csv').fetchall() == [(3,)]


def test_copies_may_be_deleted(findmatches, workspace):
    WRITE["x.avro"](workspace / "x.avro")
    findmatches("crawl", "x.avro")
    copies = list((workspace / "home" / "artifacts" / "copies").iterdir())
    assert len(copies) == 1
    copies[0].unlink()
    assert findmatches("query", "SELECT count(*) AS n FROM default.x_avro", "--format", "csv").stdout == "n\n4\n"


def test_a_query_copies_only_the_tables_it_names(findmatches, workspace):
    for name in ("x.orc", "x.avro"):
        WRITE[name](workspace / name)
        assert findmatches("crawl", name).exit_code == 0
    (workspace / "x.avro").unlink()
    assert findmatches("query", "SELECT count(*) AS n FROM x_orc", "--format", "csv").stdout == "n\n4\n"
    gone = findmatches("query", "SELECT count(*) AS n FROM x_avro")
    assert gone.exit_code == 1
    assert gone.stderr.startswith(f"Error: No file at '{workspace / 'x.avro'}'."), gone.stderr


@pytest.mark.parametrize("name", [name for name in WRITE if name != "x.json"])
def test_a_file_that_was_cut_short_after_the_crawl_is_one_clear_line(findmatches, workspace, name):
    WRITE[name](workspace / name)
    findmatches("crawl", name, "--table", "t")
    path = workspace / name
    path.write_bytes(path.read_bytes()[:-9])
    done = findmatches("query", "SELECT * FROM t")
    assert done.exit_code == 1, done.output
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr
    assert "copies" not in done.stderr
    assert done.stdout == ""
