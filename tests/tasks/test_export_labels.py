import re
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.labels import list_labels
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.export_labels import export_labels
from tasks.import_labels import import_labels

ANSWERED = "labeling_set_id,label,id,name,city\nS1,A,1,Ann,Bonn\nS1,B,3,Bob,\nS2,'=x,1,Ann,Bonn\nS2,=x,2,,\n"


@pytest.fixture
def answered(workspace: Workspace, transform: Transform, tmp_path: Path) -> Transform:
    (tmp_path / "labelled.csv").write_text(ANSWERED)
    import_labels(workspace, transform.name, str(tmp_path / "labelled.csv"))
    return transform


def test_labels_leave_with_their_records_as_the_table_has_them(
    workspace: Workspace, answered: Transform, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    summary = export_labels(workspace, "persons", str(path))
    assert path.read_text().splitlines() == [
        "labeling_set_id,label,id,name,city",
        "S1,A,1,Ann,Bonn",
        "S1,B,3,Bob,",
        "S2,'=x,1,Ann,Bonn",
        "S2,'=x,2,Anne,Bonn",
    ]
    assert (summary.path, summary.labels, summary.warnings) == (str(path), 4, ())


@pytest.mark.parametrize("replace", [False, True], ids=["append", "replace"])
def test_an_exported_file_is_imported_unchanged(
    workspace: Workspace, answered: Transform, tmp_path: Path, replace: bool
) -> None:
    before = list_labels(Catalog.of(workspace), answered.transform_id)
    path = export_labels(workspace, "persons", str(tmp_path / "labels.csv")).path
    summary = import_labels(workspace, "persons", path, replace=replace)
    assert list_labels(Catalog.of(workspace), answered.transform_id) == before
    assert (summary.unchanged, summary.label_count, summary.warnings) == (True, 4, ())


def test_a_folder_gets_a_file_of_glues_name(workspace: Workspace, answered: Transform, tmp_path: Path) -> None:
    summary = export_labels(workspace, "persons", str(tmp_path))
    name = rf"{answered.transform_id}_labels_\d{{4}}-\d\d-\d\d_\d\d_\d\d_\d\d_[0-9a-f-]{{36}}\.csv"
    assert re.fullmatch(name, Path(summary.path).name)
    assert Path(summary.path).parent == tmp_path
    assert Path(summary.path).exists()


def test_labels_of_vanished_records_leave_with_their_key_alone(
    workspace: Workspace, answered: Transform, tmp_path: Path, table_file: Path
) -> None:
    table_file.write_text("id,name,city\n1,Ann,Bonn\n2,Anne,Bonn\n")
    path = tmp_path / "labels.csv"
    summary = export_labels(workspace, "persons", str(path))
    assert "S1,B,3,,\n" in path.read_text()
    assert summary.labels == 4
    (warning,) = summary.warnings
    assert warning == (
        "Table 'default.persons_csv' no longer has 1 of the labelled records ('3'). "
        "Their rows hold the key only; delete them before you import the file again."
    )


def test_an_export_is_a_task_run_with_glues_properties(
    workspace: Workspace, answered: Transform, tmp_path: Path
) -> None:
    summary = export_labels(workspace, "persons", f"{tmp_path}/")
    run = list_task_runs(Catalog.of(workspace), answered.transform_id)[0]
    assert (run.task_run_id, run.task_type, run.status) == (summary.task_run_id, "EXPORT_LABELS", "SUCCEEDED")
    assert run.properties == {"OutputS3Path": summary.path}
    assert run.summary["labels"] == 4


def test_a_transform_without_labels_is_told_what_to_do(
    workspace: Workspace, transform: Transform, tmp_path: Path
) -> None:
    message = (
        rf"^No labelset exists for transformId {transform.transform_id}\. "
        r"Import labels first: findmatches labels import persons PATH$"
    )
    with pytest.raises(EntityNotFoundError, match=message):
        export_labels(workspace, "persons", str(tmp_path / "labels.csv"))
    assert list(tmp_path.glob("labels.csv")) == []


def test_a_place_that_cannot_be_written_is_named_before_any_work(
    workspace: Workspace, answered: Transform, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match=r"Cannot write '.*nowhere/labels\.csv'"):
        export_labels(workspace, "persons", str(tmp_path / "nowhere" / "labels.csv"))
    assert len(list_task_runs(Catalog.of(workspace), answered.transform_id)) == 1
