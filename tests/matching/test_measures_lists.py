import numpy as np
import pyarrow as pa
import pytest

from matching.measures_lists import Item, items_of, list_measures
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs

AUTHORS = ["a. lee, b. kim and c. roy", "Lee, A. & Kim, B.", "dora voss; emil horn", "f. brand, g. falk", "Otto Kahn"]


def measured(values: list[str]) -> dict[str, float]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    distinct = DistinctPairs(column.codes[:1], column.codes[1:2])
    return {name: measure(distinct).item() for name, measure in list_measures(column, profile_column(column))}


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param("smith, j and doe, a", [("smith", "j"), ("doe", "a")], id="surname first, and"),
        pytest.param("John Smith; Alan Doe", [("smith", "john"), ("doe", "alan")], id="semicolons"),
        pytest.param("J. Smith, A. Doe, and B. Roe.", [("smith", "j"), ("doe", "a"), ("roe", "b")], id="commas"),
        pytest.param("Smith, J. R., Doe, A.", [("smith", "j"), ("doe", "a")], id="surname first, commas only"),
        pytest.param("Schapire R E, Doe A", [("schapire", "r"), ("doe", "a")], id="initials last"),
        pytest.param("van der Berg, J.", [("berg", "j")], id="surname of several words"),
        pytest.param("rock|pop|jazz", [("rock", ""), ("pop", ""), ("jazz", "")], id="no persons"),
        pytest.param("Barbar&#225;, D. &amp; Lee, K.", [("barbara", "d"), ("lee", "k")], id="HTML entities"),
        pytest.param("; , &", [], id="separators only"),
        pytest.param("lee; lee", [("lee", "")], id="the same twice"),
    ],
)
def test_a_list_is_parted_into_its_items(text: str, items: list[tuple[str, str]]) -> None:
    assert items_of(text) == [Item(*item) for item in items]


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("smith, j and doe, a", "John Smith; Alan Doe", 1, id="initials beside names"),
        pytest.param("John Smith; Alan Doe", "Alan Doe, John Smith", 1, id="another order"),
        pytest.param("J. Smith, A. Doe, B. Roe", "J. Smith and A. Doe", 2 / 3, id="one left out"),
        pytest.param("J. Smith, A. Doe", "J. Smith, C. Ray", 0.5, id="half of them"),
        pytest.param("J. Smith and A. Doe", "M. Smith and B. Doe", 0, id="other initials"),
        pytest.param("John Smith and A. Doe", "James Smith and A. Doe", 0.5, id="another given name"),
        pytest.param("R. Schapire and A. Doe", "Robert Shapire, Alan Doe", 0.925, id="sounds the same"),
        pytest.param("Freund, Y. and Doe, A.", "Yoav Freund and Alan Doe", 1, id="an initial that is a word elsewhere"),
        pytest.param("Smith and Doe", "J. Smith and A. Doe", 1, id="surnames alone"),
        pytest.param("rock, pop, jazz", "jazz|pop|rock", 1, id="no persons"),
    ],
)
def test_lists_agree_item_by_item(left: str, right: str, likeness: float) -> None:
    assert measured([left, right, *AUTHORS])["items"] == pytest.approx(likeness)
    assert measured([right, left, *AUTHORS])["items"] == pytest.approx(likeness)


def test_a_value_without_an_item_says_nothing() -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(["and", *AUTHORS], pa.string())]))
    measure = dict(list_measures(column, profile_column(column)))["items"]
    assert np.isnan(measure(DistinctPairs(np.array([0]), np.array([1]))).item())


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["john smith", "alan doe", "otto kahn"], id="one item each"),
        pytest.param(["it rained all day long, and then it snowed the whole long night"] * 2 + ["x y"], id="sentences"),
        pytest.param(["new haven, ct", "san mateo, ca", "los altos, ca"], id="places"),
        pytest.param(["a,b", "c,d", "e,f"], id="single letters"),
    ],
)
def test_what_is_no_column_of_lists_is_not_measured(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert list(list_measures(column, profile_column(column))) == []
