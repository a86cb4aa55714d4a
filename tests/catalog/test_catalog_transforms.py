"""Making, finding, changing and deleting transforms."""

from pathlib import Path
from typing import Any

import pytest

from catalog.database import Catalog
from catalog.labels import LabelFile, LabelingSet, StoredLabel, list_labels, store_labeling_sets, store_labels
from catalog.match_ids import Change, MatchIdChange, record_changes
from catalog.models import latest_model, new_model_id, store_model
from catalog.tables import Column, Table, register_table
from catalog.task_runs import list_task_runs, start_task_run
from catalog.transforms import (
    FindMatchesParameters,
    TaskRunProperties,
    create_transform,
    delete_transform,
    get_transform,
    list_transforms,
    set_status,
    store_evaluation,
    update_transform,
)
from errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError, ResourceNumberLimitExceededError

BY_ID = FindMatchesParameters("id")


def table_with(*names: str) -> Table:
    columns = tuple(Column(name, "string", name) for name in names)
    return Table("default", "people", "/people.csv", "csv", columns, {}, ("/people.csv",))


PEOPLE = table_with("id", "name", "source")


def everything_in(catalog: Catalog) -> dict[str, int]:
    with catalog.reading() as session:
        tables = session.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'findmatches'")
        names = {row["table_name"] for row in tables} - {"schema_migrations"}
        return {name: len(session.rows(f"SELECT * FROM findmatches.{name}")) for name in names}


def test_a_new_transform_waits_for_labels_and_has_the_schema_of_its_table(catalog: Catalog) -> None:
    made = create_transform(catalog, name="match people", table=PEOPLE, parameters=BY_ID)
    assert len(made.transform_id) == 44
    assert made.transform_id.startswith("tfm-")
    assert (made.status, made.label_count, made.evaluation_metrics) == ("NOT_READY", 0, None)
    assert made.schema == (("id", "string"), ("name", "string"), ("source", "string"))
    assert made.properties == TaskRunProperties("G.1X", 2, 2880, 0)
    assert (made.table_name, made.parameters.precision_recall_tradeoff) == ("default.people", 0.5)


def test_a_transform_is_found_by_name_and_by_id(catalog: Catalog) -> None:
    made = create_transform(catalog, name="match people", table=PEOPLE, parameters=BY_ID, description="two lists")
    assert get_transform(catalog, "match people") == made
    assert get_transform(catalog, made.transform_id) == made
    assert list_transforms(catalog) == [made]


def test_a_table_may_be_given_by_name(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("1\n")
    register_table(catalog, Table("d", "t", str(file), "csv", (Column("id", "bigint", "id"),), {}, (str(file),)))
    assert create_transform(catalog, name="m", table="d.t", parameters=BY_ID).schema == (("id", "bigint"),)


def test_an_unknown_transform_is_named_with_the_nearest_known(catalog: Catalog) -> None:
    create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    expected = r"^Cannot find MLTransform with handle peple\. Did you mean 'people'\? `findmatches transform list`"
    with pytest.raises(EntityNotFoundError, match=expected):
        get_transform(catalog, "peple")


def test_a_name_that_is_taken_is_refused(catalog: Catalog) -> None:
    create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    with pytest.raises(AlreadyExistsError, match=r"^Transform with name people already exists\."):
        create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": " "}, r"^Transform name cannot be blank\.$"),
        ({"name": "a\nb"}, r"^Transform name must be one line of at most 255 characters"),
        ({"name": "a" * 256}, r"^Transform name must be one line of at most 255 characters"),
        (
            {"parameters": FindMatchesParameters("ident")},
            r"^Schema should contain given primary key: ident\. Table 'default\.people' has: id, name, source\.",
        ),
        ({"parameters": FindMatchesParameters("nam")}, r"primary key: nam\..* Did you mean 'name'\?$"),
        ({"parameters": FindMatchesParameters("")}, "^A primary key must be specified in Find Matches parameters"),
        ({"parameters": FindMatchesParameters("id", 1.01)}, "^precision_recall_tradeoff must be .* and 1.01 is not"),
        ({"parameters": FindMatchesParameters("id", 0.5, -0.1)}, "^accuracy_cost_tradeoff must be .* and -0.1 is not"),
        ({"parameters": FindMatchesParameters("id", float("nan"))}, "and nan is not"),
        (
            {"parameters": FindMatchesParameters("id", source_column_name="sorce")},
            r"^No source column 'sorce'\. Table 'default\.people' has: .* Did you mean 'source'\?$",
        ),
        ({"properties": TaskRunProperties("G.1")}, r"^No worker type 'G\.1'\. Did you mean 'G\.1X'\? There are: Stand"),
        ({"properties": TaskRunProperties(number_of_workers=0)}, "^NumberOfWorkers should be >= 1"),
        ({"properties": TaskRunProperties(timeout=0)}, "^Timeout must be at least 1 minute, and 0 is not"),
        ({"properties": TaskRunProperties(max_retries=-1)}, "^Max retries should be non-negative"),
        ({"properties": TaskRunProperties(max_retries=11)}, "^Max retries must be at most 10, and 11 is not"),
        (
            {"table": table_with("id", *(f"c{number}" for number in range(100)))},
            r"^A transform takes at most 100 columns, and table 'default\.people' has 101\.",
        ),
    ],
)
def test_what_glue_would_refuse_is_refused_and_nothing_is_made(
    catalog: Catalog, given: dict[str, Any], problem: str
) -> None:
    usual: dict[str, Any] = {"name": "people", "table": PEOPLE, "parameters": BY_ID}
    with pytest.raises(InvalidInputError, match=problem):
        create_transform(catalog, **(usual | given))
    assert list_transforms(catalog) == []


