"""What is done otherwise where a table is large, and what is not done twice: shortlist, widening, parts made once."""

from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pytest

from matching.answers import Answer, AnsweredPairs, answered_pairs
from matching.block import candidate_pairs
from matching.learn import forest_probability, train_classifier
from matching.matcher import (
    ComparedPairs,
    MatchingTask,
    PreparedRecords,
    apply_classifier,
    compare_candidates,
    learn_from_answers,
    prepare_records,
    widen,
    with_more_pairs,
    worth_comparing,
)
from matching.pairs import Pairs

COLUMNS = ("name", "city", "phone")

Row = tuple[str | None, ...]


def prepared_with(rows: list[Row], tradeoff: float = 0.5) -> PreparedRecords:
    table = pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(COLUMNS)})
    return prepare_records(table, MatchingTask(COLUMNS, accuracy_cost_tradeoff=tradeoff))


@pytest.fixture(scope="module")
def household() -> PreparedRecords:
    """40 persons of few given names and surnames, each twice: the second time with two letters more."""
    rows: list[Row] = []
    for n in range(40):
        name = f"{'abcdefgh'[n % 8] * 3}na {'klmn'[n % 4] * 4}berg"
        rows += [(name, "bonn", f"{n * 7919 + 100000}"), (f"{name}er", "bonn", f"{n * 7919 + 100000}")]
    return prepared_with(rows)


def found_in(prepared: PreparedRecords) -> Pairs:
    return candidate_pairs(prepared.each_search(), prepared.records, prepared.sources, threads=1)


def by_pair(compared: ComparedPairs, values: np.ndarray) -> dict[tuple[int, int], float]:
    pairs = zip(compared.pairs.left.tolist(), compared.pairs.right.tolist(), strict=True)
    return dict(zip(pairs, values.tolist(), strict=True))


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def test_in_a_small_table_all_candidates_are_compared(household: PreparedRecords) -> None:
    found = found_in(household)
    assert worth_comparing(household, found) is found


