"""The Prefect server, a worker and the watcher, started in order, kept alive, and stopped together."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from errors import FindMatchesError, InvalidInputError, OperationTimeoutError
from interfaces.server import programs
from interfaces.server.children import Child, end_all, ending, pids_of
from interfaces.server.orphans import adopt_orphans, bury_orphans, end_orphans
from interfaces.server.programs import ServerSettings
from storage.workspace import Workspace

READY_SECONDS = 300.0
LOOK_SECONDS = 0.5
WORKER_SECONDS, RUN_SECONDS, SERVER_SECONDS = 3.0, 7.0, 4.0  # to end by themselves, one after the other

Say = Callable[[str], None]


class ChildDiedError(FindMatchesError):
    """A part of the server that ended before all were up."""


def run_server(settings: ServerSettings, workspace: Workspace, say: Say, told: Callable[[], None]) -> None:
    """Run all parts until Ctrl-C or SIGTERM; `told` is called once they are up."""
    check_port(settings.port)
    adopt_orphans()
    with stop_signals() as stop:
        server = Child(programs.server(settings, workspace))
        others = [Child(program(settings, workspace)) for program in (programs.worker, programs.watcher)]
        try:
            _bring_up(server, others, settings, workspace, stop, say)
            if not stop.is_set():
                told()
            while not stop.wait(LOOK_SECONDS):
                for child in (server, *others):
                    child.keep_alive(say)
                bury_orphans(pids_of((server, *others)))
            say("Stopping …")
        finally:
            end_all(others, WORKER_SECONDS)
            end_orphans(pids_of([server]), RUN_SECONDS)
            end_all([server], SERVER_SECONDS)
    say("All stopped. What is known stays; the next start goes on with it.")


def check_port(port: int) -> None:
    """Stop when something listens on the port already."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InvalidInputError(
                f"Port {port} of 127.0.0.1 cannot be had ({reason.lower()}). Stop what listens there, or take another: "
                "findmatches up --port 4201"
            ) from error


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C, SIGTERM and a closed terminal set."""
    stop = threading.Event()

    def note(number: int, frame: Any) -> None:  # noqa: ARG001 - the signature of handlers
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bring_up(
    server: Child,
    others: list[Child],
    settings: ServerSettings,
    workspace: Workspace,
    stop: threading.Event,
    say: Say,
) -> None:
    """Start the server, put the flows on it, then start the others; less where somebody stops it meanwhile."""
    say(f"Starting the Prefect server at {settings.ui_url} …")
    server.start()
    _wait(stop, server, lambda: answers(settings.api_url))
    if not stop.is_set():
        say("Putting the flows on it …")
        _deploy(Child(programs.deployer(settings, workspace)), stop)
    for child in others:
        if not stop.is_set():
            child.start()


def _wait(stop: threading.Event, child: Child, is_done: Callable[[], bool]) -> None:
    """Wait until something is so, while `child` runs."""
    end = time.monotonic() + READY_SECONDS
    while not stop.is_set() and not is_done():
        if (code := child.ended_with) is not None:
            raise ChildDiedError(f"The {child.program.name} ended ({ending(code)}). {child.last_words()}")
        if time.monotonic() > end:
            raise OperationTimeoutError(
                f"The {child.program.name} is not up after {READY_SECONDS:g} s. {child.last_words()}"
            )
        stop.wait(LOOK_SECONDS)


def _deploy(child: Child, stop: threading.Event) -> None:
    """Put the flows on the server, and wait until that is done."""
    child.start()
    try:
        _wait(stop, child, lambda: child.ended_with == 0)
    finally:
        child.ask_to_end()
        child.end(time.monotonic())


def answers(api_url: str) -> bool:
    """Return whether a Prefect server answers there."""
    with suppress(URLError, OSError), build_opener(ProxyHandler({})).open(f"{api_url}/health", timeout=5) as answer:
        return bool(answer.status == 200)
    return False
