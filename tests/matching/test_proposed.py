from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from matching.block import candidate_pairs
from matching.matcher import MatchingTask, PreparedRecords, prepare_records
from matching.pairs import Pairs
from matching.proposed import SharedNeighbour, Standing, searches_for, strongest_shared_neighbour

LETTERS = np.random.default_rng(2).choice(list("abcdeinrst"), (45, 8))
NAMES = ["".join(row[:3]) + " " + "".join(row[3:]) for row in LETTERS]


def prepared_with(names: list[str], sources: list[str] | None = None, tradeoff: float = 0.0) -> PreparedRecords:
    columns = {"name": names} | ({"source": sources} if sources else {})
    task = MatchingTask(("name",), "source" if sources else None, tradeoff)
    return prepare_records(pa.table(columns), task)


def by_name(searches: tuple[Standing, ...]) -> dict[str, Standing]:
    return {search.by: search for search in searches}


@pytest.mark.parametrize(
    "sources", [None, ["a", "b", "a"] * 15, [*"abc"] * 15], ids=["one table", "two sources", "three sources"]
)
@pytest.mark.parametrize("most", [20_000, 30], ids=["sought by all terms", "sought by the rarest terms"])
def test_a_search_says_that_it_proposed_a_pair_exactly_if_it_is_a_candidate(
    sources: list[str] | None, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: most)
    prepared = prepared_with([*NAMES[:40], *NAMES[:5]], sources)
    found = candidate_pairs(prepared.searches, prepared.records, prepared.sources, threads=1)
    candidates = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    proposed = {
        two for two in combinations(range(45), 2) if any(each.proposed for each in searches_for(prepared, *two))
    }
    assert proposed == candidates
    assert 0 < len(candidates) < 45 * 44 / 2


def test_the_ranks_count_the_records_that_are_nearer() -> None:
    prepared = prepared_with(["abcdefgh", "abcdefgx", "abcdefgxy", "otto"])
    grams = by_name(searches_for(prepared, 0, 1))["3-grams"]
    assert (grams.kept, grams.rank_of_right, grams.rank_of_left) == (3, 1, 2)
    assert by_name(searches_for(prepared, 0, 2))["3-grams"].rank_of_right == 2


def test_records_without_a_common_term_have_no_rank() -> None:
    prepared = prepared_with(["anna berg", "ana bergg", "otto kahn"])
    assert searches_for(prepared, 0, 2) == (
        Standing("3-grams", 3, None, None, False),
        Standing("words", 1, None, None, False),
    )
    assert by_name(searches_for(prepared, 0, 1))["words"].rank_of_right is None


def test_a_rank_is_that_among_those_that_have_what_the_record_is_sought_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """All have "anna": too many for the first two, which are sought by "berg" and "kahn"; the third has no other."""
    monkeypatch.setattr("matching.search.most_met", lambda records: 3)
    words = by_name(searches_for(prepared_with(["anna berg", "anna kahn", "anna"]), 1, 2))["words"]
    assert (words.rank_of_right, words.rank_of_left, words.proposed) == (None, 2, False)


def test_records_of_one_source_are_on_no_list() -> None:
    prepared = prepared_with(["anna berg", "anna berger", "anna berge"], ["x", "x", "y"])
    assert not any(search.proposed or search.rank_of_right for search in searches_for(prepared, 0, 1))
    assert by_name(searches_for(prepared, 0, 2))["3-grams"].rank_of_right == 1


def test_the_strongest_shared_neighbour_has_the_likeliest_way() -> None:
    pairs = Pairs(np.array([0, 0, 1, 2]), np.array([1, 2, 3, 3]))
    probability = np.array([0.9, 0.8, 0.5, 0.8])
    assert strongest_shared_neighbour(pairs, probability, 0, 3) == SharedNeighbour(2, 0.8, 0.8)
    assert strongest_shared_neighbour(pairs, probability, 3, 0) == SharedNeighbour(2, 0.8, 0.8)
    assert strongest_shared_neighbour(pairs, probability, 0, 1) is None
