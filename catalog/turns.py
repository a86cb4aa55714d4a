"""Waiting for one's turn at a file that others use too: other threads of this process, other processes."""

import fcntl
import os
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.places import elsewhere
from errors import CatalogBusyError, InvalidInputError

_FIRST_DELAY_SECONDS = 0.005
_LONGEST_DELAY_SECONDS = 0.1

_locks: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)
_holders: dict[Path, int] = {}


class Patience:
    """How long a visit to the catalog may still wait."""

    def __init__(self, path: Path | str, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._delay = _FIRST_DELAY_SECONDS

    @property
    def left_seconds(self) -> float:
        """What is left of the time to wait."""
        return max(0.0, self._deadline - time.monotonic())

    def pause(self, reason: str) -> None:
        """Sleep a little, longer each time and by chance, so that those who wait do not meet again; or give up."""
        if not self.left_seconds:
            raise self.exhausted(reason)
        chance = random.uniform(0.5, 1.5)  # noqa: S311 - spreads the sleepers, guards nothing
        time.sleep(min(self._delay * chance, self.left_seconds))
        self._delay = min(self._delay * 1.5, _LONGEST_DELAY_SECONDS)

    def exhausted(self, reason: str) -> CatalogBusyError:
        """The error for when the time is up; `reason` is DuckDB's, and names the process where it can."""
        process = re.search(r"PID \d+", reason)
        holder = f"another process ({process[0]})" if process else "another thread or process"
        return CatalogBusyError(
            f"Catalog '{self._path}' was held by {holder}; gave up after waiting {self._seconds:g} s."
            " Wait until it is done, and run again."
        )


@contextmanager
def turn(path: Path, patience: Patience) -> Iterator[None]:
    """Let one thread of this process at a time use `path`: DuckDB opens a file in one way only in one process."""
    key = path.resolve()
    if _holders.get(key) == threading.get_ident():
        raise RuntimeError(f"This thread has {path} open already: use that session, or leave its block first.")
    lock = _locks[key]
    if not lock.acquire(timeout=patience.left_seconds):
        raise patience.exhausted("another thread")
    _holders[key] = threading.get_ident()
    try:
        yield
    finally:
        del _holders[key]
        lock.release()


@contextmanager
def file_lock(path: Path, patience: Patience, *, shared: bool = False) -> Iterator[None]:
    """Hold `path`, a file beside the catalog, against other processes: alone, or `shared` with others who only read.

    DuckDB's own lock does not suffice: DuckDB 2 reads the header of its file before it locks it, and so may go on
    from a state that another process has just replaced. Who may only read need not be able to write it.
    """
    descriptor = _opened(path, shared=shared)
    if descriptor is None:
        yield
        return
    try:
        _lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, patience)
        if shared:
            yield
        else:
            with _signed(descriptor):
                yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would leave it to a child that has inherited the file
        os.close(descriptor)


def _opened(path: Path, *, shared: bool) -> int | None:
    """Return the descriptor of the lock file; None for a reader where there is none and none can be made."""
    try:
        return _opened_to_write(path)
    except InvalidInputError:
        if not shared:
            raise
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _opened_to_write(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise InvalidInputError(
            f"Cannot lock the catalog: '{path}' cannot be written ({error.strerror}). Mend that, or {elsewhere()}."
        ) from error


def _lock(descriptor: int, kind: int, patience: Patience) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            patience.pause(os.pread(descriptor, 100, 0).decode(errors="replace"))
        else:
            return


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold `path` against all other threads and processes, however long that takes; `waiting` is told of a wait.

    Who ends, in whatever way, holds it no more.
    """
    descriptor = _opened_to_write(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


@contextmanager
def _signed(descriptor: int) -> Iterator[None]:
    """Leave the holder's name in the file for those who wait in vain."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"PID {os.getpid()}".encode(), 0)
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
