"""Arguments and options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="Memory that the step may use, such as 8GiB."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The transform's name or id.")]

PRIMARY_KEY = typer.Option(metavar="COL", help="Column that is different in every row.")
SOURCE_COLUMN = typer.Option(metavar="COL", help="Column of the source: rows of one source never match.")
PRECISION_RECALL = typer.Option(metavar="SHARE", help="0 to 1: 0 finds more matches, 1 makes fewer errors.")
ACCURACY_COST = typer.Option(metavar="SHARE", help="0 to 1: 0 is quick, 1 searches thoroughly.")
WORKER_TYPE = typer.Option(metavar="TYPE", help="Size of a worker: Standard, G.1X, G.2X, …")
NUMBER_OF_WORKERS = typer.Option(metavar="N", help="Workers a step may use, from 1.")
TIMEOUT = typer.Option(metavar="MIN", help="Minutes until Prefect stops a step, from 1.")
MAX_RETRIES = typer.Option(metavar="N", help="Tries that Prefect adds to a failed one, 0 to 10.")
DESCRIPTION = typer.Option(metavar="TEXT", help="What it is for.")
COLUMN_KIND = typer.Option(metavar="COL=KIND", help="Set what a column is, or ignore it; see below. Repeatable.")
COLUMNS_FILE = typer.Option("--columns", metavar="PATH", help='TOML file of column kinds: [columns], name = "kind".')
