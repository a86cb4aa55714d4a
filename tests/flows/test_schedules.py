"""Crawlers as deployments of Prefect: which, when, and what they run."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.crawler import Crawler, S3Target
from catalog.crawlers import create_crawler, set_scheduled
from catalog.database import Catalog
from errors import InvalidInputError
from storage.workspace import Workspace

CRAWLER = Crawler("nightly", (S3Target("/data"),), schedule="cron(15 3 ? * 2-6 *)")


def test_each_schedule_in_force_is_a_deployment(home: Path) -> None:
    from flows.schedules import crawler_deployments

    catalog = Catalog.of(Workspace(home))
    for crawler in (CRAWLER, replace(CRAWLER, name="by hand", schedule=""), replace(CRAWLER, name="resting")):
        create_crawler(catalog, crawler)
    set_scheduled(catalog, "resting", scheduled=False)
    (made,) = crawler_deployments(str(home))
    assert (made.name, made.flow_name, made.parameters) == (
        "nightly",
        "run_on_schedule",
        {"name": "nightly", "home": str(home)},
    )
    (schedule,) = made.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone or "UTC") == ("15 3 * * 1-5", "UTC")
    assert made.concurrency_limit == 1


def test_crawlers_whose_names_prefect_does_not_allow_are_deployments_too(home: Path) -> None:
    from flows.schedules import crawler_deployments

    names = ("a", "sales & co", "sales % co", "<all>")
    for name in names:
        create_crawler(Catalog.of(Workspace(home)), replace(CRAWLER, name=name))
    made = crawler_deployments(str(home))
    assert {each.parameters["name"] for each in made} == set(names)
    assert {each.name.partition("-")[0] for each in made} == {"a", "sales ", ""}
    assert len({each.name for each in made}) == 4


def test_no_schedule_in_force_is_said(home: Path) -> None:
    from flows.schedules import crawler_deployments

    create_crawler(Catalog.of(Workspace(home)), replace(CRAWLER, schedule=""))
    with pytest.raises(InvalidInputError, match="No crawler has a schedule in force"):
        crawler_deployments(str(home))
