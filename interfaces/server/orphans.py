"""Runs whose worker died: they go on, and end with the server at the latest.

A run is in a session of its own, so that the end of its worker's session leaves it alone. Linux gives such processes to
the nearest ancestor that asks for them; elsewhere they are left to themselves, and end with their work.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # of prctl(2)
_LOOK_SECONDS = 0.05


def adopt_orphans() -> None:
    """Ask for the processes whose parents die, among all that this process starts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury_orphans(own: Collection[int]) -> list[int]:
    """Return the adopted processes that run, all children but `own`; those that have ended are taken off the books."""
    return [pid for pid in _children() if pid not in own and not _has_ended(pid)]


def end_orphans(own: Collection[int], seconds: float) -> None:
    """End the adopted processes: asked at first, so that they can say how they ended, then for certain."""
    end = time.monotonic() + seconds
    asked: set[int] = set()
    while (running := bury_orphans(own)) and time.monotonic() < end:
        for pid in set(running) - asked:
            _send(pid, signal.SIGTERM)
        asked |= set(running)
        time.sleep(_LOOK_SECONDS)
    while running := bury_orphans(own):
        for pid in running:
            _send(pid, signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)


def _children() -> list[int]:
    """The process ids of all children; none where the system does not tell."""
    found: list[int] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
