import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairs import Pairs
from matching.transitivity import SURE, opinion_of_others, trios_of

Scored = dict[tuple[int, int], float]
Opinions = dict[tuple[int, int], tuple[float, float]]


def opinions(scored: Scored, records: int) -> Opinions:
    ordered = sorted(scored)
    both = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    probability = np.array([scored[pair] for pair in ordered])
    trios = trios_of(Pairs(both[:, 0], both[:, 1]), records)
    opinion, weight = opinion_of_others(trios, probability)
    return dict(zip(ordered, zip(opinion.tolist(), weight.tolist(), strict=True), strict=True))


@pytest.mark.parametrize(
    ("scored", "pair", "opinion", "weight"),
    [
        pytest.param({(0, 1): 0.9}, (0, 1), 0, 0, id="nobody else"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.8}, (0, 1), 0, 0, id="a third compared with one only"),
        pytest.param({(0, 1): 0.9, (0, 2): 0.4, (1, 2): 0.3}, (0, 2), 0.9 * 0.3, 0.9, id="surely the same as left"),
        pytest.param({(0, 1): 0.4, (0, 2): 0.3, (1, 2): 0.9}, (0, 2), 0.9 * 0.4, 0.9, id="surely the same as right"),
        pytest.param({(0, 1): 0.4, (0, 2): 0.4, (1, 2): 0.4}, (0, 2), 0, 0, id="nobody sure"),
        pytest.param(
            {(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.8}, (0, 1), 2 * 0.9 * 0.8, 0.9 + 0.8, id="sure on both sides"
        ),
    ],
)
def test_a_third_record_that_is_surely_one_of_the_two_speaks_for_the_other(
    scored: Scored, pair: tuple[int, int], opinion: float, weight: float
) -> None:
    assert opinions(scored, 3)[pair] == pytest.approx((opinion, weight))


def test_no_pairs_have_no_opinions() -> None:
    assert opinions({}, 0) == opinions({}, 4) == {}


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([(left, right) for right in range(6) for left in range(right)]), st.floats(0, 1), max_size=15
    )
)
def test_the_mean_opinion_is_from_0_to_1(scored: Scored) -> None:
    assert all(-1e-9 <= opinion <= weight + 1e-9 for opinion, weight in opinions(scored, 6).values())


def opinions_one_by_one(scored: Scored, records: int) -> Opinions:
    """By the definition: every third record is asked both ways."""
    known = {frozenset(pair): probability for pair, probability in scored.items()}
    found = {}
    for left, right in scored:
        opinion = weight = 0.0
        for third in set(range(records)) - {left, right}:
            one, other = known.get(frozenset((left, third))), known.get(frozenset((right, third)))
            if one is None or other is None:
                continue
            for sure, asked in ((one, other), (other, one)):
                if sure > SURE:
                    opinion, weight = opinion + sure * asked, weight + sure
        found[left, right] = (opinion, weight)
    return found


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_every_third_record_is_asked_once_whatever_is_done_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.transitivity.TRIOS_AT_ONCE", at_once)
    generator = np.random.default_rng(0)
    every = [(left, right) for left in range(14) for right in range(left + 1, 14)]
    for share in (0.1, 0.4, 0.8, 1.0):
        scored = {pair: float(generator.random()) for pair in every if generator.random() < share}
        made, wanted = opinions(scored, 14), opinions_one_by_one(scored, 14)
        assert made.keys() == wanted.keys()
        assert all(made[pair] == pytest.approx(wanted[pair]) for pair in wanted)
