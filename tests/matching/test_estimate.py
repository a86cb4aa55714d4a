from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.estimate import Estimate, Judged, estimate_quality, held_out_judgement

Array = np.ndarray
Told = tuple[Judged, Judged, Array, Array]


def judged(probability: Array, threshold: float = 0.5) -> Judged:
    """Pairs that are joined where their probability is above the threshold."""
    clipped = np.clip(probability, 0.001, 0.999)
    return Judged(np.log(clipped / (1 - clipped)), probability > threshold)


def estimate(population: Judged, labelled: Judged, is_match: Array, sets: Array) -> Estimate:
    return estimate_quality(population, labelled, is_match, sets, seed=0)


def in_two_bands(high: float, low: float, labels: int) -> Told:
    """1,000 joined pairs of probability 0.8 and 9,000 of 0.05; `labels` of each, of which `high` and `low` match."""
    population, labelled = np.repeat([0.8, 0.05], [1000, 9000]), np.repeat([0.8, 0.05], labels)
    matching = [np.arange(labels) < round(share * labels) for share in (high, low)]
    return judged(population), judged(labelled), np.concatenate(matching), np.tile(np.arange(labels) % 20, 2)


def test_a_perfect_model_with_perfect_labels_is_near_perfect() -> None:
    labelled = judged(np.repeat([0.999, 0.0001], 100))
    population = judged(np.repeat([0.999, 0.0001], [500, 9500]))
    made = estimate(population, labelled, labelled.joined, np.tile(np.arange(100) % 10, 2))
    assert all(value > 0.98 for value in asdict(made.quality).values())
    assert all(value > 0.8 for value in asdict(made.low).values())
    assert asdict(made.high) == dict.fromkeys(asdict(made.high), 1.0)
    counts = (made.true_positives, made.false_positives, made.true_negatives, made.false_negatives)
    assert counts == (100, 0, 100, 0)


def test_known_shares_give_known_precision_and_recall() -> None:
    """800 of 1,000 joined are matches and 450 of 9,000 others: precision 0.8, recall 800 / 1,250."""
    quality = estimate(*in_two_bands(high=0.8, low=0.05, labels=1000)).quality
    assert quality.precision == pytest.approx(0.8, abs=0.01)
    assert quality.recall == pytest.approx(0.64, abs=0.02)
    assert quality.f1 == pytest.approx(2 * 0.8 * 0.64 / 1.44, abs=0.02)


def test_labels_overrule_what_the_model_believes_of_itself() -> None:
    """It says 0.8 and 0.05; half of the joined pairs are matches and, with 900 of 9,000, a tenth of the others."""
    quality = estimate(*in_two_bands(high=0.5, low=0.1, labels=1000)).quality
    assert quality.precision == pytest.approx(0.5, abs=0.03)
    assert quality.recall == pytest.approx(500 / 1400, abs=0.03)


def test_labels_chosen_to_teach_do_not_bend_the_estimate() -> None:
    """Whether half of the labels are of joined pairs or nine tenths, the estimate is the same."""
    population, labelled, is_match, sets = in_two_bands(high=0.8, low=0.05, labels=1000)
    is_match = np.r_[is_match[:1000], np.arange(1000) % 20 == 0]
    fewer = np.r_[np.arange(1000), np.arange(1000, 2000, 9)]
    made = estimate(population, labelled.among(fewer), is_match[fewer], sets[fewer]).quality
    assert made.precision == pytest.approx(0.8, abs=0.02)
    assert made.recall == pytest.approx(0.64, abs=0.06)


def test_what_clustering_joined_counts_as_found_whatever_its_probability() -> None:
    pairs = Judged(np.array([2.2, 1.4, -0.4, -1.4, 0.8]), np.array([True, True, False, False, False]))
    made = estimate(pairs, pairs, np.array([True, False, True, False, True]), np.arange(5))
    assert (made.true_positives, made.false_positives, made.true_negatives, made.false_negatives) == (1, 1, 1, 2)


