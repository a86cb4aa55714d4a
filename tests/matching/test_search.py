import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.block import candidates_by_search
from matching.normalise import NormalisedColumn, normalise_column
from matching.record_vectors import record_vectors, values_of
from matching.search import (
    LEAST_MET,
    MET_IN_ALL,
    MOST_MET,
    Search,
    gram_length,
    most_met,
    rarest_terms,
    searches_of,
    term_texts,
)
from matching.tfidf import gram_counts, without_unused, word_counts

ANNAS = ["anna berg", "anna kahn", "anna voss"]
TEXTS = st.lists(
    st.sampled_from(["", "anna berg", "ana berg", "anna kahn", "otto kahn", "otto k", "x"]), min_size=1, max_size=12
)
MATRICES = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=8)


def column_of(texts: list[str]) -> NormalisedColumn:
    return normalise_column("text", pa.chunked_array([pa.array(texts, pa.string())]))


def vectors_by_letters(texts: list[str]) -> sp.csr_matrix:
    columns = [column_of(texts)]
    return record_vectors(columns, len(texts), gram_counts(values_of(columns)))


def vectors_by_words(texts: list[str]) -> sp.csr_matrix:
    columns = [column_of(texts)]
    return record_vectors(columns, len(texts), word_counts(values_of(columns)))


def searches(texts: list[str], neighbours: int = 3) -> tuple[Search, Search]:
    whole = {"grams": vectors_by_letters(texts), "words": vectors_by_words(texts)}
    grams, words = searches_of([column_of(texts)], whole, neighbours)
    return grams, words


def terms_of(search: Search, sought: sp.csr_matrix, texts: list[str]) -> list[set[str]]:
    """The terms of each record, as `term_texts` names them."""
    return [set(term_texts(search, [column_of(texts)], row.indices.tolist())) for row in sought]


def likeness_of_all(vectors: sp.csr_matrix) -> np.ndarray:
    return np.asarray((vectors @ vectors.T).toarray())


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        pytest.param(0, [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], id="none"),
        pytest.param(1, [[0.1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], id="one"),
        pytest.param(2, [[0.1, 0, 0], [0, 0.4, 0], [0, 0, 0], [0, 0, 0]], id="two, not one and two"),
        pytest.param(3, [[0.1, 0.2, 0], [0, 0.4, 0], [0, 0, 0.6], [0, 0, 0]], id="one and two, or three"),
        pytest.param(5, [[0.1, 0.2, 0], [0, 0.4, 0.5], [0, 0, 0.6], [0, 0, 0]], id="two and three"),
        pytest.param(6, [[0.1, 0.2, 0.3], [0, 0.4, 0.5], [0, 0, 0.6], [0, 0, 0]], id="all"),
    ],
)
def test_a_record_is_sought_by_its_rarest_terms_until_it_has_met_enough(most: int, kept: list[list[float]]) -> None:
    vectors = sp.csr_matrix(np.array([[0.1, 0.2, 0.3], [0, 0.4, 0.5], [0, 0, 0.6], [0, 0, 0]], np.float32))
    found = rarest_terms(vectors, np.array([1, 2, 3]), most).toarray()
    assert found.tolist() == np.array(kept, np.float32).tolist()


@settings(deadline=None)
@given(MATRICES, st.integers(0, 30))
def test_what_a_record_is_sought_by_never_meets_too_many_and_the_next_term_would(
    rows: list[list[bool]], most: int
) -> None:
    had = np.sum(rows, axis=0)
    order = np.argsort(had, kind="stable")
    vectors, had = sp.csr_matrix(np.array(rows, dtype=np.float32)[:, order]), had[order]
    for whole, sought in zip(vectors, rarest_terms(vectors, had, most), strict=True):
        kept = len(sought.indices)
        assert sought.indices.tolist() == whole.indices[:kept].tolist()
        assert had[sought.indices].sum() <= most
        assert kept == len(whole.indices) or had[whole.indices[: kept + 1]].sum() > most


def test_a_record_of_which_every_term_is_too_common_is_sought_by_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: 3)
    texts = ["anna", "anna", "anna", "anna berg", "otto"]
    _, words = searches(texts)
    assert terms_of(words, words.sought, texts) == [set(), set(), set(), {"berg"}, {"otto"}]


@settings(deadline=None)
@given(TEXTS)
def test_in_a_small_table_everything_is_sought_by_everything(texts: list[str]) -> None:
    for search in searches(texts):
        assert (search.sought != search.vectors).nnz == 0


@settings(deadline=None)
@given(TEXTS)
def test_the_rarest_term_is_first_and_every_term_is_some_records(texts: list[str]) -> None:
    for search in searches(texts):
        had = np.bincount(search.vectors.indices, minlength=len(search.terms))
        assert had.tolist() == sorted(had.tolist())
        assert had.all()


