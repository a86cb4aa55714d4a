"""The history of crawls: when, by whom, what changed in the catalog, and which files could not be read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from catalog.database import Catalog
from catalog.partitions import Changes
from catalog.processes import Process
from catalog.session import Session, utc_now
from errors import CrawlerNotRunningError, CrawlerRunningError

RUNNING, STOPPING, STOPPED, FAILED = "RUNNING", "STOPPING", "STOPPED", "FAILED"
MOST_PROBLEMS = 1000  # of one crawl, kept; all are counted
GONE = "The process of this crawl ended without a result."


@dataclass(frozen=True)
class Crawl:
    """One crawl: of a crawler, or of a path (then `crawler_name` is empty).

    `state` is RUNNING, COMPLETED, PARTIAL (some file could not be read), FAILED or STOPPED. `summary` counts tables
    and partitions that were added, updated and deleted; `problems` are the first of `problem_count`.
    """

    crawl_id: str
    crawler_name: str
    location: str
    database_name: str
    state: str
    start_time: datetime
    end_time: datetime | None
    summary: dict[str, dict[str, int]]
    problems: list[dict[str, str]]
    problem_count: int
    error_message: str


def begin_crawl(
    catalog: Catalog, location: str, database: str, crawler_name: str = "", start_time: datetime | None = None
) -> str:
    """Write down that this process begins a crawl, now or earlier, and return its id; a crawler runs once at a time."""
    crawl_id = str(uuid4())
    row = {
        "crawl_id": crawl_id,
        "crawler_name": crawler_name,
        "location": location,
        "database_name": database,
        "state": RUNNING,
        "start_time": start_time or utc_now(),
        "summary_json": "{}",
        "problems_json": "[]",
        "problem_count": 0,
        "error_message": "",
        **Process.this_one()._asdict(),
    }
    with catalog.transaction() as session:
        _close_lost(session)
        if crawler_name and running_crawl(session, crawler_name):
            raise CrawlerRunningError(
                f"Crawler with name {crawler_name} has already started. Wait, or stop it: "
                f"findmatches crawler stop {crawler_name}"
            )
        session.insert("crawl_runs", row)
    return crawl_id


def end_crawl(
    catalog: Catalog,
    crawl_id: str,
    state: str,
    *,
    tables: Changes | None = None,
    partitions: Changes | None = None,
    problems: Sequence[Mapping[str, str]] = (),
    error_message: str = "",
) -> None:
    """Write down how a crawl ended."""
    summary = {"TABLE": _counts(tables or Changes()), "PARTITION": _counts(partitions or Changes())}
    with catalog.transaction() as session:
        session.execute(
            "UPDATE findmatches.crawl_runs SET state = ?, end_time = ?, summary_json = ?, problems_json = ?,"
            " problem_count = ?, error_message = ? WHERE crawl_id = ?",
            (
                state,
                utc_now(),
                json.dumps(summary),
                json.dumps([dict(problem) for problem in problems[:MOST_PROBLEMS]]),
                len(problems),
                error_message,
                crawl_id,
            ),
        )


def list_crawls(catalog: Catalog, crawler_name: str | None = None) -> list[Crawl]:
    """Return all crawls, or those of one crawler, the latest first; those whose process is gone are closed before."""
    with catalog.reading() as session:
        lost = bool(_lost(session))
    if lost:
        with catalog.transaction() as session:
            _close_lost(session)
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.crawl_runs ORDER BY start_time DESC, crawl_id")
    return [_crawl(row) for row in rows if crawler_name in (None, row["crawler_name"])]


def running_crawl(session: Session, crawler_name: str) -> str | None:
    """Return the id of the crawl that a crawler is at, inside a visit; None when it rests."""
    rows = session.rows(
        "SELECT * FROM findmatches.crawl_runs WHERE crawler_name = ? AND state IN (?, ?)",
        (crawler_name, RUNNING, STOPPING),
    )
    return next((row["crawl_id"] for row in rows if not _process(row).is_gone), None)


def ask_to_stop(catalog: Catalog, crawler_name: str) -> None:
    """Ask the crawl that a crawler is at to stop; it does before it looks into the next files."""
    with catalog.transaction() as session:
        crawl_id = running_crawl(session, crawler_name)
        if crawl_id is None:
            raise CrawlerNotRunningError(f"Crawler with name {crawler_name} isn't running. There is nothing to stop.")
        session.execute("UPDATE findmatches.crawl_runs SET state = ? WHERE crawl_id = ?", (STOPPING, crawl_id))


def is_to_stop(catalog: Catalog, crawl_id: str) -> bool:
    """Whether somebody asked a crawl to stop."""
    with catalog.reading() as session:
        row = session.row("SELECT state FROM findmatches.crawl_runs WHERE crawl_id = ?", (crawl_id,))
    return bool(row and row["state"] == STOPPING)


def _lost(session: Session) -> list[str]:
    rows = session.rows("SELECT * FROM findmatches.crawl_runs WHERE state IN (?, ?)", (RUNNING, STOPPING))
    return [row["crawl_id"] for row in rows if _process(row).is_gone]


def _close_lost(session: Session) -> None:
    for crawl_id in _lost(session):
        session.execute(
            "UPDATE findmatches.crawl_runs SET state = ?, end_time = ?, error_message = ? WHERE crawl_id = ?",
            (FAILED, utc_now(), GONE, crawl_id),
        )


def _process(row: Mapping[str, Any]) -> Process:
    return Process(row["host"], row["process_id"], row["process_started"])


def _counts(changes: Changes) -> dict[str, int]:
    return {"ADD": changes.added, "UPDATE": changes.updated, "DELETE": changes.deleted}


def _crawl(row: Mapping[str, Any]) -> Crawl:
    return Crawl(
        crawl_id=row["crawl_id"],
        crawler_name=row["crawler_name"],
        location=row["location"],
        database_name=row["database_name"],
        state=row["state"],
        start_time=row["start_time"],
        end_time=row["end_time"],
        summary=json.loads(row["summary_json"]),
        problems=json.loads(row["problems_json"]),
        problem_count=row["problem_count"],
        error_message=row["error_message"],
    )
