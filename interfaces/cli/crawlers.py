"""crawler create, update, start, stop, list, show, history, schedule, serve, delete: crawls that are kept by name."""

import os
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from errors import InvalidInputError, counted
from interfaces.cli import crawler_options as options
from interfaces.cli import dispatch
from interfaces.cli.crawl import show_crawl
from interfaces.cli.crawler_facts import changes, facts, facts_of_last, schedule_state, show_one_crawl, told
from interfaces.cli.options import DESCRIPTION, Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.database import Catalog

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep crawls by name, and run them.")

CrawlerName = Annotated[str, typer.Argument(metavar="NAME", help="The crawler's name.")]


@app.command()
def create(
    name: CrawlerName = "",
    target: Annotated[list[str] | None, options.TARGET] = None,
    connection: Annotated[list[str] | None, options.CONNECTION] = None,
    dynamodb: Annotated[list[str] | None, options.DYNAMODB] = None,
    exclude: Annotated[list[str] | None, options.EXCLUDE] = None,
    sample_size: Annotated[int | None, options.SAMPLE] = None,
    event_queue: Annotated[str, options.QUEUE] = "",
    database: Annotated[str | None, options.DATABASE] = None,
    prefix: Annotated[str | None, options.PREFIX] = None,
    schedule: Annotated[str | None, options.SCHEDULE] = None,
    classifier: Annotated[list[str] | None, options.CLASSIFIER] = None,
    update_behavior: Annotated[str | None, options.UPDATE] = None,
    delete_behavior: Annotated[str | None, options.DELETE] = None,
    recrawl: Annotated[str | None, options.RECRAWL] = None,
    configuration: Annotated[str | None, options.CONFIGURATION] = None,
    combine_compatible_schemas: Annotated[bool | None, options.COMBINE] = None,
    table_level: Annotated[int | None, options.LEVEL] = None,
    table_threshold: Annotated[int | None, options.THRESHOLD] = None,
    merge_new_columns: Annotated[bool | None, options.MERGE] = None,
    inherit_from_table: Annotated[bool | None, options.INHERIT] = None,
    description: Annotated[str | None, DESCRIPTION] = None,
    from_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="The JSON of a CreateCrawler call; options come on top.")
    ] = None,
    json: Json = False,
) -> None:
    """Keep a crawler."""
    from tasks.keep_crawler import keep_crawler

    made = keep_crawler(
        Workspace.from_environment(),
        options.changed(
            options.begun(name, from_json),
            options.told_targets(target, connection, dynamodb, exclude, sample_size, event_queue),
            database=database,
            prefix=prefix,
            schedule=schedule,
            classifier=classifier,
            update_behavior=update_behavior,
            delete_behavior=delete_behavior,
            recrawl=recrawl,
            configuration=configuration,
            combine_compatible_schemas=combine_compatible_schemas,
            table_level=table_level,
            table_threshold=table_threshold,
            merge_new_columns=merge_new_columns,
            inherit_from_table=inherit_from_table,
            description=description,
        ),
    )
    if json:
        return show_json(made)
    say(f"Crawler {made.name} is kept.\n\nNext: findmatches crawler start {quote(made.name)}")
    return None


