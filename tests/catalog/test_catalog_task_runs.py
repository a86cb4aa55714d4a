"""The history of runs, and runs whose process is gone."""

import subprocess
import sys
from datetime import timedelta

import pytest

from catalog.database import Catalog
from catalog.processes import Process
from catalog.tables import Column, Table
from catalog.task_run_stops import end_runs_of, is_stopping, stop_task_run
from catalog.task_runs import (
    TaskStatus,
    TaskType,
    find_succeeded,
    finish_task_run,
    get_task_run,
    list_task_runs,
    mark_running,
    start_task_run,
)
from catalog.transforms import FindMatchesParameters, TaskRunProperties, create_transform
from errors import ConcurrentRunsExceededError, EntityNotFoundError


def new_transform(catalog: Catalog, name: str, timeout: int = 2880) -> str:
    table = Table("default", "t", "/t.csv", "csv", (Column("id", "string", "id"),), {}, ("/t.csv",))
    made = create_transform(
        catalog,
        name=name,
        table=table,
        parameters=FindMatchesParameters("id"),
        properties=TaskRunProperties(timeout=timeout),
    )
    return made.transform_id


@pytest.fixture
def transform_id(catalog: Catalog) -> str:
    """A transform that never ran."""
    return new_transform(catalog, "people")


def pretend(catalog: Catalog, task_run_id: str, process: Process, minutes_ago: int = 0) -> None:
    """Make a run look as if another process had begun it, some time ago."""
    with catalog.transaction() as session:
        session.execute(
            "UPDATE findmatches.ml_task_runs SET host = ?, process_id = ?, process_started = ?,"
            f" started_on = started_on - INTERVAL '{minutes_ago} minutes' WHERE task_run_id = ?",
            (*process, task_run_id),
        )


