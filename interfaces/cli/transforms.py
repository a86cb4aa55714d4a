"""transform create, update, show, list, schedule, delete: what matches which table, and how."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from errors import counted
from interfaces.cli import options
from interfaces.cli.options import Json, Name
from interfaces.cli.present import plain, say, show_facts, show_json, show_table
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.database import Catalog
    from catalog.transforms import ColumnSettings, Transform

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Say which table is matched, and how.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your choice.")],
    table: Annotated[str, typer.Option(metavar="D.T", help="The table, as database.table.")],
    primary_key: Annotated[str, options.PRIMARY_KEY],
    source_column: Annotated[str | None, options.SOURCE_COLUMN] = None,
    precision_recall: Annotated[float, options.PRECISION_RECALL] = 0.5,
    accuracy_cost: Annotated[float, options.ACCURACY_COST] = 0.5,
    enforce_labels: Annotated[
        bool, typer.Option("--enforce-labels", help="Make the output agree with the labels.")
    ] = False,
    worker_type: Annotated[str, options.WORKER_TYPE] = "G.1X",
    number_of_workers: Annotated[int, options.NUMBER_OF_WORKERS] = 2,
    timeout: Annotated[int, options.TIMEOUT] = 2880,
    max_retries: Annotated[int, options.MAX_RETRIES] = 0,
    description: Annotated[str, options.DESCRIPTION] = "",
    column_kind: Annotated[list[str] | None, options.COLUMN_KIND] = None,
    columns: Annotated[str | None, options.COLUMNS_FILE] = None,
    json: Json = False,
) -> None:
    """Create a transform for a table.

    What a column is, is found from its values; `transform show` tells. Where that is wrong, --column-kind sets it:
    name, text, code, number, date, category; ignore leaves the column out of the comparison.

    --timeout and --max-retries hold where Prefect runs the steps: in the flow `pipeline`, and in every step command
    while PREFECT_API_URL is set. Otherwise a step command runs once, until it ends.
    """
    from catalog.transforms import FindMatchesParameters, TaskRunProperties, create_transform

    made = create_transform(
        _catalog(),
        name=name,
        table=table,
        parameters=FindMatchesParameters(
            primary_key_column_name=primary_key,
            precision_recall_tradeoff=precision_recall,
            accuracy_cost_tradeoff=accuracy_cost,
            enforce_provided_labels=enforce_labels,
            source_column_name=source_column,
        ),
        properties=TaskRunProperties(
            worker_type=worker_type, number_of_workers=number_of_workers, timeout=timeout, max_retries=max_retries
        ),
        description=description,
        column_settings=_column_settings(column_kind, columns),
    )
    _show(made, json)
    if not json:
        say(f"\nNext: findmatches labels generate {made.name} --output to_label.csv")
        say(f"Or at once, without labels: findmatches run {made.name} --output matches.csv")


@app.command()
def update(
    name: Name,
    rename: Annotated[str | None, typer.Option(metavar="NAME", help="The new name.")] = None,
    primary_key: Annotated[str | None, options.PRIMARY_KEY] = None,
    source_column: Annotated[str | None, options.SOURCE_COLUMN] = None,
    precision_recall: Annotated[float | None, options.PRECISION_RECALL] = None,
    accuracy_cost: Annotated[float | None, options.ACCURACY_COST] = None,
    enforce_labels: Annotated[
        bool | None, typer.Option("--enforce-labels/--no-enforce-labels", help="Whether the output obeys the labels.")
    ] = None,
    worker_type: Annotated[str | None, options.WORKER_TYPE] = None,
    number_of_workers: Annotated[int | None, options.NUMBER_OF_WORKERS] = None,
    timeout: Annotated[int | None, options.TIMEOUT] = None,
    max_retries: Annotated[int | None, options.MAX_RETRIES] = None,
    description: Annotated[str | None, options.DESCRIPTION] = None,
    column_kind: Annotated[list[str] | None, options.COLUMN_KIND] = None,
    columns: Annotated[str | None, options.COLUMNS_FILE] = None,
    json: Json = False,
) -> None:
    """Change a transform.

    What is not given stays, and so do its labels. --timeout and --max-retries hold where Prefect runs the steps.

    A kind of column is name, text, code, number, date, category or ignore; auto takes a set one back, so that it is
    found from the values again. After a change of kinds the next step trains anew.
    """
    from catalog.transforms import update_transform

    changed = update_transform(
        _catalog(),
        name,
        name=rename,
        description=description,
        primary_key_column_name=primary_key,
        source_column_name=source_column,
        precision_recall_tradeoff=precision_recall,
        accuracy_cost_tradeoff=accuracy_cost,
        enforce_provided_labels=enforce_labels,
        worker_type=worker_type,
        number_of_workers=number_of_workers,
        timeout=timeout,
        max_retries=max_retries,
        column_settings=_column_settings(column_kind, columns),
    )
    _show(changed, json)


@app.command()
def show(name: Name, json: Json = False) -> None:
    """Show one transform, and what its columns are."""
    from catalog.transforms import get_transform
    from tasks.transform_columns import columns_of_transform

    transform = get_transform(_catalog(), name)
    columns = columns_of_transform(Workspace.from_environment(), transform)
    if json:
        return show_json(plain(transform) | {"columns": columns})
    _show(transform, json)
    say()
    return show_table(("column", "kind", "by"), [(each.column, each.kind, each.told_by) for each in columns])


@app.command(name="list")
def list_all(json: Json = False) -> None:
    """List all transforms."""
    from catalog.transforms import list_transforms

    found = list_transforms(_catalog())
    if json:
        return show_json(found)
    if not found:
        return say(
            "There is no transform yet. Make one: findmatches transform create NAME --table D.T --primary-key COL"
        )
    rows = [(each.name, each.status, each.table_name, f"{each.label_count:,}", each.created_on) for each in found]
    return show_table(("name", "status", "table", "labels", "created"), rows, right={"labels"})


@app.command()
def schedule(
    name: Name,
    on: Annotated[bool, typer.Option("--start/--stop", help="Whether it runs at night by itself.")] = True,
    cron: Annotated[
        str | None, typer.Option(metavar="CRON", help="Other times, in UTC: '0 3 * * *', or as in Glue.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="PATH", help="Where the matches go; else where the last run wrote them.")
    ] = None,
    json: Json = False,
) -> None:
    """Run a transform every night, or no more.

    Its table is crawled again, and rows that are new or changed are matched. The Prefect server at PREFECT_API_URL
    keeps the times.
    """
    from interfaces.cli.up import require_api_url

    require_api_url()
    from flows.nightly_deployments import set_schedule
    from flows.server import require_server

    require_server()
    times = set_schedule(name, on, cron, output)
    if json:
        return show_json({"name": name, "cron": times, "active": on})
    say(f"Transform {name} runs by itself at '{times}' UTC." if on else f"Transform {name} does not run by itself now.")
    return None


@app.command()
def delete(name: Name, json: Json = False) -> None:
    """Delete a transform.

    Its labels, models and history go too; output files stay.
    """
    from tasks.forget_transform import forget_transform

    gone = forget_transform(Workspace.from_environment(), name)
    if json:
        return show_json({"transform_id": gone.transform_id, "name": gone.name, "deleted": True})
    return say(f"Deleted transform '{gone.name}'.")


def _catalog() -> "Catalog":
    from catalog.database import Catalog

    return Catalog.of(Workspace.from_environment())


def _column_settings(column_kinds: list[str] | None, file: str | None) -> "ColumnSettings":
    """Return the kinds of a file, then those of the options, which win."""
    from catalog.column_settings import ColumnSettings, read_column_settings, told_column_settings

    settings = read_column_settings(file) if file else ColumnSettings()
    return settings.changed_by(told_column_settings(column_kinds or ()))


def _show(transform: "Transform", json: bool) -> None:
    if json:
        return show_json(transform)
    kinds = transform.column_settings.kinds
    facts = {
        "name": transform.name,
        "id": transform.transform_id,
        "description": transform.description or None,
        "status": transform.status,
        "table": transform.table_name,
        "labels": f"{transform.label_count:,}",
        "column kinds set": ", ".join(f"{column}={kind}" for column, kind in kinds.items()) or None,
    }
    timeout = {"timeout": counted(transform.properties.timeout, "minute")}
    show_facts(facts | _words(transform.parameters) | _words(transform.properties) | timeout)
    return None


def _words(settings: Any) -> dict[str, Any]:
    """Return a dataclass' fields with blanks for underscores."""
    return {name.replace("_", " "): value for name, value in vars(settings).items()}
