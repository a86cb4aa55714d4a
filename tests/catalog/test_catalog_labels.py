"""Storing what people said: appending, replacing, importing twice, and sets that only look the same."""

import pytest

from catalog.database import Catalog
from catalog.labels import (
    LabelFile,
    LabelingSet,
    StoredLabel,
    distinct_set_ids,
    list_labeling_sets,
    list_labels,
    store_labeling_sets,
    store_labels,
)
from catalog.tables import Column, Table
from catalog.transforms import FindMatchesParameters, create_transform, get_transform
from errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError


@pytest.fixture
def transform_id(catalog: Catalog) -> str:
    """A transform without labels."""
    table = Table("default", "t", "/t.csv", "csv", (Column("id", "string", "id"),), {}, ("/t.csv",))
    return create_transform(catalog, name="t", table=table, parameters=FindMatchesParameters("id")).transform_id


def labels(set_id: str, **by_key: str) -> list[StoredLabel]:
    return [StoredLabel(set_id, key, label) for key, label in by_key.items()]


def file(content_hash: str) -> LabelFile:
    return LabelFile(content_hash, f"{content_hash}.csv", rows=10, blank=0)


def stored(catalog: Catalog, transform_id: str) -> list[tuple[str, str, str]]:
    found = list_labels(catalog, transform_id)
    return [(label.labeling_set_id, label.primary_key, label.label) for label in found]


def test_labels_make_a_transform_ready_and_are_counted(catalog: Catalog, transform_id: str) -> None:
    assert store_labels(catalog, transform_id, labels("s", b="B", a="A"), file("f1"), replace=False) == 2
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("s", "b", "B")]
    transform = get_transform(catalog, transform_id)
    assert (transform.status, transform.label_count) == ("READY", 2)


def test_labels_of_several_files_add_up(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("s", b="A", c="B"), file("f2"), replace=False)
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("s", "b", "A"), ("s", "c", "B")]
    assert get_transform(catalog, transform_id).label_count == 3


def test_the_later_label_of_a_record_in_a_set_wins(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False)
    twice = [*labels("s", b="B"), *labels("s", b="C")]
    assert store_labels(catalog, transform_id, twice, file("f2"), replace=False) == 1
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("s", "b", "C")]


def test_the_same_content_again_changes_nothing(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("s", b="B"), file("f2"), replace=False)
    before = get_transform(catalog, transform_id)
    assert store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False) == 0
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("s", "b", "B")]
    assert get_transform(catalog, transform_id) == before


def test_replacing_leaves_exactly_the_new_labels(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False)
    assert store_labels(catalog, transform_id, labels("t", x="A"), file("f2"), replace=True) == 1
    assert stored(catalog, transform_id) == [("t", "x", "A")]
    assert get_transform(catalog, transform_id).label_count == 1


def test_replacing_with_the_same_content_leaves_exactly_its_labels(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("t", x="A"), file("f2"), replace=False)
    assert store_labels(catalog, transform_id, labels("s", a="A", b="A"), file("f1"), replace=True) == 2
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("s", "b", "A")]


