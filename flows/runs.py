"""The flow run that goes on now: its id, whether a deployment started it, and how it ends with a step of it."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
from prefect import get_client
from prefect.exceptions import PrefectException
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Cancelling

from errors import TaskRunStoppedError

WORKER_SECONDS = 15.0  # within which a worker notices that a run is to be cancelled


def this_run() -> str:
    """Return the id of the flow run; it stays the same when the run goes on after a wait, or is tried again."""
    return str(flow_run.id or "")


def is_deployed() -> bool:
    """Return whether a deployment started the run: a worker can take it up again, and nobody watches a terminal."""
    return deployment.id is not None


def is_cancelled() -> bool:
    """Whether a person has cancelled the flow run; where the server does not tell, nobody has.

    Its worker ends it then, but for a worker that was started after it: that one leaves runs of the one before alone.
    """
    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(UUID(this_run())).state
    except (PrefectException, httpx.HTTPError, OSError, ValueError):
        return False
    return state is not None and (state.is_cancelling() or state.is_cancelled())


@contextmanager
def cancelled_with_its_step() -> Iterator[None]:
    """Let a deployed flow run be Cancelled, and not Failed, when a person stops the step in the body.

    Its worker ends it so, by a signal to this process, which waits for that; where none comes, its worker is gone.
    """
    try:
        yield
    except TaskRunStoppedError as error:
        if is_deployed():
            with get_client(sync_client=True) as client:
                client.set_flow_run_state(UUID(this_run()), Cancelling(message=str(error)))
                time.sleep(WORKER_SECONDS)
                client.set_flow_run_state(UUID(this_run()), Cancelled(message=str(error)), force=True)
            for handler in logging.getLogger("prefect.flow_runs").handlers:
                handler.flush()
            os._exit(1)  # the error would end the run as Failed
        raise
