"""Crawl a database: put the tables of a server, which are no files, into the catalog."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog.connections import login_of
from catalog.database import Catalog
from catalog.session import utc_now
from catalog.tables import list_tables
from crawling.database_tables import find_database_tables, refuse_no_table
from crawling.tables import Found, Names
from errors import InvalidInputError, counted
from storage.database_tables import include_path
from storage.workspace import Workspace
from tasks.crawl import crawl_one, wanted
from tasks.crawl_catalog import CrawlSummary

CONNECTION = "connectionName"


@dataclass(frozen=True)
class DatabaseTarget:
    """Tables to crawl: the connection, the include path `db/schema/%` or `db/%`, and globs of tables to leave out."""

    connection_name: str
    path: str
    exclusions: tuple[str, ...] = ()
    table_threshold: int | None = None


@dataclass(frozen=True)
class DatabaseCrawlOptions:
    """What a person may say of the crawl of a database: as for files, see `tasks.crawl.CrawlOptions`."""

    database: str = "default"
    table: str | None = None
    exclusions: tuple[str, ...] = ()
    table_threshold: int | None = None
    prefix: str = ""


class DatabaseSource:
    """The tables of a server under an include path. Those known in `database` of the catalog keep their names."""

    def __init__(self, workspace: Workspace, target: DatabaseTarget, database: str) -> None:
        self.target = target
        self.login = login_of(workspace, target.connection_name)
        self.path = include_path(target.path, self.login.kind)
        self.location = self.path.location
        self.known = _known_names(workspace, database, target.connection_name)
        self.objects = 0

    def find(self, names: Names, stop: Callable[[], None]) -> Found:
        """The tables there, as the server describes them; no row is read."""
        stop()
        names = replace(names, known=self.known | dict(names.known or {}))
        found = find_database_tables(self.login, self.path, self.target.exclusions, names)
        self.objects = found.read
        _refuse_too_many(len(found.tables), self.target.table_threshold)
        return found

    def refuse_nothing(self, found: Found) -> None:
        """Raise when there is no table at all, and say why."""
        refuse_no_table(self.login, self.path, found)

    def remember(self, found: Found) -> None:
        """Nothing is to be kept: the server describes its tables anew."""


def crawl_database(
    workspace: Workspace, connection: str, path: str, options: DatabaseCrawlOptions | None = None
) -> CrawlSummary:
    """Catalogue the tables under an include path, `database/schema/%` or `database/%`; no row is read.

    Nothing is taken out of the catalog. A path without a table is an error.
    """
    options = options or DatabaseCrawlOptions()
    start_time = utc_now()
    named = wanted(options.database, options.prefix, options.table)
    target = DatabaseTarget(connection, path, options.exclusions, options.table_threshold)
    source = DatabaseSource(workspace, target, named.database)
    return crawl_one(Catalog.of(workspace), source, named, start_time)


def _known_names(workspace: Workspace, database: str, connection: str) -> dict[str, str]:
    """What the tables of a connection are called already, by location."""
    tables = list_tables(Catalog.of(workspace))
    own = (each for each in tables if each.parameters.get(CONNECTION) == connection)
    return {each.location: each.name for each in own if each.database_name == database}


def _refuse_too_many(count: int, threshold: int | None) -> None:
    if threshold is not None and count > threshold:
        raise InvalidInputError(
            f"The crawl found {counted(count, 'table')}, more than the table threshold of {threshold}; nothing was "
            "written. Exclude tables, or raise it."
        )
