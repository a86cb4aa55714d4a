"""The command line `findmatches`. Nothing heavy is imported before a command runs."""

import signal
from types import FrameType
from typing import NoReturn

from errors import TaskRunStoppedError
from interfaces.cli.app import app
from tasks.stop_signals import stop_with


def main() -> None:
    """Run the command that the words on the command line name; a polite signal to end is an error with one line."""
    signal.signal(signal.SIGTERM, _stop)
    app()


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of handlers
    stop_with(TaskRunStoppedError("Stopped before it was done; nothing of it was published."))
