"""How a table is searched that is too large to be sought by letters and words alone."""

import numpy as np
import pyarrow as pa
import pytest

from matching.answers import answered_pairs
from matching.block import candidate_pairs, candidates_by_search
from matching.blocking_report import BlockingFacts, blocking_facts
from matching.matcher import MatchingTask, PreparedRecords, compare_candidates, prepare_records
from matching.search import Search, gram_length, term_texts

PERSONS, TWICE = 200, 40
COLUMNS = ("given", "surname", "born", "street", "city")
GIVEN = ("alexander", "bernadette", "christoph", "dorothea", "ferdinand", "gabriele", "hildegard", "johannes")
SURNAMES = ("abernathy", "blumenthal", "castellano", "drummond", "eriksson", "fitzgerald", "grunewald")
STREETS = ("lindenstrasse", "bahnhofstrasse", "gartenweg", "kirchplatz", "marktgasse", "schulstrasse")
CITIES = ("heidelberg", "regensburg", "osnabrueck", "wuppertal", "saarbruecken")

Row = tuple[str, ...]


def person(number: int) -> Row:
    chance = np.random.default_rng(number)
    born = f"19{chance.integers(30, 99)} {chance.integers(1, 13):02d} {chance.integers(1, 29):02d}"
    street = f"{chance.choice(STREETS)} {chance.integers(1, 4)}"
    return (str(chance.choice(GIVEN)), str(chance.choice(SURNAMES)), born, street, str(chance.choice(CITIES)))


def mistyped(value: str, place: int) -> str:
    """The value with another letter in place of one near an end."""
    at = len(value) - 1 - place % 2
    return value[:at] + ("q" if value[at] != "q" else "z") + value[at + 1 :]


def prepared_with(rows: list[Row], columns: tuple[str, ...] = COLUMNS, threads: int = 1) -> PreparedRecords:
    table = pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(columns)})
    return prepare_records(table, MatchingTask(columns, threads=threads))


def people(twice: int = TWICE) -> list[Row]:
    """Persons, and the first of them again with a typing error in every value."""
    rows = [person(number) for number in range(PERSONS)]
    return [*rows, *(tuple(mistyped(value, number) for value in rows[number]) for number in range(twice))]


def pairs_by(prepared: PreparedRecords, threads: int = 1) -> dict[str, set[tuple[int, int]]]:
    found = candidates_by_search(prepared.searches, None, threads)
    return {by: set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) for by, pairs in found.items()}


