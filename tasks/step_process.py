"""A step in a process of its own, which can be stopped whatever it does: no thread and no C call can be."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.processes import Process
from errors import FindMatchesError, OperationTimeoutError, TaskRunStoppedError
from tasks.step_host import IDLE_SECONDS, STOP, TIME_IS_UP, Call, Outcome

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

logger = logging.getLogger("findmatches.tasks")

R = TypeVar("R")

GRACE_SECONDS = 8.0
LOOK_SECONDS = 0.2
HOST = "import sys; from tasks.step_host import main; main(sys.argv[1])"


class StepDiedError(RuntimeError):
    """The process of a step ended without an answer: killed from outside, out of memory, or a crash in C code."""


class StepTimeoutError(OperationTimeoutError, TimeoutError):
    """A step was stopped because its time was up."""


class StepProcess:
    """One child process that runs steps one after the other, in this environment and folder."""

    def __init__(self) -> None:
        self.surroundings = surroundings()
        ours, theirs = multiprocessing.Pipe()
        command = [sys.executable, "-c", HOST, str(theirs.fileno())]
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        theirs.close()
        self._connection: Connection = ours
        self._connection.send(sys.path)
        self._last_used = time.monotonic()
        self.process = Process.of(self._child.pid)

    @property
    def is_usable(self) -> bool:
        """Whether it lives, is not about to end because it had nothing to do, and has the surroundings of now."""
        is_fresh = time.monotonic() - self._last_used < IDLE_SECONDS / 2
        return is_fresh and self._child.poll() is None and self.surroundings == surroundings()

    def start(self, call: Call) -> None:
        """Let it run a call."""
        self._connection.send(call)

    def outcome(self, seconds: float) -> Outcome | None:
        """Return what came of the call, or None when nothing did within so many seconds; log lines are passed on.

        Lines that still wait when the time is up are left for the next time: a step may log faster than they pass.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._connection.poll(left):
            message = self._received()
            if isinstance(message, Outcome):
                self._last_used = time.monotonic()
                return message
            _log(message)
        return None

    def stop(self, number: signal.Signals, grace_seconds: float = GRACE_SECONDS) -> Outcome | None:
        """Ask it to end the call, by a signal; return the outcome, or None where it had to be killed."""
        try:
            os.kill(self._child.pid, number)
            outcome = self.outcome(grace_seconds)
        except (ProcessLookupError, StepDiedError):
            outcome = None
        if outcome is None:
            self.close()
        return outcome

    def close(self) -> None:
        """Kill it, and everything that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._connection.close()

    def _received(self) -> Any:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise StepDiedError(_how_it_died(self._child.returncode)) from error


class StopWatch:
    """Looks every few seconds whether somebody wants a process to stop; a look may block, as for a busy catalog."""

    def __init__(self, process: Process, is_to_stop: Callable[[Process], bool]) -> None:
        self._process = process
        self._is_to_stop = is_to_stop
        self._next_look = time.monotonic() + 10 * LOOK_SECONDS
        self._has_warned = False

    def says_stop(self) -> bool:
        """Return whether a look says so: never between looks, nor when it fails, since the next one may not."""
        if time.monotonic() < self._next_look:
            return False
        try:
            return self._is_to_stop(self._process)
        except TaskRunStoppedError:  # a signal came to this process during the look
            raise
        except (FindMatchesError, OSError) as error:
            self._warn_once(error)
            return False
        finally:
            self._next_look = time.monotonic() + 10 * LOOK_SECONDS

    def _warn_once(self, error: Exception) -> None:
        if not self._has_warned:
            logger.warning("run: whether somebody wants the step to stop is not known: %s", error)
        self._has_warned = True


_idle: list[StepProcess] = []


def run_in_process(
    function: Callable[..., R],
    *arguments: Any,
    seconds: float,
    is_to_stop: Callable[[Process], bool] = lambda _: False,
    gone: Callable[[Process, BaseException], None] = lambda _, __: None,
    **options: Any,
) -> R:
    """Return what a function of a module returns, or raise what it raises, from a process of its own.

    After `seconds` it is stopped: StepTimeoutError.  So it is when `is_to_stop` says so of its process, which is asked
    every few seconds (TaskRunStoppedError), and when this process is interrupted.  It goes on where `is_to_stop` fails.
    It is asked to end, which lets it clean up, and killed when it does not in GRACE_SECONDS; of that, or of its death,
    `gone` is told with the error.
    """
    child = _ready_child()
    child.start(Call.of(function, arguments, options))
    try:
        outcome = _awaited(child, seconds, is_to_stop)
    except StepDiedError as error:
        gone(child.process, error)
        raise
    except BaseException as error:
        late = child.stop(_signal_for(error))
        if late is None:
            gone(child.process, error)
            raise
        if late.error is not None or not isinstance(error, FindMatchesError):
            _idle.append(child)
            raise
        outcome = late  # it was done just then
    _idle.append(child)
    if outcome.error is not None:
        raise outcome.error
    returned: R = outcome.returned
    return returned


def _ready_child() -> StepProcess:
    """Return a child that waits for work, a new one where there is none; those of no use any more are ended."""
    while _idle:
        child = _idle.pop()
        if child.is_usable:
            return child
        child.close()
    return StepProcess()


def _awaited(child: StepProcess, seconds: float, is_to_stop: Callable[[Process], bool]) -> Outcome:
    deadline = time.monotonic() + seconds
    watch = StopWatch(child.process, is_to_stop)
    while True:
        outcome = child.outcome(LOOK_SECONDS)
        if outcome is not None:
            return outcome
        if time.monotonic() > deadline:
            raise StepTimeoutError(
                f"Stopped after {_in_words(seconds)}, the time-out. Allow more time, or more workers."
            )
        if watch.says_stop():
            raise TaskRunStoppedError("Stopped by a person; nothing of it was published.")


def _signal_for(error: BaseException) -> signal.Signals:
    return TIME_IS_UP if isinstance(error, StepTimeoutError) else STOP


def surroundings() -> tuple[str, frozenset[tuple[str, str]]]:
    """Return the folder and the environment that a process inherits."""
    return os.getcwd(), frozenset(os.environ.items())  # noqa: PTH109 - as the system says it


def _log(record: logging.LogRecord) -> None:
    """Handle a record of the child as if it were made here."""
    logger = logging.getLogger(record.name)
    if logger.isEnabledFor(record.levelno):
        logger.handle(record)


def _how_it_died(code: int) -> str:
    if code == -signal.SIGKILL:
        return "The process of the step was killed, by a person or because the machine ran out of memory."
    how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return f"The process of the step ended {how} and without an answer."


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
