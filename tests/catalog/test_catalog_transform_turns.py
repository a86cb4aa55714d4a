"""The turn of a transform: one at a time, also between processes, and nobody keeps it who is gone."""

import os
import signal
import subprocess
import sys
import threading
import time

from catalog.database import Catalog

HOLD = """
import sys, time
from catalog.database import Catalog
from storage.workspace import Workspace
with Catalog.of(Workspace.at(sys.argv[1])).turn_of("tfm-1", lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


def never() -> None:
    raise AssertionError("it waits, although nobody has the turn")


def test_turns_of_two_transforms_do_not_meet(catalog: Catalog) -> None:
    with catalog.turn_of("tfm-1", never), catalog.turn_of("tfm-2", never):
        pass


def test_a_turn_can_be_had_again(catalog: Catalog) -> None:
    for _ in range(2):
        with catalog.turn_of("tfm-1", never):
            pass


def test_who_finds_a_turn_taken_waits_until_its_process_is_gone(catalog: Catalog) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(catalog.workspace.home)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    waits: list[float] = []

    def waiting() -> None:
        waits.append(time.monotonic())
        threading.Timer(0.5, other.send_signal, (signal.SIGKILL,)).start()

    with catalog.turn_of("tfm-1", waiting):
        waited = time.monotonic() - waits[0]
    assert 0.4 < waited < 30
    assert other.wait() == -signal.SIGKILL
    other.stdout.close()


def test_a_turn_passes_from_thread_to_thread(catalog: Catalog) -> None:
    order: list[str] = []

    def second() -> None:
        with catalog.turn_of("tfm-1", lambda: order.append("second waits")):
            order.append("second has it")

    with catalog.turn_of("tfm-1", never):
        thread = threading.Thread(target=second)
        thread.start()
        while not order:
            time.sleep(0.01)
        order.append("first is done")
    thread.join()
    assert order == ["second waits", "first is done", "second has it"]
