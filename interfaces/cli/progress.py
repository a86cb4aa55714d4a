"""What a command says on stderr while it works: lines with --verbose, else a bar on a terminal."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column

from matching.progress import Stage
from matching.progress import logger as stages_logger
from tasks.forecast import Forecast

BAR_WIDTH, LONGEST_LEFT = 20, "about 2.2 h left"

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
    """Shows the latest line of progress beside the bar."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        super().__init__(logging.INFO)
        self.bar, self.task = bar, task

    def emit(self, record: logging.LogRecord) -> None:
        """Replace the text."""
        self.bar.update(self.task, description=escape(record.getMessage()))


class BarShare(logging.Handler):
    """Moves the bar as far as the stages are that were told of, and says how long it will take yet."""

    def __init__(self, bar: Progress, task: TaskID, forecast: Forecast) -> None:
        super().__init__(logging.DEBUG)
        self.bar, self.task, self.forecast = bar, task, forecast

    def emit(self, record: logging.LogRecord) -> None:
        """Move the bar on."""
        told = record.__dict__
        self.forecast.note(Stage(told["stage"]), told["done"])
        self.bar.update(self.task, total=1.0, completed=self.forecast.share, left=in_words(self.forecast.seconds_left))


def in_words(seconds: float | None) -> str:
    """Return how long something will take, as exact as one can know; nothing where nothing is left.

    >>> [in_words(seconds) for seconds in (None, 0, 8, 47, 200, 8000)]
    ['', '', 'about 10 s left', 'about 50 s left', 'about 3 min left', 'about 2.2 h left']
    """
    if not seconds:
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
def working(text: str, stages: Sequence[Stage] = ()) -> Iterator[None]:
    """Show on a terminal that work goes on, beginning with `text`, and how far it is; print nothing inside.

    `stages` are those that the work may come to, in order.  Without any, or where it goes through them more than once,
    nobody knows how far it is, and the bar only moves.
    """
    console = Console(stderr=True)
    if not _is_watched(console):
        yield
        return
    with progress_bar(console) as bar:
        task = bar.add_task(escape(text), total=None, left="")
        share = _hearing_stages(BarShare(bar, task, Forecast(stages))) if stages else nullcontext()
        with _listening(logger, BarText(bar, task)), share:
            yield


def progress_bar(console: Console) -> Progress:
    """Return a bar of one line: a long text is cut off, never the bar or the time left."""
    text = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    left = TextColumn("{task.fields[left]}", table_column=Column(no_wrap=True, min_width=len(LONGEST_LEFT)))
    columns = (SpinnerColumn(), text, BarColumn(BAR_WIDTH), left)
    return Progress(*columns, console=console, transient=True, expand=True)


def _is_watched(console: Console) -> bool:
    """Whether somebody sees a bar on stderr, and no lines; FORCE_COLOR makes no terminal of a file."""
    in_lines = any(each.level == logging.INFO for each in logger.handlers if isinstance(each, StderrLines))
    return console.is_terminal and sys.stderr.isatty() and not in_lines


@contextmanager
def _listening(source: logging.Logger, handler: logging.Handler) -> Iterator[None]:
    source.addHandler(handler)
    try:
        yield
    finally:
        source.removeHandler(handler)


@contextmanager
def _hearing_stages(handler: logging.Handler) -> Iterator[None]:
    """Let the handler, and no other, have what stages tell: Prefect's would send every record to its server."""
    level, propagate = stages_logger.level, stages_logger.propagate
    stages_logger.setLevel(logging.DEBUG)
    stages_logger.propagate = False
    try:
        with _listening(stages_logger, handler):
            yield
    finally:
        stages_logger.setLevel(level)
        stages_logger.propagate = propagate
