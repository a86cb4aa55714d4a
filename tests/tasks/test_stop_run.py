"""Stopping a run that works in another process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.processes import Process
from catalog.task_runs import TaskStatus, list_task_runs
from catalog.transforms import Transform
from storage.workspace import Workspace
from tasks import stop_run as stopping
from tasks.stop_run import stop_run

WORK = """
import signal, sys, time
from catalog.task_runs import TaskType
from catalog.transforms import get_transform
from catalog.database import Catalog
from errors import TaskRunStoppedError
from storage.workspace import Workspace
from tasks.task_run import recorded

def stop(number, frame):
    raise TaskRunStoppedError("Stopped before it was done.")

signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "deaf" else stop)
workspace = Workspace.at(sys.argv[1])
with recorded(workspace, get_transform(Catalog.of(workspace), "persons"), TaskType.FIND_MATCHES, {}):
    print("at work", flush=True)
    time.sleep(60)
"""
Worker = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def worker(workspace: Workspace, transform: Transform) -> Iterator[Worker]:
    """Start a process that works on the transform, and hears a polite signal or is "deaf"."""
    started: list[subprocess.Popen[str]] = []

    def start(how: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", WORK, str(workspace.home), how]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def only_run(workspace: Workspace) -> str:
    (run,) = list_task_runs(Catalog.of(workspace))
    return run.task_run_id


def test_a_run_ends_as_stopped_by_itself(workspace: Workspace, worker: Worker) -> None:
    process = worker("polite")
    run = stop_run(workspace, only_run(workspace))
    assert (run.status, run.error_string) == (TaskStatus.STOPPED, "Stopped before it was done.")
    assert process.wait() == 1


def test_a_run_that_does_not_hear_is_killed(
    workspace: Workspace, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "GRACE_SECONDS", 0.5)
    process = worker("deaf")
    run = stop_run(workspace, only_run(workspace))
    assert (run.status, run.error_string) == (TaskStatus.STOPPED, "Stopped by a person.")
    assert process.wait() == -signal.SIGKILL


def test_a_run_of_another_machine_is_left_to_its_watcher(
    workspace: Workspace, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "PATIENCE_SECONDS", 0.5)
    process = worker("polite")
    with Catalog.of(workspace).transaction() as session:
        session.execute("UPDATE findmatches.ml_task_runs SET host = 'elsewhere'")
    assert stop_run(workspace, only_run(workspace)).status == TaskStatus.STOPPING
    assert process.poll() is None


def test_a_process_that_got_the_number_later_is_not_touched(
    workspace: Workspace, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = worker("polite")
    sent: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", lambda number, _: sent.append(number))
        stopping._send(Process(Process.this_one().host, process.pid, "another start"), signal.SIGTERM)
    assert sent == []
    assert process.poll() is None


def test_a_command_that_is_asked_to_end_says_so_in_one_line() -> None:
    code = (
        "import time, catalog.task_runs as runs\n"
        "runs.list_task_runs = lambda *_: print('at work', flush=True) or time.sleep(60)\n"
        "from interfaces.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "runs"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "Error: Stopped before it was done; nothing of it was published.\n")
