from itertools import combinations
from math import log
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.memory import Spill
from matching.normalise import NormalisedColumn, normalise_column
from matching.shared_values import MOST_COLUMNS, value_pair_texts, value_pair_vectors

Row = tuple[str | None, ...]

VALUES = st.sampled_from([None, "anna", "berg", "otto", "1970"])
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=10)
PERSONS: list[Row] = [
    ("anna", "berg", "1970"),
    ("anna", "berg", "1970"),
    ("anna", "berg", "1980"),
    ("anna", "kahn", "1970"),
    (None, "kahn", "1970"),
    ("otto", None, None),
]


def columns_of(rows: list[Row], count: int = 3) -> list[NormalisedColumn]:
    """The columns a, b, c … of a table."""
    return [
        normalise_column(
            "abcdefghijklmn"[place], pa.chunked_array([pa.array([row[place] for row in rows], pa.string())])
        )
        for place in range(count)
    ]


def texts_of_rows(rows: list[Row]) -> list[set[str]]:
    """Every pair of values of each record, as `value_pair_texts` writes it."""
    named = [[f"{name}={value}" for name, value in zip("abc", row, strict=True) if value] for row in rows]
    return [{", ".join(two) for two in combinations(each, 2)} for each in named]


def shared_by(texts: list[set[str]], most: int) -> dict[str, int]:
    """Which pairs of values from two to `most` records have, and how many have each."""
    had = {text: sum(text in each for each in texts) for text in set().union(*texts)}
    return {text: count for text, count in had.items() if 2 <= count <= most}


@settings(deadline=None)
@given(ROWS, st.integers(1, 6))
def test_a_dot_product_adds_up_how_rare_the_shared_pairs_of_values_are(rows: list[Row], most: int) -> None:
    vectors, _ = value_pair_vectors(columns_of(rows), len(rows), most)
    texts = texts_of_rows(rows)
    shared = shared_by(texts, most)
    wanted = [[sum(log(len(rows) / shared[t]) for t in one & other & set(shared)) for other in texts] for one in texts]
    assert (vectors @ vectors.T).toarray() == pytest.approx(np.array(wanted), abs=1e-5)


@settings(deadline=None)
@given(ROWS, st.integers(1, 6))
def test_every_pair_of_values_is_told_with_its_columns(rows: list[Row], most: int) -> None:
    columns = columns_of(rows)
    vectors, numbers = value_pair_vectors(columns, len(rows), most)
    texts = texts_of_rows(rows)
    shared = set(shared_by(texts, most))
    told = list(value_pair_texts(columns, numbers.tolist()))
    assert sorted(told) == sorted(shared)
    assert [{told[place] for place in row.indices} for row in vectors] == [each & shared for each in texts]


@pytest.mark.parametrize(
    ("most", "told"),
    [
        pytest.param(1, set(), id="one is nobody to share with"),
        pytest.param(2, {"b=berg, c=1970", "b=kahn, c=1970"}, id="two"),
        pytest.param(3, {"a=anna, c=1970", "a=anna, b=berg", "b=berg, c=1970", "b=kahn, c=1970"}, id="three"),
    ],
)
def test_only_pairs_of_values_that_from_two_to_so_many_records_have_are_there(most: int, told: set[str]) -> None:
    columns = columns_of(PERSONS)
    _, numbers = value_pair_vectors(columns, len(PERSONS), most)
    assert set(value_pair_texts(columns, numbers.tolist())) == told


def test_a_missing_value_makes_no_pair() -> None:
    vectors, _ = value_pair_vectors(columns_of(PERSONS), len(PERSONS), most=5)
    assert vectors.getnnz(axis=1).tolist() == [3, 3, 1, 2, 1, 0]


def test_of_many_columns_those_that_tell_most_are_taken() -> None:
    """Columns c and h have two values, the others one for every two records."""
    rows: list[Row] = [tuple(str(n % 2) if place in (2, 7) else str(n // 2) for place in range(12)) for n in range(20)]
    columns = columns_of(rows, count=12)
    vectors, numbers = value_pair_vectors(columns, len(rows), most=20)
    told = list(value_pair_texts(columns, numbers.tolist()))
    assert {part.partition("=")[0] for text in told for part in text.split(", ")} == set("abdefgijkl")
    assert vectors.getnnz(axis=1).tolist() == [MOST_COLUMNS * (MOST_COLUMNS - 1) // 2] * 20


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        pytest.param([], 0, id="no columns and no records"),
        pytest.param([], 3, id="no records"),
        pytest.param(PERSONS, 0, id="no columns"),
        pytest.param(PERSONS, 1, id="one column"),
        pytest.param([(None, None, None)] * 4, 3, id="all missing"),
        pytest.param([("anna", None, None), (None, "berg", None), (None, None, "1970")], 3, id="never two values"),
        pytest.param([("anna", "berg", "1970")], 3, id="one record"),
        pytest.param([(f"{n}", f"{n}", f"{n}") for n in range(5)], 3, id="all different"),
    ],
)
def test_where_nothing_is_shared_every_vector_is_empty(rows: list[Row], columns: int) -> None:
    vectors, numbers = value_pair_vectors(columns_of(rows, columns), len(rows), most=5)
    assert (vectors.shape, vectors.nnz, len(numbers)) == ((len(rows), 1), 0, 0)


def test_in_parts_and_in_files_the_vectors_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, numbers = value_pair_vectors(columns_of(PERSONS), len(PERSONS), most=4)
    monkeypatch.setattr("matching.shared_values.ROWS_AT_ONCE", 2)
    parts, same = value_pair_vectors(columns_of(PERSONS), len(PERSONS), 4, Spill(tmp_path, most_bytes=1))
    assert np.array_equal(parts.toarray(), whole.toarray())
    assert same.tolist() == numbers.tolist()
