import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import matching.learn
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.models import ModelRecord, latest_model
from catalog.transforms import Transform
from errors import EntityNotFoundError, InvalidInputError, MLTransformNotReadyError
from matching.pairs import Pairs
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.model import current_model
from tasks.train import train
from tasks.transform_data import load_transform_data

THINGS = """id,name,city
1,anna berg,bonn
2,ana berg,bonn
3,otto kahn,ulm
4,otto khan,ulm
5,lena voss,kiel
6,mia falk,jena
7,ida horn,trier
8,ida horm,trier
"""
LABELS = "S1,A,1\nS1,A,2\nS1,B,3\nS1,B,4\nS1,C,5\n"

Label = Callable[[str], None]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def things(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]) -> Transform:
    (tmp_path / "things.csv").write_text(THINGS)
    return make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)


@pytest.fixture
def label(workspace: Workspace, things: Transform) -> Label:
    """Store labels, written as set, label and key, beside those there are."""

    def add(text: str) -> None:
        rows = [line.split(",") for line in text.split()]
        labels = [StoredLabel(set_id, key, label) for set_id, label, key in rows]
        store_labels(Catalog.of(workspace), things.transform_id, labels, LabelFile(text, "labelled.csv", len(rows), 0))

    return add


def model_in_use(workspace: Workspace, transform: Transform) -> ModelRecord:
    return current_model(load_transform_data(workspace, transform)).record


def test_a_model_learns_from_every_labelled_pair(workspace: Workspace, things: Transform, label: Label) -> None:
    label(LABELS)
    summary = train(workspace, "things")
    assert (summary.labelled_pairs, summary.matches, summary.non_matches) == (10, 2, 8)
    assert summary.candidate_pairs > 0
    record = latest_model(Catalog.of(workspace), things.transform_id)
    assert record is not None
    assert (record.model_id, record.location) == (summary.model_id, str(workspace.models / summary.model_id))
    assert [path.name for path in Path(record.location).iterdir()] == ["classifier.skops"]


def test_the_same_labels_are_learned_once(workspace: Workspace, things: Transform, label: Label) -> None:
    label(LABELS)
    trained = train(workspace, "things").model_id
    assert model_in_use(workspace, things).model_id == trained
    label(LABELS)
    assert model_in_use(workspace, things).model_id == trained


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("S2,A,5\nS2,B,6\n", id="a further set"),
        pytest.param(LABELS.replace("S1,B,4", "S1,A,4"), id="a changed label"),
    ],
)
def test_new_labels_make_a_new_model(workspace: Workspace, things: Transform, label: Label, rows: str) -> None:
    label(LABELS)
    trained = train(workspace, "things").model_id
    label(rows)
    assert model_in_use(workspace, things).model_id != trained


