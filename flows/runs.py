"""The flow run that goes on now: its id, whether a deployment started it, and how it ends with a step of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect import get_client
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelling

from errors import TaskRunStoppedError

WORKER_SECONDS = 30.0  # within which a worker notices that a run is to be cancelled


def this_run() -> str:
    """Return the id of the flow run; it stays the same when the run goes on after a wait, or is tried again."""
    return str(flow_run.id or "")


def is_deployed() -> bool:
    """Return whether a deployment started the run: a worker can take it up again, and nobody watches a terminal."""
    return deployment.id is not None


@contextmanager
def cancelled_with_its_step() -> Iterator[None]:
    """Let a deployed flow run be Cancelled, and not Failed, when a person stops the step in the body.

    Its worker ends it so, by a signal to this process, which waits for that.
    """
    try:
        yield
    except TaskRunStoppedError as error:
        if is_deployed():
            with get_client(sync_client=True) as client:
                client.set_flow_run_state(UUID(this_run()), Cancelling(message=str(error)))
            time.sleep(WORKER_SECONDS)
        raise
