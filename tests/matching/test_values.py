from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from matching.normalise import NormalisedColumn, normalise_column
from matching.values import (
    PAIRS_AT_ONCE,
    DistinctPairs,
    Values,
    enough,
    found_of_longer,
    found_of_shorter,
    in_chunks,
    padded,
    written_forms,
)


def column_of(values: Sequence[str | None]) -> NormalisedColumn:
    return normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))


def test_a_plain_text_is_written_as_its_longest_spelling() -> None:
    column = column_of(["A-1", "a 1", "(A-1)", None, "b", "N/A"])
    assert column.values == ["a 1", "b"]
    assert written_forms(column) == ["(A-1)", "b"]


def test_which_row_is_first_does_not_change_how_a_plain_text_is_written() -> None:
    there, back = (written_forms(column_of(values)) for values in (["a-1", "a.1", "a/1"], ["a/1", "a.1", "a-1"]))
    assert there == back == ["a-1"]


@pytest.mark.parametrize("values", [[], [None, None], ["n/a"]], ids=["empty", "all missing", "words for nothing"])
def test_a_column_without_a_value_has_no_written_forms(values: list[str | None]) -> None:
    assert written_forms(column_of(values)) == []


@pytest.mark.parametrize(
    ("have", "is_enough"),
    [
        pytest.param([], False, id="no values"),
        pytest.param([True, False, False, False, False], True, id="a fifth"),
        pytest.param([True, False, False, False, False, False], False, id="a sixth"),
    ],
)
def test_a_fifth_is_enough(have: list[bool], is_enough: bool) -> None:
    assert enough(have, np.ones(len(have), dtype=np.int64)) is is_enough


def test_rows_count_and_not_values() -> None:
    assert not enough([True, False], np.array([1, 9]))
    assert enough([True, False], np.array([9, 1]))


def test_rows_longer_than_the_most_are_cut() -> None:
    assert padded([[1, 2, 3], [4]], most=2).tolist() == [[1, 2], [4, -1]]


def test_no_rows_are_still_a_table() -> None:
    assert padded([], most=3).shape == (0, 1)
    assert padded([[], []], most=3).tolist() == [[-1], [-1]]


def test_chunks_meet_every_pair_once_and_in_order() -> None:
    sizes = []

    def left(distinct: DistinctPairs) -> Values:
        sizes.append(len(distinct))
        return distinct.left.astype(np.float32)

    many = np.arange(PAIRS_AT_ONCE + 3)
    assert np.array_equal(in_chunks(left)(DistinctPairs(many, many)), many)
    assert sizes == [PAIRS_AT_ONCE, 3]


def test_of_two_lists_the_shorter_or_the_longer_one_counts() -> None:
    scores = np.array([[[1, 0, 0], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]], dtype=bool)
    counts = np.array([1, 2, 0]), np.array([3, 2, 2])
    assert found_of_longer(scores, *counts)[:2].tolist() == pytest.approx([1 / 3, 0.5])
    found = found_of_shorter(scores, *counts)
    assert found[:2].tolist() == [1, 0.5]  # the second: both of ours' one item found, of theirs two, of ours one
    assert np.isnan(found[2])
