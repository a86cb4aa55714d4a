"""Steps in processes of their own, and every way to end one."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.processes import Process
from errors import CatalogBusyError, InvalidInputError, TaskRunStoppedError
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


class UnreadableRowError(Exception):
    """Takes other arguments than its `args`, so pickle cannot make it again."""

    def __init__(self, row: int, *, column: str) -> None:
        super().__init__(f"row {row}, column {column}")


def fail_with_more_than_args() -> None:
    raise UnreadableRowError(3, column="name")


def fail_with_a_lock() -> None:
    error = ZeroDivisionError("by zero")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    raise error


def return_a_lock() -> object:
    return threading.Lock()


def die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def sleep(mark: str = "") -> None:
    """Leave the number of a process of its own in the file `mark`, then sleep."""
    if mark:
        other = subprocess.Popen(["sleep", "60"])
        Path(mark).with_suffix(".part").write_text(f"{os.getpid()} {other.pid}")
        Path(mark).with_suffix(".part").rename(mark)
    time.sleep(60)


def rest(seconds: float) -> str:
    time.sleep(seconds)
    return "rested"


def log_without_pause() -> None:
    """Much longer than the time-out, though not for ever: a test that fails is to end."""
    end = time.monotonic() + 4
    while time.monotonic() < end:
        logging.getLogger("findmatches.tasks").warning("still here")


def count_for_ever() -> None:
    while True:
        pass


def refuse_to_stop() -> None:
    """As C code does that never looks whether a signal came."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGALRM})
    time.sleep(60)


class Looks:
    """Whether to stop: no, or an error, after so many seconds; with the times when that was asked and answered."""

    def __init__(self, error: BaseException | None = None, seconds: float = 0) -> None:
        self.error, self.seconds = error, seconds
        self.began: list[float] = []
        self.ended: list[float] = []

    def __call__(self, process: Process) -> bool:
        self.began.append(time.monotonic())
        time.sleep(self.seconds)
        self.ended.append(time.monotonic())
        if self.error is not None:
            raise self.error
        return False


def is_alive(process_id: int) -> bool:
    return Process.of(process_id).process_started != ""


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill what does not end by itself after half a second."""
    monkeypatch.setattr(step_process.StepProcess.stop, "__defaults__", (0.5,))


@pytest.fixture
def frequent_looks(monkeypatch: pytest.MonkeyPatch) -> float:
    """Look ten times as often whether to stop; the seconds between two looks."""
    monkeypatch.setattr(step_process, "LOOK_SECONDS", 0.02)
    return 0.2


@pytest.fixture
def slow_log() -> Iterator[None]:
    """Handle 50 log records in a second, less than a step can make."""
    logger = logging.getLogger("findmatches.tasks")
    handler = logging.Handler()
    handler.emit = lambda _: time.sleep(0.02)  # type: ignore[method-assign,assignment]
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


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


@pytest.mark.parametrize(
    ("work", "message", "place"),
    [
        pytest.param(
            fail_with_more_than_args,
            r"^UnreadableRowError: row 3, column name\n",
            "in fail_with_more_than_args",
            id="its class wants more than its args",
        ),
        pytest.param(
            fail_with_a_lock, r"^ZeroDivisionError: by zero\n", "in fail_with_a_lock", id="it holds what cannot be sent"
        ),
    ],
)
def test_an_error_that_cannot_be_sent_is_told_with_its_place(
    work: Callable[[], None], message: str, place: str
) -> None:
    with pytest.raises(RuntimeError, match=message) as caught:
        run_in_process(work, seconds=30)
    assert place in caught.value.__notes__[0]
    assert run_in_process(add, 1, 2, seconds=30) == 3, "the process is not fit for more"


def test_a_result_that_cannot_be_sent_is_an_error_that_names_the_function() -> None:
    with pytest.raises(RuntimeError, match=r"^The result of \S+\.return_a_lock cannot be sent .*: cannot pickle"):
        run_in_process(return_a_lock, seconds=30)
    assert run_in_process(add, 1, 2, seconds=30) == 3, "the process is not fit for more"


@pytest.mark.usefixtures("short_grace", "slow_log")
def test_a_step_that_logs_without_pause_is_stopped_when_its_time_is_up() -> None:
    with pytest.raises(StepTimeoutError):
        run_in_process(log_without_pause, seconds=0.5)


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


@pytest.mark.usefixtures("frequent_looks")
@pytest.mark.parametrize(
    "error",
    [CatalogBusyError("The catalog is busy."), ConnectionError("The catalog is busy.")],
    ids=lambda error: type(error).__name__,
)
def test_a_step_goes_on_while_nobody_knows_whether_to_stop_it(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    looks = Looks(error)
    assert run_in_process(rest, 1, seconds=30, is_to_stop=looks) == "rested"
    assert len(looks.began) > 1
    expected = "run: whether somebody wants the step to stop is not known: The catalog is busy."
    assert [record.getMessage() for record in caplog.records] == [expected]


@pytest.mark.usefixtures("frequent_looks")
@pytest.mark.parametrize(
    "signalled", [KeyboardInterrupt(), TaskRunStoppedError("By a signal.")], ids=lambda error: type(error).__name__
)
def test_a_signal_during_a_look_stops_the_step(signalled: BaseException) -> None:
    with pytest.raises(type(signalled)):
        run_in_process(sleep, seconds=30, is_to_stop=Looks(signalled))


def test_a_look_that_took_long_is_not_followed_by_the_next_at_once(frequent_looks: float) -> None:
    looks = Looks(seconds=0.5)
    run_in_process(rest, 1.5, seconds=30, is_to_stop=looks)
    assert looks.began[1] - looks.ended[0] >= frequent_looks


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
