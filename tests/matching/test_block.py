from random import Random

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.block import (
    LIKELY,
    _largest_of_rows,
    candidate_pairs,
    most_pairs,
    neighbours_of_neighbours,
    neighbours_wanted,
)
from matching.matcher import MatchingTask, prepare_records
from matching.pairs import Pairs
from matching.search import Search
from matching.tfidf import gram_counts, weighted, word_counts

TEXTS = st.lists(
    st.sampled_from(["", "anna berg", "ana berg", "anna kahn", "otto kahn", "otto k", "x"]), min_size=1, max_size=12
)


def candidates(texts: list[str], neighbours: int, sources: list[int] | None = None) -> set[tuple[int, int]]:
    grams, words = weighted(gram_counts(texts)), weighted(word_counts(texts))
    searches = [search_by(grams, grams, neighbours), search_by(words, words, max(1, neighbours // 2), "words")]
    told = None if sources is None else np.array(sources)
    return as_set(candidate_pairs(searches, len(texts), told, threads=1))


def search_by(vectors: sp.csr_matrix, sought: sp.csr_matrix, neighbours: int = 3, by: str = "3-grams") -> Search:
    return Search(by, vectors, sought, np.arange(vectors.shape[1]), neighbours)


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def pairs_of(*ends: tuple[int, int]) -> Pairs:
    both = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1])


def test_a_more_thorough_search_wants_more_neighbours() -> None:
    wanted = [neighbours_wanted(tradeoff) for tradeoff in np.linspace(0, 1, 11)]
    assert wanted == sorted(wanted)
    assert 1 <= wanted[0] < wanted[5] < wanted[10]


def test_a_more_thorough_search_may_have_more_pairs() -> None:
    most = [most_pairs(tradeoff, records=10) for tradeoff in np.linspace(0, 1, 11)]
    assert most == sorted(most)
    assert most[0] < most[5] == 120 < most[10]


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        pytest.param([""], set(), id="one empty text"),
        pytest.param(["anna"], set(), id="one row"),
        pytest.param(["", "", ""], set(), id="all missing"),
        pytest.param(["anna", "otto"], set(), id="nothing in common"),
        pytest.param(["anna berg", "otto kahn", "anna berg", ""], {(0, 2)}, id="twice the same"),
        pytest.param(["anna berg", "anna kahn", "otto voss"], {(0, 1)}, id="one shared word"),
    ],
)
def test_records_with_something_in_common_meet(texts: list[str], pairs: set[tuple[int, int]]) -> None:
    assert candidates(texts, neighbours=3) == pairs


def test_no_records_make_no_pairs() -> None:
    assert candidates([], neighbours=3) == set()


def test_all_identical_records_meet_at_least_as_many_as_wanted() -> None:
    met = candidates(["anna berg"] * 10 + ["otto kahn"], neighbours=3)
    assert all(sum(record in pair for pair in met) >= 3 for record in range(10))


def test_records_of_nothing_but_common_terms_still_meet() -> None:
    names = ["anna berg"] * 1100 + [f"{n}" for n in range(100)]
    prepared = prepare_records(pa.table({"name": names}), MatchingTask(("name",)))
    met = as_set(candidate_pairs(prepared.searches, prepared.records, None, threads=1))
    assert {record for pair in met for record in pair} >= set(range(1100))


def test_a_record_meets_only_those_that_have_what_it_is_sought_by() -> None:
    vectors = sp.csr_matrix(np.array([[0.6, 0.8], [0, 1], [1, 0]], dtype=np.float32))
    sought = sp.csr_matrix(np.array([[0.6, 0], [0, 0], [0, 0]], dtype=np.float32))
    assert as_set(candidate_pairs([search_by(vectors, sought)], vectors.shape[0], None, threads=1)) == {(0, 2)}


def test_how_many_are_sought_at_once_does_not_change_the_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{first} {last}" for first in ("anna", "otto", "ute") for last in ("berg", "kahn", "voss")]
    at_once = candidates(texts, neighbours=2)
    monkeypatch.setattr("matching.block.SEEKERS_AT_ONCE", 2)
    assert candidates(texts, neighbours=2) == at_once


@settings(deadline=None)
@given(TEXTS, st.integers(1, 5), st.integers(1, 5))
def test_more_neighbours_never_remove_a_pair(texts: list[str], one: int, other: int) -> None:
    assert candidates(texts, min(one, other)) <= candidates(texts, max(one, other))


@settings(deadline=None)
@given(TEXTS, st.data())
def test_pairs_are_across_sources_and_more_neighbours_never_remove_one(texts: list[str], data: st.DataObject) -> None:
    sources = data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))
    few, many = candidates(texts, 1, sources), candidates(texts, 4, sources)
    assert few <= many
    assert all(sources[left] != sources[right] for left, right in many)


