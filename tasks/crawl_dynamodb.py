"""Crawl a DynamoDB table: put it into the catalog, its items to be read when a step needs them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog.database import Catalog
from catalog.session import utc_now
from catalog.tables import list_tables
from crawling.dynamodb_tables import TABLE_NAME, find_dynamodb_table
from crawling.tables import Found, Names
from errors import InvalidInputError
from storage.dynamodb import RATE, SCHEME, describe_table
from storage.workspace import Workspace
from tasks.crawl import crawl_one, wanted
from tasks.crawl_catalog import CrawlSummary


@dataclass(frozen=True)
class DynamoTarget:
    """A table by its name; `scan_rate` is the share of its read capacity to use, `scan_all` reads every item."""

    name: str
    scan_rate: float | None = None
    scan_all: bool = True


class DynamoSource:
    """One table of DynamoDB; where it is known in `database` of the catalog it keeps its name."""

    def __init__(self, workspace: Workspace, target: DynamoTarget, database: str) -> None:
        self.target = target
        self.rate = RATE if target.scan_rate is None else target.scan_rate
        if not 0.1 <= self.rate <= 1.5:
            raise InvalidInputError(f"The scan rate must be between 0.1 and 1.5, and {self.rate} is not.")
        self.table = describe_table(target.name)
        self.location = self.table.arn
        self.objects = 1
        tables = list_tables(Catalog.of(workspace))
        own = (each for each in tables if each.location == self.location and each.database_name == database)
        self.known = {each.parameters.get(TABLE_NAME, ""): each.name for each in own}

    def find(self, names: Names, stop: Callable[[], None]) -> Found:
        """The table, as its items show it."""
        stop()
        known = replace(names, known=self.known | dict(names.known or {}))
        return find_dynamodb_table(self.table, known, self.rate, scan_all=self.target.scan_all)

    def refuse_nothing(self, found: Found) -> None:
        """A table that is there is a table, though it may be empty."""

    def remember(self, found: Found) -> None:
        """Nothing is to be kept: the items are read anew."""


def crawl_dynamodb(
    workspace: Workspace,
    path: str,
    database: str = "default",
    table: str | None = None,
    prefix: str = "",
    scan_rate: float | None = None,
    scan_all: bool = True,
) -> CrawlSummary:
    """Catalogue the DynamoDB table at `path`, dynamodb://NAME; `table` names it in the catalog."""
    start_time = utc_now()
    named = wanted(database, prefix, table)
    source = DynamoSource(workspace, DynamoTarget(path.removeprefix(SCHEME).strip("/"), scan_rate, scan_all), database)
    return crawl_one(Catalog.of(workspace), source, named, start_time)
