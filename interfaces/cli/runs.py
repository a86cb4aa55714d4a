"""runs, runs cancel: what ran, and stopping what runs."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from interfaces.cli.options import Json
from interfaces.cli.present import say, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace

LIST = "list"


class Runs(TyperGroup):
    """Commands about runs; without the name of one, `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before words that name no command."""
        is_named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else [LIST, *args])


app = typer.Typer(cls=Runs, rich_markup_mode=None, help="Show what ran, or stop what runs.")


@app.command(name=LIST)
def list_all(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only the runs of this transform.")] = None,
    json: Json = False,
) -> None:
    """Show what ran, the latest first."""
    from catalog.database import Catalog
    from catalog.task_runs import list_task_runs
    from catalog.transforms import get_transform, list_transforms

    catalog = Catalog.of(Workspace.from_environment())
    found = list_task_runs(catalog, get_transform(catalog, name).transform_id if name else None)
    if json:
        return show_json(found)
    if not found:
        return say("Nothing has run yet.")
    names = {each.transform_id: each.name for each in list_transforms(catalog)}
    headings = ("task run", "transform", "type", "status", "started", "seconds", "error")
    return show_table(headings, [_run_row(each, names.get(each.transform_id)) for each in found])


@app.command()
def cancel(
    task_run: Annotated[str, typer.Argument(metavar="TASK_RUN", help="The id of the run; `findmatches runs` has it.")],
    json: Json = False,
) -> None:
    """Stop a run that goes on.

    Nothing of it is published. A flow that it belongs to ends as Cancelled.
    """
    from tasks.stop_run import stop_run

    with working(f"runs: stopping {task_run}"):
        run = stop_run(Workspace.from_environment(), task_run)
    if json:
        return show_json(run)
    if run.status == "STOPPING":
        return say(f"{run.task_run_id} is STOPPING: it runs on '{run.process.host}', where its worker stops it.")
    return say(f"{run.task_run_id} is {run.status}.")


def _run_row(run: Any, transform: str | None) -> tuple[Any, ...]:
    how = run.task_type, run.status, run.started_on, run.execution_time, run.error_string or None
    return run.task_run_id, transform, *how