def test_the_nearest_of_another_source_is_found_behind_many_of_the_own() -> None:
    texts = [*["anna berg"] * 20, "anna kahn"]
    assert (0, 20) in candidates(texts, 2, sources=[*[0] * 20, 1])


@settings(deadline=None)
@given(TEXTS, st.integers(1, 5))
def test_left_is_before_right_and_every_record_is_there(texts: list[str], neighbours: int) -> None:
    assert all(0 <= left < right < len(texts) for left, right in candidates(texts, neighbours))


@pytest.mark.parametrize(
    ("scored", "found"),
    [
        pytest.param({}, set(), id="no pairs"),
        pytest.param({(0, 1): 0.9}, set(), id="one pair"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.9}, {(0, 2)}, id="two records with a sure neighbour in common"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.1}, set(), id="an unsure neighbour"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.9, (0, 2): 0.1}, set(), id="compared already"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.9, (2, 3): 0.9}, {(0, 2), (1, 3)}, id="one step at a time"),
    ],
)
def test_records_that_share_a_sure_neighbour_meet(
    scored: dict[tuple[int, int], float], found: set[tuple[int, int]]
) -> None:
    known = pairs_of(*sorted(scored))
    more = neighbours_of_neighbours(known, np.array([scored[p] for p in sorted(scored)]), 4, limit=5, sources=None)
    assert as_set(more) - as_set(known) == found


def test_a_way_over_unlikely_neighbours_is_not_followed() -> None:
    known, p = pairs_of((0, 1), (1, 2)), LIKELY**0.5
    assert as_set(neighbours_of_neighbours(known, np.full(2, p + 0.01), 3, 5, None)) == {(0, 2)}
    assert not len(neighbours_of_neighbours(known, np.full(2, p - 0.01), 3, 5, None))


def test_several_ways_add_up() -> None:
    known, p = pairs_of((0, 1), (0, 2), (1, 3), (2, 3)), (0.6 * LIKELY) ** 0.5
    assert as_set(neighbours_of_neighbours(known, np.full(4, p), 4, 5, None)) == {(0, 3), (1, 2)}


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        (-3, set()),
        (0, set()),
        (1, {(0, 2)}),
        (2, {(0, 2), (3, 5)}),
        (3, {(0, 2), (3, 5), (6, 8)}),
        (9, {(0, 2), (3, 5), (6, 8)}),
    ],
)
def test_only_the_likeliest_new_pairs_are_taken_and_of_equals_the_first(
    limit: int, found: set[tuple[int, int]]
) -> None:
    known = pairs_of((0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8))
    probability = np.array([0.9, 0.9, 0.7, 0.7, 0.7, 0.7])
    assert as_set(neighbours_of_neighbours(known, probability, 9, limit, None)) == found


def test_neighbours_of_neighbours_are_across_sources() -> None:
    known = pairs_of((0, 1), (1, 2), (1, 3))
    more = neighbours_of_neighbours(known, np.full(3, 0.9), 4, limit=5, sources=np.array([0, 1, 0, 2]))
    assert as_set(more) - as_set(known) == {(0, 3), (2, 3)}


def test_empty_vectors_have_no_neighbours() -> None:
    nothing = sp.csr_matrix((3, 5), dtype=np.float32)
    assert len(candidate_pairs([search_by(nothing, nothing)], nothing.shape[0], None, threads=2)) == 0


def largest_by_sorting(row: dict[int, float], limit: int) -> list[tuple[int, float]]:
    positive = [(place, value) for place, value in row.items() if value > 0]
    return sorted(positive, key=lambda entry: (-entry[1], entry[0]))[:limit]


ROWS = st.lists(
    st.dictionaries(
        st.integers(0, 9), st.sampled_from([-1.5, -0.0, 0.0, 1e-30, 0.25, 0.5, 0.75, 1.0, 3e30]), max_size=8
    ),
    max_size=6,
)


@settings(deadline=None)
@given(ROWS, st.integers(0, 5), st.randoms())
def test_the_largest_of_each_row_are_those_that_sorting_finds(
    rows: list[dict[int, float]], limit: int, chance: Random
) -> None:
    """Ties, rows out of order, rows without entries: no search brings all of these."""
    shuffled = [chance.sample(list(row.items()), len(row)) for row in rows]
    starts = np.cumsum([0, *map(len, shuffled)])
    places, values = ([entry[side] for row in shuffled for entry in row] for side in (0, 1))
    matrix = sp.csr_matrix((np.array(values, np.float32), np.array(places, np.int32), starts), shape=(len(rows), 10))
    found = _largest_of_rows(matrix, limit)
    assert found.shape == matrix.shape
    for row, entries in enumerate(rows):
        part = slice(found.indptr[row], found.indptr[row + 1])
        rounded = {place: float(np.float32(value)) for place, value in entries.items()}
        told = list(zip(found.indices[part].tolist(), found.data[part].tolist(), strict=True))
        assert told == largest_by_sorting(rounded, limit)
