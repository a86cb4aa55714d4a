"""What a workspace keeps of comparisons, and what a change of the trade-offs takes from it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.transforms import Transform, update_transform
from matching.compare import Comparer
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.find_matches import find_matches
from tasks.forget_transform import forget_transform
from tasks.kept_comparisons import MOST_KEPT


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: Callable[[str], Transform]) -> Transform:
    return make_transform(crawl(workspace, str(people_csv)).qualified_name)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were compared, each time that any were."""
    counts: list[int] = []
    compare = Comparer.compare

    def counted(self, pairs):
        counts.append(len(pairs))
        return compare(self, pairs)

    monkeypatch.setattr(Comparer, "compare", counted)
    return counts


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files made one after the other have other times, however quick they are made."""
    import tasks.kept_comparisons

    seconds = iter(range(10**9, 10**9 + 100))
    save = tasks.kept_comparisons.save_compared

    def saved(path: Path, compared) -> None:
        save(path, compared)
        second = next(seconds)
        os.utime(path, (second, second))

    monkeypatch.setattr(tasks.kept_comparisons, "save_compared", saved)


def matches_at(workspace: Workspace, folder: Path, **tradeoffs: float) -> bytes:
    update_transform(Catalog.of(workspace), "people", **tradeoffs)
    find_matches(workspace, "people", str(folder / "matches.csv"))
    return (folder / "matches.csv").read_bytes()


def forget(workspace: Workspace) -> None:
    for path in (workspace.artifacts / "compared").iterdir():
        path.unlink()


def test_a_wider_search_compares_what_is_new_and_writes_what_a_fresh_run_writes(
    workspace: Workspace, people: Transform, tmp_path: Path, compared: list[int]
) -> None:
    matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.3)
    compared.clear()
    tuned = matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.9)
    new = sum(compared)
    forget(workspace)
    compared.clear()
    assert matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.9) == tuned
    assert 0 < new < sum(compared)


def test_a_narrower_search_compares_nothing(
    workspace: Workspace, people: Transform, tmp_path: Path, compared: list[int]
) -> None:
    matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.9)
    compared.clear()
    tuned = matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.3)
    assert compared == []
    forget(workspace)
    assert matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.3) == tuned
    assert compared != []


def test_another_threshold_compares_nothing(
    workspace: Workspace, people: Transform, tmp_path: Path, compared: list[int]
) -> None:
    matches_at(workspace, tmp_path, precision_recall_tradeoff=0.1)
    compared.clear()
    matches_at(workspace, tmp_path, precision_recall_tradeoff=0.9)
    assert compared == []


def test_another_table_takes_nothing_over(
    workspace: Workspace, people: Transform, people_csv: Path, tmp_path: Path, compared: list[int]
) -> None:
    matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.3)
    people_csv.write_text(people_csv.read_text() + "z1,zoe zander,bern,5550199\n")
    compared.clear()
    tuned = matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.9)
    pairs = sum(compared)
    forget(workspace)
    compared.clear()
    assert matches_at(workspace, tmp_path, accuracy_cost_tradeoff=0.9) == tuned
    assert pairs == sum(compared)


@pytest.mark.usefixtures("ticking")
def test_the_last_few_are_kept_and_none_of_a_transform_that_is_gone(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    for tradeoff in (0.1, 0.3, 0.5, 0.7, 0.9):
        matches_at(workspace, tmp_path, accuracy_cost_tradeoff=tradeoff)
    folder = workspace.artifacts / "compared"
    reaches = sorted(int(path.stem.rpartition("-")[2]) for path in folder.glob("*.npz"))
    assert MOST_KEPT == 3
    assert reaches == [10, 15, 24]
    assert len(list(folder.glob("*.npy"))) == MOST_KEPT
    forget_transform(workspace, "people")
    assert list(folder.iterdir()) == []
