"""The flow behind `findmatches crawl`."""

from typing import Annotated

from flows.guarded_flow import flow
from flows.parameters import between
from flows.permitted import check_permitted
from flows.steps import step_task
from tasks.crawl import CrawlOptions
from tasks.crawl import crawl_path as crawl_files
from tasks.crawl_catalog import CrawlSummary


@flow(name="crawl", flow_run_name="crawl {path}")
def crawl(
    path: str,
    database: str = "default",
    table: str | None = None,
    header: bool | None = None,
    exclusions: tuple[str, ...] = (),
    sample_size: Annotated[int | None, between(1, 249)] = None,
    combine_compatible_schemas: bool = False,
    table_level: Annotated[int | None, between(1)] = None,
    table_threshold: Annotated[int | None, between(1)] = None,
    prefix: str = "",
    whole: bool | None = None,
    glue_rules: bool = False,
    home: str | None = None,
) -> CrawlSummary:
    """Find the tables among the files at a path, and write them into the catalog.

    Args:
        path: A file, a folder or an s3:// prefix.
        database: The database of the catalog that the tables go to.
        table: The name of the one table there is; made from the path when left out.
        header: Whether the first line names the columns; found out when left out.
        exclusions: Globs below the path of files to leave out.
        sample_size: How many files of each folder are looked into, 1 to 249; all when left out.
        combine_compatible_schemas: Whether files of one format are one table however different their columns are.
        table_level: The level of folders that are tables, 1 for those right in the bucket.
        table_threshold: More tables than this are an error.
        prefix: What the tables' names begin with.
        whole: Whether all records are read, or none but the files' beginnings; small local tables when left out.
        glue_rules: Whether Glue's own rules hold where findmatches has others.
        home: The workspace folder; the environment's when left out.

    """
    check_permitted(path, home)
    options = CrawlOptions(
        database=database,
        table=table,
        header=header,
        exclusions=exclusions,
        sample_size=sample_size,
        combine_compatible_schemas=combine_compatible_schemas,
        table_level=table_level,
        table_threshold=table_threshold,
        prefix=prefix,
        whole=whole,
        glue_rules=glue_rules,
    )
    return step_task(crawl_files, home)(path, options)
