"""Programs that run until they are told to stop: one that dies is started again, and none is left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # what ran for so long has recovered from what it died of
LOG_BYTES = 10_000_000


@dataclass(frozen=True)
class Program:
    """A command that runs for ever, under a name that people read, and the file its output goes to."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path


class Child:
    """A program that runs, with all the processes it starts, in a session of its own: Ctrl-C reaches it by us only."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._pause, self._started, self._next_start = 1.0, 0.0, 0.0

    def start(self) -> None:
        """Start it; its output goes to the end of its log."""
        _keep_small(self.program.log)
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - commands of interfaces.server.programs; no shell
                list(self.program.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.program.environment,
                start_new_session=True,
            )
        self._started = time.monotonic()

    @property
    def ended_with(self) -> int | None:
        """The exit code of a program that ended, negative for a signal; None while it runs."""
        return None if self.process is None else self.process.poll()

    def keep_alive(self, say: Callable[[str], None]) -> None:
        """Start a program that died again, after a pause that grows each time, and say so."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._next_start:
                self.start()
        elif (code := self.ended_with) is not None:
            if now - self._started > STEADY_SECONDS:
                self._pause = 1.0
            say(
                f"The {self.program.name} ended by itself ({ending(code)}), and starts again in {self._pause:g} s. "
                f"{self.last_words()}"
            )
            self._kill_group()
            self.process, self._next_start = None, now + self._pause
            self._pause = min(LONGEST_PAUSE_SECONDS, 2 * self._pause)

    def last_words(self) -> str:
        """Return what its log ends with, and where that is."""
        with self.program.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        return f"Its last words: {lines[-1]} ({self.program.log})" if lines else f"Its log is empty: {self.program.log}"

    def ask_to_end(self) -> None:
        """Tell it to end."""
        if self.process and self.ended_with is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Wait for its end until `deadline`, in the seconds of time.monotonic; then end it and all that it started."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        """Kill what is left of the program's session; nothing where all have ended."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def end_all(children: Iterable[Child], seconds: float) -> None:
    """End the programs side by side, within so many seconds."""
    children, deadline = list(children), time.monotonic() + seconds
    for child in children:
        child.ask_to_end()
    for child in children:
        child.end(deadline)


def pids_of(children: Iterable[Child]) -> set[int]:
    """Return the process ids of the programs that were started."""
    return {child.process.pid for child in children if child.process}


def ending(code: int) -> str:
    """Return how a process ended, for people.

    >>> ending(1), ending(-9)
    ('exit code 1', 'signal SIGKILL')
    """
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _keep_small(log: Path) -> None:
    """Put a log that has grown aside, in the place of the one put aside before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))