def test_joining_less_costs_recall_and_gains_precision() -> None:
    generator = np.random.default_rng(0)
    population, labelled = generator.random(5000), generator.random(400)
    told = generator.random(400) < labelled, np.arange(400) % 10
    qualities = [estimate(judged(population, t), judged(labelled, t), *told).quality for t in (0.2, 0.5, 0.8)]
    assert qualities[0].recall > qualities[1].recall > qualities[2].recall
    assert qualities[0].precision < qualities[1].precision < qualities[2].precision


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 10))
def test_intervals_hold_the_estimate_and_all_is_from_0_to_1(seed: int, labels: int, sets: int) -> None:
    generator = np.random.default_rng(seed)
    population = judged(generator.beta(0.3, 1, 500))
    labelled = population.among(generator.integers(0, 500, labels))
    is_match = generator.random(labels) < 1 / (1 + np.exp(-labelled.log_odds))
    made = estimate(population, labelled, is_match, generator.integers(0, sets, labels))
    low, high = asdict(made.low), asdict(made.high)
    for name, value in asdict(made.quality).items():
        assert 0 <= low[name] <= value <= high[name] <= 1


def test_more_labels_make_a_narrower_interval() -> None:
    few, many = (estimate(*in_two_bands(high=0.8, low=0.05, labels=labels)) for labels in (20, 1000))
    assert many.high.precision - many.low.precision < few.high.precision - few.low.precision


def test_the_same_seed_gives_the_same_intervals() -> None:
    told = in_two_bands(high=0.8, low=0.05, labels=40)
    assert estimate(*told) == estimate(*told)


@pytest.mark.parametrize(
    ("probability", "is_match"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([0.3], [True], id="one pair"),
        pytest.param([0.0] * 5, [False] * 5, id="nothing matches"),
        pytest.param([1.0] * 5, [True] * 5, id="all match"),
        pytest.param([0.4] * 5, [True, False] * 2 + [True], id="all identical"),
        pytest.param([1.0] * 3 + [0.0] * 3, [False] * 3 + [True] * 3, id="all wrong"),
    ],
)
def test_small_data_gives_numbers_from_0_to_1(probability: list[float], is_match: list[bool]) -> None:
    pairs = judged(np.array(probability))
    made = estimate(pairs, pairs, np.array(is_match, dtype=bool), np.zeros(len(pairs), dtype=np.int64))
    for quality in (made.quality, made.low, made.high):
        assert all(0 <= value <= 1 for value in asdict(quality).values())


@pytest.mark.parametrize("sets", [1, 2, 3, 10], ids=["one set", "two sets", "three sets", "ten sets"])
def test_no_held_out_judgement_is_from_a_model_that_saw_its_set(sets: int) -> None:
    labeling_set = np.arange(40) % sets
    taught_by: list[set[int]] = []

    def judge(chosen: Array) -> Judged:
        taught_by.append(set(labeling_set[chosen].tolist()))
        return Judged(np.full(len(chosen), len(taught_by) - 1.0), np.ones(len(chosen), dtype=bool))

    model = held_out_judgement(labeling_set, judge, seed=0).log_odds
    assert not any(own in taught_by[int(used)] for own, used in zip(labeling_set.tolist(), model, strict=True))
    assert all(len(taught) >= sets // 2 for taught in taught_by)


def test_a_held_out_judgement_is_that_of_the_pair() -> None:
    told = judged(np.arange(7) / 10)
    held_out = held_out_judgement(np.arange(7), lambda chosen: told, seed=0)
    assert held_out.log_odds.tolist() == told.log_odds.tolist()
    assert held_out.joined.tolist() == told.joined.tolist()


def test_an_upper_end_within_one_wrong_pair_of_1_is_1_and_another_is_not() -> None:
    """Of 50 joined pairs a wrong one is 2 %; of 50,000 it is next to nothing."""
    labelled = judged(np.repeat([0.99, 0.02], 200))
    is_match = np.r_[np.arange(200) >= 4, np.zeros(200, dtype=bool)]
    sets = np.tile(np.arange(200) % 20, 2)
    few, many = (
        estimate(judged(np.repeat([0.99, 0.02], [n, 9 * n])), labelled, is_match, sets).high for n in (50, 50_000)
    )
    assert few.precision == 1
    assert 0.98 < many.precision < 1
