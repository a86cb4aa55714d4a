"""Crawlers as they are kept: checked by those who will crawl with them."""

from dataclasses import replace

from catalog.crawler import Crawler, S3Target
from catalog.crawlers import create_crawler, update_crawler
from catalog.database import Catalog
from crawling.exclude import is_excluded
from crawling.names import catalog_name
from storage.workspace import Workspace


def keep_crawler(workspace: Workspace, crawler: Crawler) -> Crawler:
    """Keep a new crawler. One that no crawl could follow is refused now, not when it runs at night."""
    return create_crawler(Catalog.of(workspace), _crawlable(crawler))


def change_crawler(workspace: Workspace, crawler: Crawler) -> Crawler:
    """Put a crawler in the place of the one of its name, checked like a new one."""
    return update_crawler(Catalog.of(workspace), _crawlable(crawler))


def _crawlable(crawler: Crawler) -> Crawler:
    """The crawler with its database as the catalog calls it; a database or glob that cannot be is an error."""
    for target in crawler.targets:
        if isinstance(target, S3Target):
            is_excluded("", target.exclusions)  # reads every glob
    return replace(crawler, database_name=catalog_name("database", crawler.database_name))
