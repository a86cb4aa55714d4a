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
from errors import (
    CrawlerNotRunningError,
    CrawlerRunningError,
    CrawlerStoppingError,
    EntityNotFoundError,
    InvalidInputError,
)

READY, RUNNING, STOPPING, STOPPED, FAILED = "READY", "RUNNING", "STOPPING", "STOPPED", "FAILED"
STATES = (RUNNING, STOPPING, "COMPLETED", "PARTIAL", FAILED, STOPPED)
MOST_PROBLEMS = 1000  # of one crawl, kept; all are counted
GONE = "The process of this crawl ended without a result."
GIVEN_UP = "Given up: its machine was said to be gone."


@dataclass(frozen=True)
class Crawl:
    """One crawl: of a crawler, or of a path (then `crawler_name` is empty).

    `state` is RUNNING, COMPLETED, PARTIAL (some file could not be read), FAILED or STOPPED. `summary` counts tables
    and partitions that were added, updated and deleted; `problems` are the first of `problem_count`. `host` is the
    machine it runs on, or ran.
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
    host: str


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
        if crawler_name and (running := running_crawl(session, crawler_name)):
            raise CrawlerRunningError(
                f"Crawler with name {crawler_name} has already started, on machine {running.host}. Wait, or stop it: "
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


def list_crawls(
    catalog: Catalog, crawler_name: str | None = None, *, state: str | None = None, limit: int | None = None
) -> list[Crawl]:
    """Return all crawls, the latest first: those of one crawler, or that ended so, and at most `limit` of them.

    Crawls whose process is gone are closed before.
    """
    if state is not None and state not in STATES:
        raise InvalidInputError(f"The state of a crawl is one of {', '.join(STATES)}, and '{state}' is not.")
    wanted = [(name, value) for name, value in (("crawler_name", crawler_name), ("state", state)) if value is not None]
    where = "".join(f" AND {name} = ?" for name, _ in wanted)
    _close_all_lost(catalog)
    with catalog.reading() as session:
        rows = session.rows(
            f"SELECT * FROM findmatches.crawl_runs WHERE TRUE{where} ORDER BY start_time DESC, crawl_id"
            + ("" if limit is None else f" LIMIT {int(limit)}"),
            [value for _, value in wanted],
        )
    return [_crawl(row) for row in rows]


def get_crawl(catalog: Catalog, crawl_id: str) -> Crawl:
    """Return one crawl as it is now."""
    _close_all_lost(catalog)
    with catalog.reading() as session:
        row = session.row("SELECT * FROM findmatches.crawl_runs WHERE crawl_id = ?", (crawl_id,))
    if row is None:
        raise EntityNotFoundError(f"No crawl with the id {crawl_id}. `findmatches crawler history` lists them.")
    return _crawl(row)


def last_crawls(catalog: Catalog) -> dict[str, Crawl]:
    """Return the latest crawl of each crawler that has crawled, by the crawler's name."""
    _close_all_lost(catalog)
    with catalog.reading() as session:
        rows = session.rows(
            "SELECT * FROM findmatches.crawl_runs c WHERE crawler_name <> '' AND start_time ="
            " (SELECT max(start_time) FROM findmatches.crawl_runs WHERE crawler_name = c.crawler_name)"
        )
    return {row["crawler_name"]: _crawl(row) for row in rows}


def crawler_state(last: Crawl | None) -> str:
    """What a crawler does, in Glue's word, seen from its latest crawl: READY, RUNNING or STOPPING."""
    return last.state if last and last.state in (RUNNING, STOPPING) else READY


def running_crawl(session: Session, crawler_name: str) -> Crawl | None:
    """Return the crawl that a crawler is at, inside a visit; None when it rests."""
    rows = session.rows(
        "SELECT * FROM findmatches.crawl_runs WHERE crawler_name = ? AND state IN (?, ?)",
        (crawler_name, RUNNING, STOPPING),
    )
    return next((_crawl(row) for row in rows if not _process(row).is_gone), None)


def ask_to_stop(catalog: Catalog, crawler_name: str) -> None:
    """Ask the crawl that a crawler is at to stop; it does before it looks into the next files."""
    with catalog.transaction() as session:
        crawl = _the_running(session, crawler_name)
        if crawl.state == STOPPING:
            raise CrawlerStoppingError(
                f"Crawler with name {crawler_name} is stopping. Wait; or, if its machine {crawl.host} is gone: "
                f"findmatches crawler stop {crawler_name} --lost"
            )
        session.execute("UPDATE findmatches.crawl_runs SET state = ? WHERE crawl_id = ?", (STOPPING, crawl.crawl_id))


def give_up_crawl(catalog: Catalog, crawler_name: str) -> None:
    """Close the crawl that a crawler is at on another machine, which is gone; if it is not, the crawl stops there.

    Crawls of this machine need no such word: that their process is gone is seen.
    """
    with catalog.transaction() as session:
        crawl = _the_running(session, crawler_name)
        if crawl.host == Process.this_one().host:
            raise CrawlerRunningError(
                f"The crawl of {crawler_name} is not lost: it runs on this machine. Stop it: "
                f"findmatches crawler stop {crawler_name}"
            )
        _fail(session, crawl.crawl_id, GIVEN_UP)


def is_to_stop(catalog: Catalog, crawl_id: str) -> bool:
    """Whether somebody asked a crawl to stop, or gave it up."""
    with catalog.reading() as session:
        row = session.row("SELECT state FROM findmatches.crawl_runs WHERE crawl_id = ?", (crawl_id,))
    return bool(row and row["state"] != RUNNING)


def _the_running(session: Session, crawler_name: str) -> Crawl:
    crawl = running_crawl(session, crawler_name)
    if crawl is None:
        raise CrawlerNotRunningError(f"Crawler with name {crawler_name} isn't running. There is nothing to stop.")
    return crawl


def _close_all_lost(catalog: Catalog) -> None:
    with catalog.reading() as session:
        lost = bool(_lost(session))
    if lost:
        with catalog.transaction() as session:
            _close_lost(session)


def _lost(session: Session) -> list[str]:
    rows = session.rows("SELECT * FROM findmatches.crawl_runs WHERE state IN (?, ?)", (RUNNING, STOPPING))
    return [row["crawl_id"] for row in rows if _process(row).is_gone]


def _close_lost(session: Session) -> None:
    for crawl_id in _lost(session):
        _fail(session, crawl_id, GONE)


def _fail(session: Session, crawl_id: str, words: str) -> None:
    session.execute(
        "UPDATE findmatches.crawl_runs SET state = ?, end_time = ?, error_message = ? WHERE crawl_id = ?",
        (FAILED, utc_now(), words, crawl_id),
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
        host=row["host"],
    )
