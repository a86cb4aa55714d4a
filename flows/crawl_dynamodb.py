"""The flow that catalogs a table of DynamoDB."""

from typing import Annotated

from flows.guarded_flow import flow
from flows.parameters import between
from flows.permitted import check_permitted
from flows.steps import step_task
from tasks.crawl_catalog import CrawlSummary
from tasks.crawl_dynamodb import crawl_dynamodb as crawl_table


@flow(name="crawl_dynamodb", flow_run_name="crawl {path}")
def crawl_dynamodb(
    path: str,
    database: str = "default",
    table: str | None = None,
    prefix: str = "",
    scan_rate: Annotated[float | None, between(0.1, 1.5)] = None,
    scan_all: bool = True,
    home: str | None = None,
) -> CrawlSummary:
    """Describe a DynamoDB table by its items, and write it into the catalog.

    Args:
        path: The table, dynamodb://NAME.
        database: The database of the catalog that the table goes to.
        table: What the catalog calls it; its own name when left out.
        prefix: What the name begins with.
        scan_rate: The share of its read capacity to use, 0.1 to 1.5; 0.5 when left out.
        scan_all: Whether all items are looked at, or the first 1,000.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    return step_task(crawl_table, home)(path, database, table, prefix, scan_rate, scan_all)
