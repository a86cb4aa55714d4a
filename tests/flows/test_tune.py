"""The flow tune: other trade-offs, the same labels and model."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.task_runs import TaskType, list_task_runs
from catalog.transforms import FindMatchesParameters, Transform, create_transform, get_transform
from errors import MLTransformNotReadyError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.estimate_quality import estimate_quality
from tasks.find_matches import find_matches
from tasks.generate_labeling_set import generate_labeling_set
from tasks.import_labels import import_labels

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def people(home: Path, people_csv: Path) -> Transform:
    workspace = Workspace(home)
    return create_transform(
        Catalog.of(workspace),
        name="people",
        table=crawl(workspace, str(people_csv)).qualified_name,
        parameters=FindMatchesParameters(primary_key_column_name="id"),
    )


def test_a_tuned_transform_is_estimated_and_matched_by_its_model(
    people: Transform, home: Path, tmp_path: Path, answer: Callable[[Path, Path], Path]
) -> None:
    from flows.tune import tune

    workspace, output = Workspace(home), tmp_path / "matches.csv"
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    import_labels(workspace, "people", str(answer(tmp_path / "to_label.csv", tmp_path / "labelled.csv")))
    first = find_matches(workspace, "people", str(output))
    learned = tune("people", precision_recall_tradeoff=1.0, accuracy_cost_tradeoff=0.9, home=str(home))
    tuned = output.read_bytes()
    parameters = get_transform(Catalog.of(workspace), "people").parameters
    assert (parameters.precision_recall_tradeoff, parameters.accuracy_cost_tradeoff) == (1.0, 0.9)
    assert (learned.matches.path, learned.matches.model) == (first.path, first.model)
    assert learned.quality == estimate_quality(workspace, "people")
    find_matches(workspace, "people", str(output))
    assert output.read_bytes() == tuned
    runs = list_task_runs(Catalog.of(workspace), people.transform_id)
    assert sum(run.task_type == TaskType.LABELING_SET_GENERATION for run in runs) == 1


def test_a_transform_without_labels_keeps_its_tradeoffs(people: Transform, home: Path, tmp_path: Path) -> None:
    from flows.tune import tune

    with pytest.raises(MLTransformNotReadyError, match="READY"):
        tune("people", precision_recall_tradeoff=1.0, output=str(tmp_path / "x.csv"), home=str(home))
    assert get_transform(Catalog.of(Workspace(home)), "people").parameters.precision_recall_tradeoff == 0.5
