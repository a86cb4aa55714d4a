"""up, deploy: the Prefect server with all flows, and what runs them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from errors import InvalidInputError, counted
from interfaces.cli.options import Json
from interfaces.cli.present import say, show_json
from storage.workspace import Workspace


def up(
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="Where the server listens.")] = 4200,
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="How many runs go on at once.")] = 3,
    labels: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where labels land; FINDMATCHES_LABELS when left out.")
    ] = None,
    queue: Annotated[
        str | None, typer.Option(metavar="ARN", help="SQS queue that tells of new objects in that folder.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where matches go of transforms that have none yet.")
    ] = None,
) -> None:
    """Start a Prefect server with all flows; Ctrl-C stops it.

    A worker runs what is due, and the watcher looks for labels that land. The server listens on this machine only; what
    it knows is kept in the workspace, and is there again at the next start.
    """
    from interfaces.server.programs import ServerSettings, logs_of
    from interfaces.server.running import run_server

    workspace = Workspace.from_environment()
    settings = ServerSettings(port, workers, _watched(labels), queue, output)

    def tell() -> None:
        say(f"Runs and buttons:  {settings.ui_url}")
        say(f"For programs:      {settings.api_url}")
        say(f"Labels:            {settings.labels or 'where runs wait for them; a folder of all: --labels FOLDER'}")
        say(f"Logs:              {logs_of(workspace)}")
        say("In other terminals, so that commands run there:")
        say(f"  export PREFECT_API_URL={settings.api_url}")
        say("Ctrl-C stops all.")

    run_server(settings, workspace, say, tell)


def deploy(json: Json = False) -> None:
    """Put all flows on the Prefect server at PREFECT_API_URL.

    Each transform gets a nightly deployment, whose schedule is off until `transform schedule` turns it on. Twice is as
    once: what you changed of schedules stays.
    """
    require_api_url()
    from flows.server import require_server

    require_server()
    from flows.automations import put_automations
    from flows.deploying import put_flows
    from flows.nightly_deployments import put_nightly_deployments

    made, nightly, automations = put_flows(), put_nightly_deployments(), put_automations()
    if json:
        return show_json({"deployments": made, "nightly": nightly, "automations": automations})
    say(
        f"On the server are {counted(len(made), 'flow')}, {counted(len(nightly), 'nightly deployment')} and "
        f"{counted(len(automations), 'automation')}. Runs start in {Path.cwd()}."
    )
    return None


def _watched(labels: str | None) -> str | None:
    """Return the folder where labels land, with its whole path; None where nobody named one."""
    from storage.files import is_remote, local_path
    from tasks.landed_labels import check_folder

    folder = labels or os.environ.get("FINDMATCHES_LABELS")
    if not folder:
        return None
    check_folder(folder)
    return folder if is_remote(folder) else str(local_path(folder))


def require_api_url() -> None:
    """Stop when no server is named."""
    if not os.environ.get("PREFECT_API_URL"):
        raise InvalidInputError(
            "PREFECT_API_URL is not set, so there is no Prefect server to tell. Start one: findmatches up"
        )
