from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp

from matching.memory import Spill
from matching.normalise import NormalisedColumn, normalise_column
from matching.record_vectors import entropy, rare_term_vectors, record_vectors, values_of
from matching.tfidf import gram_counts, word_counts

NAMES: list[str | None] = ["anna berg", "anna kahn", "otto berg", None, "anna anna voss", "otto kahn", "ute"]
TOWNS: list[str | None] = ["bonn am rhein", "bonn", "kiel am meer", None, "bonn", None, "trier"]


def column(values: list[str | None]) -> NormalisedColumn:
    return normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))


def likeness(*columns: list[str | None]) -> np.ndarray:
    made = [column(values) for values in columns]
    vectors = record_vectors(made, len(columns[0]), word_counts(values_of(made)))
    return np.asarray((vectors @ vectors.T).toarray())


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        pytest.param(["a", "b", "c", "d"], 2.0, id="all different"),
        pytest.param(["a", "a", "b", "b", None], 1.0, id="a missing value tells nothing"),
        pytest.param(["a", "a"], 0.0, id="all the same"),
        pytest.param([None], 0.0, id="all missing"),
        pytest.param([], 0.0, id="empty"),
    ],
)
def test_a_value_tells_as_many_bits_as_the_column_has_different_ones(values: list[str | None], bits: float) -> None:
    assert entropy(column(values)) == pytest.approx(bits)


def test_the_values_of_columns_are_each_told_once_column_by_column() -> None:
    assert values_of([column(["berg", "anna", None, "berg"]), column([None]), column(["anna"])]) == [
        *column(["berg", "anna"]).values,
        "anna",
    ]


def test_records_are_unit_vectors_and_those_without_values_are_zero() -> None:
    made = likeness(["anna", "berg", None], ["x", "y", None])
    assert np.diag(made).tolist() == pytest.approx([1, 1, 0])


@pytest.mark.parametrize("counts", [gram_counts, word_counts])
def test_no_columns_make_zero_vectors(counts) -> None:  # type: ignore[no-untyped-def]
    assert record_vectors([], 3, counts([])).toarray().sum() == 0
    assert record_vectors([], 3, counts([])).shape[0] == 3
    assert record_vectors([column([])], 0, counts([])).shape[0] == 0


def test_values_that_stand_in_each_others_columns_still_meet() -> None:
    made = likeness(["anna", "berg", "otto"], ["berg", "anna", "kahn"])
    assert made[0, 1] == pytest.approx(1)
    assert made[0, 2] == 0


def test_a_long_text_does_not_drown_a_name() -> None:
    names: list[str | None] = ["anna", "anna", "otto", "karl", "ute"]
    texts: list[str | None] = ["a b c d e f g h", "i j k l m n o p", "a b q r s t u v", "w", "x"]
    apart = likeness(names, texts)
    together = likeness([f"{name} {text}" for name, text in zip(names, texts, strict=True)])
    assert together[0, 2] > together[0, 1]
    assert apart[0, 1] > apart[0, 2]


def test_a_column_of_few_categories_counts_less_than_one_of_names() -> None:
    names: list[str | None] = ["anna", "berg", "otto", "karl", "anna", "ute", "ina", "eva"]
    kinds: list[str | None] = ["big", "big", "big", "big", "small", "small", "small", "small"]
    made = likeness(names, kinds)
    assert made[0, 4] > made[0, 1]


def by_words(*columns: list[str | None]) -> tuple[list[NormalisedColumn], int, sp.csr_matrix]:
    made = [column(values) for values in columns]
    return made, len(columns[0]), word_counts(values_of(made))


@pytest.mark.parametrize("most", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("columns", [(NAMES,), (NAMES, TOWNS)], ids=["one column", "two that share no word"])
def test_rare_terms_weigh_what_they_weigh_in_the_whole_record(columns: tuple[list[str | None], ...], most: int) -> None:
    whole = record_vectors(*by_words(*columns)).toarray()
    had = (whole > 0).sum(axis=0)
    rare = rare_term_vectors(*by_words(*columns), most).toarray()
    assert rare == pytest.approx(whole * ((had > 1) & (had <= most)), abs=1e-6)


def test_with_every_term_kept_two_records_are_as_alike_as_by_the_whole() -> None:
    whole, rare = record_vectors(*by_words(NAMES, TOWNS)), rare_term_vectors(*by_words(NAMES, TOWNS), most=7)
    apart = ~np.eye(7, dtype=bool)
    assert (rare @ rare.T).toarray()[apart] == pytest.approx((whole @ whole.T).toarray()[apart], abs=1e-6)
    assert (rare @ rare.T)[0, 1] > 0


def test_a_term_counts_once_for_each_column_that_a_record_has_it_in() -> None:
    """Two columns of one record make two of "anna", which are shared then; two columns of two records make four."""
    first: list[str | None] = ["anna", "otto", "otto", "karl"]
    second: list[str | None] = ["anna", "otto", "otto", "ute"]
    assert rare_term_vectors(*by_words(first, second), most=3).getnnz(axis=1).tolist() == [1, 0, 0, 0]
    assert rare_term_vectors(*by_words(first, second), most=4).getnnz(axis=1).tolist() == [1, 1, 1, 0]


def test_a_term_that_a_single_record_or_too_many_have_is_empty() -> None:
    """Words in order of appearance: anna (3 records), berg (2), kahn (2), otto (2), voss (1), ute (1)."""
    rare = rare_term_vectors(*by_words(NAMES), most=2)
    assert rare.getnnz(axis=0).tolist() == [0, 2, 2, 2, 0, 0]
    assert rare.shape == (7, 6)


def test_how_many_rows_are_made_at_once_does_not_change_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, rare = record_vectors(*by_words(NAMES, TOWNS)), rare_term_vectors(*by_words(NAMES, TOWNS), most=3)
    monkeypatch.setattr("matching.tfidf.ROWS_AT_ONCE", 3)
    monkeypatch.setattr("matching.record_vectors.ROWS_AT_ONCE", 3)
    assert record_vectors(*by_words(NAMES, TOWNS)).toarray() == pytest.approx(whole.toarray())
    assert rare_term_vectors(*by_words(NAMES, TOWNS), most=3).toarray() == pytest.approx(rare.toarray())


def test_rows_without_values_are_zero_and_others_are_not() -> None:
    whole, rare = record_vectors(*by_words(NAMES, TOWNS)), rare_term_vectors(*by_words(NAMES, TOWNS), most=7)
    assert (whole.getnnz(axis=1) > 0).tolist() == [True, True, True, False, True, True, True]
    assert (rare.getnnz(axis=1) > 0).tolist() == [True, True, True, False, True, True, False]


@pytest.mark.parametrize("threads", [1, 2])
def test_vectors_in_files_on_several_threads_are_those_in_memory(threads: int, tmp_path: Path) -> None:
    vectors = record_vectors(*by_words(NAMES, TOWNS), threads, Spill(tmp_path, most_bytes=1))
    assert np.array_equal(vectors.toarray(), record_vectors(*by_words(NAMES, TOWNS)).toarray())
    assert vectors.has_sorted_indices
