"""The command `findmatches`: its options, its groups of commands, and how errors end it."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from errors import FindMatchesError
from interfaces.cli import (
    blocking,
    catalog,
    classifiers,
    connections,
    crawl,
    crawlers,
    demo,
    explain,
    labels,
    matches,
    notify,
    runs,
    transforms,
    tune,
    up,
    watch,
)
from interfaces.cli.progress import listen
from storage.url_secrets import check_no_secret

_BEFORE: dict[str, Callable[..., None]] = {
    "crawl": crawl.crawl,
    "tables": catalog.tables,
    "show": catalog.show,
    "query": catalog.query,
}
_AFTER: dict[str, Callable[..., None]] = {
    "train": matches.train,
    "evaluate": matches.evaluate,
    "run": matches.run,
    "tune": tune.tune,
    "explain": explain.explain,
    "blocking": blocking.blocking,
}
_LAST: dict[str, Callable[..., None]] = {
    "up": up.up,
    "deploy": up.deploy,
    "watch": watch.watch,
    "notify": notify.notify,
    "demo": demo.demo,
}

WORDS = "findmatches.words"
OF_DATA = ("query", "explain", "classifier")  # whose words are people's data, and no places
WITH_ITS_OWN_ANSWER = ("connection", "create")


def check_words(words: Sequence[str]) -> None:
    """Stop at a URL with a password in it among the words of a command, before any is kept."""
    command = tuple(word for word in words if not word.startswith("-"))[:2]
    if command != WITH_ITS_OWN_ANSWER and command[:1] not in [(name,) for name in OF_DATA]:
        for word in words:
            check_no_secret(word)


class Commands(TyperGroup):
    """Commands whose errors for people end as one line and exit code 1; bugs stay tracebacks."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the commands in the order of the work."""
        return ["connection", *_BEFORE, "crawler", "classifier", "transform", "labels", *_AFTER, "runs", *_LAST]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words, and remember them."""
        ctx.meta[WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            check_words(ctx.meta[WORDS])
            return super().invoke(ctx)
        except FindMatchesError as error:
            typer.echo(f"Error: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.add_typer(connections.app, name="connection", cls=TyperGroup)
app.add_typer(crawlers.app, name="crawler", cls=TyperGroup)
app.add_typer(classifiers.app, name="classifier", cls=TyperGroup)
app.add_typer(transforms.app, name="transform", cls=TyperGroup)
app.add_typer(labels.app, name="labels", cls=TyperGroup)
app.add_typer(runs.app, name="runs", cls=runs.Runs)
for _name, _command in (_BEFORE | _AFTER | _LAST).items():
    app.command(_name)(_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"findmatches {version('findmatches')}")
        raise typer.Exit


@app.callback()
def findmatches(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what happens, line by line, on stderr.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Find the rows of a table that are about the same thing.

    crawl → transform create → labels generate → (you label) → labels import → train → evaluate → run

    What is known is kept in the workspace: the folder FINDMATCHES_HOME, or ./.findmatches.
    FINDMATCHES_CATALOG keeps the catalog elsewhere: in another DuckDB file, or in PostgreSQL.
    When PREFECT_API_URL is set, steps run as Prefect flows that this server records.
    """
    listen(verbose)
