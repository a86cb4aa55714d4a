import numpy as np
import pyarrow as pa
import pytest

from matching.measures_numbers import number_measures, numbers_in
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.units import MEASURED, amounts
from matching.values import DistinctPairs

GOODS = ["oat drink 1 l", "rye bread 500 g", "apple juice 750ml", "brie 8 oz", "green tea 20 ct", "salt 1.5 kg"]


def measured(values: list[str]) -> dict[str, float]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    distinct = DistinctPairs(column.codes[:1], column.codes[1:2])
    return {name: measure(distinct).item() for name, measure in number_measures(column, profile_column(column))}


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("cola 12 oz", "cola 12oz", 1, id="with and without a blank"),
        pytest.param("cola 12 ounces", "cola 12-oz can", 1, id="another word for the unit"),
        pytest.param("cola 12 oz", "cola 355 ml", 1, id="ounces of volume"),
        pytest.param("ham 12 oz", "ham 340 g", 1, id="ounces of mass"),
        pytest.param("flour 1.5 kg", "flour 1,500 g", 1, id="kilograms and grams"),
        pytest.param('tv 42"', "tv 42 inch", 1, id="inches"),
        pytest.param("cola 12 oz", "cola 500 ml", 0, id="another amount"),
        pytest.param("soda 6 pack 12 oz", "soda 12 oz", 1, id="one states more"),
        pytest.param("soda 6 pack 500 ml", "soda 4 pack 500 ml", 0.5, id="one of two"),
    ],
)
def test_amounts_agree_whatever_unit_they_are_stated_in(left: str, right: str, likeness: float) -> None:
    assert measured([left, right, *GOODS])["amounts"] == pytest.approx(likeness)
    assert measured([right, left, *GOODS])["amounts"] == pytest.approx(likeness)


@pytest.mark.parametrize("other", ["cola", "cola 2 m long"], ids=["no amount", "an amount of something else"])
def test_amounts_that_cannot_be_compared_say_nothing(other: str) -> None:
    assert np.isnan(measured(["cola 12 oz", other, *GOODS])["amounts"])


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        pytest.param("60 w oak street", set(), id="west"),
        pytest.param("60w bulb", {"power"}, id="watts"),
        pytest.param("2 in 1 shampoo", set(), id="two in one"),
        pytest.param("19-in rack", {"length"}, id="inches"),
        pytest.param("3m 28sec", {"time"}, id="a duration"),
        pytest.param("model 12gx", set(), id="a model number"),
        pytest.param("v1.5 ml", set(), id="a version"),
        pytest.param("0 g sugar", set(), id="nothing of it"),
    ],
)
def test_only_what_is_an_amount_is_read_as_one(text: str, measures: set[str]) -> None:
    assert {MEASURED[amount.measured] for amount in amounts(text)} == measures


def test_a_duration_is_the_sum_of_its_parts() -> None:
    (one,), (other,) = amounts("1 h 2 min 3 s"), amounts("3723 sec")
    assert one.size == pytest.approx(other.size)


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("part 2 of 3", "part 2", 1, id="all of the shorter"),
        pytest.param("volume 07", "volume 7", 1, id="written otherwise"),
        pytest.param("part 2", "part 3", 0, id="contradiction"),
        pytest.param("part 2 of 3", "part 1 of 3", 0.5, id="half a contradiction"),
    ],
)
def test_numbers_in_text_agree_or_contradict(left: str, right: str, likeness: float) -> None:
    assert measured([left, right, *GOODS])["numbers"] == pytest.approx(likeness)


def test_a_text_without_a_number_says_nothing() -> None:
    assert np.isnan(measured(["part", "part 2", *GOODS])["numbers"])


def test_numbers_are_taken_as_what_they_are_worth() -> None:
    assert numbers_in("1,200 or 1200.0 or 0") == ["1200", "0"]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["1.5", "2", "30"], id="numbers alone"),
        pytest.param([f"ann{n}@mail.example" for n in range(9)], id="e-mail addresses"),
        pytest.param(["red car", "blue car", "green car"], id="words"),
        pytest.param([f"1999-01-{n}" for n in range(10, 19)], id="dates"),
    ],
)
def test_what_holds_no_numbers_in_text_is_not_measured(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert list(number_measures(column, profile_column(column))) == []
