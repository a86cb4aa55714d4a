import numpy as np
import pyarrow as pa
import pytest

from matching.measures_scales import scale_measures, size_of
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs

LENGTHS = ["3m 28sec", "04:10", "250", "185", "201333", "4.5", "5m 2sec", "03:35", "190000", "3.25"]


def measured(values: list[str]) -> dict[str, float]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    distinct = DistinctPairs(column.codes[:1], column.codes[1:2])
    return {name: measure(distinct).item() for name, measure in scale_measures(column, profile_column(column))}


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("3m 28sec", "03:28", 1, id="minutes and seconds"),
        pytest.param("3m 28sec", "208", 1, id="seconds"),
        pytest.param("208", "208000", 1, id="thousandths"),
        pytest.param("3.467", "208,000", 1, id="minutes and thousandths of a second"),
        pytest.param("208", "212", 0.8, id="a little longer"),
        pytest.param("208", "260", 0, id="another"),
    ],
)
def test_a_quantity_agrees_on_whatever_scale_it_is_written(left: str, right: str, likeness: float) -> None:
    assert measured([left, right, *LENGTHS])["any_scale"] == pytest.approx(likeness, abs=0.02)
    assert measured([right, left, *LENGTHS])["any_scale"] == pytest.approx(likeness, abs=0.02)


def test_what_is_no_quantity_says_nothing_beside_one() -> None:
    assert np.isnan(measured(["208", "long", *LENGTHS])["any_scale"])


@pytest.mark.parametrize("text", ["", "long", "0", "1.2.3", "12 oz", "-5", "103:2"])
def test_what_is_no_single_quantity_has_no_size(text: str) -> None:
    assert np.isnan(size_of(text))


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["100", "90.5", "250", "120", "99"], id="one scale"),
        pytest.param(["3m 28sec", "5m 2sec", "4m 1sec"], id="one notation"),
        pytest.param(["red", "blue", "green"], id="words"),
    ],
)
def test_numbers_on_one_scale_are_not_measured(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert list(scale_measures(column, profile_column(column))) == []


def test_numbers_spread_over_many_powers_of_ten_may_be_on_two_scales() -> None:
    assert measured(
        ["208", "208000", *(str(n) for n in range(200, 220)), *(str(n * 1000) for n in range(200, 220))]
    ) == {"any_scale": 1}
