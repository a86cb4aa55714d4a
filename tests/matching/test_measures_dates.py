import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.measures_dates import NO_DATE, WrittenDate, date_measures, read_dates
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs, Values

DATES = ["1987-03-14", "1964-11-30", "2001-07-21", "1999-12-31", "1975-05-06", "1958-02-17"]


def read(*texts: str) -> list[WrittenDate]:
    return read_dates([*texts], np.ones(len(texts), dtype=np.int64))


def measured(values: list[str]) -> dict[str, Values]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    places = [column.codes[0]], [column.codes[1]]
    distinct = DistinctPairs(np.array(places[0]), np.array(places[1]))
    return {name: measure(distinct) for name, measure in date_measures(column, profile_column(column))}


@pytest.mark.parametrize(
    "text",
    [
        "1999-03-14",
        "1999/3/14",
        "19990314",
        "14.03.1999",
        "3/14/1999",
        "14 March 1999",
        "14th of March, 1999",
        "March 14, 1999",
        "Sun, 14 Mar 1999",
        "14-MAR-99",
        "1999-03-14T10:20:30Z",
        "1999-03-14 00:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == [WrittenDate(1999, 3, 14)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("March 1999", WrittenDate(1999, 3), id="month and year"),
        pytest.param("03/1999", WrittenDate(1999, 3), id="month and year in digits"),
        pytest.param("1999", WrittenDate(1999), id="year"),
        pytest.param("(1999a).", WrittenDate(1999), id="year of a citation"),
        pytest.param("c. 1850", WrittenDate(1850), id="about a year"),
    ],
)
def test_a_date_is_read_as_far_as_it_is_written(text: str, written: WrittenDate) -> None:
    assert read(text) == [written]


@pytest.mark.parametrize("text", ["", "anna", "1999-13-01", "0001-01-01", "555-0132", "12.5", "99", "31/31/1999"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read(text) == [NO_DATE]


def test_the_other_dates_tell_whether_the_day_comes_first() -> None:
    assert read("03/04/1999", "25/12/1999")[0] == WrittenDate(1999, 4, 3)
    assert read("03/04/1999", "12/25/1999")[0] == WrittenDate(1999, 3, 4)


def test_a_first_of_january_that_stands_for_many_is_a_year() -> None:
    several = [f"185{n}-01-01" for n in range(5)]
    assert read(*several, *DATES)[0] == WrittenDate(1850)
    assert read(*several, *DATES * 40)[0] == WrittenDate(1850, 1, 1)
    assert read(several[0], *DATES)[0] == WrittenDate(1850, 1, 1)


def test_among_years_two_digits_are_a_year() -> None:
    assert read("1999", "2004", "99", "'04", "8") == [WrittenDate(y) for y in (1999, 2004, 1999, 2004, 2008)]
    assert read("12", "99", "7") == [NO_DATE] * 3


@pytest.mark.parametrize(
    ("left", "right", "slip"),
    [
        pytest.param("1999-03-04", "4 March 1999", 1, id="the same"),
        pytest.param("1999-03-04", "1999-04-03", 0.9, id="day and month swapped"),
        pytest.param("1999-03-04", "1989-03-04", 0.8, id="one digit wrong"),
        pytest.param("1999-03-12", "1999-03-21", 0.8, id="two digits swapped"),
        pytest.param("1999-03-12", "March 1999", 0.6, id="day missing"),
        pytest.param("1999-03-12", "1999", 0.6, id="year only"),
        pytest.param("1999-03-12", "1998", 0, id="another year only"),
        pytest.param("1999-03-12", "1999-03-25", 0.5, id="same month"),
        pytest.param("1999-03-12", "1962-03-12", 0.4, id="same birthday"),
        pytest.param("1999-03-12", "1999-11-25", 0.2, id="same year"),
        pytest.param("1999-03-12", "1962-11-25", 0, id="nothing in common"),
    ],
)
def test_a_slip_is_told_from_another_date(left: str, right: str, slip: float) -> None:
    assert measured([left, right, *DATES])["date_slip"].tolist() == pytest.approx([slip])
    assert measured([right, left, *DATES])["date_slip"].tolist() == pytest.approx([slip])


def test_days_apart_fall_from_1_on_the_same_day_to_0_ten_years_on() -> None:
    days = ["1999-03-04", "1999-03-05", "1999-04-04", "2000-03-04", "2009-03-06"]
    near = [measured([days[0], day, *DATES])["days_apart"].item() for day in ["4 Mar 1999", *days[1:]]]
    assert near == sorted(near, reverse=True)
    assert near[0] == 1
    assert near[-1] == 0


def test_a_date_without_a_day_is_not_days_apart_from_any() -> None:
    assert np.isnan(measured(["1999-03-04", "1999", *DATES])["days_apart"].item())


def test_years_alone_are_compared_by_years() -> None:
    years = ["1999", "1998", "(1999a)", "2005", "n. d.", "1987", "1990", "2001", "1979"]
    values = measured(years)
    assert list(values) == ["years_apart"]
    assert values["years_apart"].item() == 0.5
    assert np.isnan(measured([years[0], years[4], *years])["years_apart"].item())


@pytest.mark.parametrize(
    "values",
    [["a", "b"], ["2484", "9918586", "12", "1999"], ["555-0132", "555-0199"]],
    ids=["words", "numbers", "phone numbers"],
)
def test_what_is_no_column_of_dates_is_not_measured(values: list[str]) -> None:
    assert measured(values) == {}


@given(st.lists(st.dates(), min_size=2, max_size=2))
def test_likeness_is_from_0_to_1(two: list[object]) -> None:
    for values in measured([*map(str, two), *DATES]).values():
        assert np.isnan(values.item()) or 0 <= values.item() <= 1
