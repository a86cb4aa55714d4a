import numpy as np
import pyarrow as pa
import pytest

from matching.learn import (
    FIRST_TREES,
    HOPELESS,
    TREES,
    LabelledPairs,
    feature_names,
    forest_probability,
    log_odds,
    match_probability,
    train_classifier,
)
from matching.matcher import ComparedPairs, MatchingTask, compare_candidates, prepare_records
from matching.score import FirstPass


@pytest.fixture(scope="module")
def compared() -> ComparedPairs:
    """60 persons, each twice, the second time with one letter of the name missing; every third has no town."""
    letters = np.random.default_rng(5).choice(list("abcdefghijklmnoprstuvwz"), (60, 10))
    names = ["".join(row[:4]) + " " + "".join(row[4:]) for row in letters]
    towns = [("bonn", "ulm", None)[n % 3] for n in range(60)]
    table = pa.table({"name": names + [name[1:] for name in names], "town": pa.array(towns + towns, pa.string())})
    return compare_candidates(prepare_records(table, MatchingTask(("name", "town"))))


def same_person(compared: ComparedPairs) -> np.ndarray:
    return compared.pairs.right - compared.pairs.left == 60


def learned(compared: ComparedPairs, labelled: LabelledPairs, seed: int = 0, threads: int = 1) -> np.ndarray:
    forest = train_classifier(compared.features, labelled, compared.first, seed, threads)
    return match_probability(forest_probability(forest, compared.features, threads), compared.first, len(labelled))


def every(compared: ComparedPairs, step: int, is_match: np.ndarray) -> LabelledPairs:
    positions = np.arange(0, len(compared.pairs), step)
    return LabelledPairs(positions, is_match[positions])


NO_ANSWERS = LabelledPairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))


def test_a_third_of_the_answers_teaches_the_rest(compared: ComparedPairs) -> None:
    truth = same_person(compared)
    assert ((learned(compared, every(compared, 3, truth)) > 0.5) == truth).mean() > 0.99


def test_enough_answers_overrule_the_first_pass(compared: ComparedPairs) -> None:
    truth = ~same_person(compared)
    probability = learned(compared, every(compared, 1, truth))
    assert ((probability > 0.5) == truth).mean() > 0.95


def test_without_answers_the_first_pass_is_followed(compared: ComparedPairs) -> None:
    probability = learned(compared, NO_ANSWERS)
    assert ((probability > 0.5) == (compared.first.probability > 0.5)).mean() > 0.95


@pytest.mark.parametrize("is_match", [True, False], ids=["only matches", "no matches"])
def test_answers_of_one_kind_are_enough(compared: ComparedPairs, is_match: bool) -> None:
    positions = np.flatnonzero(same_person(compared) == is_match)[:5]
    probability = learned(compared, LabelledPairs(positions, np.full(5, is_match)))
    assert ((probability >= 0) & (probability <= 1)).all()
    assert ((probability[positions] > 0.5) == is_match).all()


def test_the_seed_decides(compared: ComparedPairs) -> None:
    some = every(compared, 5, same_person(compared))
    first = learned(compared, some)
    assert np.array_equal(learned(compared, some), first)
    assert not np.array_equal(learned(compared, some, seed=1), first)


def test_the_number_of_threads_does_not_change_a_bit(compared: ComparedPairs) -> None:
    """Answers by chance make trees of many leaves, whose shares add up differently in another order."""
    by_chance = every(compared, 1, np.random.default_rng(0).random(len(compared.pairs)) < 0.4)
    first = learned(compared, by_chance, threads=1)
    assert all(np.array_equal(learned(compared, by_chance, threads=2), first) for _ in range(2))


def test_no_pairs_have_no_probability(compared: ComparedPairs) -> None:
    forest = train_classifier(compared.features, NO_ANSWERS, compared.first, seed=0, threads=1)
    assert forest_probability(forest, compared.features[:0]).tolist() == []


