"""Steps in processes of their own, and every way to end one."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.processes import Process
from errors import InvalidInputError, TaskRunStoppedError
from tasks import step_process
from tasks.step_process import StepDiedError, StepTimeoutError, run_in_process


def add(left: int, right: int) -> int:
    logging.getLogger("findmatches.tasks").info("adding %d and %d", left, right)
    logging.getLogger("findmatches.progress").debug("half", extra={"stage": "read", "done": 0.5})
    return left + right


def number_of_process() -> int:
    return os.getpid()


def fail(message: str) -> None:
    raise InvalidInputError(message)


def break_down() -> None:
    raise ZeroDivisionError("by zero")


def die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def sleep(mark: str = "") -> None:
    """Leave the number of a process of its own in the file `mark`, then sleep."""
    if mark:
        other = subprocess.Popen(["sleep", "60"])
        Path(mark).with_suffix(".part").write_text(f"{os.getpid()} {other.pid}")
        Path(mark).with_suffix(".part").rename(mark)
    time.sleep(60)


def count_for_ever() -> None:
    while True:
        pass


def refuse_to_stop() -> None:
    """As C code does that never looks whether a signal came."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGALRM})
    time.sleep(60)


def is_alive(process_id: int) -> bool:
    return Process.of(process_id).process_started != ""


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill what does not end by itself after half a second."""
    monkeypatch.setattr(step_process.StepProcess.stop, "__defaults__", (0.5,))


def test_a_step_returns_what_its_function_returns() -> None:
    assert run_in_process(add, 1, right=2, seconds=30) == 3


def test_what_a_step_logs_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "findmatches.progress")
    logging.getLogger("findmatches").setLevel(logging.INFO)
    run_in_process(add, 1, 2, seconds=30)
    assert [record.getMessage() for record in caplog.records] == ["adding 1 and 2", "half"]
    assert caplog.records[1].__dict__["done"] == 0.5


def test_steps_follow_each_other_in_one_process_while_the_environment_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = run_in_process(number_of_process, seconds=30)
    assert first != os.getpid()
    assert run_in_process(number_of_process, seconds=30) == first
    monkeypatch.setenv("FINDMATCHES_SEED", "7")
    second = run_in_process(number_of_process, seconds=30)
    assert second != first
    monkeypatch.chdir(tmp_path)
    assert run_in_process(number_of_process, seconds=30) not in {first, second}


def test_an_error_comes_as_it_was_raised() -> None:
    with pytest.raises(InvalidInputError, match=r"^Row 3 is wrong\.$"):
        run_in_process(fail, "Row 3 is wrong.", seconds=30)


def test_a_bug_tells_where_in_the_process_it_was() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_in_process(break_down, seconds=30)
    assert "in break_down" in caught.value.__notes__[0]


@pytest.mark.parametrize("work", [sleep, count_for_ever], ids=lambda work: work.__name__)
def test_what_takes_too_long_is_stopped(work: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(StepTimeoutError, match=r"^Stopped after 0\.5 s, the time-out\."):
        run_in_process(work, seconds=0.5)
    assert time.monotonic() - began < 20
    assert run_in_process(add, 1, 2, seconds=30) == 3, "the process is not fit for more"


@pytest.mark.usefixtures("short_grace")
def test_what_does_not_stop_is_killed_and_said_so() -> None:
    gone: list[tuple[Process, BaseException]] = []
    with pytest.raises(StepTimeoutError):
        run_in_process(refuse_to_stop, seconds=0.5, gone=lambda *told: gone.append(told))
    ((process, error),) = gone
    assert process.is_gone
    assert isinstance(error, StepTimeoutError)


def test_a_death_is_an_error_that_says_how() -> None:
    gone: list[BaseException] = []
    with pytest.raises(StepDiedError, match="SIGSEGV"):
        run_in_process(die, seconds=30, gone=lambda _, error: gone.append(error))
    assert len(gone) == 1


def test_a_person_can_stop_it() -> None:
    asked: list[Process] = []
    with pytest.raises(TaskRunStoppedError):
        run_in_process(sleep, seconds=60, is_to_stop=lambda process: bool(asked.append(process)) or len(asked) > 1)
    assert len(set(asked)) == 1


def test_an_interrupt_stops_it_and_goes_on() -> None:
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run_in_process(sleep, seconds=60)


def test_it_ends_with_all_it_started_when_its_caller_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        "from tasks.step_process import run_in_process\n"
        "from tests.tasks.test_step_process import sleep\n"
        f"run_in_process(sleep, {str(mark)!r}, seconds=60)"
    )
    root = Path(__file__).parents[2]
    caller = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    wait_until(mark.exists)
    numbers = [int(number) for number in mark.read_text().split()]
    assert all(map(is_alive, numbers))
    caller.kill()
    caller.wait()
    wait_until(lambda: not any(map(is_alive, numbers)))


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()
