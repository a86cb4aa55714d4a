"""The bucket watcher: looks for labels that landed, and delivers them, until it is stopped."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from prefect.exceptions import PrefectException

from errors import FindMatchesError
from flows.delivery import deliver_landed
from storage.object_events import EventQueue
from storage.workspace import Workspace
from tasks.landed_labels import LabelInbox

SWEEP_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0

logger = logging.getLogger("findmatches.flows")


@dataclass(frozen=True)
class WatchSettings:
    """What is watched: a folder, every so many seconds, or whenever the SQS queue tells of an object in it.

    `queue` is an ARN; with one the folder is looked into every minute too, for what nobody told of.  Matches of
    transforms that have written none yet go to the folder `output`.
    """

    inbox: str | None
    every_seconds: float = 2.0
    queue: str | None = None
    output: str | None = None


def watch(settings: WatchSettings, home: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look and deliver for ever; what fails is said once, and tried again after a growing pause."""
    watcher = Watcher(settings, home)
    patience = Patience(settings.every_seconds, sleep)
    while True:
        with patience.forgiving():
            watcher.go_round()
        if settings.queue is None or patience.is_tried:
            patience.pause()


class Watcher:
    """What is known from one round to the next."""

    def __init__(self, settings: WatchSettings, home: str) -> None:
        self._settings, self._home = settings, home
        self._inbox = LabelInbox(Workspace.at(home), settings.inbox)
        self._queue = EventQueue(settings.queue) if settings.queue else None
        self._last_look: float | None = None

    def go_round(self) -> None:
        """Look when it is time to, and deliver what waits; of a queue all is read, and forgotten once it is done."""
        told = self._queue.read() if self._queue else []
        try:
            if told or self._is_time_to_look():
                self._inbox.look()
                self._last_look = time.monotonic()
        finally:  # what one file or place fails with keeps no other file waiting
            deliver_landed(self._home, self._settings.output)
        if self._queue:
            self._queue.forget()

    def _is_time_to_look(self) -> bool:
        return self._queue is None or self._last_look is None or time.monotonic() - self._last_look > SWEEP_SECONDS


class Patience:
    """Pauses between rounds, longer after failures; the same failure is said once."""

    def __init__(self, seconds: float, sleep: Callable[[float], None]) -> None:
        self._usual = self._seconds = seconds
        self._sleep = sleep
        self._said = ""

    @property
    def is_tried(self) -> bool:
        """Whether the last round failed."""
        return bool(self._said)

    def pause(self) -> None:
        """Sleep until the next round."""
        self._sleep(self._seconds)

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """Go on after what may heal: the store, the catalog or the server does not answer."""
        try:
            yield
        except (FindMatchesError, PrefectException, httpx.HTTPError, OSError) as error:
            self._note(" ".join((str(error) or type(error).__name__).split()))
        else:
            if self._said:
                logger.warning("watch: it works again")
            self._said, self._seconds = "", self._usual

    def _note(self, message: str) -> None:
        if message != self._said:
            logger.warning("watch: %s It is tried again until it works.", message)
        self._said, self._seconds = message, min(LONGEST_PAUSE_SECONDS, 2 * self._seconds)
