"""From what the sources of a crawl hold to the tables of the catalog, as its policies say."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.database import Catalog
from catalog.partitions import Changes, Partition
from catalog.register import Entry, register_crawl
from catalog.table import Column, Layout, Table
from catalog.tables import list_tables
from crawling.columns import CrawledColumn
from crawling.problems import Problem
from crawling.table import CrawledTable
from crawling.tables import Found, Names
from errors import InvalidInputError, counted
from tasks.crawl_policy import DELETE, DEPRECATE, UPDATED_BY, Policies, deprecated, next_table
from tasks.crawl_sources import Source

SHOWN = 5  # problems in the log; all are in the history

log = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class CrawlSummary:
    """What came of a crawl: the tables, what could not be read, and what else there is to know.

    `objects` is the number of files, of which `read` were looked into now.
    """

    tables: tuple[Table, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    table_changes: Changes
    partition_changes: Changes
    objects: int
    read: int

    @property
    def state(self) -> str:
        """COMPLETED, or PARTIAL when some file could not be read."""
        return "PARTIAL" if self.problems else "COMPLETED"


@dataclass(frozen=True)
class Wanted:
    """What tables are to be made: in which database, called what; `only_one` refuses a crawl that finds more."""

    database: str = "default"
    prefix: str = ""
    table: str | None = None
    only_one: bool = False


def crawl_sources(
    catalog: Catalog, sources: Sequence[Source], wanted: Wanted, policies: Policies, stop: Callable[[], None]
) -> CrawlSummary:
    """Put the tables of all sources into the catalog, in one go; nothing where one of them is refused."""
    known = {each.name: each for each in list_tables(catalog) if each.database_name == wanted.database}
    found = _find(sources, _names(known, wanted.prefix, policies), policies, stop)
    tables = [made for one in found for made in one.tables]
    if wanted.only_one or wanted.table is not None:
        only = _the_only(sources[0].location, tables)
        tables = [replace(only, name=wanted.table or only.name)]
    problems = [problem for one in found for problem in one.problems]
    notes = [note for one in found for note in one.notes]
    entries = []
    for made in tables:
        entry, told = _entry(made, wanted.database, known.get(made.name), policies)
        entries.append(entry)
        notes += [Problem(made.location, text) for text in told]
    lost, dropped = _gone(known, tables, sources, problems, policies)
    tell(problems, notes)
    stop()
    registered = register_crawl(catalog, entries, lost, dropped)
    for source, one in zip(sources, found, strict=True):
        source.remember(one)
    return CrawlSummary(
        registered.tables,
        tuple(problems),
        tuple(notes),
        registered.table_changes,
        registered.partition_changes,
        sum(source.objects for source in sources),
        sum(one.read for one in found),
    )


def tell(problems: Sequence[Problem], notes: Sequence[Problem]) -> None:
    """Say on the log what is wrong with single files, the first few of them one by one."""
    for problem in problems[:SHOWN]:
        log.warning("%s%s", problem.message, " What was known of it stays." if problem.kept else "")
    if len(problems) > SHOWN:
        log.warning("%s more could not be read.", counted(len(problems) - SHOWN, "file"))
    for note in notes[:SHOWN]:
        log.warning("'%s': %s", note.path, note.message)
    if len(notes) > SHOWN:
        log.warning("%s like these.", counted(len(notes) - SHOWN, "more note"))


def _find(sources: Sequence[Source], names: Names, policies: Policies, stop: Callable[[], None]) -> list[Found]:
    found = []
    for source in sources:
        found.append(source.find(names, stop))
        names = replace(names, taken=names.taken | {made.name for made in found[-1].tables})
        if not policies.crawler:
            source.refuse_nothing(found[-1])
    return found


def _names(known: Mapping[str, Table], prefix: str, policies: Policies) -> Names:
    """What tables are called: those of the crawler keep their names; without a crawler a name is taken over."""
    if not policies.crawler:
        return Names(prefix)
    own = {each.location: each.name for each in known.values() if _is_own(each, policies)}
    return Names(prefix, own, frozenset(known) - frozenset(own.values()))


def _is_own(table: Table, policies: Policies) -> bool:
    return bool(policies.crawler) and table.parameters.get(UPDATED_BY) == policies.crawler


def _the_only(path: str, tables: Sequence[CrawledTable]) -> CrawledTable:
    if len(tables) == 1:
        return tables[0]
    shown = ", ".join(f"'{table.location}'" for table in tables[:SHOWN]) + " …" * (len(tables) > SHOWN)
    of_files = all(table.parameters.get("typeOfData") == "file" for table in tables)
    differ = ", whose files differ in format or columns" * of_files
    raise InvalidInputError(
        f"'{path}' holds {counted(len(tables), 'table')}, not one{differ}: {shown}. Crawl one of them, or exclude the "
        "others."
    )


def _entry(made: CrawledTable, database: str, known: Table | None, policies: Policies) -> tuple[Entry, list[str]]:
    found = _catalogued(made, database)
    if policies.crawler:
        found = replace(found, parameters=found.parameters | {UPDATED_BY: policies.crawler})
    table, notes = next_table(known, found, policies, unchanged=made.unchanged)
    partitions = tuple(
        Partition(each.location, each.values, _own_columns(table, each.columns, policies), each.parameters)
        for each in made.partitions
    )
    keep = bool(policies.crawler) and policies.delete_behavior != DELETE
    return Entry(table, partitions, keep_partitions=keep), notes


def _own_columns(table: Table, columns: Sequence[CrawledColumn], policies: Policies) -> tuple[Column, ...]:
    """The columns of a partition; none where it has those of its table."""
    own = _columns(columns)
    return () if policies.inherit_from_table or own == table.columns else own


def _gone(
    known: Mapping[str, Table],
    tables: Sequence[CrawledTable],
    sources: Sequence[Source],
    problems: Sequence[Problem],
    policies: Policies,
) -> tuple[list[Table], list[Table]]:
    """The crawler's own tables that it does not find any more: those to mark as deprecated, and those to drop.

    A table with a file that could only not be read this time is not gone.
    """
    found = {table.name for table in tables}
    unreadable = {problem.path for problem in problems}
    gone = [
        table
        for name, table in known.items()
        if _is_own(table, policies)
        and name not in found
        and any(table.location.startswith(source.location) for source in sources)
        and unreadable.isdisjoint(table.files)
    ]
    if policies.delete_behavior == DELETE:
        return [], gone
    if policies.delete_behavior == DEPRECATE:
        return [marked for table in gone if (marked := deprecated(table)) != table], []
    return [], []


def _catalogued(crawled: CrawledTable, database_name: str) -> Table:
    return Table(
        database_name=database_name,
        name=crawled.name,
        location=crawled.location,
        classification=crawled.classification,
        columns=_columns(crawled.columns),
        parameters=crawled.parameters,
        files=crawled.files,
        partition_keys=crawled.partition_keys,
        layouts=tuple(Layout(_columns(layout.columns), layout.parameters, layout.files) for layout in crawled.layouts),
    )


def _columns(columns: Sequence[CrawledColumn]) -> tuple[Column, ...]:
    return tuple(Column(column.name, column.type, column.source_name) for column in columns)
