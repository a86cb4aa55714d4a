"""Crawl: find out what files hold and put their tables into the catalog."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from catalog.database import Catalog
from catalog.partitions import Changes, Partition
from catalog.register import Entry, register_crawl
from catalog.session import utc_now
from catalog.table import Column, Layout, Table
from catalog.tables import list_tables, record_crawl
from crawling.columns import CrawledColumn
from crawling.known_files import KnownFiles, known_place, read_known, write_known
from crawling.names import catalog_name
from crawling.problems import Problem
from crawling.rules import CrawlRules, CsvRule
from crawling.table import CrawledTable
from crawling.tables import Found, Names, find_tables, refuse_nothing
from errors import InvalidInputError, counted
from storage.copies import Copies
from storage.files import StoredFile, list_files, location_of
from storage.workspace import Workspace
from tasks.crawl_policy import DELETE, DEPRECATE, UPDATED_BY, Policies, deprecated, next_table

SHOWN = 5  # problems in the log; all are in the history

log = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class CrawlTarget:
    """A path to crawl, and how. With `new_folders_only`, no file is looked at in folders that were crawled before."""

    path: str
    rules: CrawlRules = field(default_factory=CrawlRules)
    new_folders_only: bool = False


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
        """Glue's COMPLETED, or PARTIAL when some file could not be read."""
        return "PARTIAL" if self.problems else "COMPLETED"


@dataclass(frozen=True)
class CrawlOptions:
    """What a person may say of a crawl of one path; `crawling.rules` has the meaning of most.

    `table` names the one table there is, `prefix` begins the names of all. `whole` reads every record (true) or only
    the files' beginnings (false); None reads all of small local tables.
    """

    database: str = "default"
    table: str | None = None
    header: bool | None = None
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None
    combine_compatible_schemas: bool = False
    table_level: int | None = None
    table_threshold: int | None = None
    prefix: str = ""
    whole: bool | None = None
    glue_rules: bool = False

    @property
    def rules(self) -> CrawlRules:
        """The rules by which files are read and become tables."""
        return CrawlRules(
            csv=header_rule(self.header),
            exclusions=tuple(self.exclusions),
            sample_size=self.sample_size,
            combine_compatible_schemas=self.combine_compatible_schemas,
            table_level=self.table_level,
            table_threshold=self.table_threshold,
            glue=self.glue_rules,
        )


def crawl(
    workspace: Workspace, path: str, database: str = "default", table: str | None = None, header: bool | None = None
) -> Table:
    """Catalogue the file, folder or s3:// prefix at `path` as one table of `database`, and return that table.

    `table` names it, None names it after the file or folder. `header` says whether CSV files begin with the columns'
    names; None leaves that to be found out. A path with more than one table is an error, and nothing is written.
    """
    target = CrawlTarget(path, CrawlRules(csv=header_rule(header)))
    (made,) = crawl_targets(workspace, [target], database, table=table, only_one=True).tables
    return made


def crawl_path(workspace: Workspace, path: str, options: CrawlOptions | None = None) -> CrawlSummary:
    """Catalogue everything under `path`, as many tables as there are; nothing is taken out of the catalog."""
    options = options or CrawlOptions()
    return crawl_targets(
        workspace,
        [CrawlTarget(path, options.rules)],
        options.database,
        prefix=options.prefix,
        table=options.table,
        whole=options.whole,
    )


def header_rule(header: bool | None) -> tuple[CsvRule, ...]:
    """The rule for CSV files of which only is known whether they have a header."""
    return () if header is None else (CsvRule(header=header, allow_single_column=True),)


