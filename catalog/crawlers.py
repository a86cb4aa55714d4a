"""Crawlers by name: made, changed, listed and deleted; whether one is running its crawls tell."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from catalog.classifiers import get_classifiers
from catalog.crawl_history import running_crawl
from catalog.crawler import (
    Crawler,
    CrawlerConfiguration,
    DynamoDBTarget,
    JdbcTarget,
    S3Target,
    SchemaChangePolicy,
    Target,
    checked,
)
from catalog.database import Catalog
from catalog.session import Session, utc_now
from errors import (
    AlreadyExistsError,
    CrawlerRunningError,
    EntityNotFoundError,
    InvalidInputError,
    NoScheduleError,
    SchedulerNotRunningError,
    SchedulerRunningError,
    closest,
)

_KINDS: dict[str, type[Target]] = {"s3": S3Target, "jdbc": JdbcTarget, "dynamodb": DynamoDBTarget}


def create_crawler(catalog: Catalog, crawler: Crawler) -> Crawler:
    """Keep a new crawler, and return it with its times."""
    now = utc_now()
    made = replace(checked(crawler), version=1, creation_time=now, last_updated=now)
    get_classifiers(catalog, made.classifiers)
    with catalog.transaction() as session:
        if _find(session, made.name):
            raise AlreadyExistsError(
                f"Crawler with name {made.name} already exists. Choose another name, or update it."
            )
        session.insert("crawlers", _row(made))
    return made


def update_crawler(catalog: Catalog, crawler: Crawler) -> Crawler:
    """Put a crawler in the place of the one of its name, which must not be running; its version goes up by one."""
    get_classifiers(catalog, checked(crawler).classifiers)
    with catalog.transaction() as session:
        known = _known(session, crawler.name)
        _refuse_running(session, known.name, "changed")
        _refuse_other_folders(known, crawler)
        return _rewrite(session, known, crawler)


def delete_crawler(catalog: Catalog, name: str) -> None:
    """Forget a crawler that is not running; its tables and its history stay."""
    with catalog.transaction() as session:
        _refuse_running(session, _known(session, name).name, "deleted")
        session.execute("DELETE FROM findmatches.crawlers WHERE name = ?", (name,))


def get_crawler(catalog: Catalog, name: str) -> Crawler:
    """Return the crawler of a name."""
    with catalog.reading() as session:
        return _known(session, name)


def list_crawlers(catalog: Catalog) -> list[Crawler]:
    """Return all crawlers, by name."""
    with catalog.reading() as session:
        return [_crawler(row) for row in session.rows("SELECT * FROM findmatches.crawlers ORDER BY name")]


def set_scheduled(catalog: Catalog, name: str, scheduled: bool) -> Crawler:
    """Put the schedule of a crawler in force, or out of it, which needs no crawl to wait for; its version goes up."""
    with catalog.transaction() as session:
        known = _known(session, name)
        _check_schedule(known, begins=scheduled)
        return _rewrite(session, known, replace(known, scheduled=scheduled))


def _rewrite(session: Session, known: Crawler, crawler: Crawler) -> Crawler:
    made = replace(crawler, version=known.version + 1, creation_time=known.creation_time, last_updated=utc_now())
    session.execute("DELETE FROM findmatches.crawlers WHERE name = ?", (made.name,))
    session.insert("crawlers", _row(made))
    return made


def _refuse_other_folders(known: Crawler, crawler: Crawler) -> None:
    """Glue's rule: where only new folders are crawled, the S3 targets stay what they are."""
    stays = {known.recrawl_behavior, crawler.recrawl_behavior} == {"CRAWL_NEW_FOLDERS_ONLY"}
    before, after = ([each for each in one.targets if isinstance(each, S3Target)] for one in (known, crawler))
    if stays and before != after:
        raise InvalidInputError(
            f"Crawler {known.name} crawls new folders only, and so its paths cannot be changed. Make another crawler, "
            f"or let it crawl everything: findmatches crawler update {known.name} --recrawl CRAWL_EVERYTHING"
        )


def _check_schedule(crawler: Crawler, *, begins: bool) -> None:
    """Refuse to begin or end the schedule of a crawler that has none, or where that was done before."""
    if begins and not crawler.schedule:
        raise NoScheduleError(
            f"Crawler {crawler.name} has no schedule. Give one: findmatches crawler update {crawler.name} --schedule …"
        )
    if begins and crawler.scheduled:
        raise SchedulerRunningError(f"The schedule of crawler {crawler.name} is SCHEDULED already.")
    if not begins and not (crawler.schedule and crawler.scheduled):
        raise SchedulerNotRunningError(f"The schedule of crawler {crawler.name} is NOT_SCHEDULED already.")


def _refuse_running(session: Session, name: str, what: str) -> None:
    if running_crawl(session, name):
        raise CrawlerRunningError(
            f"Crawler with name {name} is running and cannot be {what} now. Wait, or stop it: "
            f"findmatches crawler stop {name}"
        )


def _known(session: Session, name: str) -> Crawler:
    found = _find(session, name)
    if found is None:
        names: Iterable[str] = [row["name"] for row in session.rows("SELECT name FROM findmatches.crawlers")]
        raise EntityNotFoundError(
            f"Crawler with name {name} does not exist.{closest(name, names)} `findmatches crawler list` lists them."
        )
    return found


def _find(session: Session, name: str) -> Crawler | None:
    row = session.row("SELECT * FROM findmatches.crawlers WHERE name = ?", (name,))
    return _crawler(row) if row else None


def _row(crawler: Crawler) -> dict[str, Any]:
    told = asdict(crawler)
    kept = {name: told.pop(name) for name in ("name", "version", "creation_time", "last_updated")}
    told["targets"] = [
        {"kind": kind} | asdict(target)
        for target in crawler.targets
        for kind, class_ in _KINDS.items()
        if isinstance(target, class_)
    ]
    return kept | {"definition_json": json.dumps(told)}


def _crawler(row: dict[str, Any]) -> Crawler:
    told = json.loads(row["definition_json"])
    return Crawler(
        **told
        | {
            "name": row["name"],
            "targets": tuple(map(_target, told["targets"])),
            "classifiers": tuple(told["classifiers"]),
            "schema_change_policy": SchemaChangePolicy(**told["schema_change_policy"]),
            "configuration": CrawlerConfiguration(**told["configuration"]),
            "version": row["version"],
            "creation_time": row["creation_time"],
            "last_updated": row["last_updated"],
        }
    )


def _target(told: dict[str, Any]) -> Target:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return _KINDS[fields.pop("kind")](**fields)
