import numpy as np
import pyarrow as pa
import pytest

from matching.measures_models import model_measures
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs

GOODS = [
    "acme camera dscw120",
    "acme camera dsc-w130",
    "bolt radio xr50 1080p",
    "bolt lamp kl77 1080p",
    "bolt tv th50 1080p",
]


def measured(values: list[str]) -> dict[str, float]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    distinct = DistinctPairs(column.codes[:1], column.codes[1:2])
    return {name: measure(distinct).item() for name, measure in model_measures(column, profile_column(column))}


@pytest.mark.parametrize(
    "other",
    ["silver dscw120", "silver DSC-W120", "silver dsc w120"],
    ids=["in one word", "with a hyphen", "in two words"],
)
def test_a_model_number_agrees_however_it_is_parted(other: str) -> None:
    assert measured(["camera dscw120 digital", other, *GOODS])["model_number"] > 0.4


def test_another_model_number_does_not_agree() -> None:
    assert measured(["acme camera dscw120", "acme camera dscw130", *GOODS])["model_number"] == 0


def test_a_rare_model_number_says_more_than_a_common_one() -> None:
    rare = measured(["tuner qq4711", "black qq4711", *GOODS])["model_number"]
    common = measured(["tuner 1080p", "black 1080p", *GOODS])["model_number"]
    assert 0 < common < rare


def test_a_text_without_a_model_number_says_nothing() -> None:
    assert np.isnan(measured(["camera dscw120", "camera", *GOODS])["model_number"])


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["red car", "blue car", "green car"], id="words"),
        pytest.param([f"{n} west 58th street" for n in range(100, 109)], id="addresses"),
        pytest.param([f"a{n}b77" for n in range(9)], id="codes alone"),
        pytest.param([f"ann{n}x@mail.example" for n in range(9)], id="e-mail addresses"),
    ],
)
def test_what_holds_no_model_numbers_in_text_is_not_measured(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert list(model_measures(column, profile_column(column))) == []
