"""Stopping a task run that goes on, wherever it runs."""

import os
import signal
import time

from catalog.database import Catalog
from catalog.processes import Process
from catalog.task_run_stops import stop_task_run
from catalog.task_runs import UNFINISHED, TaskRun, get_task_run
from errors import InvalidInputError
from storage.workspace import Workspace

PATIENCE_SECONDS = 30.0
GRACE_SECONDS = 12.0
LOOK_SECONDS = 0.2


def stop_run(workspace: Workspace, task_run_id: str) -> TaskRun:
    """Stop a run and return it as it is then: STOPPED, or as it ended before; nothing half-done is published.

    On this machine its process is asked to end and, after GRACE_SECONDS, killed.  On another one whoever watches over
    the process does so; when that takes more than PATIENCE_SECONDS the run is returned as STOPPING.
    """
    catalog = Catalog.of(workspace)
    run = stop_task_run(catalog, task_run_id)
    if run.status not in UNFINISHED or not run.process.is_of_this_machine:
        return _ended(catalog, task_run_id, PATIENCE_SECONDS)
    _send(run.process, signal.SIGTERM)
    run = _ended(catalog, task_run_id, GRACE_SECONDS)
    if run.status in UNFINISHED:
        _send(run.process, signal.SIGKILL)
        run = _ended(catalog, task_run_id, PATIENCE_SECONDS - GRACE_SECONDS)
    return run


def _ended(catalog: Catalog, task_run_id: str, seconds: float) -> TaskRun:
    """Return the run once it has ended, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while (run := get_task_run(catalog, task_run_id)).status in UNFINISHED and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return run


def _send(process: Process, number: signal.Signals) -> None:
    if process.is_gone:
        return
    try:
        os.kill(process.process_id, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise InvalidInputError(
            f"Process {process.process_id} of this run belongs to another user. It is marked STOPPING; its worker "
            "stops it, or that user does."
        ) from error
