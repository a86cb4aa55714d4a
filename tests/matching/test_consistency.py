from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.consistency import Triangles, most_consistent_line, triangles_of
from matching.pairs import Pairs

Scored = dict[tuple[int, int], float]


def triangles_and_scores(scored: Scored, sources: list[int] | None = None) -> tuple[Triangles, np.ndarray]:
    ordered = sorted(scored)
    both = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    records = int(both.max(initial=0)) + 1
    of = None if sources is None else np.array(sources)
    triangles = triangles_of(Pairs(both[:, 0], both[:, 1]), records, of)
    return triangles, np.array([scored[pair] for pair in ordered], dtype=np.float64)


def line(scored: Scored) -> float:
    triangles, log_odds = triangles_and_scores(scored)
    return most_consistent_line(log_odds, triangles)


def groups(count: int, size: int, inside: float, between: float) -> Scored:
    """Groups of records that score alike inside; each record also scores `between` with one of the next group."""
    scored = {(g * size + a, g * size + b): inside for g in range(count) for a, b in combinations(range(size), 2)}
    return scored | {(g * size, (g + 1) * size): between for g in range(count - 1)}


def test_a_triangle_is_two_pairs_with_a_record_in_common_and_the_pair_of_the_other_two() -> None:
    triangles, _ = triangles_and_scores({(0, 1): 1, (0, 2): 1, (1, 2): 1})
    found = {
        tuple(row)
        for row in zip(triangles.one.tolist(), triangles.other.tolist(), triangles.third.tolist(), strict=True)
    }
    assert {(min(a, b), max(a, b), c) for a, b, c in found} == {(0, 1, 2), (0, 2, 1), (1, 2, 0)}


def test_the_third_pair_may_not_have_been_compared() -> None:
    triangles, _ = triangles_and_scores({(0, 1): 1, (1, 2): 1})
    assert (triangles.tip.tolist(), triangles.third.tolist()) == ([1], [-1])


def test_two_records_of_one_source_form_no_triangle() -> None:
    triangles, _ = triangles_and_scores({(0, 1): 1, (0, 2): 1}, sources=[0, 1, 1])
    assert len(triangles.one) == 0


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])))
def test_every_two_pairs_with_a_record_in_common_are_found_once(ends: set[tuple[int, int]]) -> None:
    triangles, _ = triangles_and_scores(dict.fromkeys(ends, 1.0))
    wanted = sum(len(set(one) & set(other)) == 1 for one, other in combinations(sorted(ends), 2))
    found = {frozenset(two) for two in zip(triangles.one.tolist(), triangles.other.tolist(), strict=True)}
    assert len(triangles.one) == len(found) == wanted


@pytest.mark.parametrize(
    ("inside", "between", "wanted"),
    [
        pytest.param([3, 2, -1, -2], -6, (-6, -2), id="too strict: groups are cut into pieces"),
        pytest.param([6, 7, 8, 9], 2, (2, 6), id="too lenient: lookalikes hang on to groups"),
        pytest.param([3, 4, 5, 6], -3, (0, 0), id="nothing to mend"),
    ],
)
def test_the_line_moves_to_where_groups_are_whole(
    inside: list[float], between: float, wanted: tuple[float, float]
) -> None:
    """Groups of five of which the pairs score differently, bridged by lookalikes at both ends."""
    scored: Scored = {}
    for group in range(200):
        first = group * 5
        for place, (a, b) in enumerate(combinations(range(5), 2)):
            scored[first + a, first + b] = inside[(place + group) % len(inside)]
        if group:
            scored |= {(first - 5 + a, first + a): between for a in range(5)}
    low, high = wanted
    assert low <= line(scored) <= high


def test_pairs_without_triangles_move_nothing() -> None:
    assert line({(2 * n, 2 * n + 1): float(n % 7 - 3) for n in range(50)}) == 0


def test_data_whose_triangles_stay_open_whatever_the_line_move_nothing() -> None:
    ring = {(n, n + 1): float(n % 5 - 2) for n in range(100)}
    assert line(ring | {(n, n + 2): -3.0 for n in range(99)}) == 0


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(combinations(range(8), 2))), st.floats(-9, 9), min_size=1))
def test_the_line_is_0_or_one_of_the_scores_range(scored: Scored) -> None:
    found = line(scored)
    assert found == 0 or min(scored.values()) <= found <= max(scored.values())


def test_of_many_triangles_a_sample_is_kept_with_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.consistency.MOST_TRIANGLES", 100)
    triangles, _ = triangles_and_scores(groups(50, 5, 3.0, -3.0))
    everything = 50 * 5 * 6 + 49 * 2 * 4 + 48
    assert triangles.share == pytest.approx(100 / everything)
    assert 30 < len(triangles.one) < 300
