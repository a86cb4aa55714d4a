import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from matching.explain import LINE, THIRD_RECORDS, Waterfall, explain_by_first_pass, explain_by_forest
from matching.explain import forest_contributions as contributions_of
from matching.learn import LabelledPairs, forest_probability, match_probability, train_classifier
from matching.matcher import ComparedPairs, MatchingTask, PreparedRecords, compare_candidates, prepare_records

FEATURES = 5


def forest_over(seed: int, trees: int = 12) -> RandomForestClassifier:
    """A forest over noise and two features that tell a little."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(200, FEATURES)).astype(np.float32)
    y = X[:, 0] + X[:, 3] + generator.normal(size=200) > 0
    return RandomForestClassifier(trees, max_features="sqrt", random_state=seed).fit(X, y, generator.random(200))


FORESTS = [forest_over(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def prepared() -> PreparedRecords:
    """40 persons, each twice, the second time with a letter of the name missing; every third has no town."""
    letters = np.random.default_rng(5).choice(list("abcdefghijklmnoprstuvwz"), (40, 10))
    names = ["".join(row[:4]) + " " + "".join(row[4:]) for row in letters]
    towns = [("bonn", "ulm", None)[n % 3] for n in range(40)]
    table = pa.table({"name": names + [name[1:] for name in names], "town": pa.array(towns + towns, pa.string())})
    return prepare_records(table, MatchingTask(("name", "town")))


@pytest.fixture(scope="module")
def compared(prepared: PreparedRecords) -> ComparedPairs:
    return compare_candidates(prepared)


@pytest.fixture(scope="module")
def by_first_pass(prepared: PreparedRecords, compared: ComparedPairs) -> list[Waterfall]:
    """The waterfalls of all pairs, by the first pass."""
    return [explain_by_first_pass(compared, prepared.own_share, place) for place in range(len(compared.pairs))]


def log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def step(waterfall: Waterfall, subject: str) -> float:
    return next(each.contribution for each in waterfall.steps if each.subject == subject)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FORESTS),
    st.lists(st.floats(-5, 5, width=32), min_size=FEATURES, max_size=FEATURES),
)
def test_contributions_and_their_start_are_the_probability_of_the_forest(
    forest: RandomForestClassifier, row: list[float]
) -> None:
    features = np.array(row, dtype=np.float32)
    start, amounts = contributions_of(forest, features)
    assert start + amounts.sum() == pytest.approx(forest.predict_proba([features])[0, 1], abs=1e-9)


def test_a_feature_that_no_tree_asks_about_adds_nothing() -> None:
    X = np.array([[7, 3, 0], [7, 3, 0], [7, 3, 1], [7, 3, 1]], dtype=np.float32)
    forest = RandomForestClassifier(5, bootstrap=False, max_features=None).fit(X, [False, False, True, True])
    start, amounts = contributions_of(forest, X[3])
    assert (start, *amounts) == pytest.approx((0.5, 0, 0, 0.5))


def test_each_split_counts_for_the_feature_it_asks_about() -> None:
    """Of four pairs only one matches: the first feature halves the doubt, the second ends it."""
    X = np.array([[0, 1], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    forest = RandomForestClassifier(1, bootstrap=False, max_features=None, random_state=0)
    forest.fit(X, [False, False, False, True])
    assert forest.estimators_[0].tree_.feature[0] == 0
    start, amounts = contributions_of(forest, X[3])
    assert (start, *amounts) == pytest.approx((0.25, 0.25, 0.5))


def test_the_steps_of_a_forest_lead_to_the_probability_that_decides(compared: ComparedPairs) -> None:
    is_match = compared.pairs.right - compared.pairs.left == 40
    answers = LabelledPairs(np.arange(0, len(is_match), 3), is_match[::3])
    forest = train_classifier(compared.features, answers, compared.first, seed=0, threads=1)
    by_forest = forest_probability(forest, compared.features)
    probability = match_probability(by_forest, compared.first, len(answers))
    for place in (0, len(is_match) // 2, int(np.flatnonzero(is_match)[0])):
        waterfall = explain_by_forest(forest, compared, len(answers), place)
        assert waterfall.end == pytest.approx(probability[place], abs=1e-9)
        assert waterfall.start + sum(s.contribution for s in waterfall.steps) == pytest.approx(waterfall.end)
        assert [abs(s.contribution) for s in waterfall.steps] == sorted(
            (abs(s.contribution) for s in waterfall.steps), reverse=True
        )
        named = [(each.column, each.measure) for each in waterfall.contributions]
        assert named == compared.feature_names


def test_the_steps_of_the_first_pass_lead_to_its_probability(
    compared: ComparedPairs, by_first_pass: list[Waterfall]
) -> None:
    for waterfall, probability in zip(by_first_pass, compared.first.probability.tolist(), strict=True):
        assert waterfall.start + sum(s.contribution for s in waterfall.steps) == pytest.approx(waterfall.end)
        assert waterfall.probability == pytest.approx(probability, abs=1e-9)
        assert [s.subject for s in waterfall.steps[-2:]] == [LINE, THIRD_RECORDS]


def test_before_third_records_speak_the_sum_is_the_pairs_own_log_odds(
    compared: ComparedPairs, by_first_pass: list[Waterfall]
) -> None:
    for waterfall, own in zip(by_first_pass, compared.first.logit.tolist(), strict=True):
        assert waterfall.steps[-2].after == pytest.approx(own)


def test_the_line_is_the_same_for_all_pairs(by_first_pass: list[Waterfall]) -> None:
    lines = [step(waterfall, LINE) for waterfall in by_first_pass]
    assert max(lines) - min(lines) < 0.1


def test_a_missing_value_adds_nothing_to_the_first_pass(
    prepared: PreparedRecords, compared: ComparedPairs, by_first_pass: list[Waterfall]
) -> None:
    no_town = [record for record in range(80) if record % 40 % 3 == 2]
    missing = np.isin(compared.pairs.left, no_town) | np.isin(compared.pairs.right, no_town)
    assert {step(w, "town") for w, is_missing in zip(by_first_pass, missing, strict=True) if is_missing} == {0.0}
    assert 0.0 not in {step(w, "town") for w, is_missing in zip(by_first_pass, missing, strict=True) if not is_missing}


def test_a_pair_that_agrees_has_more_for_it_than_one_that_does_not(
    compared: ComparedPairs, by_first_pass: list[Waterfall]
) -> None:
    same = compared.pairs.right - compared.pairs.left == 40
    names = np.array([step(waterfall, "name") for waterfall in by_first_pass])
    assert names[same].mean() > 0 > names[~same].mean()


def test_third_records_say_nothing_where_there_are_none() -> None:
    table = pa.table({"name": ["anna berg", "ana berg", "otto kahn", "oto kahn", "vu"]})
    prepared = prepare_records(table, MatchingTask(("name",), accuracy_cost_tradeoff=0.0))
    compared = compare_candidates(prepared)
    alone = [
        place
        for place, two in enumerate(zip(compared.pairs.left, compared.pairs.right, strict=True))
        if sum(bool({*two} & {a, b}) for a, b in zip(compared.pairs.left, compared.pairs.right, strict=True)) == 1
    ]
    assert alone
    for place in alone:
        waterfall = explain_by_first_pass(compared, prepared.own_share, place)
        assert step(waterfall, THIRD_RECORDS) == 0
        assert waterfall.end == pytest.approx(log_odds(compared.first.probability[place]), abs=1e-6)
