"""Crawl: find out what files hold and put the table into the catalog."""

from catalog.database import Catalog
from catalog.session import utc_now
from catalog.tables import Column, Table, record_crawl, register_table
from crawling.names import catalog_name
from crawling.table import CrawledTable, crawl_table
from storage.copies import Copies
from storage.files import list_files, location_of
from storage.workspace import Workspace


def crawl(
    workspace: Workspace, path: str, database: str = "default", table: str | None = None, header: bool | None = None
) -> Table:
    """Catalogue the file, folder or s3:// prefix at `path` as one table of `database`, and return that table.

    `table` names it, None names it after the file or folder. `header` says whether CSV files begin with the columns'
    names; None leaves it to Glue's rule.
    """
    start_time = utc_now()
    database_name = catalog_name("database", database)
    files = list_files(path)
    crawled = crawl_table(location_of(path, files), files, name=table, header=header, copies=Copies(workspace.copies))
    catalog = Catalog.of(workspace)
    known = register_table(catalog, _catalogued(crawled, database_name))
    record_crawl(catalog, known, start_time)
    return known


def _catalogued(crawled: CrawledTable, database_name: str) -> Table:
    return Table(
        database_name=database_name,
        name=crawled.name,
        location=crawled.location,
        classification=crawled.classification,
        columns=tuple(Column(column.name, column.type, column.source_name) for column in crawled.columns),
        parameters=crawled.parameters,
        files=crawled.files,
    )
