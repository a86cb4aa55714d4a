import logging
import socket
import warnings

import pandas as pd
import pytest

from gates.validation import expectations, validate

FRAME = pd.DataFrame({"id": ["1", "9", "9"]}, index=[5, 6, 8])


def test_rows_are_named_by_the_index_of_the_frame() -> None:
    expected = expectations().ExpectColumnValuesToBeInSet(column="id", value_set=["1"], description="known")
    (check,) = validate(FRAME, [expected])
    assert check.rows == (6, 8)
    assert check.as_dict() == {"name": "known", "success": False, "unexpected_count": 2}


def test_no_more_rows_are_named_than_wanted() -> None:
    (check,) = validate(FRAME, [expectations().ExpectColumnValuesToBeNull(column="id")], most_rows=2)
    assert (len(check.rows), check.unexpected_count) == (2, 3)


def test_all_rows_are_named_when_that_is_wanted() -> None:
    frame = pd.DataFrame({"id": ["9"] * 3000})
    (check,) = validate(frame, [expectations().ExpectColumnValuesToBeNull(column="id")], most_rows=None)
    assert check.rows == tuple(range(3000))


def test_an_expectation_that_cannot_be_tried_is_an_error_and_no_answer() -> None:
    with pytest.raises(RuntimeError, match='column "nope" in BatchData does not exist'):
        validate(FRAME, [expectations().ExpectColumnValuesToBeUnique(column="nope")])


def test_nothing_is_printed_warned_sent_or_left_behind(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    filters, level = list(warnings.filters), logging.getLogger("great_expectations").level
    validate(FRAME, [expectations().ExpectColumnValuesToBeUnique(column="id")])
    assert capfd.readouterr() == ("", "")
    assert (list(warnings.filters), logging.getLogger("great_expectations").level) == (filters, level)