def test_in_a_large_table_only_the_likeliest_candidates_are_compared(
    household: PreparedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two that have a phone number in common and nearly the same name are among them."""
    found = found_in(household)
    monkeypatch.setattr("matching.shortlist.ALWAYS_AFFORDABLE", 100)
    monkeypatch.setattr("matching.shortlist.PAIRS_PER_NEIGHBOUR", 0.0)
    chosen = as_set(worth_comparing(household, found))
    assert {(n, n + 1) for n in range(0, 80, 2)} <= chosen < as_set(found)
    assert 100 <= len(chosen) < len(found) / 2
    assert chosen <= as_set(compare_candidates(household).pairs)


def test_some_pairs_have_the_features_that_they_have_among_all(household: PreparedRecords) -> None:
    compared = compare_candidates(household)
    chosen = np.arange(len(compared.pairs)) % 3 == 0
    some = compared.among(chosen)
    assert np.array_equal(some.features[:], compared.features[:][chosen])
    assert as_set(some.pairs) == as_set(compared.pairs.among(chosen))
    assert some.first.probability.tolist() == compared.first.probability[chosen].tolist()


def in_two(compared: ComparedPairs) -> tuple[ComparedPairs, Pairs]:
    """The compared pairs without every twentieth, and those."""
    is_more = np.arange(len(compared.pairs)) % 20 == 0
    return compared.among(~is_more), compared.pairs.among(is_more)


@pytest.mark.parametrize(
    ("many", "few", "keeps"),
    [
        pytest.param(1, 1.0, True, id="few to many"),
        pytest.param(1, 0.01, False, id="not so few"),
        pytest.param(10**6, 1.0, False, id="not so many"),
    ],
)
def test_a_few_pairs_that_are_added_to_many_do_not_change_what_was_said_of_those(
    many: int, few: float, keeps: bool, household: PreparedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.matcher.MANY_PAIRS", many)
    monkeypatch.setattr("matching.matcher.FEW", few)
    before, more = in_two(compare_candidates(household))
    after = with_more_pairs(household, before, more)
    said, now = (by_pair(compared, compared.first.logit) for compared in (before, after))
    assert all(now[pair] == said[pair] for pair in said) == keeps
    assert np.isfinite(after.first.logit).all()
    assert np.isfinite(after.features[:]).all()


@pytest.mark.parametrize("many", [1, 10**6], ids=["told by the others", "fitted again"])
def test_pairs_that_are_added_are_compared_as_they_would_have_been(
    many: int, household: PreparedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.matcher.MANY_PAIRS", many)
    monkeypatch.setattr("matching.matcher.FEW", 1.0)
    whole = compare_candidates(household)
    after = with_more_pairs(household, *in_two(whole))
    assert as_set(after.pairs) == as_set(whole.pairs)
    assert np.array_equal(after.pairs.left, whole.pairs.left)
    assert np.array_equal(after.similarities.values, whole.similarities.values, equal_nan=True)
    assert ((after.first.probability > 0.5) == (whole.first.probability > 0.5)).mean() > 0.95
    assert (after.kinds, after.records) == (whole.kinds, whole.records)


@pytest.fixture
def copies() -> PreparedRecords:
    """Twenty copies of two persons: a cheap search finds a few of the pairs, their neighbours are the others."""
    rows: list[Row] = [("anna berg", "bonn", "0228 100101"), ("otto kahn", "ulm", "0731 200202")] * 20
    return prepared_with(rows, tradeoff=0.0)


def six_answers() -> AnsweredPairs:
    return answered_pairs(Answer("s", n, "AB"[n % 2]) for n in range(6))


@pytest.mark.parametrize(
    ("many", "least_share", "widens"),
    [
        pytest.param(1, 0.0, True, id="any is worth it"),
        pytest.param(1, 1e3, False, id="too few to be worth it"),
        pytest.param(10**6, 1e3, True, id="no share is too little of not so many"),
    ],
)
def test_to_many_pairs_a_negligible_share_more_is_not_added(
    many: int, least_share: float, widens: bool, copies: PreparedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = compare_candidates(copies)
    monkeypatch.setattr("matching.matcher.MANY_PAIRS", many)
    sure = np.ones(len(compared.pairs))
    wider = widen(copies, compared, sure, limit=1000, least_share=least_share)
    assert (wider is not compared) == widens
    assert (as_set(compared.pairs) < as_set(wider.pairs)) == widens


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_table_is_widened_by_no_more_than_the_limit(limit: int, copies: PreparedRecords) -> None:
    compared = compare_candidates(copies)
    wider = widen(copies, compared, np.ones(len(compared.pairs)), limit=limit)
    assert len(wider.pairs) == len(compared.pairs) + limit


def test_where_nothing_is_added_the_first_classifier_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = []

    def remember(*given: Any) -> Any:
        trained.append(train_classifier(*given))
        return trained[-1]

    monkeypatch.setattr("matching.matcher.train_classifier", remember)
    prepared = prepared_with([(name, None, None) for name in ("anna berg", "anna bergk", "xyz", "uvw")])
    compared = compare_candidates(prepared)
    said = answered_pairs([Answer("s", record, "A") for record in (0, 1)])
    forest, taught = learn_from_answers(prepared, compared, said, seed=0)
    assert taught is compared
    assert trained == [forest]


def test_of_many_pairs_a_classifier_is_not_asked_before_it_is_applied(
    copies: PreparedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = compare_candidates(copies)
    monkeypatch.setattr("matching.matcher.MANY_PAIRS", 1)
    forest, taught = learn_from_answers(copies, compared, six_answers(), seed=0)
    assert taught is compared
    assert as_set(compared.pairs) < as_set(apply_classifier(copies, compared, forest).pairs)


def test_what_the_classifier_said_already_is_not_asked_again(copies: PreparedRecords) -> None:
    compared = compare_candidates(copies)
    forest, _ = learn_from_answers(copies, compared, six_answers(), seed=0)
    probability = forest_probability(forest, compared.features)
    asked, told = apply_classifier(copies, compared, forest), apply_classifier(copies, compared, forest, probability)
    assert by_pair(asked, asked.first.logit) == by_pair(told, told.first.logit)


PERSONS: list[Row] = [("anna berg", "bonn", "1"), ("ana berg", "bonn", "1"), ("otto kahn", "ulm", None)]


def test_a_table_is_prepared_no_further_than_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> NoReturn:
        raise AssertionError("made too early")

    for part in ("searches_of", "record_vectors", "own_share", "without_repeats", "Comparer"):
        monkeypatch.setattr(f"matching.matcher.{part}", never)
    prepared = prepared_with(PERSONS)
    assert prepared.records == 3
    assert [column.name for column in prepared.columns] == [*COLUMNS]
    assert prepared.sources is None
    with pytest.raises(AssertionError, match="made too early"):
        _ = prepared.searches


def test_each_part_of_a_table_is_made_once() -> None:
    prepared = prepared_with(PERSONS)
    assert prepared.columns is prepared.columns
    assert prepared.whole is prepared.whole
    assert prepared.searches is prepared.searches
    assert prepared.comparer is prepared.comparer
