"""A stop is a stop, also where DuckDB hears the signal and says something else."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.task_runs import TaskStatus, TaskType, list_task_runs
from catalog.transforms import Transform
from errors import FindMatchesError, OperationTimeoutError, TaskRunStoppedError
from storage.workspace import Workspace
from tasks import stop_signals
from tasks.stop_signals import as_heard, stop_with
from tasks.task_run import recorded

IN_A_QUERY = """
import duckdb, os, signal, threading
from errors import TaskRunStoppedError
from tasks.stop_signals import as_heard, stop_with
signal.signal(signal.SIGUSR1, lambda *_: stop_with(TaskRunStoppedError("By a person.")))
threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
try:
    duckdb.sql("SELECT sum(sqrt(a.range * b.range)) FROM range(1000000) a, range(1000000) b").fetchall()
except BaseException as error:
    print(repr(as_heard(error)), flush=True)
os._exit(0)
"""


@pytest.fixture(autouse=True)
def nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_signals, "_heard", [])


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (TaskRunStoppedError("By a person."), TaskStatus.STOPPED),
        (OperationTimeoutError("Too long."), TaskStatus.TIMEOUT),
    ],
    ids=["person", "time"],
)
def test_a_step_stopped_within_a_query_is_stopped(
    workspace: Workspace, transform: Transform, stop: FindMatchesError, status: TaskStatus
) -> None:
    def query() -> None:
        with suppress(FindMatchesError):
            stop_with(stop)
        raise RuntimeError("Query interrupted")

    with (
        pytest.raises(FindMatchesError, match=r"By a person\.|Too long\."),
        recorded(workspace, transform, TaskType.EVALUATION, {}),
    ):
        query()
    assert [run.status for run in list_task_runs(Catalog.of(workspace))] == [status]


def test_a_signal_that_duckdb_hears_means_what_it_meant() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_QUERY], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "TaskRunStoppedError('By a person.')\n"


def test_an_interrupt_that_raised_nothing_is_one_of_the_keyboard() -> None:
    assert isinstance(as_heard(RuntimeError("Query interrupted")), KeyboardInterrupt)


def test_any_other_error_stays_as_it_is() -> None:
    bug = RuntimeError("a bug")
    with pytest.raises(TaskRunStoppedError, match="stop"):
        stop_with(TaskRunStoppedError("stop"))
    assert as_heard(bug) is bug
