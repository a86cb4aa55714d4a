"""One crawl of a named crawler, from its start to its entry in the history."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from catalog.classifiers import DATATYPES, CsvClassifier, get_classifiers
from catalog.crawl_history import FAILED, STOPPED, begin_crawl, end_crawl, is_to_stop
from catalog.crawler import Crawler, DynamoDBTarget, JdbcTarget, Target
from catalog.crawlers import get_crawler
from catalog.database import Catalog
from crawling.names import catalog_name
from crawling.rules import CrawlRules, CsvRule
from errors import CrawlStoppedError
from storage.url_secrets import without_logins
from storage.workspace import Workspace
from tasks.crawl import as_told
from tasks.crawl_catalog import CrawlSummary, Wanted, crawl_sources
from tasks.crawl_database import DatabaseSource, DatabaseTarget
from tasks.crawl_dynamodb import DynamoSource, DynamoTarget
from tasks.crawl_policy import Policies
from tasks.crawl_sources import CrawlTarget, FileSource, Source

log = logging.getLogger("findmatches.tasks")


def run_crawler(workspace: Workspace, name: str) -> CrawlSummary:
    """Crawl all targets of a crawler and put what they hold into the catalog, in one go.

    The crawl is in the history from its start. One that is stopped, or fails, leaves the catalog as it was and keeps
    what it learned of files, so that the next one goes on from there.
    """
    catalog = Catalog.of(workspace)
    crawler = get_crawler(catalog, name)
    with _in_history(catalog, crawler) as crawl_id:

        def stop() -> None:
            if is_to_stop(catalog, crawl_id):
                raise CrawlStoppedError(
                    f"The crawl of {name} was stopped. What it learned is kept, and findmatches crawler start {name} "
                    "goes on from there."
                )

        rules = _csv_rules(get_classifiers(catalog, crawler.classifiers))
        sources = [_source(workspace, crawler, target, rules) for target in crawler.targets]
        wanted = Wanted(catalog_name("database", crawler.database_name), crawler.table_prefix)
        summary = crawl_sources(catalog, sources, wanted, policies_of(crawler), stop)
        end_crawl(
            catalog,
            crawl_id,
            summary.state,
            tables=summary.table_changes,
            partitions=summary.partition_changes,
            problems=as_told(summary.problems),
        )
    return summary


def run_on_schedule(workspace: Workspace, name: str) -> CrawlSummary | None:
    """Crawl when the crawler's time has come, as `run_crawler` does; nothing while its schedule is not in force."""
    crawler = get_crawler(Catalog.of(workspace), name)
    if crawler.schedule and crawler.scheduled:
        return run_crawler(workspace, name)
    log.warning("The schedule of crawler %s is not in force; nothing is crawled.", name)
    return None


def policies_of(crawler: Crawler) -> Policies:
    """What becomes of tables that are known, as the crawler says."""
    return Policies(
        update_behavior=crawler.schema_change_policy.update_behavior,
        delete_behavior=crawler.schema_change_policy.delete_behavior,
        merge_new_columns=crawler.configuration.table_behavior == "MergeNewColumns",
        inherit_from_table=crawler.configuration.partition_behavior == "InheritFromTable",
        crawler=crawler.name,
    )


@contextmanager
def _in_history(catalog: Catalog, crawler: Crawler) -> Iterator[str]:
    """Keep the crawl in the history: as running while the block goes on, as failed or stopped when it raises."""
    location = ", ".join(target.path for target in crawler.targets)
    crawl_id = begin_crawl(catalog, location, crawler.database_name.lower(), crawler.name)
    try:
        yield crawl_id
    except (CrawlStoppedError, KeyboardInterrupt) as error:
        end_crawl(catalog, crawl_id, STOPPED, error_message=str(error) or "Stopped by hand.")
        raise
    except BaseException as error:
        words = " ".join(without_logins(str(error)).split()) or type(error).__name__
        end_crawl(catalog, crawl_id, FAILED, error_message=words)
        raise


def _source(workspace: Workspace, crawler: Crawler, target: Target, csv: tuple[CsvRule, ...]) -> Source:
    if isinstance(target, JdbcTarget):
        threshold = crawler.configuration.table_threshold
        tables = DatabaseTarget(target.connection_name, target.path, target.exclusions, threshold)
        return DatabaseSource(workspace, tables, catalog_name("database", crawler.database_name))
    if isinstance(target, DynamoDBTarget):
        table = DynamoTarget(target.path, target.scan_rate, target.scan_all)
        return DynamoSource(workspace, table, catalog_name("database", crawler.database_name))
    configuration = crawler.configuration
    rules = CrawlRules(
        csv=csv,
        exclusions=target.exclusions,
        sample_size=target.sample_size,
        combine_compatible_schemas=configuration.table_grouping_policy == "CombineCompatibleSchemas",
        table_level=configuration.table_level,
        table_threshold=configuration.table_threshold,
    )
    new_folders_only = crawler.recrawl_behavior == "CRAWL_NEW_FOLDERS_ONLY"
    queue = target.event_queue_arn if crawler.recrawl_behavior == "CRAWL_EVENT_MODE" else ""
    return FileSource(workspace, CrawlTarget(target.path, rules, new_folders_only, event_queue=queue))


def _csv_rules(classifiers: Sequence[CsvClassifier]) -> tuple[CsvRule, ...]:
    headers = {"PRESENT": True, "ABSENT": False}
    return tuple(
        CsvRule(
            delimiter=each.delimiter or None,
            quote=each.quote_symbol or None,
            header=headers.get(each.contains_header),
            names=each.header,
            types=tuple(DATATYPES[name] for name in each.custom_datatypes),
            allow_single_column=each.allow_single_column,
        )
        for each in classifiers
    )
