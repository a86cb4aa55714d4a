"""The commands of the whole chain, on 90 rows about 60 persons."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def table(findmatches, people_csv):
    done = findmatches("crawl", people_csv, "--table", "people")
    assert done.exit_code == 0, done.output
    return findmatches


@pytest.fixture
def transform(table):
    done = table("transform", "create", "people", "--table", "default.people", "--primary-key", "id")
    assert done.exit_code == 0, done.output
    return table


def test_crawl_prints_the_table_it_made(findmatches, people_csv):
    lines = findmatches("crawl", people_csv).stdout.splitlines()
    facts = dict(line.split(maxsplit=1) for line in lines[:6])
    assert facts["table"] == "default.people_csv"
    assert facts["rows"] == "90"
    types = dict(line.split() for line in lines if line.startswith(("id", "name", "city", "phone")))
    assert types == {"id": "string", "name": "string", "city": "string", "phone": "bigint"}
    assert lines[-1].startswith("Next: findmatches transform create NAME --table default.people_csv")


def test_crawl_takes_a_database_a_table_name_and_the_word_on_the_header(findmatches, workspace):
    (workspace / "words.csv").write_text("alpha,beta\ngamma,delta\n")
    made = json.loads(
        findmatches("crawl", "words.csv", "--database", "shop", "--table", "words", "--no-header", "--json").stdout
    )
    assert (made["database_name"], made["name"]) == ("shop", "words")
    assert made["parameters"]["recordCount"] == "2"
    made = json.loads(
        findmatches("crawl", "words.csv", "--database", "shop", "--table", "words", "--header", "--json").stdout
    )
    assert [column["name"] for column in made["columns"]] == ["alpha", "beta"]


def test_tables_and_show_look_into_the_catalog(table):
    assert table("tables").stdout.splitlines()[1].split()[:4] == ["default", "people", "csv", "90"]
    assert [each["name"] for each in json.loads(table("tables", "default", "--json").stdout)] == ["people"]
    shown = table("show", "default.people").stdout
    assert "classification" in shown
    assert "skip.header.line.count" in shown
    assert json.loads(table("show", "default.people", "--json").stdout)["parameters"]["recordCount"] == "90"


def test_an_empty_catalog_says_how_to_begin(findmatches, workspace):
    assert "findmatches crawl PATH" in findmatches("tables").stdout
    assert "findmatches transform create" in findmatches("transform", "list").stdout
    assert findmatches("runs").stdout == "Nothing has run yet.\n"
    assert json.loads(findmatches("tables", "--json").stdout) == []
    assert not (workspace / "home").exists()


def test_query_prints_tables_csv_and_json(table):
    sql = "select id, phone from default.people where id in ('p01a', 'p01b') order by id"
    assert [line.split() for line in table("query", sql).stdout.splitlines()] == [
        ["id", "phone"],
        ["p01a", "1007922"],
        ["p01b", "1007922"],
    ]
    rows = list(csv.reader(io.StringIO(table("query", sql, "--format", "csv").stdout)))
    assert rows == [["id", "phone"], ["p01a", "1007922"], ["p01b", "1007922"]]
    as_json = json.loads(table("query", sql, "--json").stdout)
    assert as_json == [{"id": "p01a", "phone": 1007922}, {"id": "p01b", "phone": 1007922}]


def test_query_can_change_nothing(table):
    done = table("query", "drop view default.people")
    assert (done.exit_code, done.stdout) == (1, "")
    assert json.loads(table("query", "select count(*) as n from default.people", "--json").stdout) == [{"n": 90}]


def test_a_transform_is_made_changed_listed_and_deleted(table):
    made = json.loads(
        table(
            *("transform", "create", "people", "--table", "default.people", "--primary-key", "ID"),
            *("--precision-recall", "0.7", "--enforce-labels", "--worker-type", "G.2X", "--timeout", 60, "--json"),
        ).stdout
    )
    assert made["status"] == "NOT_READY"
    assert made["parameters"]["primary_key_column_name"] == "id"
    assert made["parameters"]["precision_recall_tradeoff"] == 0.7
    assert made["parameters"]["enforce_provided_labels"] is True
    assert (made["properties"]["worker_type"], made["properties"]["timeout"]) == ("G.2X", 60)

    changed = json.loads(
        table("transform", "update", "people", "--accuracy-cost", 1, "--no-enforce-labels", "--json").stdout
    )
    assert changed["parameters"]["accuracy_cost_tradeoff"] == 1.0
    assert changed["parameters"]["enforce_provided_labels"] is False
    assert changed["parameters"]["precision_recall_tradeoff"] == 0.7
    assert changed["properties"] == made["properties"]

    assert "NOT_READY" in table("transform", "show", made["transform_id"]).stdout
    assert [each["name"] for each in json.loads(table("transform", "list", "--json").stdout)] == ["people"]
    assert json.loads(table("transform", "delete", "people", "--json").stdout)["deleted"] is True
    assert json.loads(table("transform", "list", "--json").stdout) == []


def test_every_step_says_what_comes_next(table, answer):
    said = [
        table("transform", "create", "p", "--table", "default.people", "--primary-key", "id").stdout,
        table("labels", "generate", "p", "--output", "to_label.csv").stdout,
    ]
    answer(Path("to_label.csv"), Path("labelled.csv"))
    said += [
        table("labels", "import", "p", "labelled.csv").stdout,
        table("train", "p").stdout,
        table("evaluate", "p").stdout,
    ]
    following = ["labels generate p", "labels import p", "train p", "evaluate p", "run p --output"]
    for text, command in zip(said, following, strict=True):
        assert f"Next: findmatches {command}" in text


def test_run_works_before_any_label_and_says_so(transform, workspace):
    done = transform("run", "people", "--output", "matches.csv")
    assert done.exit_code == 0, done.output
    assert "Without labels" in done.stdout
    assert "\nfindmatches labels generate people --output to_label.csv\n" in done.stdout
    rows = read_rows(workspace / "matches.csv")
    assert len(rows) == 90
    assert list(rows[0]) == ["id", "name", "city", "phone", "match_id"]


def test_labels_go_round(transform, workspace, answer):
    asked = json.loads(transform("labels", "generate", "people", "--output", "to_label.csv", "--json").stdout)
    assert asked["rows"] == len(read_rows(workspace / "to_label.csv"))
    status = json.loads(transform("labels", "status", "people", "--json").stdout)
    assert (status["labels"], status["labeling_sets_open"]) == (0, asked["sets"])

    answer(Path("to_label.csv"), Path("labelled.csv"))
    stored = json.loads(transform("labels", "import", "people", "labelled.csv", "--json").stdout)
    assert (stored["labels"], stored["blank"], stored["unchanged"]) == (asked["rows"], 0, False)
    again = json.loads(transform("labels", "import", "people", "labelled.csv", "--json").stdout)
    assert (again["label_count"], again["unchanged"]) == (stored["label_count"], True)
    status = json.loads(transform("labels", "status", "people", "--json").stdout)
    assert (status["labels"], status["labeling_sets_open"], status["status"]) == (asked["rows"], 0, "READY")

    transform("labels", "export", "people", "--output", "exported.csv")
    exported = read_rows(workspace / "exported.csv")
    assert {(row["labeling_set_id"], row["label"], row["id"]) for row in exported} == {
        (row["labeling_set_id"], row["label"], row["id"]) for row in read_rows(workspace / "labelled.csv")
    }
    replaced = json.loads(transform("labels", "import", "people", "exported.csv", "--replace", "--json").stdout)
    assert replaced["label_count"] == asked["rows"]


def test_from_labels_to_matches(labelled_transform, workspace):
    trained = json.loads(labelled_transform("train", "people", "--json").stdout)
    assert trained["labelled_pairs"] == trained["matches"] + trained["non_matches"]

    quality = json.loads(labelled_transform("evaluate", "people", "--json").stdout)
    assert {"AreaUnderPRCurve", "Precision", "Recall", "F1", "ConfusionMatrix", "ColumnImportances"} <= quality.keys()
    assert quality["ConfusionMatrix"].keys() == {
        f"Num{truth}{kind}" for truth in ("True", "False") for kind in ("Positives", "Negatives")
    }
    assert "precision = TP/(TP+FP)" in labelled_transform("evaluate", "people").stdout

    made = json.loads(labelled_transform("run", "people", "--output", "matches.csv", "--scores", "--json").stdout)
    assert (made["rows"], made["model"]) == (90, trained["model_id"])
    matched = {row["id"]: row["match_id"] for row in read_rows(workspace / "matches.csv")}
    assert len(set(matched.values())) == made["clusters"]
    assert sum(matched[f"p{number:02d}a"] == matched[f"p{number:02d}b"] for number in range(1, 60, 2)) >= 27

    deduped = json.loads(labelled_transform("run", "people", "--output", "one.csv", "--dedupe", "--json").stdout)
    assert len(read_rows(workspace / "one.csv")) == deduped["clusters"]


def test_runs_shows_the_history_with_glues_words(labelled_transform):
    labelled_transform("run", "people", "--output", "matches.csv")
    labelled_transform("labels", "import", "people", "nowhere.csv")
    history = json.loads(labelled_transform("runs", "people", "--json").stdout)
    assert {
        ("LABELING_SET_GENERATION", "SUCCEEDED"),
        ("IMPORT_LABELS", "SUCCEEDED"),
        ("FIND_MATCHES", "SUCCEEDED"),
    } <= {(run["task_type"], run["status"]) for run in history}
    lines = labelled_transform("runs").stdout.splitlines()
    assert lines[0].split() == ["task", "run", "transform", "type", "status", "started", "seconds", "error"]
    assert lines[1].split()[1:4] == ["people", "FIND_MATCHES", "SUCCEEDED"]


def test_two_runs_give_the_same_bytes(labelled_transform, workspace):
    for name in ("first.csv", "second.csv"):
        assert labelled_transform("run", "people", "--output", name, "--scores").exit_code == 0
    assert (workspace / "first.csv").read_bytes() == (workspace / "second.csv").read_bytes()


def test_one_row_is_not_called_rows(transform, answer, workspace):
    transform("labels", "generate", "people", "--output", "to_label.csv")
    header, first, second, *others = answer(Path("to_label.csv"), Path("labelled.csv")).read_text().splitlines()
    set_id, _, rest = second.split(",", 2)
    (workspace / "labelled.csv").write_text("\n".join([header, first, f"{set_id},,{rest}"]))
    said = transform("labels", "import", "people", "labelled.csv").stdout.splitlines()
    assert said[:2] == [
        "1 label in 1 labeling set stored, 1 row without a label left out",
        "The transform has 1 label.",
    ]
    assert others


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_named_in_one_line(transform):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api"
    done = subprocess.run(
        [sys.executable, "-c", "from interfaces.cli import main; main()", "train", "people"],
        capture_output=True,
        text=True,
        env=os.environ | {"PREFECT_API_URL": url},
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: PREFECT_API_URL is '{url}', and no Prefect server answers there: ")
    assert "findmatches up" in line
    assert "unset PREFECT_API_URL" in line


@pytest.mark.slow
def test_a_step_command_runs_without_prefect(transform, workspace):
    code = (
        "import sys\n"
        "from interfaces.cli import app\n"
        "try: app(['labels', 'generate', 'people', '--output', 'to_label.csv'])\n"
        "except SystemExit as end: print('exit:', end.code, 'prefect' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.splitlines()[-1] == "exit: 0 False"