def test_every_feature_has_a_name_and_none_is_missing(compared: ComparedPairs) -> None:
    features = compared.features[:]
    names = feature_names(compared.similarities)
    assert features.shape == (len(compared.pairs), len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(features).all()
    assert {column for column, _ in names} == {"name", "town", "*"}


def test_a_missing_similarity_is_told_from_no_similarity(compared: ComparedPairs) -> None:
    exact_town = compared.feature_names.index(("town", "exact"))
    without_town = (compared.pairs.left % 3 == 2) | (compared.pairs.right % 3 == 2)
    assert without_town.any()
    told = compared.features[:][:, exact_town]
    assert set(told[without_town]).isdisjoint(told[~without_town])


def test_some_rows_are_those_of_the_whole_table(compared: ComparedPairs) -> None:
    rows = np.array([4, 1, 1])
    assert np.array_equal(compared.features[rows], compared.features[:][rows])
    assert np.array_equal(compared.features[2], compared.features[2:3][0])


def test_answers_are_chosen_by_a_mask() -> None:
    labelled = LabelledPairs(np.array([4, 7, 9]), np.array([True, False, True]))
    kept = labelled.among(np.array([True, False, True]))
    assert (kept.positions.tolist(), kept.is_match.tolist(), len(kept)) == ([4, 9], [True, True], 2)


def test_where_both_doubt_a_pair_the_log_odds_are_lower_than_the_forests() -> None:
    first = FirstPass(np.array([-10.0, -2.0, 3.0, -10.0]), np.zeros(4))
    told = log_odds(np.array([0.1, 0.1, 0.1, 0.9]), first)
    assert told[0] == pytest.approx(np.log(1 / 9) - 3)
    assert told[1:].tolist() == pytest.approx([np.log(1 / 9), np.log(1 / 9), np.log(9)])


def test_the_say_of_the_first_pass_fades_as_answers_come(compared: ComparedPairs) -> None:
    by_forest = np.zeros(len(compared.pairs))
    few, many = (match_probability(by_forest, compared.first, pairs) for pairs in (50, 4000))
    assert few == pytest.approx(0.2 * compared.first.probability)
    assert many == pytest.approx(0.02 * compared.first.probability)


def test_a_forest_in_two_stages_says_the_same_of_all_but_hopeless_pairs(
    compared: ComparedPairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = every(compared, 1, same_person(compared))
    forest = train_classifier(compared.features, answers, compared.first, seed=0, threads=1)
    whole = forest_probability(forest, compared.features)
    monkeypatch.setattr("matching.learn.MANY_PAIRS", 1)
    staged = forest_probability(forest, compared.features)
    is_hopeless = staged < HOPELESS
    assert is_hopeless.any()
    assert (~is_hopeless).any()
    assert np.array_equal(staged[~is_hopeless], whole[~is_hopeless])
    assert whole[is_hopeless].max() < 0.1


def test_hopeless_pairs_are_told_by_the_first_trees_alone(
    compared: ComparedPairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = every(compared, 1, np.random.default_rng(0).random(len(compared.pairs)) < 0.4)
    forest = train_classifier(compared.features, answers, compared.first, seed=0, threads=1)
    features = compared.features[:]
    of_first = np.mean([tree.predict_proba(features)[:, 1] for tree in forest.estimators_[:FIRST_TREES]], axis=0)
    whole = forest_probability(forest, compared.features)
    monkeypatch.setattr("matching.learn.MANY_PAIRS", 1)
    monkeypatch.setattr("matching.learn.HOPELESS", 0.3)
    staged = forest_probability(forest, compared.features)
    assert 0 < (of_first < 0.3).sum() < len(features)
    assert staged == pytest.approx(np.where(of_first < 0.3, of_first, whole))
    assert len(forest.estimators_) == TREES > FIRST_TREES


@pytest.mark.parametrize("hopeless", [0.3, 2.0], ids=["some", "all of them"])
def test_threads_do_not_change_a_bit_where_pairs_are_hopeless(
    compared: ComparedPairs, hopeless: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.learn.MANY_PAIRS", 1)
    monkeypatch.setattr("matching.learn.HOPELESS", hopeless)
    forest = train_classifier(
        compared.features, every(compared, 2, same_person(compared)), compared.first, seed=0, threads=1
    )
    at_once = forest_probability(forest, compared.features, threads=1)
    monkeypatch.setattr("matching.learn.PAIRS_AT_ONCE", 50)
    for threads in (1, 2):
        assert np.array_equal(forest_probability(forest, compared.features, threads), at_once)
