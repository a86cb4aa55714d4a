"""Waiting for the labelled file."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import OperationTimeoutError
from flows import waiting
from flows.waiting import version_at, wait_for_labels


@pytest.fixture
def between_looks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Let things happen between one look at the path and the next, instead of sleeping."""

    def script(*happenings: Callable[[], object]) -> list[int]:
        left, looks = list(happenings), [0]

        def sleep(_: float) -> None:
            looks[0] += 1
            assert looks[0] < 100, "waited on although nothing was to come"
            if left:
                left.pop(0)()

        monkeypatch.setattr(waiting.time, "sleep", sleep)
        return looks

    return script


def soon() -> float:
    return time.monotonic() + 60


def nothing() -> None:
    return None


def test_a_file_that_arrives_is_taken(tmp_path: Path, between_looks):
    path = tmp_path / "labelled.csv"
    between_looks(nothing, lambda: path.write_text("a"))
    assert wait_for_labels(str(path), "", 1, soon()) == version_at(str(path))


def test_a_file_that_still_grows_is_not_taken(tmp_path: Path, between_looks):
    path = tmp_path / "labelled.csv"
    looks = between_looks(lambda: path.write_text("a"), lambda: path.write_text("ab"), lambda: path.write_text("abc"))
    wait_for_labels(str(path), "", 1, soon())
    assert path.read_text() == "abc"
    assert looks == [4]


def test_the_same_version_is_not_taken_twice(tmp_path: Path, between_looks):
    path = tmp_path / "labelled.csv"
    path.write_text("first")
    seen = version_at(str(path))
    between_looks(nothing, nothing, nothing, lambda: path.write_text("the second one"))
    assert wait_for_labels(str(path), seen, 1, soon()) != seen


def test_when_time_is_up_the_error_names_the_path(tmp_path: Path):
    path = tmp_path / "labelled.csv"
    with pytest.raises(OperationTimeoutError, match=r"No labelled file at '.*labelled\.csv' within 0\.5 minutes"):
        wait_for_labels(str(path), "", 0.5, time.monotonic() - 1)