@settings(deadline=None)
@given(TEXTS)
def test_terms_in_another_order_are_as_alike(texts: list[str]) -> None:
    grams, words = searches(texts)
    assert likeness_of_all(grams.vectors) == pytest.approx(likeness_of_all(vectors_by_letters(texts)), abs=1e-6)
    assert likeness_of_all(words.vectors) == pytest.approx(likeness_of_all(vectors_by_words(texts)), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sources", [None, np.arange(60) % 2], ids=["one table", "two sources"])
def test_the_nearest_are_those_of_an_exhaustive_search(seed: int, sources: np.ndarray | None) -> None:
    letters = np.random.default_rng(seed).choice(list("abcde"), (60, 9))
    texts = [f"{''.join(row[:3])} {''.join(row[3:6])} {''.join(row[6:])}" for row in letters]
    both = searches(texts, neighbours=4)
    for search, vectors in zip(both, (vectors_by_letters(texts), vectors_by_words(texts)), strict=True):
        likeness = likeness_of_all(vectors)
        likeness[np.eye(60, dtype=bool) if sources is None else sources[:, None] == sources] = 0
        for record in range(60):
            found = candidates_by_search([search], sources, 1, np.array([record]))[search.by]
            nearest = np.sort(likeness[record, found.left + found.right - record])[::-1]
            wanted = np.sort(likeness[record])[::-1][: search.neighbours]
            assert nearest.tolist() == pytest.approx(wanted[wanted > 0].tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("affordable", "by"),
    [
        pytest.param(17, "3-grams", id="as many as 3-grams meet: 4 of 3 records, 5 of one"),
        pytest.param(16, "4-grams", id="one fewer"),
        pytest.param(14, "4-grams", id="as many as 4-grams meet: 3 of 3 records, 5 of one"),
        pytest.param(13, "5-grams", id="one fewer again"),
        pytest.param(0, "5-grams", id="none is short enough"),
    ],
)
def test_the_search_goes_by_the_shortest_grams_that_can_be_afforded(
    affordable: int, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.AFFORDABLE", affordable)
    grams, words = searches(ANNAS)
    assert (grams.by, words.by) == (by, "words")
    counts, _ = without_unused(gram_counts(column_of(ANNAS).values, gram_length(grams)))
    wanted = record_vectors([column_of(ANNAS)], len(ANNAS), counts)
    assert likeness_of_all(grams.vectors) == pytest.approx(likeness_of_all(wanted), abs=1e-6)


@pytest.mark.parametrize(("affordable", "length"), [(17, 3), (14, 4), (0, 5)])
def test_grams_are_told_as_the_letters_that_the_records_have(
    affordable: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.AFFORDABLE", affordable)
    grams, _ = searches(ANNAS)
    padded = [f"_{text.replace(' ', '_')}_" for text in ANNAS]
    wanted = [{text[start : start + length] for start in range(len(text) - length + 1)} for text in padded]
    assert terms_of(grams, grams.vectors, ANNAS) == wanted


@settings(deadline=None)
@given(TEXTS.filter(lambda texts: len({*texts} - {""}) > 1))
def test_words_are_told_as_the_records_have_them(texts: list[str]) -> None:
    _, words = searches(texts)
    assert terms_of(words, words.vectors, texts) == [set(text.split()) for text in texts]


@pytest.mark.parametrize(("neighbours", "by_words"), [(1, 1), (3, 1), (10, 5)])
def test_words_find_half_as_many_neighbours_but_one_at_least(neighbours: int, by_words: int) -> None:
    assert [search.neighbours for search in searches(ANNAS, neighbours)] == [neighbours, by_words]


def test_a_record_is_only_as_near_as_what_it_is_sought_by_says() -> None:
    vectors, sought = sp.csr_matrix([[0.6, 0.8], [0, 1]]), sp.csr_matrix([[0.6, 0], [0, 1]])
    search = Search("words", vectors, sought, np.arange(2), neighbours=3)
    assert search.likeness(np.array([0, 1]), np.array([1, 0])).tolist() == pytest.approx([0, 0.8])


@given(st.integers(0, 10**9))
def test_all_records_together_meet_no_more_than_is_allowed_unless_each_met_the_least(records: int) -> None:
    assert LEAST_MET <= most_met(records) <= MOST_MET
    assert most_met(records) == LEAST_MET or most_met(records) * records <= MET_IN_ALL


@pytest.mark.parametrize(
    ("texts", "terms"),
    [
        pytest.param([], 0, id="empty"),
        pytest.param(["anna"], 0, id="one row, which tells nothing"),
        pytest.param(["", ""], 0, id="all missing"),
        pytest.param(["otto", "otto"], 0, id="twice the same, which tells nothing"),
        pytest.param(["otto", "otto", "anna"], 3, id="duplicates"),
    ],
)
@pytest.mark.parametrize("affordable", [150_000, -1], ids=["3-grams", "5-grams"])
def test_a_search_has_a_row_for_every_record(
    texts: list[str], terms: int, affordable: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.search.AFFORDABLE", affordable)
    grams, words = searches(texts)
    assert gram_length(grams) == (3 if affordable > 0 else 5)
    assert grams.vectors.shape[0] == grams.sought.shape[0] == words.vectors.shape[0] == len(texts)
    assert words.sought.nnz == terms
