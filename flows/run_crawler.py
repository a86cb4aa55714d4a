"""The flow behind `findmatches crawler start`."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import step_task
from tasks.crawl_catalog import CrawlSummary
from tasks.run_crawler import run_crawler as run


@flow(name="run_crawler", flow_run_name="run_crawler {name}")
def run_crawler(name: str, home: str | None = None) -> CrawlSummary:
    """Crawl all targets of a crawler, and write what they hold into the catalog.

    Args:
        name: The crawler's name.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    return step_task(run, home)(name)
