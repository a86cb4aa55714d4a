"""watch: labels that land start the runs that wait for them."""

import os
from typing import Annotated

import typer

from errors import InvalidInputError
from interfaces.cli.present import say
from storage.workspace import Workspace


def watch(
    inbox: Annotated[
        str | None, typer.Argument(metavar="FOLDER", help="Where labels land; FINDMATCHES_LABELS when left out.")
    ] = None,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="How often to look.")] = 2.0,
    queue: Annotated[
        str | None, typer.Option(metavar="ARN", help="SQS queue that tells of new objects; then every minute suffices.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where matches go of transforms that have none yet.")
    ] = None,
) -> None:
    """Start or resume the runs of labels that land.

    A labelled file in FOLDER/TRANSFORM/ is imported; then the transform is trained, estimated and run again. A run
    that waits for labels is resumed; else a new one begins. Each content is delivered once. Needs PREFECT_API_URL.
    """
    if not os.environ.get("PREFECT_API_URL"):
        raise InvalidInputError(
            "findmatches watch starts runs on a Prefect server, and PREFECT_API_URL is not set. "
            "Start one: findmatches up"
        )
    if every <= 0:
        raise InvalidInputError(f"--every must be more than 0 seconds, and {every:g} is not.")
    from flows.server import require_server
    from flows.watching import WatchSettings, watch
    from tasks.landed_labels import check_folder

    settings = WatchSettings(inbox or os.environ.get("FINDMATCHES_LABELS") or None, every, queue, output)
    if settings.inbox:
        check_folder(settings.inbox)
    require_server()
    say(f"Watching {settings.inbox or 'where runs wait for labels'}. Ctrl-C ends it.")
    watch(settings, str(Workspace.from_environment().home))
