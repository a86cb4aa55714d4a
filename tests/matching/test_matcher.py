import numpy as np
import pyarrow as pa
import pytest

from matching.answers import Answer, answered_pairs
from matching.cluster import cluster_records
from matching.learn import forest_probability
from matching.matcher import (
    ComparedPairs,
    MatchingTask,
    apply_classifier,
    compare_candidates,
    learn_from_answers,
    prepare_records,
    source_numbers,
)
from matching.profile import ColumnKind

Row = tuple[str | None, ...]

COLUMNS = ("name", "city", "phone")

PERSONS: list[Row] = [
    ("anna berg", "bonn", "0228 100101"),
    ("ana berg", "bonn", "0228 100101"),
    ("otto kahn", "ulm", "0731 200202"),
    ("Otto KAHN", "Ulm", "0731/200202"),
    ("lena voss", "kiel", "0431 300303"),
    ("mia falk", "jena", "03641 400404"),
    ("ida horn", "trier", "0651 500505"),
    ("ida horn", None, "0651 500505"),
    ("eva brandt", "mainz", "06131 600606"),
    ("karl zweig", "essen", "0201 700707"),
]
SAME_PERSON = {frozenset({0, 1}), frozenset({2, 3}), frozenset({6, 7})}
TELLS_NOTHING = [
    pytest.param([], id="empty"),
    pytest.param([("anna", "bonn", "1")], id="one row"),
    pytest.param([(None, None, None)] * 4, id="all missing"),
    pytest.param([("anna", "bonn", "1")] * 4, id="all identical"),
]


def table(rows: list[Row]) -> pa.Table:
    return pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(COLUMNS)})


def compare(rows: list[Row], **wanted: object) -> ComparedPairs:
    task = MatchingTask(COLUMNS, **wanted)  # type: ignore[arg-type]
    return compare_candidates(prepare_records(table(rows), task))


def matches(rows: list[Row]) -> set[frozenset[int]]:
    """The clusters of more than one record, found without any label."""
    compared = compare(rows)
    cluster = cluster_records(len(rows), compared.pairs, compared.first.probability, 0.5)
    groups = {frozenset(np.flatnonzero(cluster == home).tolist()) for home in cluster}
    return {group for group in groups if len(group) > 1}


def by_pair(compared: ComparedPairs, values: np.ndarray) -> dict[tuple[int, int], float]:
    pairs = zip(compared.pairs.left.tolist(), compared.pairs.right.tolist(), strict=True)
    return dict(zip(pairs, values.tolist(), strict=True))


def pair_set(compared: ComparedPairs) -> set[tuple[int, int]]:
    return set(by_pair(compared, compared.first.probability))


def test_obvious_duplicates_are_found_without_labels() -> None:
    assert matches(PERSONS) == SAME_PERSON


def test_the_order_of_records_does_not_change_what_matches() -> None:
    for seed in range(3):
        place = np.random.default_rng(seed).permutation(len(PERSONS)).tolist()
        shuffled = [PERSONS[record] for record in place]
        assert {frozenset(place[record] for record in group) for group in matches(shuffled)} == SAME_PERSON


def test_a_record_many_times_is_one_cluster() -> None:
    copies: list[Row] = [("anna berg", "bonn", "0228 100101")] * 6
    assert matches([*PERSONS[2:], *copies]) == {frozenset({0, 1}), frozenset({4, 5}), frozenset(range(8, 14))}


@pytest.mark.parametrize("rows", TELLS_NOTHING)
def test_a_table_that_tells_nothing_has_no_pairs(rows: list[Row]) -> None:
    prepared = prepare_records(table(rows), MatchingTask(COLUMNS))
    assert {profile.kind for profile in prepared.profiles} == {ColumnKind.EMPTY}
    compared = compare_candidates(prepared)
    assert len(compared.pairs) == len(compared.first.probability) == len(compared.features) == 0


def test_a_more_thorough_search_finds_no_fewer_pairs() -> None:
    surnames = ["berg", "kahn", "voss"] * 20
    rows: list[Row] = [(f"anna {surname}", "bonn", f"0228 {n}") for n, surname in enumerate(surnames)]
    few, some, many = (len(compare(rows, accuracy_cost_tradeoff=tradeoff).pairs) for tradeoff in (0.0, 0.5, 1.0))
    assert few <= some <= many
    assert few < many


