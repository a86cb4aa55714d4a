"""A stop is a stop, also where DuckDB hears the signal and says something else."""

import os
import signal
import threading
from collections.abc import Iterator

import duckdb
import pytest

from catalog.database import Catalog
from catalog.task_runs import TaskStatus, TaskType, list_task_runs
from catalog.transforms import Transform
from errors import FindMatchesError, OperationTimeoutError, TaskRunStoppedError
from storage.workspace import Workspace
from tasks import stop_signals
from tasks.stop_signals import as_heard, stop_with
from tasks.task_run import recorded

LONG = "SELECT sum(sqrt(a.range * b.range)) FROM range(1000000) a, range(1000000) b"


@pytest.fixture(autouse=True)
def nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_signals, "_heard", [])


@pytest.fixture
def stopped_soon(request: pytest.FixtureRequest) -> Iterator[None]:
    """A signal in a second, which raises the error that the test names."""
    before = signal.signal(signal.SIGUSR1, lambda *_: stop_with(request.param))
    timer = threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    timer.start()
    yield
    timer.cancel()
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize(
    ("stopped_soon", "status"),
    [
        (TaskRunStoppedError("By a person."), TaskStatus.STOPPED),
        (OperationTimeoutError("Too long."), TaskStatus.TIMEOUT),
    ],
    indirect=["stopped_soon"],
    ids=["person", "time"],
)
@pytest.mark.usefixtures("stopped_soon")
def test_a_step_stopped_within_a_query_is_stopped(
    workspace: Workspace, transform: Transform, status: TaskStatus
) -> None:
    with (
        pytest.raises(FindMatchesError, match=r"By a person\.|Too long\."),
        recorded(workspace, transform, TaskType.EVALUATION, {}),
    ):
        duckdb.sql(LONG).fetchall()
    assert [run.status for run in list_task_runs(Catalog.of(workspace))] == [status]


def test_an_interrupt_that_raised_nothing_is_one_of_the_keyboard() -> None:
    assert isinstance(as_heard(RuntimeError("Query interrupted")), KeyboardInterrupt)


def test_any_other_error_stays_as_it_is() -> None:
    bug = RuntimeError("a bug")
    with pytest.raises(TaskRunStoppedError, match="stop"):
        stop_with(TaskRunStoppedError("stop"))
    assert as_heard(bug) is bug
