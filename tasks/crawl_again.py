"""Crawl a transform's table again, so that the next run sees the files of today."""

from catalog.database import Catalog
from catalog.session import utc_now
from catalog.table import Table
from catalog.tables import get_table
from catalog.transforms import get_transform
from crawling.rules import CrawlRules
from storage.workspace import Workspace
from tasks.crawl import crawl_one, header_rule
from tasks.crawl_catalog import Wanted
from tasks.crawl_policy import UPDATED_BY, Policies, refuse_to_lose_columns
from tasks.crawl_sources import CrawlTarget, FileSource
from tasks.run_crawler import run_crawler


def crawl_again(workspace: Workspace, name: str) -> Table:
    """Bring the table of transform `name` up to date, and return it; a column that is gone is an error.

    Files are looked into again: by the crawler that keeps the table, else by themselves. A table of a server is read
    anew by every step, so nothing is to be done.
    """
    catalog = Catalog.of(workspace)
    known = get_table(catalog, get_transform(catalog, name).table_name)
    if known.parameters.get("typeOfData") != "file":
        return known
    if crawler := known.parameters.get(UPDATED_BY):
        run_crawler(workspace, crawler)
    else:
        _crawl_files_of(workspace, known)
    now = get_table(catalog, known.qualified_name)
    refuse_to_lose_columns(known, now)
    return now


def _crawl_files_of(workspace: Workspace, table: Table) -> None:
    """Look into the table's files; where a column is gone, the catalog stays as it was."""
    started, rules = utc_now(), CrawlRules(csv=header_rule(_has_header(table)))
    wanted = Wanted(table.database_name, "", table.name, only_one=True)
    source = FileSource(workspace, CrawlTarget(table.location, rules))
    crawl_one(Catalog.of(workspace), source, wanted, started, Policies(keep_columns=True))


def _has_header(table: Table) -> bool | None:
    """Return what was found out, or told, of the table's CSV files; None where that differs among them."""
    if table.classification != "csv" or table.layouts:
        return None
    return "skip.header.line.count" in table.parameters