@app.command()
def update(
    name: CrawlerName,
    target: Annotated[list[str] | None, options.TARGET] = None,
    connection: Annotated[list[str] | None, options.CONNECTION] = None,
    dynamodb: Annotated[list[str] | None, options.DYNAMODB] = None,
    exclude: Annotated[list[str] | None, options.EXCLUDE] = None,
    sample_size: Annotated[int | None, options.SAMPLE] = None,
    event_queue: Annotated[str, options.QUEUE] = "",
    database: Annotated[str | None, options.DATABASE] = None,
    prefix: Annotated[str | None, options.PREFIX] = None,
    schedule: Annotated[str | None, options.SCHEDULE] = None,
    classifier: Annotated[list[str] | None, options.CLASSIFIER] = None,
    update_behavior: Annotated[str | None, options.UPDATE] = None,
    delete_behavior: Annotated[str | None, options.DELETE] = None,
    recrawl: Annotated[str | None, options.RECRAWL] = None,
    configuration: Annotated[str | None, options.CONFIGURATION] = None,
    combine_compatible_schemas: Annotated[bool | None, options.COMBINE] = None,
    table_level: Annotated[int | None, options.LEVEL] = None,
    table_threshold: Annotated[int | None, options.THRESHOLD] = None,
    merge_new_columns: Annotated[bool | None, options.MERGE] = None,
    inherit_from_table: Annotated[bool | None, options.INHERIT] = None,
    description: Annotated[str | None, DESCRIPTION] = None,
    json: Json = False,
) -> None:
    """Change what is given; targets are given anew or stay as they are."""
    from catalog.crawlers import get_crawler
    from tasks.keep_crawler import change_crawler

    made = change_crawler(
        Workspace.from_environment(),
        options.changed(
            get_crawler(_catalog(), name),
            options.told_targets(target, connection, dynamodb, exclude, sample_size, event_queue),
            database=database,
            prefix=prefix,
            schedule=schedule,
            classifier=classifier,
            update_behavior=update_behavior,
            delete_behavior=delete_behavior,
            recrawl=recrawl,
            configuration=configuration,
            combine_compatible_schemas=combine_compatible_schemas,
            table_level=table_level,
            table_threshold=table_threshold,
            merge_new_columns=merge_new_columns,
            inherit_from_table=inherit_from_table,
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
def stop(
    name: CrawlerName,
    lost: Annotated[
        bool, typer.Option("--lost", help="Give up a crawl of another machine that is gone, so that others can start.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask the crawl that goes on to stop; what it learned is kept."""
    from catalog.crawl_history import ask_to_stop, give_up_crawl
    from catalog.crawlers import get_crawler

    crawler = get_crawler(_catalog(), name)
    (give_up_crawl if lost else ask_to_stop)(_catalog(), crawler.name)
    if json:
        return show_json({"name": crawler.name, "state": "READY" if lost else "STOPPING"})
    say(f"The crawl of {name} is given up." if lost else f"The crawl of {name} stops before it looks into more files.")
    return None


@app.command(name="list")
def list_all(json: Json = False) -> None:
    """List the crawlers."""
    from catalog.crawl_history import crawler_state, last_crawls
    from catalog.crawlers import list_crawlers

    found, last = list_crawlers(_catalog()), last_crawls(_catalog())
    if json:
        return show_json([told(each, last.get(each.name)) for each in found])
    if not found:
        return say("There is no crawler yet. Make one: findmatches crawler create NAME --target PATH")
    rows = [
        (each.name, each.database_name, crawler_state(crawl), each.schedule or None, crawl and crawl.state)
        for each in found
        for crawl in (last.get(each.name),)
    ]
    return show_table(("crawler", "database", "state", "schedule", "last crawl"), rows)


@app.command()
def show(
    name: CrawlerName,
    call: Annotated[bool, typer.Option("--call", help="As a CreateCrawler call, which --from-json takes.")] = False,
    json: Json = False,
) -> None:
    """Show what a crawler does, and how its last crawl ended."""
    from catalog.crawl_history import last_crawls
    from catalog.crawler_call import call_of_crawler
    from catalog.crawlers import get_crawler

    crawler = get_crawler(_catalog(), name)
    if call:
        return show_json(call_of_crawler(crawler))
    last = last_crawls(_catalog()).get(name)
    if json:
        return show_json(told(crawler, last))
    return show_facts(facts(crawler) | facts_of_last(last))


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only the crawls of this crawler.")] = None,
    crawl_id: Annotated[str | None, typer.Option(metavar="ID", help="Only this crawl, with its problems.")] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="Only these: RUNNING, COMPLETED, PARTIAL, FAILED or STOPPED.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="The latest N.")] = None,
    json: Json = False,
) -> None:
    """List the crawls, the latest first, with what they changed.

    +1 ~2 -3 means 1 added, 2 updated and 3 deleted.
    """
    from catalog.crawl_history import get_crawl, list_crawls
    from catalog.crawlers import get_crawler

    if crawl_id is not None:
        return show_one_crawl(get_crawl(_catalog(), crawl_id), json)
    found = list_crawls(_catalog(), name, state=state and state.upper(), limit=limit)
    if not found and name:
        get_crawler(_catalog(), name)  # the name may be wrong; the history of a deleted crawler stays
    if json:
        return show_json(found)
    if not found:
        return say("There is no such crawl." if name or state else "Nothing was crawled yet.")
    rows = [
        (
            each.start_time,
            each.crawler_name or each.location,
            each.state,
            changes(each.summary.get("TABLE")),
            changes(each.summary.get("PARTITION")),
            each.problem_count,
            each.crawl_id,
        )
        for each in found
    ]
    headings = ("started", "crawler or path", "state", "tables", "partitions", "problems", "crawl id")
    return show_table(headings, rows, right={"problems"})


@app.command()
def schedule(
    name: CrawlerName,
    on: Annotated[bool, typer.Option("--start/--stop", help="Whether the schedule is in force.")] = True,
    json: Json = False,
) -> None:
    """Put a schedule in force, or out of it."""
    from catalog.crawlers import set_scheduled

    made = set_scheduled(_catalog(), name, on)
    if json:
        return show_json(made)
    say(f"The schedule of crawler {name} is {schedule_state(made)} now.")
    return None


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
def delete(name: CrawlerName, json: Json = False) -> None:
    """Forget a crawler; its tables and its history stay."""
    from catalog.crawlers import delete_crawler

    delete_crawler(_catalog(), name)
    if json:
        return show_json({"name": name, "deleted": True})
    say(f"Crawler {name} is deleted. Its tables stay.")
    return None


def _catalog() -> "Catalog":
    from catalog.database import Catalog

    return Catalog.of(Workspace.from_environment())
