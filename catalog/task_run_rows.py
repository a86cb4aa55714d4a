"""Task runs as rows of the catalog: what they say, how they are found, and how they end."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from catalog.processes import Process
from catalog.session import Session, utc_now
from errors import EntityNotFoundError

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


def find_run(session: Session, task_run_id: str) -> TaskRun:
    """Return the run with this id, or raise EntityNotFoundError."""
    row = session.row("SELECT * FROM findmatches.ml_task_runs WHERE task_run_id = ?", (task_run_id,))
    if row is None:
        raise EntityNotFoundError(f"No ML Task Run found for {task_run_id}. `findmatches runs` lists them.")
    return task_run_of(row)


def task_run_of(row: Mapping[str, Any]) -> TaskRun:
    """Return the run that a row is about."""
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


def lost_runs(session: Session) -> list[tuple[str, TaskStatus, str]]:
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


def close_runs(session: Session, lost: Iterable[tuple[str, TaskStatus, str]]) -> None:
    """End runs that cannot do so themselves, each with its status and words."""
    for task_run_id, status, words in lost:
        end_run(session, task_run_id, status, words, {})


def end_run(
    session: Session, task_run_id: str, status: TaskStatus, error_string: str, summary: Mapping[str, Any]
) -> None:
    """Write down that a run ended now, and how."""
    now = utc_now()
    session.execute(
        "UPDATE findmatches.ml_task_runs SET status = ?, error_string = ?, summary_json = ?,"
        " last_modified_on = ?, completed_on = ? WHERE task_run_id = ?",
        (status, error_string, json.dumps(dict(summary)), now, now, task_run_id),
    )
