"""Steps that are done already: a run that goes on after a wait or a crash takes over what it did before."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast, get_type_hints

from prefect.states import Completed
from pydantic import TypeAdapter

from catalog.database import Catalog
from catalog.task_runs import find_succeeded
from catalog.transforms import TaskRunProperties, Transform
from flows.steps import Step, as_task, transform_task
from storage.workspace import Workspace

P = ParamSpec("P")
R = TypeVar("R")


def once(step: Step[P, R], home: str, transform: Transform, token: str, least_retries: int = 0) -> Callable[..., R]:
    """Return `step` as a Prefect task that is done once for each `token`; later it returns what it returned then.

    It must take `client_request_token`, keep what it returns as the summary of its task run, and end in the same state
    when a run that was interrupted anywhere is repeated. `least_retries` hold where the transform has fewer.
    """
    found = find_succeeded(Catalog.of(Workspace.at(home)), transform.transform_id, token)
    if found is None:
        task = cast("Callable[..., R]", transform_task(step, home, transform.name, least_retries))
        return lambda *arguments, **options: task(*arguments, **options, client_request_token=token)
    returned = get_type_hints(step)["return"]
    return _known(step.__name__, TypeAdapter(returned).validate_python(found.summary), found.task_run_id)


def _known(name: str, result: R, task_run_id: str) -> Callable[..., R]:
    """Return a task that says that the step was done before, and what came of it."""

    def take_over(*_: Any, **__: Any) -> Any:
        return Completed(name="Cached", message=f"Done before, by task run {task_run_id}.", data=result)

    take_over.__name__ = name
    return cast("Callable[..., R]", as_task(take_over, TaskRunProperties()))
