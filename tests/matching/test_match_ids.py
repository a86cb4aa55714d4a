import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.cluster import match_ids
from matching.match_ids import NONE, IdChanges, Ids, Moved, id_changes, stable_match_ids

NOTHING: Ids = np.zeros(0, dtype=np.int64)
Clusters = dict[str, str]  # the letter of each key's cluster

LETTERS = st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from("ABCD"), min_size=1)


def cluster_of(letters: Clusters) -> Ids:
    """The place of the first row of each row's cluster, by ascending key."""
    ordered = [letters[key] for key in sorted(letters)]
    return np.array([ordered.index(letter) for letter in ordered], dtype=np.int64)


def ids_of(letters: Clusters, before: dict[str, int] | None = None) -> dict[str, int]:
    """The ids of now of rows that had those of `before`."""
    keys, before = sorted(letters), before or {}
    earlier = np.array([before.get(key, NONE) for key in keys], dtype=np.int64)
    ids = stable_match_ids(cluster_of(letters), keys, earlier, np.array([*before.values()], dtype=np.int64))
    return dict(zip(keys, ids.tolist(), strict=True))


def changes(before: dict[str, int], now: dict[str, int]) -> IdChanges:
    earlier = np.array([before.get(key, NONE) for key in sorted(now)], dtype=np.int64)
    present = np.array([now[key] for key in sorted(now)], dtype=np.int64)
    return id_changes(earlier, present, np.array([*before.values()], dtype=np.int64))


def hash_of(key: str) -> int:
    return int(match_ids(np.array([0]), [key])[0])


def groups(letters: Clusters) -> dict[frozenset[str], str]:
    return {frozenset(k for k in letters if letters[k] == letter): min(letters) for letter in letters.values()}


def test_without_a_run_before_an_id_is_the_hash_of_the_first_key() -> None:
    assert ids_of({"a": "A", "b": "B", "c": "A"}) == {"a": hash_of("a"), "b": hash_of("b"), "c": hash_of("a")}


@given(LETTERS, LETTERS)
def test_a_cluster_that_did_not_change_keeps_its_id(first: Clusters, second: Clusters) -> None:
    before = ids_of(first)
    now = ids_of(second, before)
    for keys in groups(first).keys() & groups(second).keys():
        assert {now[key] for key in keys} == {before[key] for key in keys}


@given(LETTERS, LETTERS, LETTERS)
def test_ids_are_positive_and_one_a_cluster(first: Clusters, second: Clusters, third: Clusters) -> None:
    now = ids_of(third, ids_of(second, ids_of(first)))
    assert all(0 < match_id < 2**63 for match_id in now.values())
    assert len({(third[key], now[key]) for key in third}) == len(set(now.values())) == len(set(third.values()))


@given(LETTERS, LETTERS)
def test_every_id_is_accounted_for(first: Clusters, second: Clusters) -> None:
    before = ids_of(first)
    now = ids_of(second, before)
    told = changes(before, now)
    assert told.kept + len(told.merged) + told.removed == len(set(before.values()))
    assert told.kept + len(told.split) + told.new == len(set(now.values()))
    assert {moved.match_id for moved in told.merged}.isdisjoint(now.values())
    assert {moved.match_id for moved in told.split}.isdisjoint(before.values())


@given(LETTERS)
def test_the_same_clusters_have_the_same_ids_again(letters: Clusters) -> None:
    before = ids_of(letters)
    assert ids_of(letters, before) == before
    assert changes(before, before) == IdChanges(len(set(before.values())), 0, 0, (), ())


@pytest.mark.parametrize(
    ("first", "second", "keeper"),
    [
        pytest.param("aaabb", "aaaaa", 0, id="the larger part of a merged cluster"),
        pytest.param("aabbb", "aaaaa", 2, id="the larger part, though it comes later"),
        pytest.param("aaaaa", "aabbb", 2, id="the larger part of a split one"),
        pytest.param("aaaa", "aabb", 0, id="the first of equal parts"),
        pytest.param("aabb", "aaaa", 0, id="the first of equal clusters"),
        pytest.param("aaabbbb", "aabbbbb", 3, id="who gains a row"),
    ],
)
def test_an_id_goes_where_most_of_its_rows_are(first: str, second: str, keeper: int) -> None:
    before = ids_of({str(row): letter for row, letter in enumerate(first)})
    now = ids_of({str(row): letter for row, letter in enumerate(second)}, before)
    assert now[str(keeper)] == before[str(keeper)]


def test_merges_splits_and_arrivals_are_told_with_the_rows_they_share() -> None:
    before = {"a": 1, "b": 1, "c": 2, "d": 3, "e": 3, "f": 3, "g": 4}
    now = ids_of({"a": "A", "b": "A", "c": "A", "d": "D", "e": "E", "f": "E", "h": "H"}, before)
    assert now == {"a": 1, "b": 1, "c": 1, "d": hash_of("d"), "e": 3, "f": 3, "h": hash_of("h")}
    assert changes(before, now) == IdChanges(
        kept=2, new=1, removed=1, merged=(Moved(2, 1, 1),), split=(Moved(hash_of("d"), 3, 1),)
    )


def test_a_row_that_joins_another_cluster_changes_no_other_id() -> None:
    before = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}
    assert ids_of({"a": "A", "b": "A", "c": "B", "d": "B", "e": "B"}, before) == {
        "a": 1,
        "b": 1,
        "c": 2,
        "d": 2,
        "e": 2,
    }


@pytest.mark.parametrize("holder", ["kept", "removed"])
def test_a_hash_that_another_id_has_is_passed_over_the_same_way_each_time(holder: str) -> None:
    before = {"b" if holder == "kept" else "z": hash_of("a")}
    now = ids_of({"a": "A", "b": "B"}, before)
    assert now["a"] == hash_of("a\0" + "1")
    assert ids_of({"a": "A", "b": "B"}, before) == now


def test_no_rows_have_no_ids() -> None:
    assert stable_match_ids(NOTHING, [], NOTHING, np.array([5])).tolist() == []
    assert id_changes(NOTHING, NOTHING, np.array([5, 5, 6])) == IdChanges(0, 0, 2, (), ())
