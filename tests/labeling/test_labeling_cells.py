import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.cells import harmless, restored

FORMULA_LIKE = st.text(alphabet="'=+-@\t\r\n15.aä ", max_size=8)


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "+4917012345", "-1-1", "-1e5", "-"])
def test_what_a_spreadsheet_would_calculate_starts_with_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Smith", "-5", "-12.50", "'tis", "a=b", "'", "007"])
def test_what_no_spreadsheet_calculates_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


@pytest.mark.parametrize("cell", ["'=1", "''=1", "'-5"])
def test_an_apostrophe_of_its_own_survives_the_way_out_and_in(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert restored(harmless(cell)) == cell


@given(FORMULA_LIKE | st.text())
def test_every_text_comes_back_and_none_goes_out_as_a_formula(cell: str) -> None:
    out = harmless(cell)
    assert restored(out) == cell
    assert out[:1] not in {"=", "+", "@", "\t", "\r"}
