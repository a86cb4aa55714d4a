import numpy as np
import pyarrow as pa
import pytest

from matching.normalise import NormalisedColumn, normalise_column
from matching.overlap import overlaps, own_share, without_repeats

FULL = ["anna berg", "otto kahn", "lena voss"]
FIRST = ["anna", "otto", "lena"]
LAST = ["berg", "kahn", "voss"]
TOWN = ["bonn", "ulm", "kiel"]


def column(name: str, values: list[str | None]) -> NormalisedColumn:
    return normalise_column(name, pa.chunked_array([pa.array(values, pa.string())]))


def columns(**values: list[str]) -> list[NormalisedColumn]:
    return [column(name, [*texts]) for name, texts in values.items()]


def test_the_words_of_a_part_stand_in_the_whole_and_half_of_the_whole_in_the_part() -> None:
    assert overlaps(columns(full=FULL, first=FIRST, town=TOWN)).tolist() == [[0, 0.5, 0], [1, 0, 0], [0, 0, 0]]


def test_the_same_words_in_other_rows_are_no_repeat() -> None:
    assert overlaps(columns(one=FIRST, other=[FIRST[1], FIRST[2], FIRST[0]])).sum() == 0


def test_a_column_that_nothing_repeats_has_its_evidence_to_itself() -> None:
    assert own_share(columns(first=FIRST, town=TOWN)) == {"first": 1, "town": 1}


def test_a_column_that_stands_in_two_others_has_a_third() -> None:
    assert own_share(columns(one=FIRST, two=FIRST, three=FIRST))["one"] == pytest.approx(1 / 3)


def test_a_column_that_another_one_holds_is_left_out() -> None:
    kept = without_repeats(columns(first=FIRST, full=FULL, last=LAST, town=TOWN))
    assert [each.name for each in kept] == ["full", "town"]


def test_of_two_equal_columns_the_earlier_is_kept() -> None:
    assert [each.name for each in without_repeats(columns(one=FIRST, other=FIRST))] == ["one"]


@pytest.mark.parametrize("values", [[], [None], [None, None]], ids=["empty", "one row", "all missing"])
def test_columns_without_values_repeat_nothing(values: list[str | None]) -> None:
    made = [column("one", values), column("other", values)]
    assert (overlaps(made) == np.zeros((2, 2))).all()
    assert own_share(made) == {"one": 1, "other": 1}
    assert without_repeats(made) == made


def test_no_columns_repeat_nothing() -> None:
    assert (overlaps([]).shape, own_share([]), without_repeats([])) == ((0, 0), {}, [])
