"""The process that a step runs in: takes one call after the other from the process that started it.

Messages to it are `Call`s; from it come log records, as they are made, and for each call one `Outcome`.  When the
other end is gone it ends at once, with everything it has started, whatever it is doing.
"""

import importlib
import logging
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, NoReturn

from errors import FindMatchesError, OperationTimeoutError, TaskRunStoppedError
from tasks.stop_signals import as_heard, stop_with

IDLE_SECONDS = 120.0
STOP, TIME_IS_UP = signal.SIGTERM, signal.SIGALRM


@dataclass(frozen=True)
class Call:
    """A function by its module and name, and what it is called with; `log_levels` are those of loggers by name."""

    module: str
    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    log_levels: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> "Call":
        """The call of a function that a module has under its own name."""
        levels = {name: logging.getLogger(name).getEffectiveLevel() for name in ("findmatches", "findmatches.progress")}
        return cls(function.__module__, function.__qualname__, arguments, options, levels)

    def run(self) -> Any:
        """Call the function and return what it returns."""
        for name, level in self.log_levels.items():
            logging.getLogger(name).setLevel(level)
        found: Any = importlib.import_module(self.module)
        for part in self.name.split("."):
            found = getattr(found, part)
        return found(*self.arguments, **self.options)


@dataclass(frozen=True)
class Outcome:
    """What came of a call: what it returned, or the error it raised."""

    returned: Any = None
    error: BaseException | None = None


class SendRecords(QueueHandler):
    """Sends log records to the other end, ready to be handled there as if they were made there."""

    def __init__(self, send: Callable[[Any], None]) -> None:
        super().__init__(queue.Queue())  # never filled
        self._send = send

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send one record."""
        self._send(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of logging
        """Pass on a stop that came while a record was sent; what else went wrong is told by logging."""
        if isinstance(error := sys.exc_info()[1], TaskRunStoppedError | OperationTimeoutError):
            raise error
        super().handleError(record)


class StepHost:
    """The child's side of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.RLock()  # a signal may come while a record is sent
        self._calls: queue.Queue[Call] = queue.Queue()

    def serve(self) -> None:
        """Run calls until none came for a while; does not return from a call whose caller is gone."""
        threading.Thread(target=self._receive, daemon=True).start()
        logger = logging.getLogger("findmatches")
        logger.addHandler(SendRecords(self._send))
        logger.propagate = False
        while call := self._next():
            outcome = _outcome(call)
            _ignore_stops()
            self._answer(call, outcome)

    def _next(self) -> Call | None:
        try:
            call = self._calls.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return None
        _heed_stops()
        return call

    def _receive(self) -> None:
        """Take calls as they come, in a thread of its own, which so learns of the caller's end during a call, too."""
        try:
            while True:
                self._calls.put(self._connection.recv())
        except (EOFError, OSError):
            os.killpg(0, signal.SIGKILL)

    def _answer(self, call: Call, outcome: Outcome) -> None:
        """Send what came of a call, or what hinders it; a result may be large, so that is found by sending it."""
        if outcome.error is not None:
            outcome = Outcome(error=_sendable(outcome.error))
        try:
            self._send(outcome)
        except Exception as error:  # noqa: BLE001 - whatever pickling meets, before a byte is sent
            self._send(Outcome(error=_unsendable_result(call, error)))

    def _send(self, message: Any) -> None:
        with self._sending:
            try:
                self._connection.send(message)
            except (BrokenPipeError, ConnectionResetError):
                os.killpg(0, signal.SIGKILL)


def _outcome(call: Call) -> Outcome:
    """Run a call; every end of it is an outcome, since the other side waits for one."""
    try:
        return Outcome(returned=call.run())
    except BaseException as error:  # noqa: BLE001 - raised again by the caller
        return Outcome(error=as_heard(error))


def _sendable(error: BaseException) -> BaseException:
    """Return the error, or one that tells the same where it cannot be sent; a bug gets a note where it was."""
    where = "".join(traceback.format_exception(error))
    sendable = error if _survives_sending(error) else RuntimeError(f"{type(error).__name__}: {error}")
    if not isinstance(sendable, FindMatchesError):
        sendable.add_note(f"In the process of the step:\n{where}")
    return sendable


def _survives_sending(error: BaseException) -> bool:
    """Return whether the other side can make the error again: not when its class wants more than its `args`."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made in this line
    except Exception:  # noqa: BLE001 - a class may raise anything here
        return False
    return True


def _unsendable_result(call: Call, error: Exception) -> RuntimeError:
    """Say that the result of a call cannot be pickled, and why."""
    return RuntimeError(
        f"The result of {call.module}.{call.name} cannot be sent to the process that wants it: "
        f"{type(error).__name__}: {error}. Let it return plain values."
    )


def _heed_stops() -> None:
    signal.signal(STOP, _stop)
    signal.signal(TIME_IS_UP, _end_of_time)


def _ignore_stops() -> None:
    """Between calls there is nothing to stop."""
    signal.signal(STOP, signal.SIG_IGN)
    signal.signal(TIME_IS_UP, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of handlers
    stop_with(TaskRunStoppedError("Stopped before it was done; nothing of it was published."))


def _end_of_time(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of handlers
    stop_with(OperationTimeoutError("Stopped because its time was up; nothing of it was published."))


def main(descriptor: str) -> None:
    """Serve the connection with this file descriptor; the first message is the caller's import path."""
    _ignore_stops()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides what Ctrl-C means
    connection: Connection = Connection(int(descriptor))
    sys.path[:] = connection.recv()
    StepHost(connection).serve()
