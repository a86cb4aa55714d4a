import numpy as np
import pyarrow as pa
import pytest

from matching.compare import Similarities
from matching.matcher import ComparedPairs, MatchingTask, compare_candidates, prepare_records
from matching.pairs import Pairs
from matching.score import (
    Evidence,
    FirstPass,
    agreement_weights,
    all_evidence,
    continue_first_pass,
    extended_first_pass,
)

MATCHES_SHOW = np.array([0.1, 0.2, 0.7])
OTHERS_SHOW = np.array([0.7, 0.2, 0.1])


def generated(pairs: int, missing_share: float = 0.0) -> tuple[Evidence, np.ndarray]:
    """Levels of pairs, 3 in 10 of them matches, drawn at known rates; and which of them match."""
    generator = np.random.default_rng(1)
    is_match = generator.random(pairs) < 0.3
    levels = np.where(
        is_match, generator.choice(3, pairs, p=MATCHES_SHOW) + 1, generator.choice(3, pairs, p=OTHERS_SHOW) + 1
    )
    levels[generator.random(pairs) < missing_share] = 0
    return Evidence("name", "", levels, np.full(3, 1 / 3)), is_match.astype(float)


@pytest.mark.parametrize("missing_share", [0.0, 0.5], ids=["all present", "half missing"])
def test_known_rates_give_their_weights_back(missing_share: float) -> None:
    evidence, is_match = generated(40_000, missing_share)
    weights = agreement_weights(evidence, is_match)
    assert weights[1:].tolist() == pytest.approx(np.log(MATCHES_SHOW / OTHERS_SHOW).tolist(), abs=0.1)


def test_a_missing_value_says_nothing() -> None:
    assert agreement_weights(*generated(1000, 0.5))[0] == 0


def test_without_any_pair_a_weight_is_finite() -> None:
    evidence = Evidence("name", "", np.zeros(0, dtype=np.int64), np.full(3, 1 / 3))
    assert np.isfinite(agreement_weights(evidence, np.zeros(0))).all()


def first_pass_over(names: list[str | None], towns: list[str | None]) -> dict[tuple[int, int], float]:
    table = pa.table({"name": pa.array(names, pa.string()), "town": pa.array(towns, pa.string())})
    compared = compare_candidates(prepare_records(table, MatchingTask(("name", "town"))))
    pairs = zip(compared.pairs.left.tolist(), compared.pairs.right.tolist(), strict=True)
    return dict(zip(pairs, compared.first.probability.tolist(), strict=True))


def slipped(word: str, place: int) -> str:
    return word[: place % len(word)] + word[place % len(word) + 1 :]


def test_pairs_with_a_slip_are_told_from_pairs_by_chance() -> None:
    """150 persons of random letters, each a second time with a letter missing; three towns say little."""
    letters = np.random.default_rng(3).choice(list("abcdefghijklmnoprstuvwz"), (150, 12))
    names = ["".join(row[:5]) + " " + "".join(row[5:]) for row in letters]
    towns = ["bonn", "ulm", "kiel"] * 50
    probability = first_pass_over([*names, *(slipped(name, n) for n, name in enumerate(names))], [*towns, *towns])
    found = {pair for pair, p in probability.items() if p > 0.5}
    assert len(found) > 100
    assert found <= {(n, n + 150) for n in range(150)}
    assert len(found) >= 0.9 * 150


def test_every_probability_is_from_0_to_1() -> None:
    names = [None, "anna berg", "anna berg", "anna kahn", "otto kahn", "x", None, "anna"]
    probability = first_pass_over(names, ["bonn", None, "bonn", "bonn", "ulm", "ulm", None, "ulm"])
    assert len(probability) > 3
    assert all(0 <= p <= 1 for p in probability.values())


def test_identical_records_are_likelier_than_records_with_a_word_in_common() -> None:
    names: list[str | None] = ["anna berg", "anna berg", "anna kahn", "otto kahn", "lena voss", "mia voss"]
    probability = first_pass_over(names, ["bonn", "bonn", "ulm", "kiel", "jena", "trier"])
    assert probability[0, 1] == max(probability.values())
    assert probability[0, 1] > 2 * probability[0, 2]


def test_a_pair_that_is_new_begins_with_what_the_others_weights_say_of_it() -> None:
    """With half of the pairs forgotten, the fit over the rest finds again what it found over all."""
    table = pa.table({"name": pa.array([f"{name} berg" for name in "abcdefgh" for _ in range(2)])})
    compared = compare_candidates(prepare_records(table, MatchingTask(("name",))))
    start = np.where(np.arange(len(compared.pairs)) % 2 == 0, compared.first.probability, np.nan)
    again = continue_first_pass(compared.similarities, {"name": 1.0}, compared.pairs, compared.records, start)
    assert not np.isnan(again.probability).any()
    assert ((again.probability > 0.5) == (compared.first.probability > 0.5)).all()


