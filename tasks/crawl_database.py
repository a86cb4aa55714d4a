"""Crawl a database: put the tables of a server, which are no files, into the catalog."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.connections import login_of
from catalog.database import Catalog
from catalog.partitions import Changes
from catalog.register import Entry, register_crawl
from catalog.session import utc_now
from catalog.table import Column, Table
from catalog.tables import list_tables, record_crawl
from crawling.database_tables import find_database_tables
from crawling.names import catalog_name
from crawling.table import CrawledTable
from crawling.tables import Found, Names
from errors import InvalidInputError, counted
from storage.workspace import Workspace
from tasks.crawl import CrawlSummary
from tasks.crawl_policy import Policies, next_table

CONNECTION = "connectionName"

log = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class DatabaseCrawlOptions:
    """What a person may say of the crawl of a database: as for files, see `tasks.crawl.CrawlOptions`."""

    database: str = "default"
    table: str | None = None
    exclusions: tuple[str, ...] = ()
    table_threshold: int | None = None
    prefix: str = ""


def crawl_database(
    workspace: Workspace, connection: str, path: str, options: DatabaseCrawlOptions | None = None
) -> CrawlSummary:
    """Catalogue the tables under an include path, `database/schema/%` or `database/%`; no row is read.

    A table that is known keeps its name. Nothing is taken out of the catalog.
    """
    options = options or DatabaseCrawlOptions()
    start_time = utc_now()
    login = login_of(workspace, connection)
    names = Names(options.prefix, _known_names(workspace, options.database, connection))
    found = find_database_tables(login, path, options.exclusions, names)
    if not found.tables and found.problems:
        raise found.problems[0].error or InvalidInputError(found.problems[0].message)
    for problem in found.problems:
        log.warning("%s", problem.message)
    return catalogue(workspace, found, path, options, start_time)


def catalogue(
    workspace: Workspace, found: Found, path: str, options: DatabaseCrawlOptions, start_time: datetime
) -> CrawlSummary:
    """Put tables that are no files into the catalog, all of them or none, and remember the crawl."""
    database = catalog_name("database", options.database)
    _refuse_too_many(found.tables, options.table_threshold)
    tables = [_named(path, found.tables, options.table)] if options.table is not None else list(found.tables)
    catalog = Catalog.of(workspace)
    known = {each.name: each for each in list_tables(catalog) if each.database_name == database}
    entries = [Entry(next_table(known.get(made.name), _table(made, database), Policies())[0]) for made in tables]
    registered = register_crawl(catalog, entries)
    for table in registered.tables:
        record_crawl(catalog, table, start_time)
    return CrawlSummary(
        registered.tables, found.problems, found.notes, registered.table_changes, Changes(), found.read, found.read
    )


def _known_names(workspace: Workspace, database: str, connection: str) -> dict[str, str]:
    """What the tables of a connection are called already, by what they are named after."""
    tables = list_tables(Catalog.of(workspace))
    own = (each for each in tables if each.parameters.get(CONNECTION) == connection)
    return {each.location.replace("/", "_"): each.name for each in own if each.database_name == database.lower()}


def _named(path: str, tables: Sequence[CrawledTable], name: str) -> CrawledTable:
    if len(tables) > 1:
        raise InvalidInputError(
            f"'{path}' has {counted(len(tables), 'table')}, and --table can name only one. Give the path of one table."
        )
    return replace(tables[0], name=catalog_name("table", name))


def _refuse_too_many(tables: Sequence[CrawledTable], threshold: int | None) -> None:
    if threshold is not None and len(tables) > threshold:
        raise InvalidInputError(
            f"The crawl found {counted(len(tables), 'table')}, more than the table threshold of {threshold}; nothing "
            "was written. Exclude tables, or raise it."
        )


def _table(crawled: CrawledTable, database: str) -> Table:
    return Table(
        database_name=database,
        name=crawled.name,
        location=crawled.location,
        classification=crawled.classification,
        columns=tuple(Column(column.name, column.type, column.source_name) for column in crawled.columns),
        parameters=crawled.parameters,
        files=crawled.files,
    )
