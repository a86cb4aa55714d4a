import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairs import Pairs, distinct_pairs
from matching.question import ChosenSet, choose_labeling_sets

NOBODY = Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
RECORDS = 60


def neighbourhoods(seed: int, records: int = RECORDS) -> tuple[Pairs, np.ndarray]:
    """Every record beside its next four; a third of the pairs are likely, a third unsure, a third unlikely."""
    one = np.repeat(np.arange(records), 4)
    pairs = distinct_pairs(one, (one + np.tile(np.arange(1, 5), records)) % max(1, records), records)
    generator = np.random.default_rng(seed)
    middle = generator.choice([0.97, 0.5, 0.03], len(pairs))
    return pairs, np.clip(middle + generator.normal(0, 0.02, len(pairs)), 0.001, 0.999)


def chosen(pairs: Pairs, probability: np.ndarray, answered: Pairs = NOBODY, **wanted: object) -> list[ChosenSet]:
    settings_ = {"records": RECORDS, "cover_range": True, "seed": 0, **wanted}
    return choose_labeling_sets(pairs, probability, answered=answered, **settings_)  # type: ignore[arg-type]


def seeds(sets: list[ChosenSet]) -> set[tuple[int, int]]:
    return {(left, right) for one in sets for left, right, _ in one.seeds}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.booleans(), st.integers(1, 8), st.integers(2, 12))
def test_no_record_is_in_two_sets_and_no_set_is_larger_than_wanted(
    seed: int, cover_range: bool, sets: int, rows: int
) -> None:
    made = chosen(*neighbourhoods(seed), cover_range=cover_range, seed=seed, sets=sets, rows=rows)
    records = [record for one in made for record in one.records]
    assert len(records) == len(set(records))
    assert 0 < len(made) <= sets
    assert all(2 <= len(one.records) <= rows for one in made)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.booleans(), st.integers(0, 240))
def test_an_answered_pair_is_not_asked_again(seed: int, cover_range: bool, answers: int) -> None:
    pairs, probability = neighbourhoods(seed)
    known = np.zeros(len(pairs), dtype=bool)
    known[np.random.default_rng(seed).permutation(len(pairs))[:answers]] = True
    answered = pairs.among(known)
    made = chosen(pairs, probability, answered, cover_range=cover_range)
    assert seeds(made).isdisjoint(zip(answered.left.tolist(), answered.right.tolist(), strict=True))


def test_a_seed_is_a_candidate_pair_of_its_set_with_its_probability() -> None:
    pairs, probability = neighbourhoods(1)
    known = dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), probability, strict=True))
    for one in chosen(pairs, probability):
        assert one.seeds
        assert all(known[left, right] == p and {left, right} <= set(one.records) for left, right, p in one.seeds)


def test_the_first_file_asks_about_likely_and_unlikely_pairs() -> None:
    asked = [p for one in chosen(*neighbourhoods(2)) for _, _, p in one.seeds]
    assert min(asked) < 0.2
    assert max(asked) > 0.8


def test_a_later_file_asks_about_unsure_pairs_first() -> None:
    pairs, probability = neighbourhoods(2)
    first = chosen(pairs, probability, cover_range=False)[0]
    assert 0.3 < first.seeds[0][2] < 0.7


def test_the_seed_decides_which_sets_are_asked() -> None:
    told = neighbourhoods(3)
    assert chosen(*told, seed=5) == chosen(*told, seed=5)
    assert chosen(*told, seed=5) != chosen(*told, seed=6)


@pytest.mark.parametrize("records", [0, 1, 5], ids=["empty", "one row", "no pairs"])
def test_where_there_is_nothing_to_ask_no_set_is_made(records: int) -> None:
    assert chosen(NOBODY, np.zeros(0), records=records) == []


def test_when_all_is_answered_no_set_is_made() -> None:
    pairs, probability = neighbourhoods(4)
    assert chosen(pairs, probability, answered=pairs) == []


def test_a_single_pair_is_a_set_of_two() -> None:
    (one,) = chosen(Pairs(np.array([3]), np.array([4])), np.array([0.6]))
    assert (set(one.records), one.seeds) == ({3, 4}, ((3, 4, 0.6),))


def test_pairs_of_which_the_model_is_sure_are_asked_when_there_are_no_others() -> None:
    pairs, _ = neighbourhoods(5)
    for certain in (0.0, 1.0):
        assert len(chosen(pairs, np.full(len(pairs), certain))) > 1


def test_records_that_are_all_alike_can_be_asked_about() -> None:
    left, right = np.triu_indices(RECORDS, 1)
    made = chosen(Pairs(left, right), np.full(len(left), 0.7))
    assert sum(len(one.records) for one in made) == RECORDS
