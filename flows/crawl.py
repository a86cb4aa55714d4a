"""The flow behind `findmatches crawl`."""

from prefect import flow

from catalog.tables import Table
from flows.steps import step_task
from tasks.crawl import crawl as crawl_files


@flow(name="crawl", flow_run_name="crawl {path}")
def crawl(
    path: str, database: str = "default", table: str | None = None, header: bool | None = None, home: str | None = None
) -> Table:
    """Read what the files at a path hold, and write it into the catalog as a table.

    Args:
        path: A file, a folder or an s3:// prefix.
        database: The database of the catalog that the table goes to.
        table: The table's name; made from the path when left out.
        header: Whether the first line names the columns; found out when left out.
        home: The workspace folder; the environment's when left out.

    """
    return step_task(crawl_files, home)(path, database=database, table=table, header=header)
