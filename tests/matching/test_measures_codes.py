import numpy as np
import pyarrow as pa
import pytest

from matching.measures_codes import code_measures, email_parts, phone_digits
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs

PHONES = ["(415) 555-0132", "(415) 555-0199", "212/555-7272", "818-555-1221", "310.555.5728", "+44 20 5550 1234"]
EMAILS = ["ann@mail.example", "bob@post.example", "cleo@mail.example", "dan@web.example", "eve@post.example"]


def measured(values: list[str]) -> dict[str, float]:
    """The measures of the first value beside the second."""
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    distinct = DistinctPairs(column.codes[:1], column.codes[1:2])
    return {name: measure(distinct).item() for name, measure in code_measures(column, profile_column(column), 1)}


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("415-555-0132", "(415) 555 0132", 1, id="other separators"),
        pytest.param("415-555-0132", "+1 415 555 0132", 1, id="country code"),
        pytest.param("415-555-0132", "555-0132", 1, id="no area code"),
        pytest.param("415-555-0132", "415-555-0132 ext. 12", 1, id="extension"),
        pytest.param("415-555-0132", "415-555-0137", 8 / 9, id="one digit wrong"),
        pytest.param("030 555 01329", "+49 30 55501329", 1, id="the zero before an area code"),
        pytest.param("415-222-2222", "333-333-3333", 0, id="another number"),
    ],
)
def test_phone_numbers_agree_by_their_last_digits(left: str, right: str, likeness: float) -> None:
    assert measured([left, right, *PHONES]) == {"phone_digits": pytest.approx(likeness)}
    assert measured([right, left, *PHONES]) == {"phone_digits": pytest.approx(likeness)}


def test_what_is_no_phone_number_says_nothing_beside_one() -> None:
    assert np.isnan(measured(["415-555-0132", "by letter", *PHONES])["phone_digits"])


@pytest.mark.parametrize("text", ["12345", "1999-01-02", "02/01/1999", "12.5", "-122.4194155", "12 main st", "1" * 16])
def test_what_is_no_phone_number_has_no_digits(text: str) -> None:
    assert phone_digits(text) == ""


def test_the_two_halves_of_an_address_are_compared_apart() -> None:
    values = measured(["j.smith+news@mail.example", "jsmith@other.example", *EMAILS])
    assert values["email_local"] == 1
    assert values["email_domain"] == pytest.approx(1 - 4 / 13, abs=0.1)
    assert measured(["ann@web.example", "bob@web.example", *EMAILS]) == {
        "email_local": 0,
        "email_domain": 1,
    }


def test_what_is_no_address_says_nothing_beside_one() -> None:
    assert np.isnan(measured(["ann@mail.example", "none given", *EMAILS])["email_local"])


@pytest.mark.parametrize("text", ["ann", "ann@", "@mail", "a b@mail.example", "ann@mail.example, bob@mail.example"])
def test_what_is_no_address_has_no_parts(text: str) -> None:
    assert email_parts(text) == ("", "")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param([str(10_000_000 + n) for n in range(9)], id="codes of one length"),
        pytest.param([f"1999-01-{n}" for n in range(10, 19)], id="dates"),
        pytest.param(["anna", "berta", "carla"], id="words"),
        pytest.param([f"-122.41941{n}" for n in range(9)], id="coordinates"),
    ],
)
def test_what_is_neither_phone_nor_address_is_not_measured(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert list(code_measures(column, profile_column(column), 1)) == []
