"""The history of task runs: what was done with a transform, when, and how it ended."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from catalog.database import Catalog
from catalog.processes import Process
from catalog.session import Session, utc_now
from catalog.transform_rows import find_transform
from errors import ConcurrentRunsExceededError, EntityNotFoundError

MOST_RUNS_AT_ONCE = 3
GONE = "The process of this run ended without a result."
STOPPED = "Stopped by a person."
OVERDUE = "This run was still open after the timeout of its transform; another machine began it."


class TaskType(StrEnum):
    """What a run does, in Glue's words."""

    EVALUATION = "EVALUATION"
    LABELING_SET_GENERATION = "LABELING_SET_GENERATION"
    IMPORT_LABELS = "IMPORT_LABELS"
    EXPORT_LABELS = "EXPORT_LABELS"
    FIND_MATCHES = "FIND_MATCHES"


class TaskStatus(StrEnum):
    """How far a run is, in Glue's words."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"


UNFINISHED = frozenset({TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.STOPPING})


@dataclass(frozen=True)
class TaskRun:
    """One run. `properties` is what was asked for and `summary` what came out, both in the task's own words.

    `execution_time` is in whole seconds, up to the end or the last sign of life.
    """

    task_run_id: str
    transform_id: str
    task_type: TaskType
    status: TaskStatus
    properties: dict[str, Any]
    summary: dict[str, Any]
    error_string: str
    started_on: datetime
    last_modified_on: datetime
    completed_on: datetime | None
    execution_time: int
    process: Process
    client_request_token: str = ""


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
        _close(session, _lost_runs(session))
        _check_room_for_one_more(session, transform_id, name)
        session.insert("ml_task_runs", row)
        return _find_run(session, task_run_id)


def mark_running(catalog: Catalog, task_run_id: str) -> None:
    """Say that a run has begun its work; one that is to stop before it has begun stays so."""
    with catalog.transaction() as session:
        _find_run(session, task_run_id)
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
        _find_run(session, task_run_id)
        _end(session, task_run_id, TaskStatus(status), error_string, summary or {})
        return _find_run(session, task_run_id)


def find_succeeded(catalog: Catalog, transform_id: str, client_request_token: str) -> TaskRun | None:
    """Return the run of a transform that was asked for with this token and succeeded, or None."""
    with catalog.reading() as session:
        row = session.row(
            "SELECT * FROM findmatches.ml_task_runs WHERE transform_id = ? AND client_request_token = ? AND status = ?",
            (transform_id, client_request_token, TaskStatus.SUCCEEDED),
        )
    return _task_run(row) if row else None


def stop_task_run(catalog: Catalog, task_run_id: str) -> TaskRun:
    """Ask a run to stop, as STOPPING, and return it; one that has ended stays as it is.

    Whoever watches over its process stops it, soon, wherever that is: see `is_stopping`.
    """
    with catalog.transaction() as session:
        _close(session, _lost_runs(session))
        if _find_run(session, task_run_id).status in UNFINISHED:
            session.execute(
                "UPDATE findmatches.ml_task_runs SET status = ?, last_modified_on = ? WHERE task_run_id = ?",
                (TaskStatus.STOPPING, utc_now(), task_run_id),
            )
        return _find_run(session, task_run_id)


def is_stopping(catalog: Catalog, process: Process) -> bool:
    """Return whether somebody wants the run of this process to stop."""
    with catalog.reading() as session:
        return any(row["status"] == TaskStatus.STOPPING for row in _open_runs_of(session, process))


def end_runs_of(catalog: Catalog, process: Process, status: TaskStatus, error_string: str) -> None:
    """Close what runs a process had open: it was killed, so it could not do so itself."""
    with catalog.transaction() as session:
        _close(session, [(row["task_run_id"], status, error_string) for row in _open_runs_of(session, process)])


def list_task_runs(catalog: Catalog, transform_id: str | None = None) -> list[TaskRun]:
    """Return all runs, or those of one transform, the latest first; runs whose process is gone are closed before."""
    _close_lost_runs(catalog)
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.ml_task_runs ORDER BY started_on DESC, task_run_id")
    return [_task_run(row) for row in rows if transform_id in (None, row["transform_id"])]


def get_task_run(catalog: Catalog, task_run_id: str) -> TaskRun:
    """Return one run as it is now."""
    _close_lost_runs(catalog)
    with catalog.reading() as session:
        return _find_run(session, task_run_id)


def _open_runs_of(session: Session, process: Process) -> list[dict[str, Any]]:
    return session.rows(
        "SELECT * FROM findmatches.ml_task_runs WHERE host = ? AND process_id = ? AND process_started = ?"
        " AND status IN (?, ?, ?)",
        (*process, *sorted(UNFINISHED)),
    )


def _close_lost_runs(catalog: Catalog) -> None:
    with catalog.reading() as session:
        anything_lost = bool(_lost_runs(session))
    if anything_lost:
        with catalog.transaction() as session:
            _close(session, _lost_runs(session))


def _lost_runs(session: Session) -> list[tuple[str, TaskStatus, str]]:
    """Return the open runs that nobody works on any more, each with the status and words to close it with."""
    rows = session.rows(
        "SELECT r.*, t.timeout FROM findmatches.ml_task_runs r JOIN findmatches.ml_transforms t USING (transform_id)"
        " WHERE r.status IN (?, ?, ?)",
        sorted(UNFINISHED),
    )
    return [(row["task_run_id"], *ending) for row in rows if (ending := _ending_of_lost(row))]


def _ending_of_lost(row: Mapping[str, Any]) -> tuple[TaskStatus, str] | None:
    process = _process(row)
    if process.is_gone:
        return (TaskStatus.STOPPED, STOPPED) if row["status"] == TaskStatus.STOPPING else (TaskStatus.FAILED, GONE)
    overdue = utc_now() > row["started_on"] + timedelta(minutes=row["timeout"])
    return (TaskStatus.TIMEOUT, OVERDUE) if overdue and not process.is_of_this_machine else None


def _close(session: Session, lost: Iterable[tuple[str, TaskStatus, str]]) -> None:
    for task_run_id, status, words in lost:
        _end(session, task_run_id, status, words, {})


def _end(session: Session, task_run_id: str, status: TaskStatus, error_string: str, summary: Mapping[str, Any]) -> None:
    now = utc_now()
    session.execute(
        "UPDATE findmatches.ml_task_runs SET status = ?, error_string = ?, summary_json = ?,"
        " last_modified_on = ?, completed_on = ? WHERE task_run_id = ?",
        (status, error_string, json.dumps(dict(summary)), now, now, task_run_id),
    )


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


def _find_run(session: Session, task_run_id: str) -> TaskRun:
    row = session.row("SELECT * FROM findmatches.ml_task_runs WHERE task_run_id = ?", (task_run_id,))
    if row is None:
        raise EntityNotFoundError(f"No ML Task Run found for {task_run_id}. `findmatches runs` lists them.")
    return _task_run(row)


def _task_run(row: Mapping[str, Any]) -> TaskRun:
    end = row["completed_on"] or row["last_modified_on"]
    return TaskRun(
        task_run_id=row["task_run_id"],
        transform_id=row["transform_id"],
        task_type=TaskType(row["task_type"]),
        status=TaskStatus(row["status"]),
        properties=json.loads(row["properties_json"]),
        summary=json.loads(row["summary_json"]),
        error_string=row["error_string"],
        started_on=row["started_on"],
        last_modified_on=row["last_modified_on"],
        completed_on=row["completed_on"],
        execution_time=round((end - row["started_on"]).total_seconds()),
        process=_process(row),
        client_request_token=row["client_request_token"] or "",
    )


def _process(row: Mapping[str, Any]) -> Process:
    return Process(row["host"], row["process_id"], row["process_started"])
