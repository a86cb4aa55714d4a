"""The whole chain on servers: a table in S3, the catalog in PostgreSQL, labels and output in S3."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interfaces.conftest import Command
from tests.servers.database_server import DatabaseServer
from tests.servers.seaweedfs import Bucket


@pytest.fixture(params=["duckdb", "postgresql"])
def server_commands(
    request: pytest.FixtureRequest, findmatches: Command, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Commands with an S3 server, and the catalog in DuckDB or PostgreSQL; each must succeed."""
    if request.param == "postgresql":
        server: DatabaseServer = request.getfixturevalue("catalog_server")
        template = request.getfixturevalue("catalog_database")
        monkeypatch.setenv("FINDMATCHES_CATALOG", server.new_database("chain", like=template))

    def done(*words: object):  # type: ignore[no-untyped-def]
        result = findmatches(*words)
        assert result.exit_code == 0, result.output
        return result

    return done


def test_the_whole_chain_runs_on_servers(
    server_commands: Command, bucket: Bucket, people_csv: Path, answer: Callable[[Path, Path], Path], workspace: Path
) -> None:
    header, *lines = people_csv.read_text().splitlines()
    for number in range(3):
        text = "\n".join([header, *lines[number::3]]) + "\n"
        bucket.put(f"people/part={number}/people.csv", text)
    run = server_commands
    run("crawler", "create", "people", "--target", f"{bucket.url}people/")
    run("crawler", "start", "people")
    (found,) = json.loads(
        run("query", "select count(*) as n, count(distinct part) as parts from people", "--json").stdout
    )
    assert found == {"n": len(lines), "parts": 3}
    run("transform", "create", "people", "--table", "default.people", "--primary-key", "id")
    run("labels", "generate", "people", "--output", f"{bucket.url}to_label.csv")
    Path("to_label.csv").write_bytes(bucket.read("to_label.csv"))
    bucket.put("labelled.csv", answer(Path("to_label.csv"), Path("labelled.csv")).read_bytes())
    run("labels", "import", "people", f"{bucket.url}labelled.csv")
    run("train", "people")
    run("evaluate", "people")
    run("run", "people", "--output", f"{bucket.url}matches.parquet")
    run("query", "select * from people", "--output", f"{bucket.url}copy.csv")
    run("crawl", f"{bucket.url}matches.parquet", "--table", "matches")
    (found,) = json.loads(
        run("query", "select count(*) as n, count(distinct match_id) as things from matches", "--json").stdout
    )
    assert found["n"] == len(lines)
    assert found["things"] < len(lines)
    assert json.loads(run("runs", "--json").stdout)
    history = json.loads(run("crawler", "history", "--json").stdout)
    assert [each["state"] for each in history] == ["COMPLETED", "COMPLETED"]


INJECTION = "'; DROP TABLE findmatches.tables; --"


def test_names_like_injections_stay_names_on_servers(server_commands: Command, bucket: Bucket) -> None:
    for key in (f"in/{INJECTION}/x=\"; DROP SCHEMA findmatches; --/a'b.csv", f"in/{INJECTION}/x=1/{INJECTION}.csv"):
        bucket.put(key, f'"id","{INJECTION}","select","a""b;é😀"\n1,"{INJECTION}",x,y\n')
    run = server_commands
    run("crawl", f"{bucket.url}in/", "--table", "odd", "--prefix", "p_")
    rows = json.loads(run("query", "select * from odd", "--json").stdout)
    assert [row[INJECTION.lower()] for row in rows] == [INJECTION, INJECTION]
    assert {row["x"] for row in rows} == {"1", '"; DROP SCHEMA findmatches; --'}
    assert {row["partition_0"] for row in rows} == {INJECTION}
    assert [table["name"] for table in json.loads(run("tables", "--json").stdout)] == ["odd"]
    run("show", "odd", "--partitions")
