"""Crawlers, classifiers, partitions and versions on the command line; queries that go to files."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from catalog.crawl_history import list_crawls
from catalog.database import Catalog
from storage.workspace import Workspace
from tests.interfaces.conftest import Command


@pytest.fixture
def lake(workspace: Path) -> Path:
    """A folder with two tables, one of them in two partitions."""
    for name, text in {
        "people/year=2023/a.csv": "id^name\n1^Ada\n",
        "people/year=2024/b.csv": "id^name\n2^Bob\n",
        "orders/o.json": '{"order": 1, "total": 2.5}\n',
    }.items():
        path = workspace / "lake" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return workspace / "lake"


@pytest.fixture
def crawler(findmatches: Command, lake: Path) -> Command:
    """Commands in a workspace with the crawler `nightly`."""
    for words in (
        ("classifier", "create", "hat", "--delimiter", "^"),
        ("crawler", "create", "nightly", "--target", lake, "--database", "raw", "--classifier", "hat"),
    ):
        done = findmatches(*words)
        assert done.exit_code == 0, done.output
    return findmatches


def test_a_crawler_puts_all_tables_into_its_database(crawler: Command) -> None:
    done = crawler("crawler", "start", "nightly")
    assert "COMPLETED: 2 tables added, 0 updated, 0 deleted; 2 partitions added" in done.output
    rows = json.loads(crawler("query", "select * from raw.people order by id", "--json").stdout)
    assert rows == [{"id": 1, "name": "Ada", "year": "2023"}, {"id": 2, "name": "Bob", "year": "2024"}]
    again = crawler("crawler", "start", "nightly")
    assert "COMPLETED: 0 tables added, 0 updated, 0 deleted; 0 partitions added" in again.output
    history = json.loads(crawler("crawler", "history", "nightly", "--json").stdout)
    assert [(each["state"], each["summary"]["TABLE"]["ADD"]) for each in history] == [
        ("COMPLETED", 0),
        ("COMPLETED", 2),
    ]


def test_partitions_and_versions_are_shown(crawler: Command, lake: Path) -> None:
    crawler("crawler", "start", "nightly")
    shown = crawler("show", "raw.people", "--partitions").output
    assert [line.split()[:2] for line in shown.splitlines()] == [["year", "rows"], ["2023", "1"], ["2024", "1"]]
    (lake / "people/year=2023/a.csv").write_text("id^name^town\n1^Ada^Rome\n")
    (lake / "people/year=2024/b.csv").write_text("id^name^town\n2^Bob^Oslo\n")
    crawler("crawler", "start", "nightly")
    versions = crawler("show", "raw.people", "--versions").output
    assert "id bigint, name string, town string, year string" in versions
    assert "id bigint, name string, year string" in versions
    assert "has no partitions" in crawler("show", "raw.orders", "--partitions").output


def test_a_bad_file_makes_the_crawl_partial(crawler: Command, lake: Path) -> None:
    (lake / "people/year=2024/bad.csv").write_bytes(b"id^name\n1^M\xfcller\n")
    done = crawler("crawler", "start", "nightly")
    assert done.exit_code == 0
    assert "PARTIAL: 1 file of 4 could not be read." in done.output
    (last,) = json.loads(crawler("crawler", "history", "--json").stdout)
    assert (last["state"], last["problem_count"]) == ("PARTIAL", 1)
    assert "is not UTF-8" in last["problems"][0]["message"]


def test_one_crawl_is_shown_with_what_it_could_not_read(crawler: Command, lake: Path) -> None:
    (lake / "people/year=2024/bad.csv").write_bytes(b"id^name\n1^M\xfcller\n")
    crawler("crawler", "start", "nightly")
    (last,) = json.loads(crawler("crawler", "history", "nightly", "--state", "partial", "--json").stdout)
    assert crawler("crawler", "history", "nightly", "--state", "FAILED").output == "There is no such crawl.\n"
    shown = crawler("crawler", "history", "--crawl-id", last["crawl_id"])
    assert "tables      +2 ~0 -0" in shown.output
    assert shown.output.splitlines()[-1].startswith(str(lake / "people/year=2024/bad.csv"))
    assert json.loads(crawler("crawler", "history", "--crawl-id", last["crawl_id"], "--json").stdout) == last
    assert last["crawl_id"] in crawler("crawler", "history", "--limit", 1).output


def test_the_state_of_a_crawler_is_shown(crawler: Command) -> None:
    (before,) = json.loads(crawler("crawler", "list", "--json").stdout)
    assert (before["state"], before["last_crawl"]) == ("READY", None)
    crawler("crawler", "start", "nightly")
    after = json.loads(crawler("crawler", "show", "nightly", "--json").stdout)
    assert (after["state"], after["last_crawl"]["state"]) == ("READY", "COMPLETED")
    assert "last crawl        COMPLETED" in crawler("crawler", "show", "nightly").output


def test_the_history_of_a_deleted_crawler_is_found_by_its_name(crawler: Command) -> None:
    crawler("crawler", "start", "nightly")
    assert json.loads(crawler("crawler", "delete", "nightly", "--json").stdout) == {"name": "nightly", "deleted": True}
    assert "COMPLETED" in crawler("crawler", "history", "nightly").output


def test_a_crawler_goes_to_another_workspace_as_a_call(
    crawler: Command, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("call.json").write_text(crawler("crawler", "show", "nightly", "--call").stdout)
    monkeypatch.setenv("FINDMATCHES_HOME", str(workspace / "elsewhere"))
    crawler("classifier", "create", "hat", "--delimiter", "^")
    assert crawler("crawler", "create", "--from-json", "call.json").exit_code == 0
    assert "2 tables added" in crawler("crawler", "start", "nightly").output


def test_parts_of_the_configuration_are_options(crawler: Command) -> None:
    def configuration(*words: object) -> dict[str, object]:
        done = crawler("crawler", "update", "nightly", *words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)["configuration"]

    assert configuration("--merge-new-columns", "--table-level", 2, "--combine-compatible-schemas") == {
        "table_behavior": "MergeNewColumns",
        "partition_behavior": "",
        "table_threshold": None,
        "table_grouping_policy": "CombineCompatibleSchemas",
        "table_level": 2,
    }
    assert configuration("--change-columns", "--inherit-from-table", "--table-threshold", 5) == {
        "table_behavior": "",
        "partition_behavior": "InheritFromTable",
        "table_threshold": 5,
        "table_grouping_policy": "CombineCompatibleSchemas",
        "table_level": 2,
    }
    anew = configuration("--configuration", '{"CrawlerOutput": {"Tables": {"TableThreshold": 9}}}', "--table-level", 1)
    assert (anew["table_threshold"], anew["table_level"], anew["partition_behavior"]) == (9, 1, "")


def test_a_crawler_is_changed_shown_and_deleted(crawler: Command) -> None:
    assert crawler("crawler", "schedule", "nightly").exit_code == 1
    crawler("crawler", "update", "nightly", "--schedule", "cron(0 3 * * ? *)", "--delete-behavior", "LOG")
    shown = crawler("crawler", "show", "nightly").output
    assert "SCHEDULED" in shown
    assert "delete behavior   LOG" in shown
    assert "NOT_SCHEDULED now" in crawler("crawler", "schedule", "nightly", "--stop").output
    assert "is NOT_SCHEDULED already" in crawler("crawler", "schedule", "nightly", "--stop").output
    assert "nightly" in crawler("crawler", "list").output
    assert crawler("crawler", "delete", "nightly").exit_code == 0
    assert "There is no crawler yet" in crawler("crawler", "list").output


def test_a_crawler_comes_from_the_json_of_glue(findmatches: Command, lake: Path) -> None:
    told = {
        "Name": "sales",
        "Role": "arn:aws:iam::1:role/Glue",
        "DatabaseName": "raw",
        "Targets": {"S3Targets": [{"Path": str(lake / "orders")}]},
        "Configuration": '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}',
    }
    Path("crawler.json").write_text(json.dumps(told))
    made = findmatches("crawler", "create", "--from-json", "crawler.json", "--prefix", "s_", "--json")
    assert json.loads(made.stdout)["configuration"]["table_grouping_policy"] == "CombineCompatibleSchemas"
    assert "Role: only AWS knows" in made.stderr
    findmatches("crawler", "start", "sales")
    assert "s_orders" in findmatches("tables").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("crawler", "start", "nightli"), "Crawler with name nightli does not exist. Did you mean 'nightly'?"),
        (("crawler", "create", "nightly", "--target", "x"), "Crawler with name nightly already exists"),
        (("crawler", "create", "x"), "At least one target"),
        (("crawler", "create", "x", "--connection", "shop"), "Write CONNECTION=database/schema/%"),
        (("crawler", "create", "x", "--target", "y", "--classifier", "cap"), "Classifier with name cap does not exist"),
        (("crawler", "create", "x", "--from-json", "none.json"), "No file at 'none.json'"),
        (("crawler", "update", "nightly", "--exclude", "x"), "belong to targets"),
        (("crawler", "stop", "nightly"), "Crawler with name nightly isn't running"),
        (("crawler", "stop", "nightly", "--lost"), "Crawler with name nightly isn't running"),
        (("crawler", "schedule", "nightly"), "Crawler nightly has no schedule"),
        (("crawler", "create", "x", "--target", "y", "--exclude", "[a"), "is no pattern of files to leave out"),
        (("crawler", "create", "x", "--target", "y", "--database", "a-b"), "'a-b' cannot name a database"),
        (("crawler", "create", "x", "--target", "y", "--table-level", "0"), "whole number from 1"),
        (("crawler", "history", "nightli"), "Did you mean 'nightly'?"),
        (("crawler", "history", "--crawl-id", "x"), "No crawl with the id x"),
        (("crawler", "history", "--state", "done"), "state of a crawl is one of"),
        (("crawler", "serve"), "PREFECT_API_URL"),
        (("classifier", "delete", "ha"), "Classifier with name ha does not exist"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(crawler: Command, words: tuple[str, ...], message: str) -> None:
    done = crawler(*words)
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_classifiers_are_listed_and_shown(crawler: Command) -> None:
    assert "hat" in crawler("classifier", "list").output
    assert "delimiter" in crawler("classifier", "show", "hat").output
    assert "is used by nightly" in crawler("classifier", "delete", "hat").stderr
    assert crawler("crawler", "update", "nightly", "--classifier", "").exit_code == 0
    assert json.loads(crawler("classifier", "delete", "hat", "--json").stdout) == {"name": "hat", "deleted": True}
    assert "There is no classifier yet" in crawler("classifier", "list").output


def test_a_crawler_that_fails_says_so_in_its_history(crawler: Command, lake: Path) -> None:
    lake.rename(lake.with_name("gone"))
    done = crawler("crawler", "start", "nightly")
    assert done.exit_code == 1
    (last,) = json.loads(crawler("crawler", "history", "--json").stdout)
    assert (last["state"], "No file at" in last["error_message"]) == ("FAILED", True)


@pytest.fixture
def heard_ctrl_c() -> Iterator[None]:
    """Let programs that the test starts hear Ctrl-C, which a test session in the background is deaf to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_crawl_is_stopped_and_goes_on_where_it_was(workspace: Path, heard_ctrl_c: None) -> None:
    lake = workspace / "many"
    for number in range(12_000):
        folder = lake / f"p={number // 1000}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.csv").write_text(f"id,name\n{number},Ada\n")
    command = [str(Path(sys.executable).with_name("findmatches")), "-v", "crawler"]
    subprocess.run([*command, "create", "all", "--target", str(lake)], check=True, capture_output=True)
    running = subprocess.Popen([*command, "start", "all"], stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    assert any("looked into 1,000 of 12,000" in line for line in running.stderr)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    catalog = Catalog.of(Workspace.from_environment())
    assert [crawl.state for crawl in list_crawls(catalog)] == ["STOPPED"]
    again = subprocess.run([*command, "start", "all"], check=True, capture_output=True, text=True)
    assert "1 table added" in again.stdout
    assert "of 12,000" not in again.stderr


def test_a_running_crawl_stops_when_it_is_asked(workspace: Path) -> None:
    lake = workspace / "many"
    lake.mkdir()
    for number in range(12_000):
        (lake / f"{number}.csv").write_text(f"id,name\n{number},Ada\n")
    command = [str(Path(sys.executable).with_name("findmatches")), "-v", "crawler"]
    subprocess.run([*command, "create", "all", "--target", str(lake)], check=True, capture_output=True)
    running = subprocess.Popen([*command, "start", "all"], stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    assert any("looked into 1,000 of" in line for line in running.stderr)
    asked = subprocess.run([*command, "stop", "all"], check=True, capture_output=True, text=True)
    assert "stops before it looks into more files" in asked.stdout
    _, told = running.communicate(timeout=60)
    assert "The crawl of all was stopped." in told
    assert [crawl.state for crawl in list_crawls(Catalog.of(Workspace.from_environment()))] == ["STOPPED"]


# Queries to files ----------------------------------------------------------------------------------------------------

SQL = "select id, name, year from raw.people order by id -- both"


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_an_answer_goes_to_a_file(form: str, crawler: Command) -> None:
    crawler("crawler", "start", "nightly")
    done = crawler("query", SQL, "--output", f"out.{form}")
    assert done.output == f"2 rows: out.{form}\n"
    reader = {"csv": "read_csv", "parquet": "read_parquet"}.get(form, "read_json")
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT id, name, CAST(year AS VARCHAR) FROM {reader}('out.{form}')").fetchall()
    assert found == [(1, "Ada", "2023"), (2, "Bob", "2024")]


def test_answers_stream_as_lines(crawler: Command) -> None:
    crawler("crawler", "start", "nightly")
    lines = crawler("query", "select range as n from range(25000)", "--format", "jsonl").stdout.splitlines()
    assert (len(lines), json.loads(lines[-1])) == (25_000, {"n": 24_999})
    assert crawler("query", SQL, "--format", "csv").stdout == "id,name,year\n1,Ada,2023\n2,Bob,2024\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "parquet"), "Parquet goes to a file"),
        (("--output", "x.txt"), "Say which it is with --format"),
        (("--output", "nowhere/x.csv"), "there is no folder"),
        (("--output", "x.csv", "--format", "table"), "A table is for reading. Files are csv, json"),
    ],
)
def test_an_answer_that_cannot_be_written_is_said(crawler: Command, words: tuple[str, ...], message: str) -> None:
    done = crawler("query", "select 1 as x", *words)
    assert done.exit_code == 1
    assert message in done.stderr