def test_everything_known_of_a_pair_stands_in_its_row() -> None:
    compared = compare(PERSONS)
    features = compared.features[:]
    assert features.shape == (len(compared.pairs), len(compared.feature_names))
    assert compared.similarities.values.shape[0] == len(compared.pairs)
    assert np.isfinite(features).all()
    same_phone = by_pair(compared, features[:, compared.feature_names.index(("phone", "exact"))])
    assert {pair for pair, same in same_phone.items() if same == 1} == {(0, 1), (2, 3), (6, 7)}


def test_records_of_one_source_are_not_compared() -> None:
    rows = table(PERSONS).append_column("origin", pa.array(["x", "y"] * 5))
    task = MatchingTask(COLUMNS, source_column="origin")
    compared = compare_candidates(prepare_records(rows, task))
    assert all((left + right) % 2 for left, right in pair_set(compared))
    assert {(0, 1), (2, 3), (6, 7)} <= pair_set(compared)


def test_a_single_source_has_no_pairs() -> None:
    rows = table(PERSONS).append_column("origin", pa.array(["x"] * 10))
    task = MatchingTask(COLUMNS, source_column="origin")
    assert len(compare_candidates(prepare_records(rows, task)).pairs) == 0


def test_records_without_a_source_share_one() -> None:
    numbers = source_numbers(pa.chunked_array([["x", None, "y", None, "x", ""]]))
    assert numbers[1] == numbers[3] == numbers[5]
    assert len({numbers[0], numbers[1], numbers[2]}) == 3
    assert numbers[0] == numbers[4]


def test_answers_to_pairs_that_are_no_candidates_are_left_out() -> None:
    rows: list[Row] = [("anna berg", None, None), ("anna bergk", None, None), ("xyz", None, None), ("uvw", None, None)]
    compared = compare(rows)
    assert pair_set(compared) == {(0, 1)}
    said = [Answer("s", record, "A") for record in (0, 1)] + [Answer("t", record, "A") for record in (2, 3)]
    labelled, labeling_set = compared.labelled(answered_pairs(said))
    assert (labelled.positions.tolist(), labelled.is_match.tolist(), labeling_set.tolist()) == ([0], [True], [0])


def test_answers_teach_what_the_first_pass_did_not_know() -> None:
    """Two of a household have one name but for "sen" and "jun", and phones of their own: they are two persons."""
    rows: list[Row] = []
    for n in range(40):
        name = f"{'abcdefghij'[n % 10] * 3}na {'klmn'[n // 10] * 4}berg"
        rows += [(f"{name} sen", "bonn", f"{n * 7919 + 100000}"), (f"{name} jun", "bonn", f"{n * 6101 + 500000}")]
    prepared = prepare_records(table(rows), MatchingTask(COLUMNS))
    said = [Answer(str(record // 2), record, str(record % 2)) for record in range(60)]
    forest, taught = learn_from_answers(prepared, compare_candidates(prepared), answered_pairs(said), seed=0)
    probability = by_pair(taught, forest_probability(forest, taught.features))
    assert all(probability[record, record + 1] < 0.5 for record in range(60, 80, 2))


def test_what_answers_make_sure_brings_further_pairs() -> None:
    """Twenty copies of two persons are more than a cheap search finds a copy for each of."""
    copies: list[Row] = [("anna berg", "bonn", "0228 100101"), ("otto kahn", "ulm", "0731 200202")] * 20
    prepared = prepare_records(table(copies), MatchingTask(COLUMNS, accuracy_cost_tradeoff=0.0))
    compared = compare_candidates(prepared)
    _, taught = learn_from_answers(prepared, compared, answered_pairs(Answer("s", n, "AB"[n % 2]) for n in range(6)), 0)
    assert pair_set(compared) < pair_set(taught)
    assert all(left % 2 == right % 2 for left, right in pair_set(taught))


def test_applying_a_classifier_never_removes_a_pair() -> None:
    prepared = prepare_records(table(PERSONS), MatchingTask(COLUMNS, accuracy_cost_tradeoff=0.0))
    compared = compare_candidates(prepared)
    said = [Answer("s", record, label) for record, label in enumerate("AABBCD")]
    forest, taught = learn_from_answers(prepared, compared, answered_pairs(said), seed=0)
    assert pair_set(compared) <= pair_set(taught) <= pair_set(apply_classifier(prepared, taught, forest))
