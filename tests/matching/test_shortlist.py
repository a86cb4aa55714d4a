import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp

from matching.normalise import NormalisedColumn, normalise_column
from matching.pairs import Pairs
from matching.shortlist import ALWAYS_AFFORDABLE, most_compared, shared_bits, shortlisted

COSINES = [0.9, 0.2, 0.6, 0.4]


def column(values: list[str | None]) -> NormalisedColumn:
    return normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))


def with_the_first(count: int) -> Pairs:
    return Pairs(np.zeros(count, np.int64), np.arange(1, count + 1))


def vectors_with(cosines: list[float]) -> sp.csr_matrix:
    """The first record, and others that are so like it."""
    return sp.csr_matrix(np.array([[1.0, 0.0], *([c, (1 - c * c) ** 0.5] for c in cosines)], dtype=np.float32))


def kept(most: int, cosines: list[float], *columns: list[str | None], threads: int = 1) -> list[int]:
    pairs = with_the_first(len(cosines))
    right: list[int] = shortlisted(pairs, vectors_with(cosines), [*map(column, columns)], most, threads).right.tolist()
    return right


@pytest.mark.parametrize("most", [4, 5, 1000])
def test_as_many_as_can_be_afforded_are_all_kept(most: int) -> None:
    pairs = with_the_first(4)
    assert shortlisted(pairs, vectors_with(COSINES), [], most) is pairs


@pytest.mark.parametrize(("most", "wanted"), [(1, [1]), (2, [1, 3]), (3, [1, 3, 4])])
def test_of_more_the_likeliest_are_kept_in_their_order(most: int, wanted: list[int]) -> None:
    assert kept(most, COSINES) == wanted
    assert kept(most, COSINES, threads=2) == wanted


def test_those_equally_likely_as_the_last_are_kept_too() -> None:
    assert kept(2, [0.9, 0.5, 0.5, 0.1]) == [1, 2, 3]


def test_all_that_are_clearly_alike_are_kept_however_many() -> None:
    """The second and the fourth record are the first; the fourth shares a name with it too, and is even likelier."""
    names: list[str | None] = ["anna", "otto", "ute", "anna", "mia"]
    assert kept(1, [1.0, 0.5, 1.0, 0.99], names) == [1, 3]


def test_a_rare_value_in_common_outweighs_a_little_more_likeness() -> None:
    """The first and the third share a value that 2 of 64 have: 5 bits are 0.05 of a cosine."""
    names: list[str | None] = ["anna", "otto", "anna", *(f"{n}" for n in range(61))]
    assert kept(1, [0.54, 0.50]) == [1]
    assert kept(1, [0.54, 0.50], names) == [2]
    assert kept(1, [0.56, 0.50], names) == [1]


def test_a_shared_value_tells_the_more_bits_the_fewer_rows_have_it() -> None:
    """Of four that are filled two are anna: 1 bit; one of two cities is shared by both that have one: 0 bits."""
    names = column(["anna", "anna", "berg", None, None, "otto"])
    cities = column([None, None, "ulm", None, None, "ulm"])
    pairs = Pairs(np.array([0, 0, 2, 3]), np.array([1, 2, 5, 4]))
    assert shared_bits(pairs, [names]).tolist() == [1, 0, 0, 0]
    assert shared_bits(pairs, [cities]).tolist() == [0, 0, 0, 0]


def test_the_bits_of_several_columns_add_up() -> None:
    names, towns = column(["anna", "anna", "berg", "berg"]), column(["ulm", "ulm", "bonn", "kiel"])
    pairs = Pairs(np.array([0, 2]), np.array([1, 3]))
    assert shared_bits(pairs, [names, towns]).tolist() == [2, 1]


def test_missing_values_are_not_shared_and_no_pairs_share_nothing() -> None:
    assert shared_bits(with_the_first(1), [column([None, None])]).tolist() == [0]
    assert shared_bits(with_the_first(0), [column([])]).tolist() == []


def test_a_table_of_any_size_may_have_some_compared_and_a_larger_one_more() -> None:
    assert most_compared(neighbours=3, records=0) == ALWAYS_AFFORDABLE
    assert most_compared(neighbours=30, records=1_000_000) == 9_000_000
