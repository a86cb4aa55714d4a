"""Names of files and columns that read like SQL stay names, from the crawl to the query."""

import bz2
import json

import pyarrow as pa
import pytest
from pyarrow import orc

HOSTILE = "x'); DROP SCHEMA findmatches CASCADE; --"
FILES = [
    f"{HOSTILE}.csv",
    'a"b;c.csv',
    "two\nlines.csv",
    "🎉 select.csv",
    "*[a-z]?.csv",
    "%s {} $1.csv",
]


def known_and_asked(findmatches, name: str, words: tuple[object, ...], values: list[int]) -> bool:
    """Crawl a file, and find its table and values; the catalog is whole."""
    done = findmatches("crawl", *words, "--table", "t", "--json")
    assert done.exit_code == 0, done.output
    column = '"' + name.replace('"', '""') + '"'
    asked = findmatches("query", f"SELECT {column} AS v FROM t ORDER BY 1", "--json")
    assert [row["v"] for row in json.loads(asked.stdout)] == values, asked.output
    return [table["name"] for table in json.loads(findmatches("tables", "--json").stdout)] == ["t"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "copied"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_may_be_called_anything(findmatches, workspace, name, packed):
    content = b"id,name\n1,a\n2,b\n"
    (workspace / "decoy.csv").write_bytes(b"id,name\n9,z\n")
    (workspace / name).write_bytes(bz2.compress(content) if packed else content)
    assert known_and_asked(findmatches, "id", (workspace / name,), [1, 2])


@pytest.mark.parametrize("name", [HOSTILE, 'a"; DROP TABLE findmatches.tables; --', "🎉 select", "a;b'c"])
def test_a_column_of_a_copied_file_may_be_called_anything(findmatches, workspace, name):
    orc.write_table(pa.table({name: [1, 2], "b": ["x", "y"]}), workspace / "x.orc")
    assert known_and_asked(findmatches, name.lower(), ("x.orc",), [1, 2])


def test_an_error_about_a_file_with_a_hostile_name_is_one_line(findmatches, workspace):
    (workspace / f"{HOSTILE}.zip").write_bytes(b"PK\x03\x04")
    done = findmatches("crawl", f"{HOSTILE}.zip")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert HOSTILE in done.stderr
