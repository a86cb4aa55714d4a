"""Errors meant for people are one line in the log of a run; bugs keep their tracebacks."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import flows  # noqa: F401 - puts the filters in place
from errors import InvalidInputError
from flows.log_lines import LOGGERS, OneLine, keep_to_one_line

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", LOGGERS)
def test_an_error_for_people_has_no_traceback_and_a_bug_has(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")
    for error in (InvalidInputError("Row 3 is wrong."), ZeroDivisionError("a bug")):
        try:
            raise error
        except (InvalidInputError, ZeroDivisionError):
            logging.getLogger(name).exception("It failed: %r", error)
            logging.getLogger(name).exception("It ended.")
    assert caplog.messages == [
        "It failed: InvalidInputError('Row 3 is wrong.')",
        "It failed: ZeroDivisionError('a bug')",
        "It ended.",
    ]
    assert caplog.text.count("Traceback") == 2


def test_the_filter_is_there_once() -> None:
    keep_to_one_line()
    filters = logging.getLogger(LOGGERS[0]).filters
    assert len([each for each in filters if isinstance(each, OneLine)]) == 1


@pytest.mark.slow
def test_a_flow_that_a_person_has_to_mend_says_so_in_lines(prefect_server: str, tmp_path: Path) -> None:
    told = {"PREFECT_API_URL": prefect_server, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-m", "interfaces.cli", "crawl", "people.csv"],
        env=os.environ | told | {"FINDMATCHES_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert [line for line in lines if "No file at 'people.csv'." not in line] == []
    assert any("Task run 'crawl_path" in line for line in lines)
    assert any("Flow run 'crawl people.csv'" in line for line in lines)
