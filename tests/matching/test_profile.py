import pyarrow as pa
import pytest

from matching.normalise import normalise_column
from matching.profile import ColumnKind, ColumnProfile, profile_column

COLOURS = ["red", "green", "blue"]
SENTENCE = "a red chair of good wood with four legs and number"


def profile(values: list[str | None], name: str = "c") -> ColumnProfile:
    return profile_column(normalise_column(name, pa.chunked_array([pa.array(values, pa.string())])))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        pytest.param([], ColumnKind.EMPTY, id="empty"),
        pytest.param(["Ann"], ColumnKind.EMPTY, id="one row"),
        pytest.param([None] * 5, ColumnKind.EMPTY, id="all missing"),
        pytest.param(["Bonn"] * 5, ColumnKind.EMPTY, id="all identical"),
        pytest.param(["Bonn", "BONN", " bonn. "], ColumnKind.EMPTY, id="all identical but for spelling"),
        pytest.param([f"anna {c}ibbel" for c in "abcdefghij"], ColumnKind.NAME, id="names"),
        pytest.param([f"{SENTENCE} {c}" for c in "abcdefghij"], ColumnKind.TEXT, id="sentences"),
        pytest.param(COLOURS * 30, ColumnKind.CATEGORY, id="few values often"),
        pytest.param([f"{n}.5" for n in range(30)], ColumnKind.NUMBER, id="fractions"),
        pytest.param([str(n % 50) for n in range(100)], ColumnKind.NUMBER, id="small whole numbers"),
        pytest.param(
            [f"$1,{n}00" for n in range(100, 130)], ColumnKind.CODE, id="large whole numbers that do not repeat"
        ),
        pytest.param([f"0{n * 7919}" for n in range(30)], ColumnKind.CODE, id="phone numbers"),
        pytest.param([f"X-{n * 7919}" for n in range(30)], ColumnKind.CODE, id="model numbers"),
        pytest.param([f"2020-01-{n:02d}" for n in range(1, 31)], ColumnKind.DATE, id="dates"),
        pytest.param([f"{n:02d}.01.2020 10:00" for n in range(1, 31)], ColumnKind.DATE, id="dates with a time"),
        pytest.param([f"202001{n:02d}" for n in range(1, 31)], ColumnKind.DATE, id="dates without separators"),
        pytest.param([None, None, *(f"2020-01-{n:02d}" for n in range(1, 31))], ColumnKind.DATE, id="dates and gaps"),
    ],
)
def test_a_column_is_what_its_values_are(values: list[str | None], kind: ColumnKind) -> None:
    assert profile(values).kind == kind


def test_the_name_of_a_column_decides_nothing() -> None:
    values: list[str | None] = [f"anna {c}ibbel" for c in "abcdefghij"]
    assert {profile(values, name).kind for name in ("birth_date", "price", "id", "")} == {ColumnKind.NAME}


def test_shares_are_of_the_rows_with_a_value() -> None:
    made = profile(["12", "x7", None, None])
    assert (made.filled, made.distinct, made.number_share, made.digit_share) == (0.5, 2, 0.5, 0.75)


def test_a_value_counts_as_often_as_it_stands_there() -> None:
    made = profile(["ab", "ab", "ab", "abcd efg"])
    assert (made.mean_length, made.mean_words) == ((3 * 2 + 8) / 4, (3 * 1 + 2) / 4)
