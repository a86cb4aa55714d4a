"""Crawlers written as the JSON of Glue's CreateCrawler call, which `catalog.crawler_json` reads."""

import json
from typing import Any

from catalog.crawler import Crawler, CrawlerConfiguration, DynamoDBTarget, JdbcTarget, S3Target, Target

Call = dict[str, Any]


def call_of_crawler(crawler: Crawler) -> Call:
    """The CreateCrawler call that makes a crawler like this one; what was not said is not in it.

    For AWS it lacks a Role. Whether the schedule is in force is no part of the call.
    """
    policy = crawler.schema_change_policy
    configuration = configuration_text(crawler.configuration)
    return {
        "Name": crawler.name,
        "DatabaseName": crawler.database_name,
        "Targets": _targets(crawler.targets),
        "SchemaChangePolicy": {"UpdateBehavior": policy.update_behavior, "DeleteBehavior": policy.delete_behavior},
        "RecrawlPolicy": {"RecrawlBehavior": crawler.recrawl_behavior},
        **_said(
            Description=crawler.description,
            Schedule=crawler.schedule,
            Classifiers=list(crawler.classifiers),
            TablePrefix=crawler.table_prefix,
            Configuration=configuration,
        ),
    }


def configuration_text(configuration: CrawlerConfiguration) -> str:
    """Glue's Configuration, a JSON text; empty where nothing is configured.

    >>> configuration_text(CrawlerConfiguration(table_level=2))
    '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 2}}'
    """
    tables = _said(
        AddOrUpdateBehavior=configuration.table_behavior,
        TableThreshold=configuration.table_threshold,
    )
    output = _said(Tables=tables, Partitions=_said(AddOrUpdateBehavior=configuration.partition_behavior))
    grouping = _said(
        TableGroupingPolicy=configuration.table_grouping_policy,
        TableLevelConfiguration=configuration.table_level,
    )
    parts = _said(CrawlerOutput=output, Grouping=grouping)
    return json.dumps({"Version": 1.0, **parts}) if parts else ""


def _targets(targets: tuple[Target, ...]) -> Call:
    found: dict[str, list[Call]] = {}
    for target in targets:
        kind, made = _target(target)
        found.setdefault(kind, []).append(made)
    return found


def _target(target: Target) -> tuple[str, Call]:
    match target:
        case S3Target(path, exclusions, sample_size, queue):
            more = _said(Exclusions=list(exclusions), SampleSize=sample_size, EventQueueArn=queue)
            return "S3Targets", {"Path": path, **more}
        case JdbcTarget(connection, path, exclusions):
            return "JdbcTargets", {"ConnectionName": connection, "Path": path, **_said(Exclusions=list(exclusions))}
        case DynamoDBTarget(path, scan_all, scan_rate):
            return "DynamoDBTargets", {"Path": path, "scanAll": scan_all, **_said(scanRate=scan_rate)}


def _said(**parts: Any) -> Call:
    """What there is something in."""
    return {name: value for name, value in parts.items() if value}