def told_of(search: Search, prepared: PreparedRecords, record: int) -> set[str]:
    return set(term_texts(search, prepared.searched_columns, search.vectors[record].indices.tolist()))


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table of more than 50 rows is a large one."""
    monkeypatch.setattr("matching.search.LARGE_TABLE", 50)


@pytest.mark.parametrize(
    ("tradeoff", "neighbours"), [(0.5, [10, 5, 3]), (0.0, [3, 1, 1])], ids=["as usual", "cheapest"]
)
def test_records_are_sought_by_pairs_of_values_first_and_by_letters_and_words_beside(
    tradeoff: float, neighbours: list[int]
) -> None:
    table = pa.table({name: [row[place] for row in people()] for place, name in enumerate(COLUMNS)})
    searches = prepare_records(table, MatchingTask(COLUMNS, accuracy_cost_tradeoff=tradeoff)).searches
    assert [search.by for search in searches] == ["values", "5-grams", "words"]
    assert [gram_length(search) for search in searches] == [0, 5, 0]
    assert [search.neighbours for search in searches] == neighbours


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        pytest.param([(f"{' '.join(row)}",) for row in people()], ("text",), id="one column"),
        pytest.param([(f"{n * 7919}a", f"{n * 104729}b") for n in range(60)], ("a", "b"), id="nothing shared"),
        pytest.param([row[:2] for row in people()], ("given", "surname"), id="too few columns"),
    ],
)
def test_where_few_pairs_of_values_are_shared_letters_and_words_are_all(
    rows: list[Row], columns: tuple[str, ...]
) -> None:
    assert [search.by for search in prepared_with(rows, columns).searches] == ["3-grams", "words"]


@pytest.mark.parametrize(("records", "first"), [(50, "3-grams"), (51, "values")], ids=["not yet", "large"])
def test_a_table_is_large_from_one_record_more_on(records: int, first: str) -> None:
    assert prepared_with([person(number % 10) for number in range(records)]).searches[0].by == first


def test_records_with_a_typing_error_in_every_value_are_found() -> None:
    prepared = prepared_with(people())
    pairs = candidate_pairs(prepared.each_search(), prepared.records, None, threads=1)
    found = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    planted = {(number, PERSONS + number) for number in range(TWICE)}
    assert planted <= found
    assert not planted & pairs_by(prepared)["values"]


def test_records_that_share_two_values_are_found_by_them() -> None:
    """The copies have the city and the date of birth of the first persons, and other names and streets."""
    rows = people(twice=0)
    copies: list[Row] = [(f"qx{n}", f"zy{n}", rows[n][2], f"xxx {n}{n}", rows[n][4]) for n in range(20)]
    prepared = prepared_with([*rows, *copies])
    assert {(n, PERSONS + n) for n in range(20)} <= pairs_by(prepared)["values"]


def test_the_candidates_are_the_same_on_any_number_of_threads() -> None:
    one, two = (prepared_with(people(), threads=threads) for threads in (1, 2))
    assert pairs_by(one, threads=1) == pairs_by(two, threads=2)


@pytest.mark.parametrize("record", [0, 7, PERSONS + 3])
def test_every_term_is_told_as_the_record_has_it(record: int) -> None:
    rows = people()
    prepared = prepared_with(rows)
    row = rows[record]
    values, grams, words = (told_of(search, prepared, record) for search in prepared.searches)
    pairs = {f"{a}={x}, {b}={y}" for a, x in zip(COLUMNS, row, strict=True) for b, y in zip(COLUMNS, row, strict=True)}
    padded = " ".join(f"_{value.replace(' ', '_')}_" for value in row)
    assert values <= pairs
    assert all(len(gram) == 5 and gram in padded for gram in grams)
    assert words == {word for value in row for word in value.split()}
    assert values or record >= PERSONS
    assert grams


def test_no_pair_of_values_that_too_many_records_have_is_sought_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.search.MET_BY_VALUES", 5)
    monkeypatch.setattr("matching.search.TELLING_PAIRS", 0.1)
    values, *_ = prepared_with(people()).searches
    had = np.bincount(values.vectors.indices)
    assert values.by == "values"
    assert had.min() >= 2
    assert had.max() == 5
    assert max(had[row.indices].sum() for row in values.sought) <= 5


def test_across_sources_only_records_of_another_source_are_found() -> None:
    rows = [(*row, "ab"[number >= PERSONS]) for number, row in enumerate(people())]
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate((*COLUMNS, "source"))})
    prepared = prepare_records(table, MatchingTask(COLUMNS, source_column="source"))
    found = candidate_pairs(prepared.each_search(), prepared.records, prepared.sources, threads=2)
    assert len(prepared.searches) == 3
    assert (found.left < PERSONS).all()
    assert (found.right >= PERSONS).all()
    assert {(n, PERSONS + n) for n in range(TWICE)} <= set(zip(found.left.tolist(), found.right.tolist(), strict=True))


def facts_of(prepared: PreparedRecords) -> BlockingFacts:
    return blocking_facts(prepared, compare_candidates(prepared), answered_pairs([]), seed=0)


def test_the_report_tells_of_all_three_searches() -> None:
    facts = facts_of(prepared_with(people()))
    assert [found.by for found in facts.found_by] == ["values", "5-grams", "words", "shared neighbour"]
    assert all(0 < found.pairs <= facts.pairs for found in facts.found_by[:3])
    assert sum(found.only for found in facts.found_by) <= facts.pairs
    assert sum(found.pairs for found in facts.found_by) >= facts.pairs
    assert {term.by for term in facts.common_terms} == {"values", "5-grams", "words"}
    assert all(0 < each.recall <= 1 for each in facts.recall)
    assert {each.by for each in facts.recall} == {"wider search", "two searches"}
