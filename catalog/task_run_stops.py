"""Stopping task runs: a person asks for it, and whoever watches over the process sees to it."""

from typing import Any

from catalog.database import Catalog
from catalog.processes import Process
from catalog.session import Session, utc_now
from catalog.task_run_rows import UNFINISHED, TaskRun, TaskStatus, close_runs, find_run, lost_runs


def stop_task_run(catalog: Catalog, task_run_id: str) -> TaskRun:
    """Ask a run to stop, as STOPPING, and return it; one that has ended stays as it is.

    Whoever watches over its process stops it, soon, wherever that is: see `is_stopping`.
    """
    with catalog.transaction() as session:
        close_runs(session, lost_runs(session))
        if find_run(session, task_run_id).status in UNFINISHED:
            session.execute(
                "UPDATE findmatches.ml_task_runs SET status = ?, last_modified_on = ? WHERE task_run_id = ?",
                (TaskStatus.STOPPING, utc_now(), task_run_id),
            )
        return find_run(session, task_run_id)


def is_stopping(catalog: Catalog, process: Process) -> bool:
    """Return whether somebody wants the run of this process to stop."""
    with catalog.reading() as session:
        return any(row["status"] == TaskStatus.STOPPING for row in _open_runs_of(session, process))


def end_runs_of(catalog: Catalog, process: Process, status: TaskStatus, error_string: str) -> None:
    """Close what runs a process had open: it was killed, so it could not do so itself."""
    with catalog.transaction() as session:
        close_runs(session, [(row["task_run_id"], status, error_string) for row in _open_runs_of(session, process)])


def _open_runs_of(session: Session, process: Process) -> list[dict[str, Any]]:
    return session.rows(
        "SELECT * FROM findmatches.ml_task_runs WHERE host = ? AND process_id = ? AND process_started = ?"
        " AND status IN (?, ?, ?)",
        (*process, *sorted(UNFINISHED)),
    )
