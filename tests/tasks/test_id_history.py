"""Crashes between the steps of a run, and what the next run makes of them."""

import csv
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.match_ids import list_changes
from catalog.task_runs import TaskType, list_task_runs, mark_running, start_task_run
from catalog.transforms import Transform, create_transform
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks import id_history
from tasks.crawl import crawl
from tasks.find_matches import RunSummary, find_matches
from tasks.forget_transform import forget_transform
from tasks.id_history import IdHistory

HEADER = "id,name,city,phone\n"
ANNA = "2,anna berg,bonn,0228 100101\n"
OTTO = "4,otto kahn,ulm,0731 200202\n"
OTHERS = "5,lena voss,kiel,0431 300303\n6,mia falk,jena,03641 400404\n7,eva brandt,mainz,06131 600606\n"
FIRST = HEADER + ANNA + OTTO + OTHERS
SECOND = FIRST + "1,ana berg,bonn,0228 100101\n3,otto khan,ulm,0731 200202\n"
THIRD = SECOND + "0,anna bergg,bonn,0228 100101\n"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    path = tmp_path / "persons.csv"
    path.write_text(FIRST)
    return path


def run(workspace: Workspace, tmp_path: Path) -> RunSummary:
    return find_matches(workspace, "persons", str(tmp_path / "out.csv"))


def ids_in(path: Path) -> dict[str, int]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: int(row["match_id"]) for row in csv.DictReader(file)}


def kill_when(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def killed(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(owner, name, killed)


def files_of(workspace: Workspace, transform: Transform) -> list[str]:
    return sorted(path.name for path in (workspace.home / "match_ids" / transform.transform_id).iterdir())


def crash(workspace: Workspace, tmp_path: Path, at: Callable[[pytest.MonkeyPatch], None]) -> str:
    """Run until `at` and be killed there; returns the id of that run."""
    with pytest.MonkeyPatch.context() as patched:
        at(patched)
        with pytest.raises(Killed):
            run(workspace, tmp_path)
    return list_task_runs(Catalog.of(workspace))[0].task_run_id


def _killed_after_recording(patch: pytest.MonkeyPatch) -> None:
    record = id_history.record_changes

    def record_and_die(*given: object) -> None:
        record(*given)  # type: ignore[arg-type]
        raise Killed

    patch.setattr(id_history, "record_changes", record_and_die)


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(lambda patch: kill_when(patch, IdHistory, "settle"), id="before the catalog knows"),
        pytest.param(_killed_after_recording, id="when the catalog knows"),
    ],
)
def test_a_run_killed_after_its_matches_appeared_counts_as_the_last_one(
    workspace: Workspace,
    transform: Transform,
    table_file: Path,
    tmp_path: Path,
    at: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """The ids of the published file stay, and its merges are recorded once, though the table grew again."""
    first = run(workspace, tmp_path)
    table_file.write_text(SECOND)
    crawl(workspace, str(table_file), header=True)
    dead = crash(workspace, tmp_path, at)
    published = ids_in(tmp_path / "out.csv")
    assert published.keys() >= {"1", "3"}
    table_file.write_text(THIRD)
    crawl(workspace, str(table_file), header=True)
    after = run(workspace, tmp_path)
    assert after.since_last_run is not None
    assert (after.since_last_run.new_rows, after.since_last_run.ids_split) == (1, 0)
    ids = ids_in(tmp_path / "out.csv")
    assert {key: ids[key] for key in published} == published
    assert files_of(workspace, transform) == ["last.parquet"]
    assert first.task_run_id != dead != after.task_run_id


def test_the_merges_of_a_killed_run_are_recorded_by_the_next_one(
    workspace: Workspace, transform: Transform, table_file: Path, tmp_path: Path
) -> None:
    """Two rows that said different things say the same in the second run."""
    run(workspace, tmp_path)
    before = ids_in(tmp_path / "out.csv")
    table_file.write_text(FIRST.replace(OTTO, ANNA.replace("2,", "4,")))
    dead = crash(workspace, tmp_path, lambda patch: kill_when(patch, IdHistory, "settle"))
    assert list_changes(Catalog.of(workspace), transform.transform_id, dead) == []
    again = run(workspace, tmp_path)
    (merged,) = list_changes(Catalog.of(workspace), transform.transform_id, dead)
    assert (merged.change, merged.match_id, merged.other_match_id) == ("merged", before["4"], before["2"])
    assert again.since_last_run is not None
    assert (again.since_last_run.ids_merged, again.since_last_run.changed_rows) == (0, 0)
    assert list_changes(Catalog.of(workspace), transform.transform_id, again.task_run_id) == []


@pytest.mark.parametrize("flushes", [0, 2], ids=["writing the history", "writing the matches"])
def test_a_run_whose_matches_never_appeared_is_forgotten(
    workspace: Workspace,
    transform: Transform,
    table_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flushes: int,
) -> None:
    run(workspace, tmp_path)
    published = (tmp_path / "out.csv").read_bytes()
    table_file.write_text(SECOND)
    done: list[int] = []

    def full(descriptor: int) -> None:
        done.append(descriptor)
        if len(done) > flushes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InvalidInputError, match=r"^Disk full while writing"):
            run(workspace, tmp_path)
    assert (tmp_path / "out.csv").read_bytes() == published
    again = run(workspace, tmp_path)
    assert again.since_last_run is not None
    assert again.since_last_run.new_rows == 2
    assert files_of(workspace, transform) == ["last.parquet"]


def test_a_run_that_still_goes_on_is_left_alone(workspace: Workspace, transform: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path)
    history = IdHistory(workspace, transform.transform_id)
    other = start_task_run(Catalog.of(workspace), transform.transform_id, TaskType.FIND_MATCHES, {})
    mark_running(Catalog.of(workspace), other.task_run_id)
    staged = history.folder / f"{other.task_run_id}.parquet"
    staged.write_bytes((history.folder / "last.parquet").read_bytes())
    assert history.last() is not None
    assert staged.exists()


def test_a_transform_that_is_deleted_leaves_no_ids(workspace: Workspace, transform: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path)
    assert files_of(workspace, transform) == ["last.parquet"]
    assert forget_transform(workspace, "persons").transform_id == transform.transform_id
    assert list((workspace.home / "match_ids").iterdir()) == []
    with pytest.raises(EntityNotFoundError, match="handle persons"):
        forget_transform(workspace, "persons")


def test_transforms_remember_apart(workspace: Workspace, transform: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path)
    parameters = transform.parameters
    create_transform(Catalog.of(workspace), name="other", table=transform.table_name, parameters=parameters)
    assert find_matches(workspace, "other", str(tmp_path / "out.csv")).since_last_run is None