HOSTILE = (
    "select null as a, '' as b, 'x,\"y\n#' as c, 123456789012345678901.10::decimal(38,2) as d, 'nan'::double as e,"
    " timestamp '2024-01-02 03:04:05' as f, [1, null] as g, {'k': 'inf'::double} as h, 1.50::decimal(9,2) as i, 2 as a,"
    " true as j, '#' as k; -- done"
)


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_a_file_holds_what_the_screen_shows(form: str, findmatches: Command) -> None:
    shown = findmatches("query", HOSTILE, "--format", form).stdout
    assert findmatches("query", HOSTILE, "--output", f"x.{form}").output == f"1 row: x.{form}\n"
    assert Path(f"x.{form}").read_text() == shown


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_valid_and_loses_nothing(form: str, findmatches: Command) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    told = json.loads(findmatches("query", HOSTILE, "--format", form).stdout, parse_constant=refuse)
    row = told[0] if form == "json" else told
    assert (row["a"], row["a_1"], row["d"], row["e"], row["h"]) == (
        None,
        2,
        "123456789012345678901.10",
        None,
        {"k": None},
    )
    assert (row["f"], row["i"]) == ("2024-01-02T03:04:05", 1.5)


def test_csv_keeps_digits_and_tells_empty_from_missing(findmatches: Command) -> None:
    text = findmatches("query", HOSTILE, "--format", "csv").stdout
    assert text == (
        "a,b,c,d,e,f,g,h,i,a_1,j,k\n"
        ',"","x,""y\n#",123456789012345678901.10,nan,2024-01-02 03:04:05,"[1, NULL]",{\'k\': inf},1.50,2,true,"#"\n'
    )


