import re
from collections.abc import Callable

import pytest

from catalog.database import Catalog
from catalog.task_runs import TaskRun, TaskStatus, TaskType, get_task_run, list_task_runs
from catalog.transforms import Transform
from errors import CatalogBusyError, InvalidInputError, OperationTimeoutError
from storage.workspace import Workspace
from tasks import task_run
from tasks.task_run import recorded


def only_run(workspace: Workspace) -> TaskRun:
    (run,) = list_task_runs(Catalog.of(workspace))
    return run


def test_a_run_is_running_while_it_works_and_succeeded_after(workspace: Workspace, transform: Transform) -> None:
    with recorded(workspace, transform, TaskType.EXPORT_LABELS, {"OutputS3Path": "x.csv"}) as run:
        assert get_task_run(Catalog.of(workspace), run.task_run_id).status == TaskStatus.RUNNING
        run.summary["labels"] = 3
    ended = only_run(workspace)
    assert (ended.status, ended.summary, ended.error_string) == (TaskStatus.SUCCEEDED, {"labels": 3}, "")
    assert (ended.task_type, ended.properties) == (TaskType.EXPORT_LABELS, {"OutputS3Path": "x.csv"})
    assert ended.completed_on is not None


def test_the_log_names_the_run_its_type_and_its_status(
    workspace: Workspace, transform: Transform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "findmatches")
    with recorded(workspace, transform, TaskType.EVALUATION, {}) as run:
        pass
    with pytest.raises(InvalidInputError, match="wrong"), recorded(workspace, transform, TaskType.EVALUATION, {}):
        raise InvalidInputError("It is wrong.")
    assert caplog.messages[:2] == [
        f"run: EVALUATION of transform '{transform.name}' is task run {run.task_run_id}",
        f"run: task run {run.task_run_id} is SUCCEEDED",
    ]
    assert caplog.messages[-1].endswith(" is FAILED")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InvalidInputError("Row 3 is wrong."), TaskStatus.FAILED, "Row 3 is wrong."),
        (ValueError("a bug"), TaskStatus.FAILED, "ValueError: a bug"),
        (KeyboardInterrupt(), TaskStatus.STOPPED, "KeyboardInterrupt"),
        (SystemExit(1), TaskStatus.STOPPED, "SystemExit: 1"),
        (TimeoutError("over"), TaskStatus.TIMEOUT, "TimeoutError: over"),
        (OperationTimeoutError("Time is up."), TaskStatus.TIMEOUT, "Time is up."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_the_way_a_run_ends_is_kept_with_its_reason(
    workspace: Workspace, transform: Transform, error: BaseException, status: TaskStatus, words: str
) -> None:
    def fail() -> None:
        with recorded(workspace, transform, TaskType.EVALUATION, {}) as run:
            run.summary["rows"] = 7
            raise error

    with pytest.raises(type(error), match=f"^{re.escape(str(error))}$"):
        fail()
    ended = only_run(workspace)
    assert (ended.status, ended.error_string, ended.summary) == (status, words, {"rows": 7})


def test_an_end_that_cannot_be_recorded_does_not_hide_the_error(
    workspace: Workspace, transform: Transform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(task_run, "finish_task_run", raising(CatalogBusyError("The catalog is busy.")))
    with (
        pytest.raises(InvalidInputError, match=r"Row 3 is wrong\."),
        recorded(workspace, transform, TaskType.EVALUATION, {}),
    ):
        raise InvalidInputError("Row 3 is wrong.")
    assert "stays open in the catalog: The catalog is busy." in caplog.text


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail
