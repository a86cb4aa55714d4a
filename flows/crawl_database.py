"""The flow that catalogs the tables of a database."""

from typing import Annotated

from flows.guarded_flow import flow
from flows.parameters import between
from flows.permitted import check_permitted
from flows.steps import step_task
from tasks.crawl_catalog import CrawlSummary
from tasks.crawl_database import DatabaseCrawlOptions
from tasks.crawl_database import crawl_database as crawl_tables


@flow(name="crawl_database", flow_run_name="crawl {connection} {path}")
def crawl_database(
    connection: str,
    path: str,
    database: str = "default",
    table: str | None = None,
    exclusions: tuple[str, ...] = (),
    table_threshold: Annotated[int | None, between(1)] = None,
    prefix: str = "",
    home: str | None = None,
) -> CrawlSummary:
    """Find the tables under a path of a database, and write them into the catalog.

    Args:
        connection: The name of the connection to the database.
        path: The include path, database/schema/% or database/%.
        database: The database of the catalog that the tables go to.
        table: The name of the one table there is; made from the path when left out.
        exclusions: Globs of tables to leave out.
        table_threshold: More tables than this are an error.
        prefix: What the tables' names begin with.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    options = DatabaseCrawlOptions(database, table, tuple(exclusions), table_threshold, prefix)
    return step_task(crawl_tables, home)(connection, path, options)
