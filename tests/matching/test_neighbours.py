from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.neighbours import NEIGHBOUR_FEATURES, neighbour_features
from matching.pairs import Pairs, distinct_pairs


def pairs_of(*ends: tuple[int, int]) -> Pairs:
    both = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1])


def features(score: list[float], pairs: Pairs, records: int) -> list[dict[str, float]]:
    table = neighbour_features(np.array(score, dtype=np.float32), pairs, records)
    return [dict(zip(NEIGHBOUR_FEATURES, np.round(row, 3).tolist(), strict=True)) for row in table.astype(float)]


def test_three_records_compared_all_round() -> None:
    first, second, third = features([0.9, 0.5, 0.2], pairs_of((0, 1), (0, 2), (1, 2)), 3)
    assert first == {"worse_rank": 0, "better_rank": 0, "smaller_margin": 0.4, "larger_margin": 0.7}
    assert second == {"worse_rank": 1, "better_rank": 0, "smaller_margin": -0.4, "larger_margin": 0.3}
    assert third == {"worse_rank": 1, "better_rank": 1, "smaller_margin": -0.7, "larger_margin": -0.3}


def test_a_record_with_a_single_pair_has_its_whole_score_as_margin() -> None:
    (only,) = features([0.6], pairs_of((0, 1)), 2)
    assert only == {"worse_rank": 0, "better_rank": 0, "smaller_margin": 0.6, "larger_margin": 0.6}


def test_equal_scores_share_the_better_rank_and_have_no_margin() -> None:
    pairs = pairs_of((0, 1), (0, 2), (0, 3))
    ranks = [(row["worse_rank"], row["smaller_margin"]) for row in features([0.7, 0.7, 0.3], pairs, 4)]
    assert ranks == [(0, 0), (0, 0), (2, pytest.approx(-0.4))]


def test_no_pairs_have_no_standing() -> None:
    assert neighbour_features(np.zeros(0, dtype=np.float32), pairs_of(), 3).shape == (0, len(NEIGHBOUR_FEATURES))
    assert neighbour_features(np.zeros(0, dtype=np.float32), pairs_of(), 0).shape == (0, len(NEIGHBOUR_FEATURES))


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))), st.randoms(use_true_random=False))
def test_a_pair_stands_first_exactly_where_nothing_beats_it(ends: set[tuple[int, int]], random: Random) -> None:
    both = np.array(sorted(ends), dtype=np.int64).reshape(-1, 2)
    pairs = distinct_pairs(both[:, 0], both[:, 1], 7)
    score = [random.choice([0.1, 0.4, 0.8]) for _ in range(len(pairs))]
    for row, own, left, right in zip(features(score, pairs, 7), score, pairs.left, pairs.right, strict=True):
        on_lists = [
            [s for s, a, b in zip(score, pairs.left, pairs.right, strict=True) if record in (a, b)]
            for record in (left, right)
        ]
        beaten_by = sorted(sum(other > own for other in scores) for scores in on_lists)
        assert (row["better_rank"], row["worse_rank"]) == tuple(beaten_by)
        assert (row["smaller_margin"] < 0) == (beaten_by[1] > 0)