def test_columns_may_be_given_in_any_case(catalog: Catalog) -> None:
    given = FindMatchesParameters("ID", source_column_name="Source")
    made = create_transform(catalog, name="people", table=PEOPLE, parameters=given)
    assert made.parameters == FindMatchesParameters("id", source_column_name="source")


def test_a_hundred_transforms_are_enough(catalog: Catalog) -> None:
    first = create_transform(catalog, name="t0", table=PEOPLE, parameters=BY_ID)
    with catalog.transaction() as session:
        columns = "description, status, table_name, schema_json, primary_key_column_name, precision_recall_tradeoff,"
        columns += " accuracy_cost_tradeoff, enforce_provided_labels, worker_type, number_of_workers, timeout,"
        columns += " max_retries, label_count, created_on, last_modified_on"
        session.execute(
            f"INSERT INTO findmatches.ml_transforms (transform_id, name, {columns})"
            f" SELECT 'tfm-' || n, 't' || n, {columns} FROM findmatches.ml_transforms, generate_series(1, 99) AS r(n)"
        )
    with pytest.raises(ResourceNumberLimitExceededError, match=r"^ML Transforms count \(100\) has exceeded the limit"):
        create_transform(catalog, name="t100", table=PEOPLE, parameters=BY_ID)
    delete_transform(catalog, first.name)
    create_transform(catalog, name="t100", table=PEOPLE, parameters=BY_ID)


def test_an_update_changes_what_is_given_and_nothing_else(catalog: Catalog) -> None:
    made = create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    changed = update_transform(
        catalog, "people", precision_recall_tradeoff=0.9, timeout=5, name="persons", description=None
    )
    assert changed == get_transform(catalog, "persons")
    assert changed.parameters == FindMatchesParameters("id", precision_recall_tradeoff=0.9)
    assert changed.properties == TaskRunProperties(timeout=5)
    assert (changed.transform_id, changed.description) == (made.transform_id, "")
    assert changed.last_modified_on > made.last_modified_on


def test_a_source_column_is_set_and_taken_away(catalog: Catalog) -> None:
    create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    assert update_transform(catalog, "people", source_column_name="source").parameters.source_column_name == "source"
    assert update_transform(catalog, "people", source_column_name=None).parameters.source_column_name == "source"
    assert update_transform(catalog, "people", source_column_name="").parameters.source_column_name is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "taken"}, r"^Another transform with name taken already exists\."),
        ({"precision_recall_tradeoff": 2.0}, "and 2.0 is not"),
        ({"table_name": "default.other"}, "^'table_name' of a transform cannot be changed.* These can: accuracy_cost_"),
    ],
    ids=["name taken", "out of range", "no such field"],
)
def test_an_update_that_is_refused_changes_nothing(catalog: Catalog, changes: dict[str, Any], problem: str) -> None:
    create_transform(catalog, name="taken", table=PEOPLE, parameters=BY_ID)
    made = create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    with pytest.raises(InvalidInputError, match=problem):
        update_transform(catalog, "people", **{"description": "new", **changes})
    assert get_transform(catalog, "people") == made


def test_the_latest_evaluation_is_the_transforms(catalog: Catalog) -> None:
    made = create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    for f1 in (0.5, 0.75):
        store_evaluation(catalog, made.transform_id, {"F1": f1}, "mdl-1")
    assert get_transform(catalog, "people").evaluation_metrics == {"F1": 0.75}
    assert everything_in(catalog)["evaluations"] == 2


def test_a_status_is_set(catalog: Catalog) -> None:
    made = create_transform(catalog, name="people", table=PEOPLE, parameters=BY_ID)
    set_status(catalog, made.transform_id, "READY")
    assert get_transform(catalog, "people").status == "READY"
    with pytest.raises(ValueError, match="PERFECT"):
        set_status(catalog, made.transform_id, "PERFECT")


def test_a_deleted_transform_leaves_nothing_and_takes_nothing_of_another(catalog: Catalog) -> None:
    def filled(name: str) -> str:
        made = create_transform(catalog, name=name, table=PEOPLE, parameters=BY_ID).transform_id
        run = start_task_run(catalog, made, "EVALUATION", {})
        store_labels(catalog, made, [StoredLabel("s", "1", "A")], LabelFile("hash", "labels.csv", 1, 0), replace=False)
        store_labeling_sets(catalog, made, run.task_run_id, [LabelingSet("q", ("1", "2"), {})])
        store_evaluation(catalog, made, {"F1": 1.0}, "mdl-1")
        record_changes(catalog, made, run.task_run_id, [MatchIdChange(Change.MERGED, 1, 2, 3)])
        store_model(
            catalog, model_id=new_model_id(), transform_id=made, location="m", label_fingerprint="f", summary={}
        )
        return made

    other = filled("other")
    before = everything_in(catalog)
    gone = filled("gone")
    assert delete_transform(catalog, "gone").transform_id == gone
    assert everything_in(catalog) == before
    assert len(list_labels(catalog, other)) == len(list_task_runs(catalog, other)) == 1
    assert latest_model(catalog, gone) is None
    with pytest.raises(EntityNotFoundError, match="handle gone"):
        delete_transform(catalog, "gone")
