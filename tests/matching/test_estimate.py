from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.estimate import Estimate, estimate_quality, held_out_probability

Array = np.ndarray


def estimate(population: Array, labelled: Array, is_match: Array, sets: Array, threshold: float = 0.5) -> Estimate:
    return estimate_quality(population, labelled, is_match, sets, threshold, seed=0)


def in_two_bands(high: float, low: float, labels: int) -> tuple[Array, Array, Array, Array]:
    """1,000 pairs of probability 0.8 and 9,000 of 0.05; `labels` of each; of those, `high` and `low` are matches."""
    population = np.repeat([0.8, 0.05], [1000, 9000])
    labelled = np.repeat([0.8, 0.05], labels)
    matching = [np.arange(labels) < round(share * labels) for share in (high, low)]
    return population, labelled, np.concatenate(matching), np.tile(np.arange(labels) % 20, 2)


def test_a_perfect_model_with_perfect_labels_is_near_perfect() -> None:
    population = np.repeat([0.999, 0.0001], [500, 9500])
    labelled = np.repeat([0.999, 0.0001], 100)
    made = estimate(population, labelled, labelled > 0.5, np.tile(np.arange(100) % 10, 2))
    assert all(value > 0.99 for value in asdict(made.quality).values())
    assert all(value > 0.98 for value in asdict(made.low).values())
    counts = (made.true_positives, made.false_positives, made.true_negatives, made.false_negatives)
    assert counts == (100, 0, 100, 0)


def test_known_shares_give_known_precision_and_recall() -> None:
    """800 of 1,000 found are matches and 450 of 9,000 others: precision 0.8, recall 800 / 1,250."""
    quality = estimate(*in_two_bands(high=0.8, low=0.05, labels=1000)).quality
    assert quality.precision == pytest.approx(0.8, abs=0.005)
    assert quality.recall == pytest.approx(0.64, abs=0.01)
    assert quality.f1 == pytest.approx(2 * 0.8 * 0.64 / 1.44, abs=0.01)


def test_labels_overrule_what_the_model_believes_of_itself() -> None:
    quality = estimate(*in_two_bands(high=0.5, low=0.0, labels=1000)).quality
    assert quality.precision == pytest.approx(0.5, abs=0.01)
    assert quality.recall > 0.98


def test_labels_chosen_to_teach_do_not_bend_the_estimate() -> None:
    """Half of the labels are of the thousand likely pairs or nine tenths are: the estimate is the same."""
    population, labelled, is_match, sets = in_two_bands(high=0.8, low=0.05, labels=1000)
    few_of_the_rest = np.r_[np.arange(1000), np.arange(1000, 2000, 9)]
    is_match = np.r_[is_match[:1000], np.arange(1000) % 20 == 0]
    few = estimate(population, labelled[few_of_the_rest], is_match[few_of_the_rest], sets[few_of_the_rest])
    assert few.quality.precision == pytest.approx(0.8, abs=0.01)
    assert few.quality.recall == pytest.approx(0.64, abs=0.05)


def test_counts_are_those_of_the_labelled_pairs_at_the_threshold() -> None:
    labelled, is_match = np.array([0.9, 0.8, 0.4, 0.2, 0.7]), np.array([True, False, True, False, True])
    made = estimate(labelled, labelled, is_match, np.arange(5), threshold=0.75)
    assert (made.true_positives, made.false_positives, made.true_negatives, made.false_negatives) == (1, 1, 1, 2)


def test_a_higher_threshold_costs_recall() -> None:
    generator = np.random.default_rng(0)
    population = generator.random(5000)
    labelled = generator.random(400)
    told = (labelled, generator.random(400) < labelled, np.arange(400) % 10)
    low, middle, high = (estimate(population, *told, threshold).quality for threshold in (0.2, 0.5, 0.8))
    assert low.recall > middle.recall > high.recall
    assert low.precision < middle.precision < high.precision


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 10))
def test_intervals_hold_the_estimate_and_all_is_from_0_to_1(seed: int, labels: int, sets: int) -> None:
    generator = np.random.default_rng(seed)
    population = generator.beta(0.3, 1, 500)
    labelled = generator.choice(population, labels)
    made = estimate(population, labelled, generator.random(labels) < labelled, generator.integers(0, sets, labels))
    low, high = asdict(made.low), asdict(made.high)
    for name, value in asdict(made.quality).items():
        assert 0 <= low[name] <= value + 1e-9
        assert value - 1e-9 <= high[name] <= 1


def test_more_labels_make_a_narrower_interval() -> None:
    widths = [estimate(*in_two_bands(high=0.8, low=0.05, labels=labels)) for labels in (20, 2000)]
    few, many = (made.high.precision - made.low.precision for made in widths)
    assert many < few


def test_the_same_seed_gives_the_same_intervals() -> None:
    told = in_two_bands(high=0.8, low=0.05, labels=40)
    assert estimate(*told) == estimate(*told)


@pytest.mark.parametrize(
    ("population", "labelled", "is_match"),
    [
        pytest.param([], [], [], id="empty"),
        pytest.param([0.3], [0.3], [True], id="one pair"),
        pytest.param([0.0] * 5, [0.0] * 5, [False] * 5, id="nothing matches"),
        pytest.param([1.0] * 5, [1.0] * 5, [True] * 5, id="all match"),
        pytest.param([0.4] * 5, [0.4] * 5, [True, False] * 2 + [True], id="all identical"),
    ],
)
def test_small_data_gives_numbers_from_0_to_1(
    population: list[float], labelled: list[float], is_match: list[bool]
) -> None:
    told = np.array(labelled), np.array(is_match, dtype=bool), np.zeros(len(labelled), dtype=np.int64)
    made = estimate(np.array(population), *told)
    for quality in (made.quality, made.low, made.high):
        assert all(0 <= value <= 1 for value in asdict(quality).values())


@pytest.mark.parametrize("sets", [1, 2, 3, 10], ids=["one set", "two sets", "three sets", "ten sets"])
def test_no_held_out_probability_is_from_a_model_that_saw_its_set(sets: int) -> None:
    labeling_set = np.arange(40) % sets
    taught_by: list[set[int]] = []

    def train(chosen: Array) -> Array:
        taught_by.append(set(labeling_set[chosen].tolist()))
        return np.full(len(chosen), len(taught_by) - 1.0)

    model = held_out_probability(labeling_set, train, seed=0)
    assert not any(own in taught_by[int(used)] for own, used in zip(labeling_set.tolist(), model, strict=True))
    assert all(len(taught) >= sets // 2 for taught in taught_by)


def test_held_out_probability_is_that_of_the_pair() -> None:
    probability = held_out_probability(np.arange(7), lambda chosen: np.arange(7) / 10, seed=0)
    assert probability.tolist() == [n / 10 for n in range(7)]
