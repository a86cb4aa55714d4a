"""What is kept of a model of many candidate pairs, and what it is used for; here every table has many."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import matching.learn
import matching.matcher
import storage.publish
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.transforms import Transform
from errors import InvalidInputError
from matching.learn import forest_probability
from storage.workspace import Workspace
from tasks.compared_file import load_compared
from tasks.crawl import crawl
from tasks.estimate_quality import estimate_quality
from tasks.model import TrainedModel, current_model
from tasks.train import train
from tasks.transform_data import load_transform_data

SURNAMES = ["berg", "kahn", "voss", "falk", "horn", "lenz", "roth", "wulf"]
ROWS = [
    f"{n},{first} {SURNAMES[n // 2]},{city}" for n, (first, city) in enumerate([("anna", "bonn"), ("ana", "bonn")] * 8)
]
LABELS = [(f"S{n}", label, str(2 * n + row)) for n in range(6) for row, label in enumerate("AABB")]


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching.learn, matching.matcher):
        monkeypatch.setattr(module, "MANY_PAIRS", 1)
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def people(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]) -> Transform:
    (tmp_path / "people.csv").write_text("\n".join(["id,name,city", *ROWS, ""]))
    transform = make_transform(crawl(workspace, str(tmp_path / "people.csv"), header=True).qualified_name)
    labels = [StoredLabel(set_id, key, label) for set_id, label, key in LABELS]
    store_labels(Catalog.of(workspace), transform.transform_id, labels, LabelFile("x", "labelled.csv", len(labels), 0))
    return transform


def model_now(workspace: Workspace, transform: Transform) -> TrainedModel:
    return current_model(load_transform_data(workspace, transform))


def test_what_the_forest_says_is_kept_with_the_model(
    workspace: Workspace, people: Transform, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(workspace, "people")
    said = model_now(workspace, people).by_forest
    monkeypatch.setattr("matching.learn.forest_probability", lambda *_: pytest.fail("asked once more"))
    assert model_now(workspace, people).by_forest.tolist() == said.tolist()


def test_what_the_forest_said_of_other_rows_is_not_used(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    train(workspace, "people")
    before = model_now(workspace, people)
    assert len(before.by_forest) == len(before.compared.pairs)
    (tmp_path / "people.csv").write_text("\n".join(["id,name,city", *ROWS[:-1], ROWS[-1].replace("ana", "anna"), ""]))
    now = model_now(workspace, people)
    assert now.record.model_id == before.record.model_id
    assert now.by_forest.tolist() == pytest.approx(forest_probability(now.forest, now.compared.features, 1).tolist())


def test_a_damaged_opinion_is_made_again(workspace: Workspace, people: Transform) -> None:
    train(workspace, "people")
    said = model_now(workspace, people).by_forest
    (kept,) = workspace.models.glob("*/by_forest.npz")
    kept.write_bytes(kept.read_bytes()[:100])
    assert model_now(workspace, people).by_forest.tolist() == pytest.approx(said.tolist())


def test_other_rows_are_prepared_to_see_their_kinds_and_once_as_the_model_has_them(
    workspace: Workspace, people: Transform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(workspace, "people")
    (tmp_path / "people.csv").write_text("\n".join(["id,name,city", *ROWS, "99,carl zuse,hof", ""]))
    prepared: list[object] = []
    prepare = matching.matcher.prepare_records
    monkeypatch.setattr("matching.matcher.prepare_records", lambda *words: prepared.append(words) or prepare(*words))
    model_now(workspace, people)
    assert len(prepared) == 2


def test_the_estimate_goes_by_pairs_within_reach_only(workspace: Workspace, people: Transform) -> None:
    train(workspace, "people")
    found = estimate_quality(workspace, "people")
    assert 0 < found["Recall"] <= 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_fills_while_a_comparison_is_kept_says_so(
    workspace: Workspace, people: Transform, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def on_a_full_disk(path: str) -> Iterator[Path]:
        with storage.publish._full_disk_named(path):
            yield Path("/dev/full")

    monkeypatch.setattr("tasks.compared_file.publishing", on_a_full_disk)
    with pytest.raises(InvalidInputError, match="Disk full while writing"):
        train(workspace, "people")
    assert not list((workspace.artifacts / "compared").iterdir())


def test_leftovers_of_a_killed_process_go_when_the_next_comparison_is_kept(
    workspace: Workspace, people: Transform
) -> None:
    folder = workspace.artifacts / "compared"
    folder.mkdir(parents=True)
    old, young = folder / ".findmatches-0123.npy", folder / ".findmatches-4567.npy"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    train(workspace, "people")
    assert (old.exists(), young.exists()) == (False, True)
    assert load_compared(next(folder.glob("*.npz")), None) is not None