def test_another_seed_makes_a_new_model(
    workspace: Workspace, things: Transform, label: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(LABELS)
    trained = train(workspace, "things").model_id
    monkeypatch.setenv("FINDMATCHES_SEED", "7")
    assert model_in_use(workspace, things).model_id != trained


def test_the_same_labels_and_seed_teach_the_same(workspace: Workspace, things: Transform, label: Label) -> None:
    label(LABELS)
    data = load_transform_data(workspace, things)
    first, again = (train(workspace, "things") and current_model(data).probability for _ in range(2))
    assert first.tolist() == pytest.approx(again.tolist(), abs=1e-12)


def test_a_stored_model_says_what_it_said_when_it_was_trained(
    workspace: Workspace, things: Transform, label: Label
) -> None:
    label(LABELS)
    fresh = current_model(load_transform_data(workspace, things))
    stored = current_model(load_transform_data(workspace, things))
    assert stored.record == fresh.record
    assert stored.probability.tolist() == pytest.approx(fresh.probability.tolist(), abs=1e-12)


def test_pairs_that_the_classifier_added_are_kept_with_it(
    workspace: Workspace, things: Transform, label: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(LABELS)
    found = len(load_transform_data(workspace, things).compared.pairs)
    beside = Pairs(np.array([0]), np.array([2]))
    monkeypatch.setattr("matching.matcher.neighbours_of_neighbours", lambda *_: beside)
    widened = train(workspace, "things")
    assert widened.candidate_pairs == found + 1
    folder = workspace.models / widened.model_id
    assert sorted(path.name for path in folder.iterdir()) == ["classifier.skops", "compared.npy", "compared.npz"]
    stored = current_model(load_transform_data(workspace, things))
    assert (stored.record.model_id, len(stored.compared.pairs)) == (widened.model_id, widened.candidate_pairs)


@pytest.mark.parametrize("what", ["model", "compared"])
def test_what_is_gone_of_a_model_is_made_again(
    workspace: Workspace, things: Transform, label: Label, what: str
) -> None:
    label(LABELS)
    before = current_model(load_transform_data(workspace, things))
    shutil.rmtree({"model": Path(before.record.location), "compared": workspace.artifacts / "compared"}[what])
    again = current_model(load_transform_data(workspace, things))
    assert len(again.compared.pairs) == len(before.compared.pairs)
    assert (again.record.model_id == before.record.model_id) == (what != "model")


def test_a_model_speaks_of_records_that_came_later(
    workspace: Workspace, things: Transform, label: Label, tmp_path: Path
) -> None:
    label(LABELS)
    trained = train(workspace, "things").model_id
    (tmp_path / "things.csv").write_text(THINGS + "9,mia falck,jena\n")
    model = current_model(load_transform_data(workspace, things))
    assert model.record.model_id == trained
    assert model.compared.records == 9
    assert 8 in model.compared.pairs.right


def test_a_table_with_other_columns_needs_a_new_model(
    workspace: Workspace, things: Transform, label: Label, tmp_path: Path
) -> None:
    label(LABELS)
    train(workspace, "things")
    lines = THINGS.splitlines()
    wider = [f"{lines[0]},street", *(f"{line},{n} {'abcdefgh'[n]}lley road" for n, line in enumerate(lines[1:]))]
    (tmp_path / "things.csv").write_text("\n".join(wider) + "\n")
    crawl(workspace, str(tmp_path / "things.csv"), header=True)
    message = (
        r"^The columns of 'default\.things_csv' are not what they were when the model was trained\. "
        r"Train again: findmatches train things$"
    )
    with pytest.raises(InvalidInputError, match=message):
        model_in_use(workspace, things)
    assert train(workspace, "things").labelled_pairs == 10


def test_labels_of_vanished_records_are_not_learned(
    workspace: Workspace, things: Transform, label: Label, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    label(LABELS)
    (tmp_path / "things.csv").write_text(THINGS.replace("5,lena voss,kiel\n", ""))
    assert train(workspace, "things").labelled_pairs == 6
    assert "labels: 1 are of records that the table no longer has" in caplog.text


def test_contradicting_labels_are_counted_aloud(
    workspace: Workspace, things: Transform, label: Label, caplog: pytest.LogCaptureFixture
) -> None:
    label(LABELS + "S2,A,1\nS2,B,2\n")
    assert train(workspace, "things").labelled_pairs == 10
    assert "labels: 1 pairs have contradicting labels" in caplog.text


def test_without_labels_there_is_nothing_to_learn(workspace: Workspace, things: Transform) -> None:
    message = r"in a READY state\. Make a labeling file first: findmatches labels generate things --output PATH$"
    with pytest.raises(MLTransformNotReadyError, match=message):
        train(workspace, "things")
    assert not workspace.models.exists()


def test_labels_that_compare_nothing_teach_nothing(workspace: Workspace, things: Transform, label: Label) -> None:
    label("S1,A,1\nS2,A,2\n")
    message = r"^The labels of 'things' compare no two records: .* Label at least two rows of a set\.$"
    with pytest.raises(InvalidInputError, match=message):
        train(workspace, "things")


def test_records_with_nothing_in_common_teach_nothing(
    workspace: Workspace, things: Transform, label: Label, tmp_path: Path
) -> None:
    (tmp_path / "things.csv").write_text("id,name,city\n1,abc,\n2,,xyz\n3,def,\n4,,uvw\n")
    label("S1,A,1\nS1,B,2\n")
    message = (
        r"^There is nothing to learn from the labels of 'things': no two records of 'default\.things_csv' are alike"
    )
    with pytest.raises(InvalidInputError, match=message):
        train(workspace, "things")


def test_an_unknown_transform_is_named(workspace: Workspace) -> None:
    with pytest.raises(EntityNotFoundError, match="nobody"):
        train(workspace, "nobody")
