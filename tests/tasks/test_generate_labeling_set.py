import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

import matching.learn
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, list_labeling_sets, store_labels
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform, TransformStatus, get_transform
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.generate_labeling_set import generate_labeling_set

MakeTransform = Callable[[str], Transform]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: MakeTransform) -> Transform:
    return make_transform(crawl(workspace, str(people_csv), header=True).qualified_name)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sets_of(path: Path) -> dict[str, list[str]]:
    """The keys of each labeling set of a file."""
    sets: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(path):
        sets[row["labeling_set_id"]].append(row["id"])
    return dict(sets)


def keys_asked(workspace: Workspace, path: Path) -> list[list[str]]:
    generate_labeling_set(workspace, "people", str(path))
    return list(sets_of(path).values())


def pairs_in(keys: list[str]) -> set[frozenset[str]]:
    return {frozenset((one, other)) for one in keys for other in keys if one != other}


def same_person(pair: frozenset[str]) -> bool:
    return len({key[:-1] for key in pair}) == 1


def test_about_a_hundred_rows_in_about_ten_sets_no_record_twice(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    summary = generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    sets = sets_of(tmp_path / "to_label.csv")
    keys = [key for members in sets.values() for key in members]
    assert len(keys) == len(set(keys)) == summary.rows
    assert len(sets) == summary.sets
    assert 8 <= len(sets) <= 12
    assert 70 <= len(keys) <= 120
    assert all(2 <= len(members) <= 20 for members in sets.values())


def test_sets_mix_likely_matches_and_near_misses(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    rows = {row["id"]: row for row in rows_of(tmp_path / "to_label.csv")}
    sets = sets_of(tmp_path / "to_label.csv").values()
    with_match = [members for members in sets if any(map(same_person, pairs_in(members)))]
    assert len(with_match) >= 0.6 * len(sets)
    for members in with_match:
        names = [set(rows[key]["name"].split()) for key in members]
        others = [pair for pair in pairs_in(members) if not same_person(pair)]
        assert others
        assert any(a & b for i, a in enumerate(names) for b in names[:i])


def test_rows_are_the_records_with_the_label_left_open(
    workspace: Workspace, people: Transform, tmp_path: Path, people_csv: Path
) -> None:
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    records = {row["id"]: row for row in rows_of(people_csv)}
    for row in rows_of(tmp_path / "to_label.csv"):
        assert list(row) == ["labeling_set_id", "label", "id", "name", "city", "phone"]
        assert row["label"] == ""
        assert {name: row[name] for name in records[row["id"]]} == records[row["id"]]


def test_the_sets_are_remembered_with_the_pairs_they_were_chosen_for(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    stored = list_labeling_sets(Catalog.of(workspace), people.transform_id)
    assert {each.labeling_set_id: list(each.primary_keys) for each in stored} == sets_of(tmp_path / "to_label.csv")
    for each in stored:
        assert each.design["seeds"]
        for pair in each.design["seeds"]:
            assert {pair["left"], pair["right"]} <= set(each.primary_keys)
            assert 0 <= pair["probability"] <= 1


def test_answered_pairs_are_not_asked_again(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    path = tmp_path / "to_label.csv"
    generate_labeling_set(workspace, "people", str(path))
    first = list_labeling_sets(Catalog.of(workspace), people.transform_id)
    labels = [StoredLabel(each.labeling_set_id, key, key[:-1]) for each in first for key in each.primary_keys]
    store_labels(Catalog.of(workspace), people.transform_id, labels, LabelFile("", "labelled.csv", len(labels), 0))
    generate_labeling_set(workspace, "people", str(path))
    second = [each for each in list_labeling_sets(Catalog.of(workspace), people.transform_id) if each not in first]
    answered = {pair for each in first for pair in pairs_in([*each.primary_keys])}
    assert {each.labeling_set_id for each in second} == sets_of(path).keys()
    for each in second:
        assert answered.isdisjoint(frozenset((pair["left"], pair["right"])) for pair in each.design["seeds"])
        assert not pairs_in([*each.primary_keys]) <= answered


def test_the_seed_decides_what_is_asked(
    workspace: Workspace,
    people: Transform,
    tmp_path: Path,
    people_csv: Path,
    make_transform: MakeTransform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crawl(workspace, str(people_csv), table="twin", header=True)
    make_transform("default.twin")
    first = keys_asked(workspace, tmp_path / "first.csv")
    generate_labeling_set(workspace, "twin", str(tmp_path / "twin.csv"))
    assert list(sets_of(tmp_path / "twin.csv").values()) == first
    monkeypatch.setenv("FINDMATCHES_SEED", "11")
    assert keys_asked(workspace, tmp_path / "other.csv") != first


def test_a_generated_file_is_a_task_run_and_makes_nothing_ready(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    path = str(tmp_path / "to_label.csv")
    summary = generate_labeling_set(workspace, "people", path)
    (run,) = list_task_runs(Catalog.of(workspace), people.transform_id)
    assert (run.task_run_id, run.task_type, run.status) == (summary.task_run_id, "LABELING_SET_GENERATION", "SUCCEEDED")
    assert (run.properties, run.summary["rows"]) == ({"OutputS3Path": path}, summary.rows)
    assert get_transform(Catalog.of(workspace), "people").status == TransformStatus.NOT_READY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id,name\n1,anna\n", "has no usable column", id="one row"),
        pytest.param("id,name\n1,anna\n2,anna\n", "has no usable column", id="all identical"),
        pytest.param(
            "id,name\n1,abc\n2,xyz\n", "nothing to ask about 'things': no two of its 2 records are alike", id="unlike"
        ),
    ],
)
def test_a_table_without_a_question_gets_no_file(
    workspace: Workspace, tmp_path: Path, make_transform: MakeTransform, text: str, message: str
) -> None:
    (tmp_path / "things.csv").write_text(text)
    transform = make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)
    with pytest.raises(InvalidInputError, match=message):
        generate_labeling_set(workspace, "things", str(tmp_path / "to_label.csv"))
    assert not (tmp_path / "to_label.csv").exists()
    assert list_labeling_sets(Catalog.of(workspace), transform.transform_id) == []


def test_two_records_alike_are_one_set_until_they_are_answered(
    workspace: Workspace, tmp_path: Path, make_transform: MakeTransform
) -> None:
    (tmp_path / "things.csv").write_text("id,name\n1,anna berg\n2,ana berg\n3,xyz\n")
    transform = make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)
    path = tmp_path / "to_label.csv"
    generate_labeling_set(workspace, "things", str(path))
    assert [sorted(keys) for keys in sets_of(path).values()] == [["1", "2"]]
    (only,) = sets_of(path)
    labels = [StoredLabel(only, key, "same") for key in ("1", "2")]
    store_labels(Catalog.of(workspace), transform.transform_id, labels, LabelFile("", str(path), 2, 0))
    with pytest.raises(InvalidInputError, match=r"every likely pair is labelled already\.$"):
        generate_labeling_set(workspace, "things", str(tmp_path / "more.csv"))


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_remembered(
    workspace: Workspace, people: Transform, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match=r"Cannot write '.*nowhere/to_label\.csv'"):
        generate_labeling_set(workspace, "people", str(tmp_path / "nowhere" / "to_label.csv"))
    assert list_labeling_sets(Catalog.of(workspace), people.transform_id) == []
