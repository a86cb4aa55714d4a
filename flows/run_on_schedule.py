"""The flow that a crawler's schedule starts."""

from flows.guarded_flow import flow
from flows.permitted import check_permitted
from flows.steps import step_task
from tasks.crawl_catalog import CrawlSummary
from tasks.run_crawler import run_on_schedule as run


@flow(name="run_on_schedule", flow_run_name="run_on_schedule {name}")
def run_on_schedule(name: str, home: str | None = None) -> CrawlSummary | None:
    """Crawl all targets of a crawler whose time has come; nothing is done while its schedule is not in force.

    Args:
        name: The crawler's name.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(home)
    return step_task(run, home)(name)
