"""Crawlers as the JSON of Glue's CreateCrawler call, read unchanged."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from catalog.crawler import (
    Crawler,
    CrawlerConfiguration,
    DynamoDBTarget,
    JdbcTarget,
    S3Target,
    SchemaChangePolicy,
    Target,
)
from errors import InvalidInputError

log = logging.getLogger("findmatches.catalog")

_OF_AWS = (
    "Role",
    "CrawlerSecurityConfiguration",
    "LineageConfiguration",
    "LakeFormationConfiguration",
    "Tags",
    "CatalogId",
)
_KNOWN = {
    "": {
        "Name",
        "Targets",
        "DatabaseName",
        "Description",
        "Schedule",
        "Classifiers",
        "TablePrefix",
        "SchemaChangePolicy",
        "RecrawlPolicy",
        "Configuration",
        *_OF_AWS,
    },
    "Targets": {"S3Targets", "JdbcTargets", "DynamoDBTargets"},
    "SchemaChangePolicy": {"UpdateBehavior", "DeleteBehavior"},
    "RecrawlPolicy": {"RecrawlBehavior"},
    "S3Targets": {"Path", "Exclusions", "SampleSize", "EventQueueArn", "DlqEventQueueArn", "ConnectionName"},
    "JdbcTargets": {"ConnectionName", "Path", "Exclusions", "EnableAdditionalMetadata"},
    "DynamoDBTargets": {"Path", "scanAll", "scanRate"},
    "Configuration": {"Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex"},
    "CrawlerOutput": {"Tables", "Partitions"},
    "CrawlerOutput.Tables": {"AddOrUpdateBehavior", "TableThreshold"},
    "CrawlerOutput.Partitions": {"AddOrUpdateBehavior"},
    "Grouping": {"TableGroupingPolicy", "TableLevelConfiguration"},
}


def crawler_of_json(text: str) -> Crawler:
    """The crawler of a CreateCrawler call; what only means something in AWS is left out, and named in a warning."""
    told = _object(text, "The crawler")
    _refuse_unknown("", told, "The crawler")
    ignored = [name for name in _OF_AWS if told.get(name)]
    if ignored:
        log.warning("%s: only AWS knows what that means; left out.", ", ".join(ignored))
    policy, recrawl = (_part(told, name) for name in ("SchemaChangePolicy", "RecrawlPolicy"))
    return Crawler(
        name=_text(told, "Name"),
        targets=_targets(_part(told, "Targets")),
        database_name=_text(told, "DatabaseName") or "default",
        description=_text(told, "Description"),
        table_prefix=_text(told, "TablePrefix"),
        classifiers=tuple(told.get("Classifiers") or ()),
        schedule=_schedule(told),
        schema_change_policy=SchemaChangePolicy(
            policy.get("UpdateBehavior", "UPDATE_IN_DATABASE"), policy.get("DeleteBehavior", "DEPRECATE_IN_DATABASE")
        ),
        recrawl_behavior=recrawl.get("RecrawlBehavior", "CRAWL_EVERYTHING"),
        configuration=configuration_of_json(_text(told, "Configuration") or "{}"),
    )


def configuration_of_json(text: str) -> CrawlerConfiguration:
    """Glue's Configuration, a JSON text; a key that Glue would reject is an error in its words."""
    told = _object(text, "Configuration")
    _refuse_unknown("Configuration", told, "Configuration")
    output, grouping = _part(told, "CrawlerOutput"), _part(told, "Grouping")
    tables, partitions = (_part(output, name, f"CrawlerOutput.{name}") for name in ("Tables", "Partitions"))
    return CrawlerConfiguration(
        table_behavior=tables.get("AddOrUpdateBehavior", ""),
        partition_behavior=partitions.get("AddOrUpdateBehavior", ""),
        table_threshold=tables.get("TableThreshold"),
        table_grouping_policy=grouping.get("TableGroupingPolicy", ""),
        table_level=grouping.get("TableLevelConfiguration"),
    )


def _targets(told: Mapping[str, Any]) -> tuple[Target, ...]:
    found: list[Target] = []
    for kind, make in (("S3Targets", _s3), ("JdbcTargets", _jdbc), ("DynamoDBTargets", _dynamodb)):
        for target in told.get(kind) or ():
            _refuse_unknown(kind, target, kind)
            found.append(make(target))
    return tuple(found)


def _s3(told: Mapping[str, Any]) -> Target:
    exclusions = tuple(told.get("Exclusions") or ())
    return S3Target(_text(told, "Path"), exclusions, told.get("SampleSize"), _text(told, "EventQueueArn"))


def _jdbc(told: Mapping[str, Any]) -> Target:
    return JdbcTarget(_text(told, "ConnectionName"), _text(told, "Path"), tuple(told.get("Exclusions") or ()))


def _dynamodb(told: Mapping[str, Any]) -> Target:
    return DynamoDBTarget(_text(told, "Path"), bool(told.get("scanAll", True)), told.get("scanRate"))


def _schedule(told: Mapping[str, Any]) -> str:
    """The schedule of the call, a text, or of what GetCrawler answers, an object."""
    schedule = told.get("Schedule") or ""
    return str(schedule.get("ScheduleExpression", "")) if isinstance(schedule, dict) else str(schedule)


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"{what} is not valid JSON: line {error.lineno}: {error.msg}.") from error
    if not isinstance(told, dict):
        raise InvalidInputError(f"{what} is not a JSON object. Write {{…}}.")
    return told


def _part(told: Mapping[str, Any], name: str, what: str = "") -> dict[str, Any]:
    part = told.get(name) or {}
    if not isinstance(part, dict):
        raise InvalidInputError(f"{what or name} is not a JSON object. Write {{…}}.")
    _refuse_unknown(what or name, part, what or name)
    return part


def _refuse_unknown(kind: str, told: Mapping[str, Any], what: str) -> None:
    unknown = sorted(told.keys() - _KNOWN[kind])
    if unknown:
        raise InvalidInputError(f"{what} contains unsupported keys: {', '.join(unknown)}.")


def _text(told: Mapping[str, Any], name: str) -> str:
    return str(told.get(name) or "")