def test_a_file_from_before_a_replacement_may_come_again(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("s", a="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("t", x="A"), file("f2"), replace=True)
    assert store_labels(catalog, transform_id, labels("s", a="A"), file("f1"), replace=False) == 1
    assert stored(catalog, transform_id) == [("s", "a", "A"), ("t", "x", "A")]


def test_the_same_content_serves_two_transforms(catalog: Catalog, transform_id: str) -> None:
    table = Table("default", "t", "/t.csv", "csv", (Column("id", "string", "id"),), {}, ("/t.csv",))
    other = create_transform(catalog, name="u", table=table, parameters=FindMatchesParameters("id")).transform_id
    assert store_labels(catalog, transform_id, labels("s", a="A"), file("f1"), replace=False) == 1
    assert store_labels(catalog, other, labels("s", a="A"), file("f1"), replace=True) == 1
    assert len(stored(catalog, transform_id)) == 1


def test_a_set_that_shares_its_id_but_no_record_with_a_stored_one_is_kept_apart(
    catalog: Catalog, transform_id: str
) -> None:
    for number, keys in enumerate(({"a": "A", "b": "A"}, {"c": "A", "d": "A"}, {"e": "A"})):
        store_labels(catalog, transform_id, labels("1", **keys), file(f"f{number}"), replace=False)
    assert [(set_id, key) for set_id, key, _ in stored(catalog, transform_id)] == [
        ("1", "a"),
        ("1", "b"),
        ("1~2", "c"),
        ("1~2", "d"),
        ("1~3", "e"),
    ]


def test_a_set_kept_apart_is_found_again_when_its_file_comes_corrected(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("1", a="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("1", c="A", d="A"), file("f2"), replace=False)
    store_labels(catalog, transform_id, labels("1", c="A", d="B"), file("f2 corrected"), replace=False)
    assert stored(catalog, transform_id) == [("1", "a", "A"), ("1~2", "c", "A"), ("1~2", "d", "B")]


def test_a_set_we_asked_about_keeps_its_id_whoever_answers_which_part(catalog: Catalog, transform_id: str) -> None:
    store_labeling_sets(catalog, transform_id, "tsk-1", [LabelingSet("q", ("a", "b", "c", "d"), {})])
    store_labels(catalog, transform_id, labels("q", a="A", b="A"), file("first half"), replace=False)
    store_labels(catalog, transform_id, labels("q", c="A", d="B"), file("second half"), replace=False)
    assert {set_id for set_id, _, _ in stored(catalog, transform_id)} == {"q"}


@pytest.mark.parametrize(
    ("uploaded", "kept"),
    [
        ({"1": {"a", "x"}}, {"1": "1"}),
        ({"1": {"x"}}, {"1": "1~2"}),
        ({"1": {"x"}, "1~2": {"y"}}, {"1": "1~3", "1~2": "1~2"}),
        ({"1~2": {"y"}, "1": {"x"}}, {"1": "1~3", "1~2": "1~2"}),
        ({"q": {"x"}}, {"q": "q"}),
        ({"new": {"a"}}, {"new": "new"}),
    ],
    ids=["shares a record", "shares none", "id is in the file", "whatever the order", "asked for", "new"],
)
def test_no_two_sets_of_a_file_fall_together(uploaded: dict[str, set[str]], kept: dict[str, str]) -> None:
    assert distinct_set_ids(uploaded, stored={"1": {"a", "b"}, "q": {"z"}}, generated={"q"}) == kept


def test_an_export_that_is_imported_again_changes_no_set(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("1", a="A"), file("f1"), replace=False)
    store_labels(catalog, transform_id, labels("1", c="A"), file("f2"), replace=False)
    before = stored(catalog, transform_id)
    exported = list_labels(catalog, transform_id)
    store_labels(catalog, transform_id, exported, file("appended"), replace=False)
    assert stored(catalog, transform_id) == before
    store_labels(catalog, transform_id, exported, file("replaced"), replace=True)
    assert stored(catalog, transform_id) == before


@pytest.mark.parametrize("replace", [False, True])
def test_a_file_without_labels_is_refused_and_changes_nothing(
    catalog: Catalog, transform_id: str, replace: bool
) -> None:
    store_labels(catalog, transform_id, labels("s", a="A"), file("f1"), replace=False)
    with pytest.raises(InvalidInputError, match=r"^'f2\.csv' has no label\. Fill in the column `label`"):
        store_labels(catalog, transform_id, [], file("f2"), replace=replace)
    assert stored(catalog, transform_id) == [("s", "a", "A")]


def test_labels_for_no_transform_are_refused(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match="handle tfm-none"):
        store_labels(catalog, "tfm-none", labels("s", a="A"), file("f1"), replace=False)


def test_thousands_of_labels_are_all_kept(catalog: Catalog, transform_id: str) -> None:
    many = [StoredLabel(f"s{number // 10}", f"k{number}", "A") for number in range(3000)]
    assert store_labels(catalog, transform_id, many, file("f1"), replace=False) == 3000
    assert set(list_labels(catalog, transform_id)) == set(many)


def test_labeling_sets_come_back_as_they_were_stored(catalog: Catalog, transform_id: str) -> None:
    first = LabelingSet("z", ("2", "1"), {"weight": 0.25, "kind": "unsure"})
    second = LabelingSet("a", ("3",), {})
    store_labeling_sets(catalog, transform_id, "tsk-1", [first])
    store_labeling_sets(catalog, transform_id, "tsk-2", [second])
    assert list_labeling_sets(catalog, transform_id) == [first, second]


def test_a_labeling_set_whose_id_is_in_use_is_refused_with_all_others(catalog: Catalog, transform_id: str) -> None:
    store_labels(catalog, transform_id, labels("used", a="A"), file("f1"), replace=False)
    sets = [LabelingSet("new", ("1",), {}), LabelingSet("used", ("2",), {})]
    with pytest.raises(AlreadyExistsError, match=r"^Labeling set 'used' exists already"):
        store_labeling_sets(catalog, transform_id, "tsk-1", sets)
    assert list_labeling_sets(catalog, transform_id) == []
