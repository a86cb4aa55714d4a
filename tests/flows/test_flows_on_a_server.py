"""Flows as a Prefect server sees them. Few tests: the server costs 10 to 30 seconds."""

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.database import Catalog
from catalog.tables import get_table
from catalog.task_runs import TaskStatus, TaskType, list_task_runs
from catalog.transforms import (
    FindMatchesParameters,
    TaskRunProperties,
    create_transform,
    get_transform,
    list_transforms,
)
from errors import InvalidInputError, OperationTimeoutError
from storage.workspace import Workspace
from tasks.task_run import recorded

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


def task_runs_of(flow_name: str) -> list[tuple[str, str, int]]:
    """Return name, state and number of tries of the tasks of the latest run of a flow, in order of start."""
    from prefect import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import FlowRunSort

    with get_client(sync_client=True) as client:
        [flow_run] = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])), sort=FlowRunSort.START_TIME_DESC, limit=1
        )
        only = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id]))
        runs = sorted(client.read_task_runs(flow_run_filter=only), key=lambda run: run.expected_start_time)
    return [(run.name.rsplit("-", 1)[0], run.state_name, run.run_count) for run in runs]


def eventually(condition, seconds: float = 20) -> None:
    """Wait until a thing is so: the server writes task runs a little later than they happen."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert condition()


@pytest.fixture
def colleague(tmp_path: Path, home: Path, answer) -> Iterator[Path]:
    """Somebody who saves a wrong file as labelled.csv first, and the right one once the wrong one was refused."""
    to_label, labelled = tmp_path / "labelled_to_label.csv", tmp_path / "labelled.csv"
    gone = threading.Event()

    def work() -> None:
        while not to_label.exists():
            if gone.wait(0.1):
                return
        (tmp_path / "part").write_text("labeling_set_id,label\nset,A\n")
        (tmp_path / "part").replace(labelled)
        while TaskStatus.FAILED not in {run.status for run in list_task_runs(Catalog.of(Workspace(home)))}:
            if gone.wait(0.1):
                return
        answer(to_label, tmp_path / "part").replace(labelled)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield labelled
    gone.set()
    thread.join()


def test_the_pipeline_goes_from_files_to_matches_past_a_wrong_labelled_file(people_csv, home, tmp_path, colleague):
    from flows.parameters import PipelineSettings
    from flows.pipeline import pipeline

    made = pipeline(
        path=str(people_csv),
        primary_key="id",
        labels_path=str(colleague),
        output=str(tmp_path / "matches.csv"),
        wait_for_labels_minutes=2,
        settings=PipelineSettings(table="people", scores=True, precision_recall_tradeoff=0.6),
        home=str(home),
    )

    assert (made.transform.name, made.transform.table_name) == ("people", "default.people")
    assert made.transform.parameters.precision_recall_tradeoff == 0.6
    assert made.matches.rows == 90
    assert {
        "Precision",
        "Recall",
        "F1",
        "AreaUnderPRCurve",
        "ConfusionMatrix",
        "ColumnImportances",
    } <= made.quality.keys()
    with (tmp_path / "matches.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 90
    assert list(rows[0]) == ["id", "name", "city", "phone", "match_id", "match_confidence_score"]
    matched = {row["id"]: row["match_id"] for row in rows}
    assert sum(matched[f"p{number:02d}a"] == matched[f"p{number:02d}b"] for number in range(1, 60, 2)) >= 27
    history = [(run.task_type, run.status) for run in list_task_runs(Catalog.of(Workspace(home)))]
    assert sorted(history) == sorted(
        [
            (TaskType.LABELING_SET_GENERATION, TaskStatus.SUCCEEDED),
            (TaskType.IMPORT_LABELS, TaskStatus.FAILED),
            (TaskType.IMPORT_LABELS, TaskStatus.SUCCEEDED),
            (TaskType.EVALUATION, TaskStatus.SUCCEEDED),
            (TaskType.FIND_MATCHES, TaskStatus.SUCCEEDED),
        ]
    )
    names = ["crawl", "prepare_transform", "generate_labeling_set"]
    names += ["wait_for_labels", "import_labels"] * 2 + ["train", "estimate_quality", "find_matches"]
    states = ["Completed"] * 4 + ["Failed"] + ["Completed"] * 5
    eventually(lambda: task_runs_of("pipeline") == [(*both, 1) for both in zip(names, states, strict=True)])


def test_waiting_for_labels_ends_with_an_error_that_names_the_path(people_csv, home, tmp_path):
    from flows.pipeline import pipeline

    labels, output = str(tmp_path / "never.csv"), str(tmp_path / "matches.csv")
    with pytest.raises(OperationTimeoutError, match=r"No labelled file at '.*never\.csv' within 0\.01 minutes"):
        pipeline(str(people_csv), "id", output, labels, wait_for_labels_minutes=0.01, home=str(home))
    assert (tmp_path / "never_to_label.csv").exists()


@pytest.fixture
def transform(people_csv, home) -> str:
    """A transform over the persons whose failed tasks are tried twice again."""
    from flows.crawl import crawl

    (table,) = crawl(str(people_csv), home=str(home)).tables
    create_transform(
        Catalog.of(Workspace(home)),
        name="people",
        table=table,
        parameters=FindMatchesParameters("id"),
        properties=TaskRunProperties(max_retries=2),
    )
    return "people"


def test_a_step_that_a_person_has_to_mend_fails_at_once(transform, home, tmp_path):
    from flows.import_labels import import_labels

    wrong = tmp_path / "wrong.csv"
    wrong.write_text("labeling_set_id,label\nset,A\n")
    with pytest.raises(InvalidInputError, match="id"):
        import_labels(transform, str(wrong), home=str(home))
    eventually(lambda: task_runs_of("import_labels") == [("import_labels", "Failed", 1)])
    catalog = Catalog.of(Workspace(home))
    assert [run.status for run in list_task_runs(catalog)] == [TaskStatus.FAILED]
    assert get_transform(catalog, transform).label_count == 0


def test_a_step_that_may_heal_is_tried_again(tmp_path):
    from prefect import flow

    from flows.steps import as_task

    tries: list[int] = []

    def reach_the_store() -> str:
        tries.append(len(tries))
        if len(tries) < 2:
            raise ConnectionError("reset by peer")
        return "reached"

    @flow(name="heals")
    def heals() -> str:
        return as_task(reach_the_store, TaskRunProperties(max_retries=2))()

    assert heals() == "reached"
    eventually(lambda: task_runs_of("heals") == [("reach_the_store", "Completed", 2)])


def dawdle(workspace: Workspace, name: str) -> None:
    """A step that takes a minute."""
    with recorded(workspace, get_transform(Catalog.of(workspace), name), TaskType.FIND_MATCHES, {}):
        time.sleep(60)


def test_a_step_beyond_its_timeout_is_stopped_and_recorded_so(transform, home):
    from prefect import flow

    from flows import steps

    in_a_second = TaskRunProperties(timeout=1 / 60, max_retries=2)  # type: ignore[arg-type] - whole minutes are long

    @flow(name="dawdles")
    def dawdles() -> None:
        steps.step_task(dawdle, str(home), in_a_second)(transform)

    began = time.monotonic()
    with pytest.raises(TimeoutError, match="Stopped after 1 s, the time-out"):
        dawdles()
    assert time.monotonic() - began < 30, "it was stopped only after it had ended"
    assert [run.status for run in list_task_runs(Catalog.of(Workspace(home)))] == [TaskStatus.TIMEOUT]
    eventually(lambda: task_runs_of("dawdles") == [("dawdle", "TimedOut", 1)])


def test_a_command_runs_as_a_flow_of_the_server_that_is_set(prefect_server, people_csv, home):
    environment = os.environ | {"PREFECT_API_URL": prefect_server, "FINDMATCHES_HOME": str(home)}
    command = [sys.executable, "-c", "from interfaces.cli import main; main()"]

    def run(*words: str) -> Any:
        return subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=False)

    done = run("crawl", str(people_csv), "--table", "by_flow", "--json")
    assert json.loads(done.stdout)["name"] == "by_flow", done.stderr
    assert get_table(Catalog.of(Workspace(home)), "default.by_flow").column_names == ("id", "name", "city", "phone")
    assert [each[:2] for each in task_runs_of("crawl")] == [("crawl_path", "Completed")]

    failed = run("crawl", "nowhere.csv")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: No file at 'nowhere.csv'.")
    assert len(failed.stderr.splitlines()) == 1


def test_the_demo_compares_what_it_estimates_with_the_truth(people_csv, tmp_path):
    from interfaces.demo.story import fresh_folder, run_demo

    people = tmp_path / "people"
    people.mkdir()
    people_csv.replace(people / "records.csv")
    keys = [line.split(",")[0] for line in (people / "records.csv").read_text().splitlines()[1:]]
    (people / "truth.csv").write_text("id,entity\n" + "".join(f"{key},{key[:-1]}\n" for key in keys))

    result = run_demo(people, fresh_folder(tmp_path / "demo"))

    assert result.rows == 90
    assert result.actual.precision >= 0.9
    assert result.actual.recall >= 0.9
    assert f"{result.actual.f1:.3f}" in result.report.read_text()
    assert [transform.name for transform in list_transforms(Catalog(result.catalog))] == ["people"]


def test_tables_of_a_database_are_crawled_on_a_server(home, postgresql_source, monkeypatch):
    from catalog.connections import create_connection
    from flows.crawl_database import crawl_database

    postgresql_source.execute("DROP TABLE IF EXISTS pets", "CREATE TABLE pets (id int PRIMARY KEY, name text)")
    monkeypatch.setenv("SHOP_PASSWORD", postgresql_source.password)
    create_connection(Catalog.of(Workspace(home)), "shop", postgresql_source.url, password_env="SHOP_PASSWORD")
    (made,) = crawl_database("shop", "shop/public/pets", table="pets", home=str(home)).tables
    assert (made.qualified_name, made.column_names) == ("default.pets", ("id", "name"))
    assert task_runs_of("crawl_database") == [("crawl_database", "Completed", 1)]
    with pytest.raises(InvalidInputError, match="Did you mean 'pets'"):
        crawl_database("shop", "shop/public/pet", home=str(home))
    assert task_runs_of("crawl_database") == [("crawl_database", "Failed", 1)]
