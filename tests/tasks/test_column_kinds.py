"""Kinds of columns: set by somebody, learned with a model, or found in the data."""

from collections.abc import Callable
from pathlib import Path

import pytest

import matching.learn
from catalog.column_settings import ColumnSettings
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.transforms import Transform, get_transform, update_transform
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.find_matches import find_matches
from tasks.model import current_model
from tasks.train import train
from tasks.transform_columns import ColumnKindTold, columns_of_transform
from tasks.transform_data import TransformData, load_transform_data

GIVEN, SURNAMES = ("anna", "otto", "lena", "mia", "ida"), ("berg", "kahn", "voss", "falk", "horn", "krug")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Thirty persons twice, with a note that is another in every row; `size` is one of few numbers."""
    path = tmp_path / "people.csv"
    names = [f"{given} {surname}" for surname in SURNAMES for given in GIVEN]
    rows = [f"{n},{names[n % 30]},{(n % 30) % 7 * 100},note {n * 7919}" for n in range(60)]
    path.write_text("\n".join(["id,name,size,note", *rows]) + "\n")
    return path


@pytest.fixture
def people(workspace: Workspace, file: Path, make_transform: Callable[[str], Transform]) -> Transform:
    """A transform with labels for the first ten persons."""
    transform = make_transform(crawl(workspace, str(file), header=True).qualified_name)
    labels = [StoredLabel("S", str(n), str(n % 30)) for n in (*range(10), *range(30, 40))]
    store_labels(Catalog.of(workspace), transform.transform_id, labels, LabelFile("h", "l.csv", 20, 0))
    return transform


def data_with(workspace: Workspace, transform: Transform, **kinds: str) -> TransformData:
    changed = update_transform(Catalog.of(workspace), transform.name, column_settings=ColumnSettings(kinds))
    return load_transform_data(workspace, changed)


def kinds_of(data: TransformData) -> dict[str, str]:
    return {profile.name: str(profile.kind) for profile in data.prepared.profiles}


def told(workspace: Workspace, transform: Transform) -> list[ColumnKindTold]:
    return columns_of_transform(workspace, get_transform(Catalog.of(workspace), transform.name))


def test_a_kind_that_is_set_stands(workspace: Workspace, people: Transform) -> None:
    assert kinds_of(load_transform_data(workspace, people))["size"] == "number"
    assert kinds_of(data_with(workspace, people, size="category"))["size"] == "category"


def test_an_ignored_column_is_not_compared_and_keeps_no_rows_apart(workspace: Workspace, people: Transform) -> None:
    assert load_transform_data(workspace, people).records.num_rows == 60
    data = data_with(workspace, people, note="ignore")
    assert "note" not in kinds_of(data)
    assert data.records.num_rows == 30


def test_another_kind_makes_another_comparison_and_a_found_one_does_not(
    workspace: Workspace, people: Transform
) -> None:
    before = load_transform_data(workspace, people).fingerprint
    assert data_with(workspace, people, size="code").fingerprint != before
    assert data_with(workspace, people, size="auto").fingerprint == before


def test_a_run_with_another_kind_has_another_model(workspace: Workspace, people: Transform) -> None:
    model_id = train(workspace, people.name).model_id
    assert current_model(load_transform_data(workspace, people)).record.model_id == model_id
    model = current_model(data_with(workspace, people, size="category"))
    assert model.record.model_id != model_id
    assert model.record.summary["kinds"] == {"name": "name", "size": "category", "note": "code"}


def test_a_model_knows_what_was_left_out(workspace: Workspace, people: Transform) -> None:
    model = current_model(data_with(workspace, people, note="ignore"))
    assert model.record.summary["kinds"] == {"name": "name", "size": "number", "note": "ignore"}
    assert not any(column == "note" for column, _ in model.record.summary["features"])


def test_a_model_is_applied_with_the_kinds_it_learned(workspace: Workspace, people: Transform, file: Path) -> None:
    """A few sizes in words and the column looks like categories; the model was taught that it holds numbers."""
    model_id = train(workspace, people.name).model_id
    lines = [line.replace(",100,", ",big,").replace(",200,", ",huge,") for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")
    data = load_transform_data(workspace, people)
    assert kinds_of(data)["size"] != "number"
    assert find_matches(workspace, people.name, str(file.with_name("out.csv"))).model == model_id


def test_a_column_that_became_empty_does_not_stop_the_model(
    workspace: Workspace, people: Transform, file: Path
) -> None:
    model_id = train(workspace, people.name).model_id
    header, *rows = (line.split(",") for line in file.read_text().splitlines())
    file.write_text("\n".join(",".join(row) for row in [header, *([*row[:2], "", row[3]] for row in rows)]) + "\n")
    assert find_matches(workspace, people.name, str(file.with_name("out.csv"))).model == model_id


def test_the_columns_tell_who_says_what_they_are(workspace: Workspace, people: Transform, file: Path) -> None:
    found = [ColumnKindTold(*each, "found") for each in (("name", "name"), ("size", "number"), ("note", "code"))]
    assert told(workspace, people) == found
    train(workspace, people.name)
    assert {each.told_by for each in told(workspace, people)} == {"learned"}
    data_with(workspace, people, size="category")
    file.unlink()
    assert told(workspace, people)[1] == ColumnKindTold("size", "category", "set")


def test_a_table_that_is_gone_leaves_unknown_what_nobody_said(
    workspace: Workspace, transform: Transform, table_file: Path
) -> None:
    table_file.unlink()
    assert {each.kind for each in told(workspace, transform)} == {None}
