"""What a command says on stderr while it works: lines with --verbose, else a spinner on a terminal."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

logger = logging.getLogger("findmatches")


class StderrLines(logging.Handler):
    """Writes each record as a line to stderr: warnings always, progress when asked."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; the stderr of this moment is used, so that it may be redirected."""
        prefix = "Warning: " if record.levelno >= logging.WARNING else f"{self._clock(record)} "
        sys.stderr.write(f"{prefix}{record.getMessage()}\n")

    def _clock(self, record: logging.LogRecord) -> str:
        return logging.Formatter(datefmt="%H:%M:%S").formatTime(record, "%H:%M:%S")


class SpinnerText(logging.Handler):
    """Shows the latest line of progress beside the spinner."""

    def __init__(self, status: Status) -> None:
        super().__init__(logging.INFO)
        self.status = status

    def emit(self, record: logging.LogRecord) -> None:
        """Replace the text beside the spinner."""
        self.status.update(escape(record.getMessage()))


def listen(verbose: bool) -> None:
    """Send findmatches' log lines to stderr: from INFO on when `verbose`, else warnings only.

    Prefect, where it runs, would print them once more, and every error as a traceback: its console stays silent.
    """
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    for handler in [kept for kept in logger.handlers if isinstance(kept, StderrLines)]:
        logger.removeHandler(handler)
    logger.addHandler(StderrLines(logging.INFO if verbose else logging.WARNING))
    logger.setLevel(logging.INFO)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that work goes on, beginning with `text`; print nothing inside."""
    console = Console(stderr=True)
    if not console.is_terminal or any(
        handler.level == logging.INFO for handler in logger.handlers if isinstance(handler, StderrLines)
    ):
        yield
        return
    with console.status(escape(text)) as status:
        handler = SpinnerText(status)
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)
