"""The command line in a workspace of its own."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from interfaces.cli import app

Command = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; the workspace will be `home` in it."""
    monkeypatch.setenv("FINDMATCHES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def findmatches(workspace: Path) -> Iterator[Command]:
    """Run a command in this process; gives what it printed and its exit code. Bugs are raised."""
    logger = logging.getLogger("findmatches")
    handlers, level = list(logger.handlers), logger.level

    def run(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], prog_name="findmatches", catch_exceptions=False)

    yield run
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture
def labelled_transform(findmatches: Command, people_csv: Path, answer: Callable[[Path, Path], Path]) -> Command:
    """Commands in a workspace with the transform `people`, which has one labelled file, not yet trained."""

    def done(*words: object) -> None:
        result = findmatches(*words)
        assert result.exit_code == 0, result.output

    done("crawl", people_csv, "--table", "people")
    done("transform", "create", "people", "--table", "default.people", "--primary-key", "id")
    done("labels", "generate", "people", "--output", "to_label.csv")
    done("labels", "import", "people", answer(Path("to_label.csv"), Path("labelled.csv")))
    return findmatches
