"""Plain steps as Prefect tasks: what is tried again, how long it may take, and under which tags it runs.

Each step runs in a process of its own, which a time-out or a person stops for certain.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from catalog.database import Catalog
from catalog.processes import Process
from catalog.task_run_stops import end_runs_of, is_stopping
from catalog.task_runs import TaskStatus
from catalog.transforms import TaskRunProperties, get_transform
from errors import (
    CatalogBusyError,
    CatalogUnreachableError,
    ConcurrentRunsExceededError,
    FindMatchesError,
    OperationTimeoutError,
    StorageUnreachableError,
)
from flows.artifacts import show_result
from flows.progress_artifact import shown_progress
from flows.runs import cancelled_with_its_step, is_cancelled
from storage.workspace import Workspace
from tasks.step_process import StepDiedError, run_in_process

logger = logging.getLogger("findmatches.flows")

P = ParamSpec("P")
R = TypeVar("R")
Step = Callable[Concatenate[Workspace, P], R]

MAY_PASS = (CatalogBusyError, CatalogUnreachableError, ConcurrentRunsExceededError, StorageUnreachableError)
WITHOUT_TRANSFORM = TaskRunProperties(timeout=120, max_retries=2)


def step_task(
    step: Step[P, R], home: str | None, properties: TaskRunProperties = WITHOUT_TRANSFORM, about: str = ""
) -> Callable[P, R]:
    """Return `step` as a Prefect task that works in the workspace at `home`, in a process of its own.

    What comes of it is shown on the page of its run, `about` the transform with this name.
    """
    workspace = Workspace.at(home)

    def in_process(*arguments: P.args, **options: P.kwargs) -> R:
        with cancelled_with_its_step(), shown_progress(step.__name__):
            result = run_in_process(
                step,
                workspace,
                *arguments,
                seconds=properties.timeout * 60,
                is_to_stop=lambda process: is_cancelled() or is_stopping(Catalog.of(workspace), process),
                gone=lambda process, error: _end_runs(Catalog.of(workspace), process, error),
                **options,
            )
        show_result(step.__name__, about, result)
        return result

    in_process.__name__ = step.__name__
    return as_task(in_process, properties)


def transform_task(step: Step[P, R], home: str | None, name: str, least_retries: int = 0) -> Callable[P, R]:
    """Return `step` as a Prefect task that runs as the task run properties of transform `name` say."""
    transform = get_transform(Catalog.of(Workspace.at(home)), name)
    properties = replace(transform.properties, max_retries=max(least_retries, transform.properties.max_retries))
    return step_task(step, home, properties, transform.name)


def as_task(function: Callable[P, R], properties: TaskRunProperties) -> Callable[P, R]:
    """Return `function` as a Prefect task of its name.

    What may heal is tried again `max_retries` times after 2, 4, 8 … seconds; what a person has to mend is not.
    Tasks get names and paths, and their results are not stored: what a step makes has its own place.
    """
    made: Task[P, R] = task(name=function.__name__, cache_policy=NO_CACHE, persist_result=False)(function)
    return made.with_options(**task_options(properties))


def task_options(properties: TaskRunProperties) -> dict[str, Any]:
    """Return Prefect's words for a transform's task run properties; the time-out is kept by the step's process."""
    return {
        "retries": properties.max_retries,
        "retry_delay_seconds": exponential_backoff(backoff_factor=2) if properties.max_retries else 0,
        "retry_jitter_factor": 0.5,
        "retry_condition_fn": may_heal,
        "tags": [f"worker-type:{properties.worker_type}", f"workers:{properties.number_of_workers}"],
    }


def may_heal(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect's signature
    """Return whether another try can help: never when a person has to mend the input, stopped it, or time was up."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, MAY_PASS) or not isinstance(error, FindMatchesError)


def _end_runs(catalog: Catalog, process: Process, error: BaseException) -> None:
    """Record the end of the task run whose process was killed, and could not do so itself."""
    status, why = _ending(error)
    end_runs_of(catalog, process, status, why)
    logger.warning("run: the process of the step is gone; its task run is %s", status)


def _ending(error: BaseException) -> tuple[TaskStatus, str]:
    """Return how the run of a process that was killed ended, and why."""
    if isinstance(error, StepDiedError):
        return TaskStatus.FAILED, str(error)
    if isinstance(error, OperationTimeoutError):
        return TaskStatus.TIMEOUT, str(error)
    return TaskStatus.STOPPED, str(error) or type(error).__name__
