import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from matching.block import candidate_pairs
from matching.cluster import cluster_records
from matching.increment import candidates_of_increment, compare_increment
from matching.matcher import ComparedPairs, MatchingTask, PreparedRecords, compare_candidates, prepare_records
from matching.pairs import Pairs, distinct_pairs

NO_PAIRS = Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
GIVEN = ("anna", "boris", "clara", "dmitri", "elena", "fiona", "gustav", "helga", "igor", "jasmin", "karla", "lotte")
SURNAMES = ("abernathy", "blumenthal", "castellano", "drummond", "eriksson", "fitzgerald", "gutierrez", "holloway")

PairSet = set[tuple[int, int]]


def persons(number: int, sources: bool = False) -> pa.Table:
    """`number` rows about persons, every third of them a slip of the pen away from the one before."""
    draw = np.random.default_rng(7)
    rows: list[tuple[str, str, str]] = []
    while len(rows) < number:
        if len(rows) % 3 == 2:
            name, city, phone = rows[-1]
            rows.append((name[:3] + name[4:], city, phone))
        else:
            name = f"{draw.choice(GIVEN)} {draw.choice(SURNAMES)}"
            rows.append((name, f"{draw.choice(SURNAMES)}ville", f"0{draw.integers(10**6, 10**7)}"))
    order = draw.permutation(number).tolist()
    columns = dict(zip(("name", "city", "phone"), zip(*(rows[row] for row in order), strict=True), strict=True))
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    origin = pa.array([("x", "y")[row % 3 == 2] for row in order])
    return table.append_column("origin", origin) if sources else table


def prepared(table: pa.Table) -> PreparedRecords:
    source = "origin" if "origin" in table.column_names else None
    return prepare_records(table, MatchingTask(("name", "city", "phone"), source_column=source))


def is_new_from(first: int, records: int) -> NDArray[np.bool_]:
    return np.arange(records) >= first


def pair_set(pairs: Pairs) -> PairSet:
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def clusters(compared: ComparedPairs) -> set[frozenset[int]]:
    cluster = cluster_records(compared.records, compared.pairs, compared.first.probability, 0.5)
    return {frozenset(np.flatnonzero(cluster == home).tolist()) for home in cluster}


@pytest.mark.parametrize("sources", [False, True], ids=["one list", "two sources"])
def test_where_all_records_are_new_the_pairs_are_those_of_the_whole_table(sources: bool) -> None:
    ready = prepared(persons(120, sources))
    found = candidates_of_increment(ready, NO_PAIRS, np.ones(120, dtype=bool))
    assert pair_set(compare_increment(ready, found.pairs).pairs) == pair_set(compare_candidates(ready).pairs)


@pytest.mark.parametrize("sources", [False, True], ids=["one list", "two sources"])
def test_where_records_are_sought_by_few_terms_the_pairs_are_those_of_the_whole_table_too(
    sources: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: 50)
    ready = prepared(persons(120, sources))
    found = candidates_of_increment(ready, NO_PAIRS, np.ones(120, dtype=bool))
    assert pair_set(found.pairs) == pair_set(candidate_pairs(ready.searches, ready.records, ready.sources, threads=1))


@pytest.mark.parametrize("sources", [False, True], ids=["one list", "two sources"])
@pytest.mark.parametrize("most", [20_000, 100], ids=["sought by all terms", "sought by the rarest terms"])
def test_a_table_that_grew_in_slices_has_the_clusters_of_the_whole(
    sources: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: most)
    table = persons(300, sources)
    kept = compare_candidates(prepared(table.slice(0, 60))).pairs
    for size in range(120, 301, 60):
        ready = prepared(table.slice(0, size))
        found = candidates_of_increment(ready, kept, is_new_from(size - 60, size))
        kept = found.keep
        whole = compare_candidates(ready)
        assert len(pair_set(found.pairs) & pair_set(whole.pairs)) >= 0.95 * len(whole.pairs)
        assert clusters(compare_increment(ready, found.pairs)) == clusters(whole)


def test_old_records_are_not_sought_among_each_other() -> None:
    ready = prepared(persons(90))
    found = candidates_of_increment(ready, NO_PAIRS, is_new_from(80, 90))
    assert len(found.pairs)
    assert all(right >= 80 for _, right in pair_set(found.pairs))


def test_an_old_pair_is_dropped_when_both_have_nearer_records() -> None:
    """Records 0 and 1 share a word that all have; each gets twenty new records that are nearly itself."""
    names = ["anna abernathy west", "boris holloway west"]
    names += [f"{name} {number}" for name in names for number in range(20)]
    ready = prepare_records(pa.table({"name": names}), MatchingTask(("name",)))
    earlier = distinct_pairs(np.array([0]), np.array([1]), len(names))
    assert pair_set(candidates_of_increment(ready, earlier, np.zeros(len(names), dtype=bool)).pairs) == {(0, 1)}
    assert (0, 1) not in pair_set(candidates_of_increment(ready, earlier, is_new_from(2, len(names))).pairs)


def test_with_nothing_new_everything_stays() -> None:
    ready = prepared(persons(150))
    first = candidates_of_increment(ready, compare_candidates(ready).pairs, np.zeros(150, dtype=bool))
    again = candidates_of_increment(ready, first.keep, np.zeros(150, dtype=bool))
    assert pair_set(again.pairs) == pair_set(first.pairs) == pair_set(compare_candidates(ready).pairs)
    assert pair_set(again.keep) == pair_set(first.keep)


def test_the_candidates_are_among_those_that_are_kept() -> None:
    ready = prepared(persons(150))
    found = candidates_of_increment(ready, NO_PAIRS, np.ones(150, dtype=bool))
    assert pair_set(found.pairs) < pair_set(found.keep)


def test_only_records_of_different_sources_are_paired() -> None:
    ready = prepared(persons(90, sources=True))
    assert ready.sources is not None
    found = candidates_of_increment(ready, NO_PAIRS, is_new_from(45, 90))
    assert (ready.sources[found.keep.left] != ready.sources[found.keep.right]).all()


@pytest.mark.parametrize("records", [0, 1, 4], ids=["empty", "one row", "all missing"])
@pytest.mark.parametrize("new", [False, True], ids=["nothing new", "all new"])
def test_what_tells_nothing_gives_no_pairs(records: int, new: bool) -> None:
    table = pa.table({name: pa.nulls(records, pa.string()) for name in ("name", "city", "phone")})
    found = candidates_of_increment(prepared(table), NO_PAIRS, np.full(records, new))
    assert pair_set(found.pairs) == pair_set(found.keep) == set()