def test_a_run_goes_from_starting_over_running_to_its_end(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EXPORT_LABELS", {"OutputS3Path": "out/"})
    assert (run.status, run.task_type, run.completed_on) == (TaskStatus.STARTING, TaskType.EXPORT_LABELS, None)
    assert len(run.task_run_id) == 44
    assert run.properties == {"OutputS3Path": "out/"}
    mark_running(catalog, run.task_run_id)
    assert get_task_run(catalog, run.task_run_id).status == "RUNNING"
    ended = finish_task_run(catalog, run.task_run_id, TaskStatus.SUCCEEDED, summary={"labels": 3})
    assert ended == get_task_run(catalog, run.task_run_id)
    assert (ended.status, ended.summary, ended.error_string) == ("SUCCEEDED", {"labels": 3}, "")
    assert ended.completed_on is not None
    assert ended.started_on < ended.completed_on == ended.last_modified_on


def test_a_run_that_failed_says_why(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, TaskType.EVALUATION, {})
    assert finish_task_run(catalog, run.task_run_id, "FAILED", "Disk full.").error_string == "Disk full."


def test_execution_time_is_whole_seconds_from_start_to_end(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EVALUATION", {})
    pretend(catalog, run.task_run_id, Process.this_one(), minutes_ago=2)
    assert finish_task_run(catalog, run.task_run_id, "SUCCEEDED").execution_time == pytest.approx(120, abs=20)


def test_a_run_does_not_end_as_running(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EVALUATION", {})
    with pytest.raises(ValueError, match="does not end as RUNNING"):
        finish_task_run(catalog, run.task_run_id, "RUNNING")


def test_runs_are_listed_latest_first_and_by_transform(catalog: Catalog, transform_id: str) -> None:
    other = new_transform(catalog, "other")
    runs = [start_task_run(catalog, of, "EVALUATION", {}).task_run_id for of in (transform_id, other, transform_id)]
    assert [run.task_run_id for run in list_task_runs(catalog)] == runs[::-1]
    assert [run.task_run_id for run in list_task_runs(catalog, transform_id)] == [runs[2], runs[0]]


def test_three_runs_of_a_transform_at_once_are_enough(catalog: Catalog, transform_id: str) -> None:
    first, *_ = [start_task_run(catalog, transform_id, "EVALUATION", {}) for _ in range(3)]
    expected = r"^ML Task Runs count 3 has exceeded the transform limit of 3 task runs\. .*`findmatches runs people`"
    with pytest.raises(ConcurrentRunsExceededError, match=expected):
        start_task_run(catalog, transform_id, "EVALUATION", {})
    start_task_run(catalog, new_transform(catalog, "other"), "EVALUATION", {})
    finish_task_run(catalog, first.task_run_id, "STOPPED")
    start_task_run(catalog, transform_id, "EVALUATION", {})


def ended_process() -> Process:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        return Process.this_one()._replace(process_id=process.pid)


def test_runs_of_a_process_that_is_gone_hold_no_place_and_are_closed_as_failed(
    catalog: Catalog, transform_id: str
) -> None:
    for _ in range(3):
        pretend(catalog, start_task_run(catalog, transform_id, "EVALUATION", {}).task_run_id, ended_process())
    start_task_run(catalog, transform_id, "EVALUATION", {})
    alive, *closed = list_task_runs(catalog)
    assert alive.status == "STARTING"
    assert {run.status for run in closed} == {TaskStatus.FAILED}
    assert {run.error_string for run in closed} == {"The process of this run ended without a result."}


def test_a_later_process_with_the_same_number_is_another_process(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EVALUATION", {})
    pretend(catalog, run.task_run_id, Process.this_one()._replace(process_started="long ago"))
    assert get_task_run(catalog, run.task_run_id).status == "FAILED"


def test_looking_at_the_history_closes_runs_whose_process_is_gone(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EVALUATION", {})
    pretend(catalog, run.task_run_id, ended_process())
    assert [run.status for run in list_task_runs(catalog, transform_id)] == ["FAILED"]


def test_a_run_of_another_machine_is_left_alone_until_its_timeout_is_over(catalog: Catalog) -> None:
    transform_id = new_transform(catalog, "hasty", timeout=10)
    far = Process("another-machine", 1, "once")
    young, old = (start_task_run(catalog, transform_id, "EVALUATION", {}).task_run_id for _ in range(2))
    pretend(catalog, young, far, minutes_ago=9)
    pretend(catalog, old, far, minutes_ago=11)
    assert get_task_run(catalog, young).status == "STARTING"
    assert get_task_run(catalog, old).status == "TIMEOUT"


def test_a_long_run_of_this_process_is_left_alone(catalog: Catalog) -> None:
    run = start_task_run(catalog, new_transform(catalog, "slow", timeout=1), "FIND_MATCHES", {})
    pretend(catalog, run.task_run_id, Process.this_one(), minutes_ago=60)
    assert get_task_run(catalog, run.task_run_id).status == "STARTING"


def test_this_process_lives_and_a_killed_one_is_gone_before_its_parent_looks() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert not Process.this_one().is_gone
        process.kill()
        while process.poll() is None:
            pass
        assert Process.this_one()._replace(process_id=process.pid).is_gone


@pytest.mark.parametrize("what", [get_task_run, mark_running])
def test_an_unknown_run_is_named(catalog: Catalog, what: object) -> None:
    assert callable(what)
    with pytest.raises(EntityNotFoundError, match=r"^No ML Task Run found for tsk-none\. `findmatches runs`"):
        what(catalog, "tsk-none")


def test_an_unknown_transform_cannot_run(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match="handle tfm-none"):
        start_task_run(catalog, "tfm-none", "EVALUATION", {})
    assert list_task_runs(catalog) == []


def test_start_and_end_are_seconds_apart_not_zones(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, "EVALUATION", {})
    assert run.started_on.utcoffset() == timedelta(0)
    assert get_task_run(catalog, run.task_run_id).started_on == run.started_on


def test_a_run_is_found_by_its_token_once_it_has_succeeded(catalog: Catalog, transform_id: str) -> None:
    for token in ("flow/1", "flow/2"):
        run = start_task_run(catalog, transform_id, TaskType.EVALUATION, {}, token)
        assert find_succeeded(catalog, transform_id, token) is None
        finish_task_run(catalog, run.task_run_id, TaskStatus.FAILED)
    again = start_task_run(catalog, transform_id, TaskType.EVALUATION, {}, "flow/1")
    finish_task_run(catalog, again.task_run_id, TaskStatus.SUCCEEDED, summary={"F1": 0.5})
    found = find_succeeded(catalog, transform_id, "flow/1")
    assert found is not None
    assert (found.task_run_id, found.summary) == (again.task_run_id, {"F1": 0.5})
    assert find_succeeded(catalog, transform_id, "flow/2") is None
    assert find_succeeded(catalog, "tfm-other", "flow/1") is None


def test_a_run_that_is_to_stop_is_stopping_until_it_ends(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, TaskType.EVALUATION, {})
    assert not is_stopping(catalog, Process.this_one())
    assert stop_task_run(catalog, run.task_run_id).status == TaskStatus.STOPPING
    mark_running(catalog, run.task_run_id)
    assert get_task_run(catalog, run.task_run_id).status == TaskStatus.STOPPING, "it was forgotten that it is to stop"
    assert is_stopping(catalog, Process.this_one())
    assert not is_stopping(catalog, Process("another", 1, "then"))
    finish_task_run(catalog, run.task_run_id, TaskStatus.STOPPED)
    assert not is_stopping(catalog, Process.this_one())


def test_a_run_that_has_ended_stays_as_it_ended(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, TaskType.EVALUATION, {})
    finish_task_run(catalog, run.task_run_id, TaskStatus.SUCCEEDED)
    assert stop_task_run(catalog, run.task_run_id).status == TaskStatus.SUCCEEDED


def test_a_stopping_run_whose_process_is_gone_is_stopped(catalog: Catalog, transform_id: str) -> None:
    run = start_task_run(catalog, transform_id, TaskType.EVALUATION, {})
    stop_task_run(catalog, run.task_run_id)
    pretend(catalog, run.task_run_id, Process(Process.this_one().host, 1, "long ago"))
    ended = get_task_run(catalog, run.task_run_id)
    assert (ended.status, ended.error_string) == (TaskStatus.STOPPED, "Stopped by a person.")


def test_what_a_killed_process_had_open_is_closed_with_the_reason(catalog: Catalog, transform_id: str) -> None:
    mine, other = (start_task_run(catalog, transform_id, TaskType.EVALUATION, {}) for _ in range(2))
    killed = Process("another machine", 1, "then")
    pretend(catalog, mine.task_run_id, killed)
    end_runs_of(catalog, killed, TaskStatus.TIMEOUT, "Time was up.")
    ended = get_task_run(catalog, mine.task_run_id)
    assert (ended.status, ended.error_string) == (TaskStatus.TIMEOUT, "Time was up.")
    assert get_task_run(catalog, other.task_run_id).status == TaskStatus.STARTING
