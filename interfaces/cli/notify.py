"""notify: who is told when a run fails, and when labels are wanted."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from errors import InvalidInputError
from interfaces.cli.present import say
from interfaces.cli.up import require_api_url

VARIABLE = "FINDMATCHES_NOTIFY_URL"


def notify(
    url_file: Annotated[
        str | None, typer.Option(metavar="PATH", help=f"File that holds the address, - for stdin; else {VARIABLE}.")
    ] = None,
    slack: Annotated[bool, typer.Option("--slack", help="Send what Slack and Mattermost show: a text.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Tell nobody any more, and forget the address.")] = False,
) -> None:
    """Tell a webhook when a run fails, and when labels are wanted.

    The address is a secret: it is read from a file or the environment, kept encrypted by the Prefect server at
    PREFECT_API_URL, and never shown.
    """
    require_api_url()
    url = "" if off else _address(url_file)
    from flows.automations import put_automations, remove_notifying_automations
    from flows.notifications import PLAIN, SLACK, forget_receiver, save_receiver
    from flows.server import require_server

    require_server()
    if off:
        remove_notifying_automations()
        forget_receiver()
        return say("Nobody is told any more. The address is forgotten.")
    save_receiver(url, SLACK if slack else PLAIN)
    put_automations()
    return say("The webhook is told when a run fails, crashes or takes too long, and when labels are wanted.")


def _address(url_file: str | None) -> str:
    """Return the address, which nobody types among the words of a command: others see those."""
    if url_file == "-":
        return sys.stdin.readline().strip()
    if url_file:
        try:
            return Path(url_file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(f"The file '{url_file}' cannot be read. Write the address into it.") from error
    if url := os.environ.get(VARIABLE):
        return url.strip()
    raise InvalidInputError(
        f"Nobody said whom to tell. Set {VARIABLE} to the address of a webhook, or give --url-file."
    )
