"""The watcher's patience with what does not answer."""

import logging

import pytest

from errors import InvalidInputError
from flows.watching import LONGEST_PAUSE_SECONDS, Patience


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patience(pauses: list[float]) -> Patience:
    return Patience(2.0, pauses.append)


def fail(patience: Patience, error: Exception) -> None:
    with patience.forgiving():
        raise error


def test_pauses_grow_while_it_fails_and_are_as_before_when_it_works(patience: Patience, pauses: list[float]) -> None:
    for _ in range(7):
        fail(patience, InvalidInputError("The bucket does not answer."))
        patience.pause()
    with patience.forgiving():
        pass
    patience.pause()
    assert pauses == [4, 8, 16, 32, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, 2]


def test_the_same_failure_is_said_once(patience: Patience, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for message in ("No bucket.", "No bucket.", "No server.", "No server."):
        fail(patience, InvalidInputError(message))
    with patience.forgiving():
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "watch: No bucket. It is tried again until it works.",
        "watch: No server. It is tried again until it works.",
        "watch: it works again",
    ]


def test_a_bug_is_not_forgiven(patience: Patience) -> None:
    with pytest.raises(ZeroDivisionError):
        fail(patience, ZeroDivisionError())
