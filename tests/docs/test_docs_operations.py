"""docs/operations.md: its failures happen as shown, and what it quotes is what the program says."""

import errno
import os
import re
from pathlib import Path

import duckdb
import pytest

from catalog.database import Catalog
from catalog.migrate import Migration, migrate
from catalog.task_runs import start_task_run
from catalog.transforms import FindMatchesParameters, create_transform
from catalog.turns import Patience
from errors import ConcurrentRunsExceededError, InvalidInputError, OperationTimeoutError, WorkspaceVersionError
from storage.publish import publishing
from tests.docs.doc_pages import FOLDER, ROOT, Reader, check_page

PAGE = ROOT / "docs" / "operations.md"


@pytest.mark.golden
def test_operations_prints_what_it_shows(reader: Reader) -> None:
    check_page(PAGE, reader)


def quoted(words: object, folder: Path) -> bool:
    """Whether the page quotes an error, as it reads for the folder of the page's reader."""
    return f"\n> {str(words).replace(str(folder), FOLDER)}\n" in PAGE.read_text(encoding="utf-8")


def test_a_full_disk_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInputError, match="Disk full") as full, publishing("matches.csv"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert quoted(full.value, tmp_path)


def test_a_catalog_that_is_held_is_quoted(tmp_path: Path) -> None:
    held = Patience(tmp_path / ".findmatches" / "catalog.duckdb", 60).exhausted("lock is held by python (PID 4711)")
    assert quoted(held, tmp_path)


def test_a_newer_catalog_is_quoted(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / ".findmatches" / "catalog.duckdb")
    with catalog.transaction():
        pass
    with duckdb.connect(str(catalog.path)) as connection:
        migrate(connection, [Migration(9, "0009_later", "SELECT 1")])
    with pytest.raises(WorkspaceVersionError, match="newer") as newer, catalog.reading():
        pass
    assert quoted(newer.value, tmp_path)


def test_too_many_runs_are_quoted(catalog: Catalog, people_csv: Path) -> None:
    from storage.workspace import Workspace
    from tasks.crawl import crawl

    crawl(Workspace(catalog.path.parent), str(people_csv), table="people")
    key = FindMatchesParameters(primary_key_column_name="id")
    made = create_transform(catalog, name="people", table="default.people", parameters=key)
    for _ in range(3):
        start_task_run(catalog, made.transform_id, "EVALUATION", {})
    with pytest.raises(ConcurrentRunsExceededError, match="3 task runs") as many:
        start_task_run(catalog, made.transform_id, "EVALUATION", {})
    assert quoted(many.value, catalog.path.parent)


def test_a_damaged_model_is_quoted(tmp_path: Path) -> None:
    from tasks.model_file import load_classifier

    path = tmp_path / ".findmatches" / "models" / "mdl-1" / "classifier.skops"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no model")
    with pytest.raises(InvalidInputError, match="Train again") as damaged:
        load_classifier(path)
    assert quoted(damaged.value, tmp_path)


def test_a_wait_that_was_too_long_is_quoted(tmp_path: Path) -> None:
    from flows.waiting import wait_for_labels

    with pytest.raises(OperationTimeoutError, match="No labelled file") as waited:
        wait_for_labels("labelled.csv", "", 30, deadline=0)
    assert quoted(waited.value, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        "of transform '%s' is task run %s",
        "A worker took this run 90 seconds ago and did not begin it; another one may.",
        "Its process gave no sign of life for 100 seconds.",
        "is outside of the places that runs may touch: ",
        "It is tried again until it works.",
        "wait: another run of transform '%s' is at work; this one goes on after it",
        "before it took them. Its page says why: press Retry there.",
        "No folder for labels can be called ",
        "is no name for a labelled file",
        "Nobody knows where the labelled file will be",
        "The process of this run ended without a result.",
        "The process of the step was killed, by a person or because the machine ran out of memory.",
        "workers: clamped to this machine, %d threads, %.0f GiB",
        ", the time-out. Allow more time, or more workers.",
        "ended by itself (",
        ", and no Prefect server answers there: ",
        "Labels wanted",
        "Labels not taken",
    ],
)
def test_what_runs_say_stands_on_the_page_as_the_program_says_it(words: str) -> None:
    shown = re.escape(words).replace("%s", ".+").replace("%d", r"\d+").replace(r"%\.0f", r"\d+")
    assert re.search(shown, PAGE.read_text(encoding="utf-8"))
    rooms = ("catalog", "tasks", "flows", "interfaces", "storage", "deployments")
    sources = [path for room in rooms for ending in ("py", "yaml") for path in (ROOT / room).rglob(f"*.{ending}")]
    assert [path for path in sources if words in path.read_text(encoding="utf-8")]
