"""The history of task runs: what was done with a transform, when, and how it ended."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from catalog.database import Catalog
from catalog.processes import Process
from catalog.session import Session, utc_now
from catalog.task_run_rows import (
    UNFINISHED,
    TaskRun,
    TaskStatus,
    TaskType,
    close_runs,
    end_run,
    find_run,
    lost_runs,
    task_run_of,
)
from catalog.transform_rows import find_transform
from errors import ConcurrentRunsExceededError

__all__ = [
    "UNFINISHED",
    "TaskRun",
    "TaskStatus",
    "TaskType",
    "find_succeeded",
    "finish_task_run",
    "get_task_run",
    "list_task_runs",
    "mark_running",
    "start_task_run",
]

MOST_RUNS_AT_ONCE = 3


def start_task_run(
    catalog: Catalog,
    transform_id: str,
    task_type: TaskType | str,
    properties: Mapping[str, Any],
    client_request_token: str = "",
) -> TaskRun:
    """Begin a run in this process, as STARTING; at most 3 runs of one transform go on at once.

    `client_request_token` is what `find_succeeded` finds it by.  Runs whose process is gone are closed first, so they
    hold no place: those of this machine as FAILED, those of other machines as TIMEOUT once the transform's timeout is
    over.
    """
    task_run_id, now, process = f"tsk-{secrets.token_hex(20)}", utc_now(), Process.this_one()
    row = {
        "task_run_id": task_run_id,
        "transform_id": transform_id,
        "task_type": TaskType(task_type),
        "status": TaskStatus.STARTING,
        "properties_json": json.dumps(dict(properties)),
        "summary_json": "{}",
        "error_string": "",
        "client_request_token": client_request_token,
        "started_on": now,
        "last_modified_on": now,
        **process._asdict(),
    }
    with catalog.transaction() as session:
        name = find_transform(session, transform_id).name
        close_runs(session, lost_runs(session))
        _check_room_for_one_more(session, transform_id, name)
        session.insert("ml_task_runs", row)
        return find_run(session, task_run_id)


def mark_running(catalog: Catalog, task_run_id: str) -> None:
    """Say that a run has begun its work; one that is to stop before it has begun stays so."""
    with catalog.transaction() as session:
        find_run(session, task_run_id)
        session.execute(
            "UPDATE findmatches.ml_task_runs SET status = ?, last_modified_on = ? WHERE task_run_id = ? AND status = ?",
            (TaskStatus.RUNNING, utc_now(), task_run_id, TaskStatus.STARTING),
        )


def finish_task_run(
    catalog: Catalog,
    task_run_id: str,
    status: TaskStatus | str,
    error_string: str = "",
    summary: Mapping[str, Any] | None = None,
) -> TaskRun:
    """Write down how a run ended, and return it; `status` is SUCCEEDED, FAILED, STOPPED or TIMEOUT."""
    if TaskStatus(status) in UNFINISHED:
        raise ValueError(f"A run does not end as {status}.")
    with catalog.transaction() as session:
        find_run(session, task_run_id)
        end_run(session, task_run_id, TaskStatus(status), error_string, summary or {})
        return find_run(session, task_run_id)


def find_succeeded(catalog: Catalog, transform_id: str, client_request_token: str) -> TaskRun | None:
    """Return the run of a transform that was asked for with this token and succeeded, or None."""
    with catalog.reading() as session:
        row = session.row(
            "SELECT * FROM findmatches.ml_task_runs WHERE transform_id = ? AND client_request_token = ? AND status = ?",
            (transform_id, client_request_token, TaskStatus.SUCCEEDED),
        )
    return task_run_of(row) if row else None


def list_task_runs(catalog: Catalog, transform_id: str | None = None) -> list[TaskRun]:
    """Return all runs, or those of one transform, the latest first; runs whose process is gone are closed before."""
    _close_lost_runs(catalog)
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.ml_task_runs ORDER BY started_on DESC, task_run_id")
    return [task_run_of(row) for row in rows if transform_id in (None, row["transform_id"])]


def get_task_run(catalog: Catalog, task_run_id: str) -> TaskRun:
    """Return one run as it is now."""
    _close_lost_runs(catalog)
    with catalog.reading() as session:
        return find_run(session, task_run_id)


def _close_lost_runs(catalog: Catalog) -> None:
    with catalog.reading() as session:
        anything_lost = bool(lost_runs(session))
    if anything_lost:
        with catalog.transaction() as session:
            close_runs(session, lost_runs(session))


def _check_room_for_one_more(session: Session, transform_id: str, name: str) -> None:
    rows = session.rows(
        "SELECT task_run_id FROM findmatches.ml_task_runs WHERE transform_id = ? AND status IN (?, ?, ?)",
        (transform_id, *sorted(UNFINISHED)),
    )
    if len(rows) >= MOST_RUNS_AT_ONCE:
        raise ConcurrentRunsExceededError(
            f"ML Task Runs count {len(rows)} has exceeded the transform limit of {MOST_RUNS_AT_ONCE} task runs."
            f" Wait until one has ended; `findmatches runs {name}` lists them."
        )
