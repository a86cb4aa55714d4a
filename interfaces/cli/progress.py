"""What a command says on stderr while it works: lines with --verbose, else a bar on a terminal."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from interfaces.cli.forecast import Forecast
from matching.progress import Stage

logger = logging.getLogger("findmatches")


class StderrLines(logging.Handler):
    """Writes each record as a line to stderr: warnings always, progress when asked."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; the stderr of this moment is used, so that it may be redirected."""
        prefix = "Warning: " if record.levelno >= logging.WARNING else f"{self._clock(record)} "
        sys.stderr.write(f"{prefix}{record.getMessage()}\n")

    def _clock(self, record: logging.LogRecord) -> str:
        return logging.Formatter(datefmt="%H:%M:%S").formatTime(record, "%H:%M:%S")


class BarText(logging.Handler):
    """Shows on a terminal the latest line of progress, and how far the stages are that were told of."""

    def __init__(self, bar: Progress, task: TaskID, forecast: Forecast) -> None:
        super().__init__(logging.DEBUG)
        self.bar, self.task, self.forecast = bar, task, forecast

    def emit(self, record: logging.LogRecord) -> None:
        """Replace the text, or move the bar on."""
        stage = getattr(record, "stage", None)
        if stage is None:
            self.bar.update(self.task, description=escape(record.getMessage()))
            return
        self.forecast.note(Stage(stage), record.__dict__["done"])
        self.bar.update(self.task, total=1.0, completed=self.forecast.share, left=in_words(self.forecast.seconds_left))


def in_words(seconds: float | None) -> str:
    """Return how long something will take, as exact as one can know.

    >>> [in_words(seconds) for seconds in (None, 8, 47, 200, 8000)]
    ['', 'about 10 s left', 'about 50 s left', 'about 3 min left', 'about 2.2 h left']
    """
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(10, round(seconds, -1)):.0f} s left"
    return f"about {seconds / 60:.0f} min left" if seconds < 5400 else f"about {seconds / 3600:.1f} h left"


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
def working(text: str, last: Stage = Stage.CLUSTER) -> Iterator[None]:
    """Show on a terminal that work goes on, beginning with `text`, and how far it is; print nothing inside.

    `last` is the last of the stages that the work may come to.
    """
    console = Console(stderr=True)
    if not console.is_terminal or any(
        handler.level == logging.INFO for handler in logger.handlers if isinstance(handler, StderrLines)
    ):
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        handler = BarText(bar, bar.add_task(escape(text), total=None, left=""), Forecast(last))
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.INFO)