@pytest.mark.parametrize(("form", "text"), [("csv", "n\n"), ("json", "[]\n"), ("jsonl", "")])
def test_an_answer_without_rows_is_whole(form: str, text: str, findmatches: Command) -> None:
    sql = "select 1 as n where false"
    assert findmatches("query", sql, "--format", form).stdout == text
    assert findmatches("query", sql, "--output", f"x.{form}").output == f"0 rows: x.{form}\n"
    assert Path(f"x.{form}").read_text() == text


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_long_answer_keeps_its_order(form: str, findmatches: Command) -> None:
    sql = "select range as n from range(50000) order by range * 7919 % 50000"
    lines = findmatches("query", sql, "--format", form).stdout.splitlines()[form == "csv" :]
    found = [int(line) if form == "csv" else json.loads(line)["n"] for line in lines]
    assert found == sorted(range(50_000), key=lambda n: n * 7919 % 50_000)


def test_rows_come_as_they_are_asked_for(findmatches: Command, workspace: Path) -> None:
    from catalog.query_output import ROWS_AT_ONCE, stream_query

    rows = stream_query(Catalog.of(Workspace.from_environment()), "select range as n from range(1000000000000)")
    assert next(rows) == ("n",)
    assert [next(rows) for _ in range(ROWS_AT_ONCE + 1)][-1] == (ROWS_AT_ONCE,)
    rows.close()


def test_a_failed_query_leaves_the_file_as_it_was(crawler: Command) -> None:
    Path("out.csv").write_text("old")
    assert crawler("query", "select error('no')", "--output", "out.csv").exit_code == 1
    assert Path("out.csv").read_text() == "old"
