"""crawler create, update, start, stop, list, show, history, schedule, serve, delete: crawls that are kept by name."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from errors import InvalidInputError, counted
from interfaces.cli import dispatch
from interfaces.cli.crawl import show_crawl
from interfaces.cli.options import DESCRIPTION, Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.crawler import Crawler
    from catalog.database import Catalog

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep crawls by name, and run them.")

CrawlerName = Annotated[str, typer.Argument(metavar="NAME", help="The crawler's name.")]
_TARGET = typer.Option("--target", metavar="PATH", help="A file, a folder or an s3:// prefix. Repeatable.")
_CONNECTION = typer.Option("--connection", metavar="C=PATH", help="Connection and database/schema/%. Repeatable.")
_DYNAMODB = typer.Option("--dynamodb", metavar="TABLE", help="A DynamoDB table. Repeatable.")
_EXCLUDE = typer.Option("--exclude", metavar="GLOB", help="Files below the targets to leave out. Repeatable.")
_SAMPLE = typer.Option(metavar="N", help="Files of each folder to look into, 1 to 249; else all.")
_QUEUE = typer.Option("--event-queue", metavar="ARN", help="SQS queue that S3 notifies, for CRAWL_EVENT_MODE.")
_DATABASE = typer.Option(metavar="D", help="Database that the tables go to; else default.")
_PREFIX = typer.Option(metavar="P", help="What the tables' names begin with.")
_SCHEDULE = typer.Option(metavar="CRON", help="When, in UTC: 'cron(15 12 * * ? *)' as in Glue, or '15 12 * * *'.")
_CLASSIFIER = typer.Option("--classifier", metavar="NAME", help="A CSV classifier to try first. Repeatable.")
_UPDATE = typer.Option(metavar="HOW", help="UPDATE_IN_DATABASE or LOG: when files have changed.")
_DELETE = typer.Option(metavar="HOW", help="DEPRECATE_IN_DATABASE, DELETE_FROM_DATABASE or LOG: when they are gone.")
_RECRAWL = typer.Option(metavar="WHAT", help="CRAWL_EVERYTHING, CRAWL_NEW_FOLDERS_ONLY or CRAWL_EVENT_MODE.")
_CONFIGURATION = typer.Option(metavar="JSON", help="Glue's Configuration, for all that has no option of its own.")


@app.command()
def create(
    name: CrawlerName = "",
    target: Annotated[list[str] | None, _TARGET] = None,
    connection: Annotated[list[str] | None, _CONNECTION] = None,
    dynamodb: Annotated[list[str] | None, _DYNAMODB] = None,
    exclude: Annotated[list[str] | None, _EXCLUDE] = None,
    sample_size: Annotated[int | None, _SAMPLE] = None,
    event_queue: Annotated[str, _QUEUE] = "",
    database: Annotated[str | None, _DATABASE] = None,
    prefix: Annotated[str | None, _PREFIX] = None,
    schedule: Annotated[str | None, _SCHEDULE] = None,
    classifier: Annotated[list[str] | None, _CLASSIFIER] = None,
    update_behavior: Annotated[str | None, _UPDATE] = None,
    delete_behavior: Annotated[str | None, _DELETE] = None,
    recrawl: Annotated[str | None, _RECRAWL] = None,
    configuration: Annotated[str | None, _CONFIGURATION] = None,
    description: Annotated[str | None, DESCRIPTION] = None,
    from_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="The JSON of a CreateCrawler call; options come on top.")
    ] = None,
    json: Json = False,
) -> None:
    """Keep a crawler."""
    from catalog.crawlers import create_crawler

    made = create_crawler(
        _catalog(),
        _changed(
            _begun(name, from_json),
            _targets(target, connection, dynamodb, exclude, sample_size, event_queue),
            database=database,
            prefix=prefix,
            schedule=schedule,
            classifier=classifier,
            update_behavior=update_behavior,
            delete_behavior=delete_behavior,
            recrawl=recrawl,
            configuration=configuration,
            description=description,
        ),
    )
    if json:
        return show_json(made)
    say(f"Crawler {made.name} is kept.\n\nNext: findmatches crawler start {made.name}")
    return None


@app.command()
def update(
    name: CrawlerName,
    target: Annotated[list[str] | None, _TARGET] = None,
    connection: Annotated[list[str] | None, _CONNECTION] = None,
    dynamodb: Annotated[list[str] | None, _DYNAMODB] = None,
    exclude: Annotated[list[str] | None, _EXCLUDE] = None,
    sample_size: Annotated[int | None, _SAMPLE] = None,
    event_queue: Annotated[str, _QUEUE] = "",
    database: Annotated[str | None, _DATABASE] = None,
    prefix: Annotated[str | None, _PREFIX] = None,
    schedule: Annotated[str | None, _SCHEDULE] = None,
    classifier: Annotated[list[str] | None, _CLASSIFIER] = None,
    update_behavior: Annotated[str | None, _UPDATE] = None,
    delete_behavior: Annotated[str | None, _DELETE] = None,
    recrawl: Annotated[str | None, _RECRAWL] = None,
    configuration: Annotated[str | None, _CONFIGURATION] = None,
    description: Annotated[str | None, DESCRIPTION] = None,
    json: Json = False,
) -> None:
    """Change what is given; targets are given anew or stay as they are."""
    from catalog.crawlers import get_crawler, update_crawler

    made = update_crawler(
        _catalog(),
        _changed(
            get_crawler(_catalog(), name),
            _targets(target, connection, dynamodb, exclude, sample_size, event_queue),
            database=database,
            prefix=prefix,
            schedule=schedule,
            classifier=classifier,
            update_behavior=update_behavior,
            delete_behavior=delete_behavior,
            recrawl=recrawl,
            configuration=configuration,
            description=description,
        ),
    )
    if json:
        return show_json(made)
    say(f"Crawler {made.name} is changed; this is version {made.version}.")
    return None


@app.command()
def start(name: CrawlerName, json: Json = False) -> None:
    """Crawl the targets now, in this process."""
    with working(f"crawler {name}"):
        found = dispatch.run_crawler(name)
    show_crawl(found, json=json)
    if not json:
        tables, partitions = found.table_changes, found.partition_changes
        say(
            f"\n{found.state}: {counted(tables.added, 'table')} added, {tables.updated:,} updated, {tables.deleted:,} "
            f"deleted; {counted(partitions.added, 'partition')} added, {partitions.updated:,} updated, "
            f"{partitions.deleted:,} deleted."
        )


@app.command()
def stop(name: CrawlerName) -> None:
    """Ask the crawl that goes on to stop; what it learned is kept."""
    from catalog.crawl_history import ask_to_stop
    from catalog.crawlers import get_crawler

    ask_to_stop(_catalog(), get_crawler(_catalog(), name).name)
    say(f"The crawl of {name} stops before it looks into more files.")


@app.command(name="list")
def list_all(json: Json = False) -> None:
    """List the crawlers."""
    from catalog.crawl_history import list_crawls
    from catalog.crawlers import list_crawlers

    found = list_crawlers(_catalog())
    if json:
        return show_json(found)
    if not found:
        return say("There is no crawler yet. Make one: findmatches crawler create NAME --target PATH")
    last = {crawl.crawler_name: crawl.state for crawl in reversed(list_crawls(_catalog()))}
    rows = [
        (each.name, each.database_name, _state(last.get(each.name)), each.schedule or None, last.get(each.name))
        for each in found
    ]
    return show_table(("crawler", "database", "state", "schedule", "last crawl"), rows)


@app.command()
def show(name: CrawlerName, json: Json = False) -> None:
    """Show what a crawler does."""
    from catalog.crawlers import get_crawler

    crawler = get_crawler(_catalog(), name)
    if json:
        return show_json(crawler)
    return show_facts(_facts(crawler))


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only the crawls of this crawler.")] = None,
    json: Json = False,
) -> None:
    """List the crawls, the latest first, with what they changed."""
    from catalog.crawl_history import list_crawls
    from catalog.crawlers import get_crawler

    found = list_crawls(_catalog(), get_crawler(_catalog(), name).name if name else None)
    if json:
        return show_json(found)
    if not found:
        return say("Nothing was crawled yet.")
    rows = [
        (
            each.start_time,
            each.crawler_name or each.location,
            each.state,
            _changes(each.summary.get("TABLE")),
            _changes(each.summary.get("PARTITION")),
            each.problem_count,
        )
        for each in found
    ]
    show_table(("started", "crawler or path", "state", "tables", "partitions", "problems"), rows, right={"problems"})
    return None


@app.command()
def schedule(
    name: CrawlerName,
    on: Annotated[bool, typer.Option("--start/--stop", help="Whether the schedule is in force.")] = True,
) -> None:
    """Put a schedule in force, or out of it."""
    from catalog.crawlers import get_crawler, set_scheduled

    crawler = get_crawler(_catalog(), name)
    if not crawler.schedule:
        raise InvalidInputError(
            f"Crawler {name} has no schedule. Give one: findmatches crawler update {name} --schedule …"
        )
    if crawler.scheduled == on:
        raise InvalidInputError(f"The schedule of crawler {name} is {'SCHEDULED' if on else 'NOT_SCHEDULED'} already.")
    set_scheduled(_catalog(), name, on)
    say(f"The schedule of crawler {name} is {'SCHEDULED' if on else 'NOT_SCHEDULED'} now.")


@app.command()
def serve() -> None:
    """Run all crawlers on their schedules until interrupted.

    The Prefect server at PREFECT_API_URL keeps the times and records the runs.
    """
    from flows.schedules import serve_crawlers
    from flows.server import require_server

    if not os.environ.get("PREFECT_API_URL"):
        raise InvalidInputError("Schedules need a Prefect server: set PREFECT_API_URL, as http://127.0.0.1:4200/api.")
    require_server()
    serve_crawlers()


@app.command()
def delete(name: CrawlerName) -> None:
    """Forget a crawler; its tables and its history stay."""
    from catalog.crawlers import delete_crawler

    delete_crawler(_catalog(), name)
    say(f"Crawler {name} is deleted. Its tables stay.")


def _catalog() -> "Catalog":
    from catalog.database import Catalog

    return Catalog.of(Workspace.from_environment())


def _begun(name: str, from_json: str | None) -> "Crawler":
    from catalog.crawler import Crawler
    from catalog.crawler_json import crawler_of_json

    if from_json is None:
        return Crawler(name, ())
    crawler = crawler_of_json(_text_of(from_json))
    return replace(crawler, name=name or crawler.name)


def _text_of(path: str) -> str:
    from storage.files import read_bytes

    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"'{Path(path)}' is not UTF-8. Save it as UTF-8.") from error


def _targets(
    paths: list[str] | None,
    connections: list[str] | None,
    tables: list[str] | None,
    exclude: list[str] | None,
    sample_size: int | None,
    event_queue: str,
) -> tuple[Any, ...]:
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


def _changed(crawler: "Crawler", targets: tuple[Any, ...], **told: Any) -> "Crawler":
    """The crawler with what was told; what is None stays as it is."""
    from catalog.crawler import SchemaChangePolicy
    from catalog.crawler_json import configuration_of_json

    given = {name: value for name, value in told.items() if value is not None}
    names = {"database": "database_name", "prefix": "table_prefix", "recrawl": "recrawl_behavior"}
    policy = SchemaChangePolicy(
        given.pop("update_behavior", crawler.schema_change_policy.update_behavior),
        given.pop("delete_behavior", crawler.schema_change_policy.delete_behavior),
    )
    if "configuration" in given:
        given["configuration"] = configuration_of_json(given["configuration"])
    if "classifier" in given:
        given["classifiers"] = tuple(given.pop("classifier"))
    changes = {names.get(name, name): value for name, value in given.items()}
    return replace(crawler, targets=targets or crawler.targets, schema_change_policy=policy, **changes)


def _facts(crawler: "Crawler") -> dict[str, Any]:
    configuration = {name: value for name, value in vars(crawler.configuration).items() if value}
    return {
        "crawler": crawler.name,
        "description": crawler.description or None,
        "database": crawler.database_name,
        "table prefix": crawler.table_prefix or None,
        "targets": ", ".join(target.path for target in crawler.targets),
        "excluded": ", ".join(name for target in crawler.targets for name in getattr(target, "exclusions", ())) or None,
        "classifiers": ", ".join(crawler.classifiers) or None,
        "schedule": crawler.schedule or None,
        "schedule state": ("SCHEDULED" if crawler.scheduled else "NOT_SCHEDULED") if crawler.schedule else None,
        "update behavior": crawler.schema_change_policy.update_behavior,
        "delete behavior": crawler.schema_change_policy.delete_behavior,
        "recrawl behavior": crawler.recrawl_behavior,
        "configuration": ", ".join(f"{name} {value}" for name, value in configuration.items()) or None,
        "version": str(crawler.version),
    }


def _state(last: str | None) -> str:
    return last if last in {"RUNNING", "STOPPING"} else "READY"


def _changes(counts: dict[str, int] | None) -> str:
    """What changed, in few signs: added, updated, deleted."""
    counts = counts or {}
    return f"+{counts.get('ADD', 0)} ~{counts.get('UPDATE', 0)} -{counts.get('DELETE', 0)}"
