import numpy as np
import pyarrow as pa
import pytest

from matching.normalise import NormalisedColumn, normalise_column
from matching.record_vectors import entropy, record_vectors, values_of
from matching.tfidf import gram_counts, word_counts


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
