from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import matching.learn
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, list_labeling_sets, store_labels
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform, get_transform
from errors import InvalidInputError, MLTransformNotReadyError
from matching.learn import Features, LabelledPairs, train_classifier
from matching.score import FirstPass
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.estimate_quality import estimate_quality
from tasks.generate_labeling_set import generate_labeling_set
from tasks.model import current_model
from tasks.transform_data import load_transform_data

SHARES = ("AreaUnderPRCurve", "Precision", "Recall", "F1")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: Callable[[str], Transform]) -> Transform:
    return make_transform(crawl(workspace, str(people_csv), header=True).qualified_name)


@pytest.fixture
def answered(workspace: Workspace, people: Transform, tmp_path: Path) -> Transform:
    """The people, with the sets of a generated file labelled as a careful person would."""
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    asked = list_labeling_sets(Catalog.of(workspace), people.transform_id)
    store(workspace, people, *((each.labeling_set_id, key, key[:-1]) for each in asked for key in each.primary_keys))
    return people


def store(workspace: Workspace, transform: Transform, *labels: tuple[str, str, str]) -> None:
    stored = [StoredLabel(*label) for label in labels]
    store_labels(Catalog.of(workspace), transform.transform_id, stored, LabelFile("", "labelled.csv", len(stored), 0))


def test_clear_data_answered_with_care_is_matched_well_under_glues_names(
    workspace: Workspace, answered: Transform
) -> None:
    metrics = estimate_quality(workspace, "people")
    for name in SHARES:
        low, high = metrics["Intervals"][name]
        assert 0 <= low <= metrics[name] <= high <= 1
        assert metrics[name] > 0.9
    counts = metrics["ConfusionMatrix"]
    assert set(counts) == {"NumTruePositives", "NumFalsePositives", "NumTrueNegatives", "NumFalseNegatives"}
    assert counts["NumTruePositives"] > 10 * (counts["NumFalsePositives"] + counts["NumFalseNegatives"])
    assert sum(counts.values()) <= metrics["LabeledPairs"]
    shares = [each["Importance"] for each in metrics["ColumnImportances"]]
    assert {each["ColumnName"] for each in metrics["ColumnImportances"]} == {"name", "city", "phone"}
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.001)


def test_the_metrics_are_kept_with_the_transform_and_its_run(workspace: Workspace, answered: Transform) -> None:
    metrics = estimate_quality(workspace, "people")
    run = list_task_runs(Catalog.of(workspace), answered.transform_id)[0]
    assert (run.task_type, run.status, run.summary) == ("EVALUATION", "SUCCEEDED", metrics)
    assert get_transform(Catalog.of(workspace), "people").evaluation_metrics == metrics


def test_every_answer_is_judged_by_a_model_that_did_not_learn_it(
    workspace: Workspace, answered: Transform, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = load_transform_data(workspace, answered)
    labelled, labeling_set = current_model(data).compared.labelled(data.answers)
    learned: list[set[int]] = []

    def watched(features: Features, told: LabelledPairs, first: FirstPass, seed: int, threads: int) -> object:
        learned.append(set(told.positions.tolist()))
        return train_classifier(features, told, first, seed, threads)

    monkeypatch.setattr(matching.learn, "train_classifier", watched)
    estimate_quality(workspace, "people")
    left_out = [set(labelled.positions.tolist()) - told for told in learned]
    assert sorted(position for pairs in left_out for position in pairs) == sorted(labelled.positions.tolist())
    for number in np.unique(labeling_set):
        of_set = set(labelled.positions[labeling_set == number].tolist())
        assert sum(of_set <= pairs for pairs in left_out) == 1


def test_one_labeling_set_is_judged_by_a_model_without_answers(workspace: Workspace, people: Transform) -> None:
    store(workspace, people, *(("S1", key, key[:-1]) for key in ("p01a", "p01b", "p03a", "p03b")))
    metrics = estimate_quality(workspace, "people")
    assert metrics["LabeledPairs"] == 6
    assert all(0 <= metrics[name] <= 1 for name in SHARES)


def test_without_labels_there_is_nothing_to_judge_by(workspace: Workspace, people: Transform) -> None:
    with pytest.raises(MLTransformNotReadyError, match="findmatches labels generate people --output PATH"):
        estimate_quality(workspace, "people")
    assert list_task_runs(Catalog.of(workspace), people.transform_id) == []


def test_labels_of_pairs_nobody_would_ask_about_are_not_enough(
    workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]
) -> None:
    (tmp_path / "things.csv").write_text("id,name\n1,anna berg\n2,ana berg\n3,xyz\n4,uvw\n")
    transform = make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)
    store(workspace, transform, ("S1", "3", "A"), ("S1", "4", "B"))
    with pytest.raises(InvalidInputError, match=r"^No labelled pair of 'things' is a candidate pair"):
        estimate_quality(workspace, "things")
    assert get_transform(Catalog.of(workspace), "things").evaluation_metrics is None
    assert list_task_runs(Catalog.of(workspace), transform.transform_id)[0].status == "FAILED"
