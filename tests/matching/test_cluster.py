import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matching.answers import Answer, answered_pairs
from matching.cluster import (
    LinkRules,
    cluster_confidence,
    cluster_records,
    decision_threshold,
    enforced_rules,
    match_ids,
    within_reach,
)
from matching.pairs import Pairs, distinct_pairs

RECORDS = 8
Scored = dict[tuple[int, int], float]
SURE = 0.99
UNLIKELY = 0.02

ALL_PAIRS = [(left, right) for right in range(RECORDS) for left in range(right)]
SCORED = st.dictionaries(st.sampled_from(ALL_PAIRS), st.floats(0, 1), max_size=20)
SOURCES = st.lists(st.integers(0, 2), min_size=RECORDS, max_size=RECORDS)
LABELS = st.lists(
    st.builds(Answer, st.sampled_from(["s", "t"]), st.integers(0, RECORDS - 1), st.sampled_from("ABC")),
    max_size=10,
    unique_by=lambda answer: (answer.labeling_set_id, answer.record),
)


def as_arrays(scored: Scored) -> tuple[Pairs, NDArray[np.float64]]:
    ordered = sorted(scored)
    both = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1]), np.array([scored[pair] for pair in ordered])


def labels_of(
    scored: Scored, records: int = RECORDS, threshold: float = 0.5, rules: LinkRules | None = None
) -> NDArray[np.int64]:
    return cluster_records(records, *as_arrays(scored), threshold, rules)


def as_sets(cluster: NDArray[np.int64]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(cluster == home).tolist()) for home in cluster}


def clusters(
    scored: Scored, records: int, threshold: float = 0.5, rules: LinkRules | None = None
) -> set[frozenset[int]]:
    return as_sets(labels_of(scored, records, threshold, rules))


def sets(*groups: str) -> set[frozenset[int]]:
    return {frozenset(int(record) for record in group) for group in groups}


