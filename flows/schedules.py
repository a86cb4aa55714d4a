"""Crawlers on schedule: one Prefect deployment for each."""

import re
from typing import TYPE_CHECKING, cast
from zlib import crc32

from catalog.crawler import Crawler
from catalog.crawlers import list_crawlers
from catalog.cron import standard_cron
from catalog.database import Catalog
from errors import InvalidInputError
from flows.run_on_schedule import run_on_schedule
from storage.workspace import Workspace

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_BANNED = re.compile(r"[/%&<>]")


def crawler_deployments(home: str | None = None) -> "list[RunnerDeployment]":
    """Return a deployment for each crawler of the workspace whose schedule is in force; times are UTC."""
    workspace = Workspace.at(home)
    scheduled = [each for each in list_crawlers(Catalog.of(workspace)) if each.schedule and each.scheduled]
    if not scheduled:
        raise InvalidInputError(
            "No crawler has a schedule in force. Give one: findmatches crawler update NAME --schedule '0 3 * * *'"
        )
    return [_deployment(crawler, str(workspace.home.absolute())) for crawler in scheduled]


def _deployment(crawler: Crawler, home: str) -> "RunnerDeployment":
    made = run_on_schedule.to_deployment(
        name=deployment_name(crawler.name),
        cron=standard_cron(crawler.schedule),
        parameters={"name": crawler.name, "home": home},
        description=crawler.description or f"The crawler {crawler.name} of findmatches.",
        tags=["findmatches"],
        concurrency_limit=1,
    )
    return cast("RunnerDeployment", made)  # a coroutine where a loop runs, which is not so here


def deployment_name(name: str) -> str:
    """The crawler's name, or one like it where Prefect does not allow some sign of it; two crawlers never share one."""
    allowed = _BANNED.sub("-", name)
    return name if allowed == name else f"{allowed}-{crc32(name.encode()):08x}"


def serve_crawlers(home: str | None = None) -> None:
    """Run the crawlers of the workspace on their schedules until interrupted, recorded by the server that is set."""
    from prefect import serve

    serve(*crawler_deployments(home))
