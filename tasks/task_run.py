"""Every run of a step on a transform is kept in the catalog, with Glue's types and statuses."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from catalog.database import Catalog
from catalog.task_runs import TaskStatus, TaskType, finish_task_run, mark_running, start_task_run
from catalog.transforms import Transform
from errors import FindMatchesError, OperationTimeoutError, TaskRunStoppedError
from storage.url_secrets import without_logins
from storage.workspace import Workspace
from tasks.stop_signals import as_heard

logger = logging.getLogger("findmatches.tasks")


@dataclass
class TaskRunHandle:
    """The run while it works; what is put into `summary` is kept with it, whatever its end."""

    task_run_id: str
    summary: dict[str, Any] = field(default_factory=dict)


@contextmanager
def recorded(
    workspace: Workspace,
    transform: Transform,
    task_type: TaskType,
    properties: Mapping[str, Any],
    client_request_token: str = "",
) -> Iterator[TaskRunHandle]:
    """Record a task run around the work in the body: how it ended, and why when it did not succeed.

    What the body raises goes on to the caller.  By the token a caller that was interrupted finds the run again.
    """
    catalog = Catalog.of(workspace)
    started = start_task_run(catalog, transform.transform_id, task_type, dict(properties), client_request_token)
    run = TaskRunHandle(started.task_run_id)
    try:
        mark_running(catalog, run.task_run_id)
        logger.info("run: %s of transform '%s' is task run %s", task_type, transform.name, run.task_run_id)
        yield run
    except BaseException as error:
        told = as_heard(error)
        _close_after(told, catalog, run)
        if told is error:
            raise
        raise told from error
    _finish(catalog, run, TaskStatus.SUCCEEDED)


def _finish(catalog: Catalog, run: TaskRunHandle, status: TaskStatus, error_string: str = "") -> None:
    finish_task_run(catalog, run.task_run_id, status, error_string, run.summary)
    logger.info("run: task run %s is %s", run.task_run_id, status)


def _close_after(error: BaseException, catalog: Catalog, run: TaskRunHandle) -> None:
    """Record the end that `error` made; when even that fails, `error` is still the one that people see."""
    try:
        _finish(catalog, run, _status(error), _error_string(error))
    except FindMatchesError as second:
        logger.warning("Task run %s stays open in the catalog: %s", run.task_run_id, second)


def _status(error: BaseException) -> TaskStatus:
    """Return how a run ended; Prefect ends a step whose time is up with asyncio's CancelledError."""
    if isinstance(error, TimeoutError | OperationTimeoutError | asyncio.CancelledError):
        return TaskStatus.TIMEOUT
    if isinstance(error, TaskRunStoppedError) or not isinstance(error, Exception):
        return TaskStatus.STOPPED
    return TaskStatus.FAILED


def _error_string(error: BaseException) -> str:
    if isinstance(error, FindMatchesError):
        return str(error)
    return f"{type(error).__name__}: {without_logins(str(error))}" if str(error) else type(error).__name__