def levels(**measures: list[float]) -> list[int]:
    """The levels of two pairs that are not exactly equal, by these similarities of a column."""
    given = {"exact": [0.0, 0.0], "rarity": [0.0, 0.0]} | measures
    similarities = Similarities(("a",) * len(given), tuple(given), np.array(list(given.values()), np.float32).T)
    whole = Similarities(("*",), ("grams",), np.full((2, 1), 0.5, np.float32))
    both = Similarities(
        similarities.columns + whole.columns,
        similarities.measures + whole.measures,
        np.column_stack([similarities.values, whole.values]),
    )
    evidence = all_evidence(both, {"a": 1.0}, Pairs(np.array([0, 0]), np.array([1, 2])), 3)
    return evidence[-1].levels.tolist()


def test_texts_that_state_the_same_numbers_are_at_least_as_alike_as_those() -> None:
    low, high = levels(levenshtein=[0.3, 0.9])
    assert levels(levenshtein=[0.3, 0.9], numbers=[1.0, 0.0]) == [high, high]
    assert levels(levenshtein=[0.3, 0.9], numbers=[np.nan, np.nan]) == [low, high]


def test_quantities_on_several_scales_are_as_alike_as_what_they_measure() -> None:
    low, high = levels(levenshtein=[0.3, 0.9])
    assert levels(levenshtein=[0.3, 0.9], any_scale=[1.0, 0.3]) == [high, low]
    assert levels(levenshtein=[0.3, 0.9], any_scale=[np.nan, np.nan]) == [low, high]


@pytest.fixture(scope="module")
def persons() -> ComparedPairs:
    """150 persons of random letters, each a second time with a letter of the name missing."""
    letters = np.random.default_rng(3).choice(list("abcdefghijklmnoprstuvwz"), (150, 12))
    names = ["".join(row[:5]) + " " + "".join(row[5:]) for row in letters]
    towns = ["bonn", "ulm", "kiel"] * 50
    both = {"name": [*names, *(slipped(name, n) for n, name in enumerate(names))], "town": [*towns, *towns]}
    return compare_candidates(prepare_records(pa.table(both), MatchingTask(("name", "town"))))


def every_tenth(persons: ComparedPairs) -> np.ndarray:
    return np.asarray(np.arange(len(persons.pairs)) % 10 == 0)


def extended(persons: ComparedPairs, new: np.ndarray, line: float = 0.0) -> FirstPass:
    """The first pass, forgotten of the new pairs and told by the others again, whose log-odds are higher by `line`."""
    told = persons.first
    logit, probability = (np.where(new, np.nan, values) for values in (told.logit + line, told.probability))
    own_share = {"name": 1.0, "town": 1.0}
    earlier = FirstPass(logit, probability)
    return extended_first_pass(persons.similarities, own_share, persons.pairs, persons.records, earlier)


def test_pairs_that_were_known_keep_what_was_said_of_them(persons: ComparedPairs) -> None:
    known = ~every_tenth(persons)
    first = extended(persons, ~known)
    assert np.array_equal(first.logit[known], persons.first.logit[known])
    assert np.array_equal(first.probability[known], persons.first.probability[known])


@pytest.mark.parametrize("some", [200_000, 1000], ids=["told by all others", "told by some of them"])
def test_a_few_new_pairs_are_told_by_what_was_learned_of_the_others(
    persons: ComparedPairs, some: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.score.SOME_PAIRS", some)
    new = every_tenth(persons)
    told, before = extended(persons, new).probability[new], persons.first.probability[new]
    is_same = (persons.pairs.right - persons.pairs.left == 150)[new]
    assert is_same.sum() > 5
    assert told[is_same & (before > 0.95)].min() > 0.8
    assert told[~is_same].max() < 0.2


def test_the_probability_of_a_new_pair_is_that_of_its_log_odds(persons: ComparedPairs) -> None:
    new = every_tenth(persons)
    first = extended(persons, new)
    assert first.probability[new] == pytest.approx(1 / (1 + np.exp(-first.logit[new])))


def test_new_pairs_stand_to_the_same_line_as_the_others(persons: ComparedPairs) -> None:
    """What third records and the line did to the log-odds of the others is done to those of the new ones."""
    new = every_tenth(persons)
    assert extended(persons, new, line=-3).logit[new] == pytest.approx(extended(persons, new).logit[new] - 3)


def test_with_no_new_pair_nothing_changes(persons: ComparedPairs) -> None:
    first = extended(persons, np.zeros(len(persons.pairs), dtype=bool))
    assert np.array_equal(first.logit, persons.first.logit)
    assert np.array_equal(first.probability, persons.first.probability)


def test_the_evidence_on_some_pairs_is_theirs_among_all(persons: ComparedPairs) -> None:
    chosen = every_tenth(persons)
    asked = (persons.similarities, {"name": 1.0, "town": 0.5}, persons.pairs, persons.records)
    whole, some = all_evidence(*asked), all_evidence(*asked, chosen)
    named = [(piece.column, piece.measure, piece.own) for piece in whole]
    assert [(column, measure.partition("_grams")[0]) for column, measure, _ in named] == [
        ("*", "worse_rank"),
        ("*", "smaller_margin"),
        ("*", "grams"),
        ("name", ""),
        ("town", ""),
    ]
    assert [(piece.column, piece.measure, piece.own) for piece in some] == named
    name, name_of_some = whole[3], some[3]
    assert not (name.levels[chosen] != name_of_some.levels).any()
    for piece, of_some in zip(whole[:3], some[:3], strict=True):
        assert np.array_equal(piece.levels[chosen], of_some.levels)
