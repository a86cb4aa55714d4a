"""What people type is not always what a measure expects."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.measures_codes import code_measures
from matching.measures_dates import date_measures
from matching.measures_lists import list_measures
from matching.measures_models import model_measures
from matching.measures_names import name_measures
from matching.measures_numbers import number_measures
from matching.measures_scales import scale_measures, size_of
from matching.normalise import NormalisedColumn, normalise_column
from matching.profile import profile_column
from matching.units import amounts
from matching.values import DistinctPairs, Measure

TELLING = {
    "name_words": ["john smith", "j smith", "mary jones", "bob lee"],
    "date_slip": ["1999-03-14", "14/03/1999", "March 1999", "2001"],
    "years_apart": ["1999", "1998", "(2001a)", "1987"],
    "phone_digits": ["(415) 555-0132", "+1 415 555 0132", "212/555-7272", "818-555-1221"],
    "email_local": ["ann@mail.example", "bob@post.example", "cleo@web.example", "dan@web.example"],
    "numbers": ["part 2 of 3", "part 1", "volume 07", "volume 8"],
    "amounts": ["cola 12 oz", "cola 355 ml", "flour 1.5 kg", "salt 500 g"],
    "any_scale": ["3m 28sec", "03:28", "208", "208000"],
    "model_number": ["camera dsc-w120", "camera dscw120", "radio xr50", "lamp kl77"],
    "items": ["a. lee, b. kim and c. roy", "Lee, A. & Kim, B.", "dora voss; emil horn", "f. brand, g. falk"],
}


def measures_of(column: NormalisedColumn) -> Iterator[tuple[str, Measure]]:
    profile = profile_column(column)
    yield from name_measures(column, profile)
    yield from date_measures(column, profile)
    yield from code_measures(column, profile, 1)
    yield from number_measures(column, profile)
    yield from scale_measures(column, profile)
    yield from model_measures(column, profile)
    yield from list_measures(column, profile)


def column_of(values: list[str]) -> NormalisedColumn:
    return normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))


@pytest.mark.parametrize("name", TELLING)
@settings(deadline=None, max_examples=25)
@given(odd=st.lists(st.text() | st.from_regex(r"[-0-9.,:/@ ()]{1,12}", fullmatch=True), max_size=3))
def test_no_text_breaks_a_measure(name: str, odd: list[str]) -> None:
    column = column_of([*TELLING[name], *odd])
    left, right = np.triu_indices(len(column.values))
    for _, measure in measures_of(column):
        there, back = measure(DistinctPairs(left, right)), measure(DistinctPairs(right, left))
        assert there.dtype == np.float32
        assert np.array_equal(there, back, equal_nan=True)
        known = there[~np.isnan(there)]
        assert ((known >= 0) & (known <= 1)).all()


@pytest.mark.parametrize("digits", [400, 5000])
def test_numbers_too_long_to_be_numbers_are_no_amounts(digits: int) -> None:
    for text in ("9" * digits, "8" * digits + " oz", "9" * digits + "m"):
        assert amounts(text) == []
        assert np.isnan(size_of(text))


def test_no_pairs_have_no_likeness() -> None:
    none = np.zeros(0, dtype=np.int64)
    for name, values in TELLING.items():
        measure = dict(measures_of(column_of(values)))[name]
        assert measure(DistinctPairs(none, none)).shape == (0,)
