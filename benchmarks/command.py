"""Commands run in processes of their own, with what each one cost."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")

LIBRARIES_FOR_NUMBERS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")


@dataclass(frozen=True)
class Cost:
    """Seconds of processors and of the clock, and the largest memory of one process in MiB."""

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_mib: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of both, one after the other."""
        return Cost(
            self.cpu_seconds + other.cpu_seconds,
            self.wall_seconds + other.wall_seconds,
            max(self.peak_mib, other.peak_mib),
        )


@dataclass(frozen=True)
class Done:
    """What a command printed, how it ended (minus the signal's number when one ended it), and its cost."""

    output: str
    error: str
    exit_code: int
    cost: Cost

    @property
    def last_line(self) -> str:
        """The last thing it complained about, at most 200 letters."""
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"ended with {self.exit_code}"


def run(words: Sequence[object], environment: Mapping[str, str], wall_seconds: float | None = None) -> Done:
    """Run a command; after `wall_seconds` it is killed, with every process that it started."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as error:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, words)), stdout=output, stderr=error, env=dict(environment), start_new_session=True
        )
        timer = threading.Timer(wall_seconds or 0, os.killpg, (process.pid, signal.SIGKILL))
        if wall_seconds:
            timer.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # its session is its own: Ctrl-C does not reach it
            raise
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        error.seek(0)
        cost = Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss // 1024)
        return Done(output.read(), error.read(), process.returncode, cost)


def apart(work: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """Return what a function returns, from a process of its own.

    Linux counts the peak of a process to every command that it starts: one that measures memory has to stay small.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given, **named).result()


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Hold the commands that are started meanwhile to so many cores, where the system can, and threads of libraries."""
    environment = dict(os.environ)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    os.environ.update({f"{name}_NUM_THREADS": str(threads) for name in LIBRARIES_FOR_NUMBERS})
    if cores:
        os.sched_setaffinity(0, sorted(cores)[:threads])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        if cores:
            os.sched_setaffinity(0, cores)
