import re

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.normalise import NormalisedColumn, joined_texts, normalise_column, plain_text

TEXTS = st.text(max_size=12) | st.sampled_from(["N/A", "O'Neill & Co.", "&amp;amp;", "Straße", "東京"])


def column(*values: str | None) -> NormalisedColumn:
    return normalise_column("name", pa.chunked_array([pa.array(values, pa.string())]))


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("  Ann \t Lee\n", "ann lee", id="blanks"),
        pytest.param("Café-Bar", "cafe bar", id="accent and hyphen"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("Москва", "moskva", id="cyrillic"),
        pytest.param("O'Neill", "oneill", id="apostrophe"),
        pytest.param("AT&amp;T", "at t", id="html entity"),
        pytest.param("3.50", "3 50", id="number"),
        pytest.param("---", "", id="punctuation alone"),
        pytest.param("\x00a", "a", id="control character"),
        pytest.param("Not Available", "", id="words for nothing"),
        pytest.param("Nancy", "nancy", id="a word for nothing inside a word"),
    ],
)
def test_a_text_is_lower_case_ascii_words(written: str, plain: str) -> None:
    assert plain_text(written) == plain


@settings(deadline=None)
@given(TEXTS)
@example("&amp;lt;")
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)


@settings(deadline=None)
@given(TEXTS)
def test_a_plain_text_holds_letters_digits_and_single_blanks(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", plain_text(text))


def test_values_alike_but_for_their_spelling_share_a_code() -> None:
    made = column("Bonn", "BONN.", "Ulm", None, "n/a", "Bonn")
    assert made.values == ["bonn", "ulm"]
    assert made.codes.tolist() == [0, 0, 1, -1, -1, 0]
    assert made.counts.tolist() == [3, 1]
    assert made.written_values == ["Bonn", "BONN.", "Ulm", "n/a"]
    assert made.written_codes.tolist() == [0, 1, 2, -1, 3, 0]


@settings(deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=8))
def test_codes_lead_back_to_the_values(values: list[str | None]) -> None:
    made = column(*values)
    assert [made.values[code] if code >= 0 else "" for code in made.codes] == [plain_text(v or "") for v in values]
    assert [made.written_values[code] if code >= 0 else None for code in made.written_codes] == values


@pytest.mark.parametrize("values", [[], [None, None], ["", "-"]], ids=["empty", "all missing", "all blank"])
def test_a_column_without_values_has_none(values: list[str | None]) -> None:
    made = column(*values)
    assert (made.values, made.codes.tolist(), made.counts.tolist()) == ([], [-1] * len(values), [])


def test_a_column_in_several_chunks_is_one_column() -> None:
    chunks = pa.chunked_array([pa.array(["a", None]), pa.array(["b", "a"])])
    assert normalise_column("name", chunks).codes.tolist() == [0, -1, 1, 0]


def test_a_record_is_the_text_of_all_its_columns() -> None:
    assert joined_texts([column("Ann", None, None), column("Bonn!", "Ulm", None)]) == ["ann bonn", "ulm", ""]


def test_no_columns_make_no_texts() -> None:
    assert joined_texts([]) == []


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_a_sample_holds_rows_of_the_column_that_have_a_value(rows: int) -> None:
    made = column("Ann", None, "ANN", "Bo", "---", "Cy", None, "Bo", "Di", "Ann")
    written = [made.written_values[code] for code in made.written_codes if code >= 0]
    sample = made.sample(rows)
    assert len(sample.codes) == rows
    assert (sample.codes >= 0).all()
    assert sample.counts.sum() == rows
    told = [sample.written_values[code] for code in sample.written_codes]
    assert [plain_text(text) for text in told] == [sample.values[code] for code in sample.codes]
    assert set(told) <= set(written)


def test_a_column_with_no_more_rows_is_its_own_sample() -> None:
    made = column("Ann", None, "Bo")
    assert made.sample(2) is made
