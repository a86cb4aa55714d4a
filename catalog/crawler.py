"""What a crawler is: where it looks, when, and what it does with what it finds. Names and values are Glue's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from catalog.cron import checked_schedule
from errors import InvalidInputError
from storage.url_secrets import check_no_secret

UPDATE_BEHAVIORS = ("UPDATE_IN_DATABASE", "LOG")
DELETE_BEHAVIORS = ("DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG")
RECRAWL_BEHAVIORS = ("CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE")
LONGEST_NAME = 255
LONGEST_PREFIX = 128

_NAME = re.compile(r"[^\x00-\x1f\x7f/]+")


@dataclass(frozen=True)
class S3Target:
    """Files below a path: s3://, or a folder of this machine. `exclusions` are globs relative to it.

    `sample_size` is how many files of each folder are looked into, 1 to 249, None all. `event_queue_arn` is the SQS
    queue that tells of new objects, for CRAWL_EVENT_MODE.
    """

    path: str
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None
    event_queue_arn: str = ""


@dataclass(frozen=True)
class JdbcTarget:
    """Tables of a database: `path` is database/schema/table, where % stands for any name."""

    connection_name: str
    path: str
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True)
class DynamoDBTarget:
    """A DynamoDB table by its name. `scan_rate` is the share of its read capacity that a crawl may use, 0.1 to 1.5."""

    path: str
    scan_all: bool = True
    scan_rate: float | None = None


Target = S3Target | JdbcTarget | DynamoDBTarget


@dataclass(frozen=True)
class SchemaChangePolicy:
    """What becomes of tables whose files have changed, or are gone."""

    update_behavior: str = "UPDATE_IN_DATABASE"
    delete_behavior: str = "DEPRECATE_IN_DATABASE"


@dataclass(frozen=True)
class CrawlerConfiguration:
    """How files become tables; Glue's Configuration.

    `table_behavior` is MergeNewColumns or nothing, `partition_behavior` InheritFromTable or nothing,
    `table_grouping_policy` CombineCompatibleSchemas or nothing.
    """

    table_behavior: str = ""
    partition_behavior: str = ""
    table_threshold: int | None = None
    table_grouping_policy: str = ""
    table_level: int | None = None


@dataclass(frozen=True)
class Crawler:
    """A crawler. `schedule` is Glue's cron(…) in UTC, or nothing; `scheduled` says whether it is in force."""

    name: str
    targets: tuple[Target, ...]
    database_name: str = "default"
    description: str = ""
    table_prefix: str = ""
    classifiers: tuple[str, ...] = ()
    schedule: str = ""
    scheduled: bool = True
    schema_change_policy: SchemaChangePolicy = field(default_factory=SchemaChangePolicy)
    recrawl_behavior: str = "CRAWL_EVERYTHING"
    configuration: CrawlerConfiguration = field(default_factory=CrawlerConfiguration)
    version: int = 1
    creation_time: datetime | None = None
    last_updated: datetime | None = None


def checked(crawler: Crawler) -> Crawler:
    """The crawler, if it can be one."""
    _check_name(crawler.name)
    if not crawler.targets:
        raise InvalidInputError(
            "At least one target must be specified for the crawler: a path, a connection or a table."
        )
    if len(crawler.table_prefix) > LONGEST_PREFIX:
        raise InvalidInputError(f"A table prefix has at most {LONGEST_PREFIX} letters; this one is longer.")
    for target in crawler.targets:
        _check_target(target)
    _one_of("update behavior", crawler.schema_change_policy.update_behavior, UPDATE_BEHAVIORS)
    _one_of("delete behavior", crawler.schema_change_policy.delete_behavior, DELETE_BEHAVIORS)
    _one_of("recrawl behavior", crawler.recrawl_behavior, RECRAWL_BEHAVIORS)
    _check_new_folders_only(crawler)
    _check_event_mode(crawler)
    _check_configuration(crawler.configuration)
    checked_schedule(crawler.schedule)
    return crawler


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or not name.strip():
        raise InvalidInputError(
            f"{name!r} cannot name a crawler: a name is one line of 1 to {LONGEST_NAME} letters without a slash."
        )


def _check_target(target: Target) -> None:
    check_no_secret(target.path)
    if not target.path.strip():
        raise InvalidInputError("A target has no path. Give a file, a folder, an s3:// prefix or a table.")
    if isinstance(target, JdbcTarget) and not target.connection_name.strip():
        raise InvalidInputError(f"The target '{target.path}' has no connection. Give the name of one.")
    if isinstance(target, S3Target) and target.sample_size is not None and not 1 <= target.sample_size <= 249:
        raise InvalidInputError(f"The sample size must be between 1 and 249 files, and {target.sample_size} is not.")
    if isinstance(target, DynamoDBTarget) and target.scan_rate is not None and not 0.1 <= target.scan_rate <= 1.5:
        raise InvalidInputError(f"The scan rate must be between 0.1 and 1.5, and {target.scan_rate} is not.")


def _check_new_folders_only(crawler: Crawler) -> None:
    policy = crawler.schema_change_policy
    if crawler.recrawl_behavior == "CRAWL_NEW_FOLDERS_ONLY" and {policy.update_behavior, policy.delete_behavior} != {
        "LOG"
    }:
        raise InvalidInputError(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        )


def _check_event_mode(crawler: Crawler) -> None:
    without = [target for target in crawler.targets if not (isinstance(target, S3Target) and target.event_queue_arn)]
    if crawler.recrawl_behavior == "CRAWL_EVENT_MODE" and without:
        raise InvalidInputError(
            f"CRAWL_EVENT_MODE needs an EventQueueArn for every target, and '{without[0].path}' has none: the SQS "
            "queue that S3 notifies. Give one with --event-queue."
        )


def _check_configuration(configuration: CrawlerConfiguration) -> None:
    _one_of("AddOrUpdateBehavior of tables", configuration.table_behavior, ("", "MergeNewColumns"))
    _one_of("AddOrUpdateBehavior of partitions", configuration.partition_behavior, ("", "InheritFromTable"))
    _one_of("TableGroupingPolicy", configuration.table_grouping_policy, ("", "CombineCompatibleSchemas"))
    for name, value in (
        ("TableThreshold", configuration.table_threshold),
        ("TableLevelConfiguration", configuration.table_level),
    ):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise InvalidInputError(f"{name} must be a whole number from 1, and {value!r} is not.")


def _one_of(what: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise InvalidInputError(f"The {what} is one of {', '.join(filter(None, known))}, and '{value}' is not.")
