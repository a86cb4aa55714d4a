"""Plain steps as Prefect tasks."""

import asyncio

import pytest
from prefect import task
from prefect.states import exception_to_failed_state

from catalog.transforms import TaskRunProperties
from errors import (
    CatalogBusyError,
    ConcurrentRunsExceededError,
    InvalidInputError,
    StorageUnreachableError,
    TaskRunStoppedError,
)
from flows.steps import may_heal, task_options
from tasks.step_process import StepTimeoutError


def test_task_run_properties_become_prefect_options():
    options = task_options(TaskRunProperties("G.2X", number_of_workers=3, max_retries=2))
    made = task(lambda: None, name="step").with_options(**options)
    assert made.retries == 2
    assert made.tags == {"worker-type:G.2X", "workers:3"}
    assert made.retry_delay_seconds == [2, 4]


def test_without_retries_there_is_no_delay():
    assert task_options(TaskRunProperties(max_retries=0))["retry_delay_seconds"] == 0


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        pytest.param(InvalidInputError("No file at 'x'."), False, id="a person has to mend it"),
        pytest.param(ConnectionError("reset by peer"), True, id="the network"),
        pytest.param(TimeoutError("too slow"), True, id="the network was too slow"),
        pytest.param(StepTimeoutError("Stopped."), False, id="time was up"),
        pytest.param(TaskRunStoppedError("Stopped."), False, id="a person stopped it"),
        pytest.param(CatalogBusyError("Held."), True, id="the catalog was busy"),
        pytest.param(ConcurrentRunsExceededError("3."), True, id="three others ran"),
        pytest.param(StorageUnreachableError("503."), True, id="the store was busy"),
    ],
)
def test_only_what_may_heal_is_tried_again(error: Exception, heals: bool):
    state = asyncio.run(exception_to_failed_state(error))
    assert may_heal(task(lambda: None, name="step"), None, state) is heals
