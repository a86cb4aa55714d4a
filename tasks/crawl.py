"""Crawl: find out what files hold and put their tables into the catalog."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.crawl_history import begin_crawl, end_crawl
from catalog.database import Catalog
from catalog.session import utc_now
from catalog.table import Table
from crawling.names import catalog_name
from crawling.problems import Problem
from crawling.rules import CrawlRules, CsvRule
from storage.workspace import Workspace
from tasks.crawl_catalog import CrawlSummary, Wanted, crawl_sources
from tasks.crawl_policy import Policies
from tasks.crawl_sources import CrawlTarget, FileSource, Source


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
    (made,) = _crawl_files(workspace, target, wanted(database, "", table, only_one=True)).tables
    return made


def crawl_path(workspace: Workspace, path: str, options: CrawlOptions | None = None) -> CrawlSummary:
    """Catalogue everything under `path`, as many tables as there are; nothing is taken out of the catalog.

    Files that are known unchanged are not read again. A file that cannot be read is left out, unless it was read
    before: then what was known of it stands. A path that gives no table at all is an error.
    """
    options = options or CrawlOptions()
    target = CrawlTarget(path, options.rules, whole=options.whole)
    return _crawl_files(workspace, target, wanted(options.database, options.prefix, options.table))


def header_rule(header: bool | None) -> tuple[CsvRule, ...]:
    """The rule for CSV files of which only is known whether they have a header."""
    return () if header is None else (CsvRule(header=header, allow_single_column=True),)


def as_told(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems as the history keeps them."""
    return [{"path": problem.path, "message": problem.message} for problem in problems]


def wanted(database: str, prefix: str, table: str | None, *, only_one: bool = False) -> Wanted:
    """What tables are to be made, their names folded as the catalog has them."""
    name = None if table is None else catalog_name("table", table)
    return Wanted(catalog_name("database", database), prefix, name, only_one)


def _crawl_files(workspace: Workspace, target: CrawlTarget, named: Wanted) -> CrawlSummary:
    start_time = utc_now()
    return crawl_one(Catalog.of(workspace), FileSource(workspace, target), named, start_time)


def crawl_one(
    catalog: Catalog, source: Source, named: Wanted, start_time: datetime, policies: Policies | None = None
) -> CrawlSummary:
    """Crawl one source that a person named; a crawl that was refused leaves no trace."""
    summary = crawl_sources(catalog, [source], named, policies or Policies(), stop=lambda: None)
    crawl_id = begin_crawl(catalog, source.location, named.database, start_time=start_time)
    end_crawl(
        catalog,
        crawl_id,
        summary.state,
        tables=summary.table_changes,
        partitions=summary.partition_changes,
        problems=as_told(summary.problems),
    )
    return summary