@pytest.mark.parametrize(
    ("records", "scored", "wanted"),
    [
        pytest.param(0, {}, set(), id="no records"),
        pytest.param(1, {}, sets("0"), id="one record"),
        pytest.param(3, {}, sets("0", "1", "2"), id="no pairs"),
        pytest.param(3, {(0, 1): SURE}, sets("01", "2"), id="one match"),
        pytest.param(2, {(0, 1): 0.5}, sets("0", "1"), id="exactly at the threshold"),
        pytest.param(3, {(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.9}, sets("012"), id="all alike"),
        pytest.param(3, {(0, 1): 0.9, (1, 2): 0.9, (0, 2): UNLIKELY}, sets("01", "2"), id="chain with a compared end"),
        pytest.param(3, {(0, 1): 0.7, (1, 2): 0.8}, sets("0", "12"), id="chain whose ends were no candidates"),
        pytest.param(3, {(0, 1): 0.9, (1, 2): 0.9, (0, 2): 0.3}, sets("012"), id="chain with unsure ends"),
        pytest.param(4, {(0, 1): 0.9, (2, 3): 0.9, (1, 2): 0.8}, sets("01", "23"), id="weak bridge"),
    ],
)
def test_records_alike_on_average_are_one_cluster(records: int, scored: Scored, wanted: set[frozenset[int]]) -> None:
    assert clusters(scored, records) == wanted


@settings(deadline=None)
@given(SCORED, st.floats(0.01, 0.99))
def test_clusters_partition_the_records_and_are_named_by_their_first(scored: Scored, threshold: float) -> None:
    cluster = labels_of(scored, threshold=threshold)
    groups = as_sets(cluster)
    assert sorted(record for group in groups for record in group) == list(range(RECORDS))
    assert all(min(group) == cluster[record] for group in groups for record in group)


@settings(deadline=None)
@given(st.sets(st.sampled_from(ALL_PAIRS)), st.permutations(range(RECORDS)), st.integers(0, 2**32))
def test_the_order_of_records_does_not_change_the_clusters(
    pairs: set[tuple[int, int]], place: list[int], seed: int
) -> None:
    untied = np.random.default_rng(seed).random(len(pairs)).tolist()
    scored = dict(zip(sorted(pairs), untied, strict=True))
    moved = {(min(place[a], place[b]), max(place[a], place[b])): p for (a, b), p in scored.items()}
    wanted = {frozenset(place[record] for record in group) for group in clusters(scored, RECORDS)}
    assert clusters(moved, RECORDS) == wanted


@settings(deadline=None)
@given(SCORED, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_higher_threshold_only_splits(scored: Scored, one: float, other: float) -> None:
    coarse = clusters(scored, RECORDS, min(one, other))
    assert all(any(group <= larger for larger in coarse) for group in clusters(scored, RECORDS, max(one, other)))


@settings(deadline=None)
@given(SCORED, SOURCES)
def test_two_records_of_one_source_never_meet(scored: Scored, sources: list[int]) -> None:
    rules = LinkRules(sources=np.array(sources))
    for group in clusters(scored, RECORDS, 0.05, rules):
        assert len({sources[record] for record in group}) == len(group)


def test_a_record_of_one_source_goes_to_the_likelier_of_two_of_the_other() -> None:
    rules = LinkRules(sources=np.array([0, 0, 1]))
    assert clusters({(0, 2): 0.8, (1, 2): 0.9}, 3, rules=rules) == sets("0", "12")


@pytest.mark.parametrize(
    ("scored", "rules", "wanted"),
    [
        pytest.param({}, LinkRules(together=((0, 1),)), sets("01", "2", "3"), id="together without being compared"),
        pytest.param({}, LinkRules(together=((0, 1), (1, 2))), sets("012", "3"), id="together by way of a third"),
        pytest.param({(0, 1): SURE}, LinkRules(apart=((0, 1),)), sets("0", "1", "2", "3"), id="apart"),
        pytest.param(
            {(0, 2): SURE, (0, 1): 0.9, (1, 2): 0.9},
            LinkRules(apart=((1, 2),)),
            sets("02", "1", "3"),
            id="apart though a third is like both",
        ),
        pytest.param(
            {(0, 2): SURE, (1, 2): SURE, (0, 3): SURE, (1, 3): SURE},
            LinkRules(together=((0, 1),), apart=((1, 2),)),
            sets("013", "2"),
            id="apart from all that is together",
        ),
        pytest.param(
            {(1, 2): SURE, (0, 1): 0.9, (0, 2): 0.9, (1, 3): UNLIKELY},
            LinkRules(apart=((0, 2),)),
            sets("0", "12", "3"),
            id="apart from what the other joined",
        ),
    ],
)
def test_rules_come_before_probabilities(scored: Scored, rules: LinkRules, wanted: set[frozenset[int]]) -> None:
    assert clusters(scored, 4, rules=rules) == wanted


def test_an_answer_that_others_rule_out_is_counted_and_left_out() -> None:
    said = [("s", 0, "A"), ("s", 1, "A"), ("t", 1, "A"), ("t", 2, "A"), ("u", 0, "A"), ("u", 2, "B"), ("u", 3, "C")]
    rules, conflicts = enforced_rules(answered_pairs(Answer(*each) for each in said), None)
    assert conflicts == 1
    assert clusters({(0, 3): SURE, (2, 3): SURE}, 4, rules=rules) == sets("012", "3")


@settings(deadline=None)
@given(SCORED, LABELS)
def test_enforced_clusters_agree_with_every_answer_that_can_be_kept(scored: Scored, answers: list[Answer]) -> None:
    answered = answered_pairs(answers)
    rules, conflicts = enforced_rules(answered, None)
    cluster = labels_of(scored, rules=rules)
    agrees = (cluster[answered.pairs.left] == cluster[answered.pairs.right]) == answered.is_match
    assert agrees[answered.is_match].all()
    assert (~agrees).sum() == conflicts


def test_no_answers_make_no_rules() -> None:
    assert enforced_rules(answered_pairs([]), None) == (LinkRules(), 0)


@pytest.mark.parametrize(
    ("scored", "cluster", "confidence"),
    [
        pytest.param({}, [0, 1], [1, 1], id="alone"),
        pytest.param({(0, 1): 0.4}, [0, 1], [1, 1], id="alone beside a pair that was not merged"),
        pytest.param({(0, 1): 0.8}, [0, 0], [0.8, 0.8], id="pair"),
        pytest.param({(0, 1): 0.9, (0, 2): 0.6, (1, 2): 0.6}, [0, 0, 0], [0.7, 0.7, 0.7], id="mean of three pairs"),
    ],
)
def test_confidence_is_the_mean_of_a_clusters_pairs(
    scored: Scored, cluster: list[int], confidence: list[float]
) -> None:
    assert cluster_confidence(np.array(cluster), *as_arrays(scored)).tolist() == pytest.approx(confidence)


@settings(deadline=None)
@given(SCORED, LABELS)
def test_confidence_is_from_0_to_1_and_one_for_a_cluster(scored: Scored, answers: list[Answer]) -> None:
    rules, _ = enforced_rules(answered_pairs(answers), None)
    cluster = labels_of(scored, rules=rules)
    confidence = cluster_confidence(cluster, *as_arrays(scored))
    assert ((confidence >= 0) & (confidence <= 1)).all()
    assert (confidence == confidence[cluster]).all()


def test_no_records_have_no_confidence() -> None:
    assert cluster_confidence(np.zeros(0, dtype=np.int64), *as_arrays({})).tolist() == []


def test_the_records_of_a_cluster_share_a_positive_integer_that_others_do_not_have() -> None:
    cluster = np.arange(1000) // 2 * 2
    ids = match_ids(cluster, [f"key {record}" for record in range(1000)])
    assert ids.dtype == np.int64
    assert (ids > 0).all()
    assert (ids[::2] == ids[1::2]).all()
    assert len(np.unique(ids)) == 500


def test_an_id_depends_on_the_first_key_of_its_cluster_alone() -> None:
    before = match_ids(np.array([0, 0, 2, 2]), ["a", "b", "c", "d"])
    after = match_ids(np.array([0, 1, 2, 2, 2]), ["_", "a", "c", "d", "e"])
    assert (after[1], after[2]) == (before[0], before[2])


def test_no_records_have_no_ids() -> None:
    assert match_ids(np.zeros(0, dtype=np.int64), []).tolist() == []


def test_the_balanced_threshold_is_one_half_and_both_ends_are_within_reach() -> None:
    thresholds = [decision_threshold(tradeoff) for tradeoff in np.linspace(0, 1, 11)]
    assert decision_threshold(0.5) == 0.5
    assert thresholds == sorted(thresholds)
    assert 0 < thresholds[0] < 0.05
    assert 0.95 < thresholds[-1] < 1


def test_identical_records_in_their_thousands_are_one_cluster() -> None:
    one, other = np.triu_indices(300, 1)
    pairs = distinct_pairs(one, other, 300)
    assert as_sets(cluster_records(300, pairs, np.full(len(pairs), 0.999), 0.5)) == {frozenset(range(300))}


@settings(deadline=None)
@given(SCORED, SOURCES, st.sampled_from([0.02, 0.3, 0.5, 0.9]), LABELS)
def test_pairs_that_cannot_join_and_groups_beyond_doubt_come_out_as_if_all_were_merged_step_by_step(
    scored: Scored, sources: list[int], threshold: float, answers: list[Answer]
) -> None:
    rules, _ = enforced_rules(answered_pairs(answers), np.array(sources))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("matching.cluster._components", lambda records, *_: np.zeros(records, dtype=np.int64))
        patched.setattr("matching.cluster._is_one_cluster", lambda component, *_: np.zeros(len(component), dtype=bool))
        over_all_pairs = labels_of(scored, threshold=threshold, rules=rules)
    assert labels_of(scored, threshold=threshold, rules=rules).tolist() == over_all_pairs.tolist()


@settings(deadline=None)
@given(SCORED.filter(bool), st.floats(0, 1), st.data())
def test_pairs_out_of_reach_have_no_say(scored: Scored, tradeoff: float, data: st.DataObject) -> None:
    threshold = decision_threshold(tradeoff)
    pairs, probability = as_arrays(scored)
    asked = pairs.among(np.array([data.draw(st.integers(0, len(pairs) - 1))]))
    reached = within_reach(RECORDS, pairs, probability, threshold, asked)
    near = cluster_records(RECORDS, pairs.among(reached), probability[reached], threshold)
    every = cluster_records(RECORDS, pairs, probability, threshold)
    for record in (asked.left[0], asked.right[0]):
        assert np.flatnonzero(near == near[record]).tolist() == np.flatnonzero(every == every[record]).tolist()


def test_what_no_likely_pair_links_is_out_of_reach() -> None:
    pairs, probability = as_arrays({(0, 1): SURE, (1, 2): 0.3, (2, 3): UNLIKELY, (4, 5): SURE})
    asked = pairs.among(np.array([0]))
    assert within_reach(6, pairs, probability, 0.5, asked).tolist() == [True, True, False, False]
    assert within_reach(6, pairs, probability, 0.05, asked).tolist() == [True, True, True, False]
