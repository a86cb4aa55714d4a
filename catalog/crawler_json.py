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
_OF_AWS_TARGETS = {
    "S3Targets": ("ConnectionName", "DlqEventQueueArn"),
    "JdbcTargets": ("EnableAdditionalMetadata",),
}
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
    policy, recrawl, targets = (_part(told, name) for name in ("SchemaChangePolicy", "RecrawlPolicy", "Targets"))
    crawler = Crawler(
        name=_text(told, "Name"),
        targets=_targets(targets),
        database_name=_text(told, "DatabaseName") or "default",
        description=_text(told, "Description"),
        table_prefix=_text(told, "TablePrefix"),
        classifiers=_texts(told, "Classifiers"),
        schedule=_schedule(told),
        schema_change_policy=SchemaChangePolicy(
            _text(policy, "UpdateBehavior") or "UPDATE_IN_DATABASE",
            _text(policy, "DeleteBehavior") or "DEPRECATE_IN_DATABASE",
        ),
        recrawl_behavior=_text(recrawl, "RecrawlBehavior") or "CRAWL_EVERYTHING",
        configuration=configuration_of_json(_configuration(told)),
    )
    _name_ignored(told, targets)
    return crawler


def configuration_of_json(text: str) -> CrawlerConfiguration:
    """Glue's Configuration, a JSON text; a key that Glue would reject is an error in its words."""
    told = _object(text, "Configuration")
    _refuse_unknown("Configuration", told, "Configuration")
    if told.get("Version", 1) != 1:
        raise InvalidInputError(f"Version of Configuration is {told['Version']!r}, and 1.0 is the only one there is.")
    output, grouping = _part(told, "CrawlerOutput"), _part(told, "Grouping")
    tables, partitions = (_part(output, name, f"CrawlerOutput.{name}") for name in ("Tables", "Partitions"))
    return CrawlerConfiguration(
        table_behavior=_text(tables, "AddOrUpdateBehavior"),
        partition_behavior=_text(partitions, "AddOrUpdateBehavior"),
        table_threshold=_whole(tables, "TableThreshold"),
        table_grouping_policy=_text(grouping, "TableGroupingPolicy"),
        table_level=_whole(grouping, "TableLevelConfiguration"),
    )


def _targets(told: Mapping[str, Any]) -> tuple[Target, ...]:
    found: list[Target] = []
    for kind, make in (("S3Targets", _s3), ("JdbcTargets", _jdbc), ("DynamoDBTargets", _dynamodb)):
        for target in _objects(told, kind):
            _refuse_unknown(kind, target, kind)
            found.append(make(target))
    return tuple(found)


def _s3(told: Mapping[str, Any]) -> Target:
    exclusions, sample_size = _texts(told, "Exclusions"), _whole(told, "SampleSize")
    return S3Target(_text(told, "Path"), exclusions, sample_size, _text(told, "EventQueueArn"))


def _jdbc(told: Mapping[str, Any]) -> Target:
    return JdbcTarget(_text(told, "ConnectionName"), _text(told, "Path"), _texts(told, "Exclusions"))


def _dynamodb(told: Mapping[str, Any]) -> Target:
    rate = _told(told, "scanRate", "a number", int, float)
    return DynamoDBTarget(_text(told, "Path"), _told(told, "scanAll", "true or false", bool) is not False, rate)


def _schedule(told: Mapping[str, Any]) -> str:
    """The schedule of the call, a text, or of what GetCrawler answers, an object."""
    schedule = told.get("Schedule")
    return _text(schedule, "ScheduleExpression") if isinstance(schedule, dict) else _text(told, "Schedule")


def _configuration(told: Mapping[str, Any]) -> str:
    """The Configuration of the call, a JSON text; an object means the same."""
    configuration = told.get("Configuration")
    return json.dumps(configuration) if isinstance(configuration, dict) else _text(told, "Configuration") or "{}"


def _name_ignored(told: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    ignored = [name for name in _OF_AWS if told.get(name)]
    for kind, names in _OF_AWS_TARGETS.items():
        given = {name for target in _objects(targets, kind) for name in names if target.get(name)}
        ignored += [f"{name} of {kind}" for name in sorted(given)]
    if ignored:
        log.warning("%s: only AWS knows what that means; left out.", ", ".join(ignored))


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
    """Refuse keys nobody knows; an empty list or null under one asks for nothing, as GetCrawler answers have them."""
    unknown = sorted(name for name in told.keys() - _KNOWN[kind] if told[name] not in ([], None))
    if unknown:
        raise InvalidInputError(f"{what} contains unsupported keys: {', '.join(unknown)}.")


def _text(told: Mapping[str, Any], name: str) -> str:
    return _told(told, name, "a text", str) or ""


def _whole(told: Mapping[str, Any], name: str) -> int | None:
    number: int | None = _told(told, name, "a whole number", int)
    return number


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = _told(told, name, "a list of texts", list) or []
    if not all(isinstance(text, str) for text in texts):
        raise _not_a(name, "a list of texts", texts)
    return tuple(texts)


def _objects(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    objects = _told(told, name, "a list of objects", list) or []
    if not all(isinstance(each, dict) for each in objects):
        raise _not_a(name, "a list of objects", objects)
    return objects


def _told(told: Mapping[str, Any], name: str, wanted: str, *kinds: type) -> Any:
    """What stands under a name, None when nothing does; another kind of value is an error."""
    value = told.get(name)
    if value is not None and type(value) not in kinds:
        raise _not_a(name, wanted, value)
    return value


def _not_a(name: str, wanted: str, value: object) -> InvalidInputError:
    return InvalidInputError(f"{name} is {wanted}, and {json.dumps(value)} is not.")
