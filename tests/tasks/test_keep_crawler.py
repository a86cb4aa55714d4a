"""Crawlers are checked when they are kept, and run on their schedules only while these are in force."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.crawl_history import list_crawls
from catalog.crawler import Crawler, S3Target
from catalog.crawlers import get_crawler, list_crawlers, set_scheduled
from catalog.database import Catalog
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.keep_crawler import change_crawler, keep_crawler
from tasks.run_crawler import run_on_schedule


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    """A crawler of a folder with one table."""
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.csv").write_text("id,name\n1,Ada\n")
    return Crawler("nightly", (S3Target(str(tmp_path / "lake")),), "Raw", schedule="0 3 * * *")


def test_the_database_is_called_as_in_the_catalog(workspace: Workspace, catalog: Catalog, crawler: Crawler) -> None:
    assert keep_crawler(workspace, crawler).database_name == "raw"
    assert get_crawler(catalog, "nightly").database_name == "raw"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"database_name": "my-db"}, "'my-db' cannot name a database"),
        ({"targets": (S3Target("x", ("a", "[b")),)}, r"'\[b' is no pattern of files to leave out"),
        ({"targets": (S3Target("x", ("{a,{b}}",)),)}, "braces cannot stand in braces"),
    ],
)
def test_what_no_crawl_could_follow_is_not_kept(
    workspace: Workspace, catalog: Catalog, crawler: Crawler, changes: dict[str, object], message: str
) -> None:
    wrong = replace(crawler, **changes)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match=message):
        keep_crawler(workspace, wrong)
    assert list_crawlers(catalog) == []
    kept = keep_crawler(workspace, crawler)
    with pytest.raises(InvalidInputError, match=message):
        change_crawler(workspace, wrong)
    assert list_crawlers(catalog) == [kept]


def test_nothing_is_crawled_while_a_schedule_is_not_in_force(
    workspace: Workspace, catalog: Catalog, crawler: Crawler
) -> None:
    keep_crawler(workspace, crawler)
    set_scheduled(catalog, "nightly", scheduled=False)
    assert run_on_schedule(workspace, "nightly") is None
    assert list_crawls(catalog) == []
    set_scheduled(catalog, "nightly", scheduled=True)
    done = run_on_schedule(workspace, "nightly")
    assert done is not None
    assert [table.qualified_name for table in done.tables] == ["raw.lake"]


def test_a_crawler_that_is_gone_does_not_run_on_schedule(workspace: Workspace) -> None:
    with pytest.raises(EntityNotFoundError, match="Crawler with name nightly does not exist"):
        run_on_schedule(workspace, "nightly")
