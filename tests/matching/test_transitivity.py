import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairs import Pairs
from matching.transitivity import opinion_of_others, trios_of

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