def crawl_targets(
    workspace: Workspace,
    targets: Sequence[CrawlTarget],
    database: str = "default",
    *,
    prefix: str = "",
    policies: Policies | None = None,
    table: str | None = None,
    only_one: bool = False,
    whole: bool | None = None,
) -> CrawlSummary:
    """Catalogue everything under the targets' paths as tables of `database`.

    Files that are known unchanged are not read again. A file that cannot be read is left out, unless it was read
    before: then what was known of it stands. `table` names the one table there is; with `only_one`, or a name, more
    tables are an error. `whole` reads every record (true) or only the files' beginnings (false); None reads all of
    small local tables. Tables of the crawler in `policies` that are not found any more go as its policy says.
    """
    start_time = utc_now()
    policies = policies or Policies()
    database_name = catalog_name("database", database)
    name = None if table is None else catalog_name("table", table)
    catalog = Catalog.of(workspace)
    known = {each.name: each for each in list_tables(catalog) if each.database_name == database_name}
    names = _names(known, prefix, policies)
    crawled = [_Crawled(workspace, target) for target in targets]
    found = []
    for each in crawled:
        found.append(each.find(names, whole))
        names = replace(names, taken=names.taken | {made.name for made in found[-1].tables})
        if not policies.crawler:
            refuse_nothing(each.location, each.files, found[-1])
    tables = [made for one in found for made in one.tables]
    if only_one or name is not None:
        tables = [replace(_the_only(targets[0].path, tables), name=name or tables[0].name)]
    problems = [problem for one in found for problem in one.problems]
    notes = [note for one in found for note in one.notes]
    entries = []
    for made in tables:
        entry, told = _entry(made, database_name, known.get(made.name), policies)
        entries.append(entry)
        notes += [Problem(made.location, text) for text in told]
    lost, dropped = _gone(known, tables, crawled, problems, policies)
    _tell(problems, notes)
    registered = register_crawl(catalog, entries, lost, dropped)
    for each, one in zip(crawled, found, strict=True):
        each.remember(one)
    for made_table in registered.tables:
        record_crawl(catalog, made_table, start_time)
    return CrawlSummary(
        registered.tables,
        tuple(problems),
        tuple(notes),
        registered.table_changes,
        registered.partition_changes,
        sum(len(each.files) for each in crawled),
        sum(one.read for one in found),
    )


class _Crawled:
    """A target with the files that lie there, and what is known of them."""

    def __init__(self, workspace: Workspace, target: CrawlTarget) -> None:
        self.rules = target.rules
        self.copies = Copies(workspace.copies)
        listed = list_files(target.path)
        self.location = location_of(target.path, listed)
        self.place = known_place(workspace.crawled, self.location, target.rules)
        self.known = read_known(self.place)
        self.files = _in_new_folders(listed, self.known) if target.new_folders_only else listed

    def find(self, names: Names, whole: bool | None) -> Found:
        """The tables there."""
        return find_tables(self.location, self.files, self.rules, self.known, self.copies, names, whole=whole)

    def remember(self, found: Found) -> None:
        """Keep what was found, for the next crawl."""
        write_known(self.place, found.described)


def _in_new_folders(files: Sequence[StoredFile], known: KnownFiles) -> list[StoredFile]:
    """The files of folders that are new, and of the others those that were known, as they were."""
    folders = {path.rpartition("/")[0] for path in known.schemas}
    new = [file for file in files if file.path.rpartition("/")[0] not in folders]
    return sorted([*new, *(schema.file for schema in known.schemas.values())], key=lambda file: file.path)


def _names(known: dict[str, Table], prefix: str, policies: Policies) -> Names:
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
    raise InvalidInputError(
        f"'{path}' holds {counted(len(tables), 'table')}, not one, whose files differ in format or columns: {shown}. "
        "Crawl one of them, or exclude the other files."
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
    return Entry(
        table, partitions, keep_partitions=policies.delete_behavior != DELETE and bool(policies.crawler)
    ), notes


def _own_columns(table: Table, columns: Sequence[CrawledColumn], policies: Policies) -> tuple[Column, ...]:
    """The columns of a partition; none where it has those of its table."""
    own = _columns(columns)
    return () if policies.inherit_from_table or own == table.columns else own


def _gone(
    known: dict[str, Table],
    tables: Sequence[CrawledTable],
    crawled: Sequence[_Crawled],
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
        and any(table.location.startswith(each.location) for each in crawled)
        and unreadable.isdisjoint(table.files)
    ]
    if policies.delete_behavior == DELETE:
        return [], gone
    if policies.delete_behavior == DEPRECATE:
        return [marked for table in gone if (marked := deprecated(table)) != table], []
    return [], []


def _tell(problems: Sequence[Problem], notes: Sequence[Problem]) -> None:
    for problem in problems[:SHOWN]:
        log.warning("%s%s", problem.message, " What was known of it stays." if problem.kept else "")
    if len(problems) > SHOWN:
        log.warning("%s more could not be read.", counted(len(problems) - SHOWN, "file"))
    for note in notes[:SHOWN]:
        log.warning("'%s': %s", note.path, note.message)
    if len(notes) > SHOWN:
        log.warning("%s like these.", counted(len(notes) - SHOWN, "more note"))


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
