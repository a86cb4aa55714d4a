"""What a person can say of a crawler on the command line, and the crawler that it makes."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from errors import InvalidInputError

if TYPE_CHECKING:
    from catalog.crawler import Crawler, CrawlerConfiguration

TARGET = typer.Option("--target", metavar="PATH", help="A file, a folder or an s3:// prefix. Repeatable.")
CONNECTION = typer.Option("--connection", metavar="C=PATH", help="Connection and database/schema/%. Repeatable.")
DYNAMODB = typer.Option("--dynamodb", metavar="TABLE", help="A DynamoDB table. Repeatable.")
EXCLUDE = typer.Option("--exclude", metavar="GLOB", help="Files below the targets to leave out. Repeatable.")
SAMPLE = typer.Option(metavar="N", help="Files of each folder to look into, 1 to 249; else all.")
QUEUE = typer.Option("--event-queue", metavar="ARN", help="SQS queue that S3 notifies, for CRAWL_EVENT_MODE.")
DATABASE = typer.Option(metavar="D", help="Database that the tables go to; else default.")
PREFIX = typer.Option(metavar="P", help="What the tables' names begin with.")
SCHEDULE = typer.Option(metavar="CRON", help="When, in UTC: 'cron(15 12 * * ? *)' as in Glue, or '15 12 * * *'.")
CLASSIFIER = typer.Option("--classifier", metavar="NAME", help="A CSV classifier to try first. Repeatable.")
UPDATE = typer.Option(metavar="HOW", help="UPDATE_IN_DATABASE or LOG: when files have changed.")
DELETE = typer.Option(metavar="HOW", help="DEPRECATE_IN_DATABASE, DELETE_FROM_DATABASE or LOG: when they are gone.")
RECRAWL = typer.Option(metavar="WHAT", help="CRAWL_EVERYTHING, CRAWL_NEW_FOLDERS_ONLY or CRAWL_EVENT_MODE.")
CONFIGURATION = typer.Option(metavar="JSON", help="Glue's Configuration, whole; the options below come on top.")
COMBINE = typer.Option("--combine-compatible-schemas/--similar-schemas", help="One table of all files of one format.")
LEVEL = typer.Option(metavar="N", help="Level of the folders that are tables; the bucket's are 1.")
THRESHOLD = typer.Option(metavar="N", help="Write nothing when there are more tables than this.")
MERGE = typer.Option("--merge-new-columns/--change-columns", help="Add columns only, whatever the update behavior.")
INHERIT = typer.Option("--inherit-from-table/--own-columns", help="Partitions have the columns of their table.")


def begun(name: str, from_json: str | None) -> "Crawler":
    """The crawler that a file of Glue's JSON describes, called `name` if that is given; or one with only a name."""
    from catalog.crawler import Crawler, S3Target
    from catalog.crawler_json import crawler_of_json

    if from_json is None:
        return Crawler(name, ())
    crawler = crawler_of_json(_text_of(from_json))
    targets = tuple(
        replace(target, path=_absolute(target.path)) if isinstance(target, S3Target) else target
        for target in crawler.targets
    )
    return replace(crawler, name=name or crawler.name, targets=targets)


def _text_of(path: str) -> str:
    from storage.files import read_bytes

    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"'{Path(path)}' is not UTF-8. Save it as UTF-8.") from error


def told_targets(
    paths: list[str] | None,
    connections: list[str] | None,
    tables: list[str] | None,
    exclude: list[str] | None,
    sample_size: int | None,
    event_queue: str,
) -> tuple[Any, ...]:
    """The targets that options name; none where no option does."""
    from catalog.crawler import DynamoDBTarget, JdbcTarget, S3Target

    exclusions = tuple(exclude or ())
    files = [S3Target(_absolute(path), exclusions, sample_size, event_queue) for path in paths or ()]
    databases = [JdbcTarget(*_connection_and_path(each), exclusions) for each in connections or ()]
    found = (*files, *databases, *(DynamoDBTarget(table) for table in tables or ()))
    if not found and (exclude or event_queue or sample_size is not None):
        raise InvalidInputError(
            "--exclude, --sample-size and --event-queue belong to targets: give these with --target as well."
        )
    return found


def _absolute(path: str) -> str:
    """A path that means the same wherever the crawler is started."""
    from storage.files import is_remote, local_path

    return path if is_remote(path) or not path.strip() else str(local_path(path))


def _connection_and_path(text: str) -> tuple[str, str]:
    name, sign, path = text.partition("=")
    if not sign or not name or not path:
        raise InvalidInputError(f"'{text}' is not a connection and a path. Write CONNECTION=database/schema/%.")
    return name, path


def changed(crawler: "Crawler", targets: tuple[Any, ...], **told: Any) -> "Crawler":
    """The crawler with what was told; what is None stays as it is."""
    from catalog.crawler import SchemaChangePolicy

    told["configuration"] = _configuration(crawler, told)
    given = {name: value for name, value in told.items() if value is not None}
    names = {"database": "database_name", "prefix": "table_prefix", "recrawl": "recrawl_behavior"}
    policy = SchemaChangePolicy(
        given.pop("update_behavior", crawler.schema_change_policy.update_behavior),
        given.pop("delete_behavior", crawler.schema_change_policy.delete_behavior),
    )
    if "classifier" in given:
        given["classifiers"] = tuple(filter(None, given.pop("classifier")))  # an empty one takes all away
    changes = {names.get(name, name): value for name, value in given.items()}
    return replace(crawler, targets=targets or crawler.targets, schema_change_policy=policy, **changes)


def _configuration(crawler: "Crawler", told: dict[str, Any]) -> "CrawlerConfiguration":
    """The crawler's configuration with what was told of it, which is taken out of `told`; None leaves a part as is."""
    from catalog.crawler_json import configuration_of_json

    text = told.pop("configuration")
    whole = crawler.configuration if text is None else configuration_of_json(text)
    switches = {
        "table_grouping_policy": ("CombineCompatibleSchemas", told.pop("combine_compatible_schemas")),
        "table_behavior": ("MergeNewColumns", told.pop("merge_new_columns")),
        "partition_behavior": ("InheritFromTable", told.pop("inherit_from_table")),
    }
    parts: dict[str, Any] = {name: value * on for name, (value, on) in switches.items() if on is not None}
    numbers = {name: told.pop(name) for name in ("table_level", "table_threshold")}
    parts |= {name: value for name, value in numbers.items() if value is not None}
    made: CrawlerConfiguration = replace(whole, **parts)
    return made
