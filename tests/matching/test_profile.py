import numpy as np
import pyarrow as pa
import pytest

from matching.normalise import normalise_column
from matching.profile import ColumnKind, ColumnProfile, profile_column, skewed_values

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
        pytest.param([f"1,{n}" for n in range(100, 130)], ColumnKind.CODE, id="large whole numbers that do not repeat"),
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


def drawn(seed: int, *parts: list[str] | int) -> list[str | None]:
    """Return 200 made-up values: each part is one of a list, or a number with so many digits."""
    random = np.random.default_rng(seed)
    columns = [
        random.integers(10 ** (part - 1), 10**part, 200).astype(str)
        if isinstance(part, int)
        else random.choice(part, 200)
        for part in parts
    ]
    return ["".join(row) for row in zip(*columns, strict=True)]


WORDS = [f"{a}{b}{c}" for a in ("ma", "lo", "ti", "be") for b in ("ra", "nu", "so") for c in ("l", "ck", "da", "nne")]
SENTENCES = [" ".join(WORDS[n % 41 : n % 41 + 9]) for n in range(40)]
LATITUDES = [f"{n / 7:.5f}" for n in range(-600, 600, 5)]
DAYS = ["1", "7", "13", "22", "28"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        pytest.param(drawn(1, WORDS, [" "], WORDS), "name", id="people"),
        pytest.param(drawn(2, WORDS, [" "], WORDS, [" Inc.", " Ltd", " GmbH & Co. KG"]), "name", id="companies"),
        pytest.param(drawn(3, WORDS, [" "], WORDS, [" 8 GB", " 16 GB", " black"]), "name", id="products"),
        pytest.param(drawn(4, WORDS, ["."], WORDS, ["@"], WORDS, [".com", ".org"]), "name", id="e-mail addresses"),
        pytest.param(drawn(5, 3, [" "], WORDS, [" street", " road"]), "name", id="streets with numbers"),
        pytest.param(drawn(6, SENTENCES, [". "], SENTENCES), "text", id="descriptions"),
        pytest.param(drawn(7, WORDS, [", J., "], WORDS, [", M. and "], WORDS, [", K. L."]), "text", id="authors"),
        pytest.param(drawn(8, ["("], 3, [") "], 3, ["-"], 4), "code", id="phone numbers"),
        pytest.param(drawn(9, ["+49 "], 3, [" "], 7), "code", id="phone numbers with a country"),
        pytest.param(drawn(10, 10), "code", id="phone numbers of digits only"),
        pytest.param(drawn(11, ["978"], 10), "code", id="book numbers"),
        pytest.param(drawn(12, 1, ["-"], 3, ["-"], 5, ["-X", "-1", "-7"]), "code", id="book numbers with dashes"),
        pytest.param(drawn(13, 5), "code", id="postcodes"),
        pytest.param(drawn(14, 5, ["-"], 4), "code", id="long postcodes"),
        pytest.param(drawn(15, ["AB", "KX", "Q"], 3, ["-"], 2), "code", id="models"),
        pytest.param(drawn(16, ["pp. "], 3, ["-"], 3), "code", id="pages"),
        pytest.param(drawn(17, ["10."], 4, ["/"], 6), "code", id="identifiers of papers"),
        pytest.param(drawn(18, [*LATITUDES]), "number", id="latitudes"),
        pytest.param(drawn(19, ["$"], 2, ["."], 2), "number", id="prices"),
        pytest.param(drawn(20, ["$"], 1, [","], 3, ["."], 2), "number", id="prices with thousands"),
        pytest.param(drawn(21, 2, ["."], 2, [" USD", " EUR"]), "number", id="prices with a currency behind"),
        pytest.param(drawn(22, ["EUR "], 3), "number", id="prices with a currency before"),
        pytest.param(drawn(23, 3, [","], 2, [" €"]), "number", id="prices with a comma"),
        pytest.param(drawn(24, ["197", "198", "199"], 1), "number", id="years"),
        pytest.param(drawn(25, 2, ["%"]), "number", id="shares"),
        pytest.param([*drawn(26, 2)[:120], *["n/a"] * 40, *["-"] * 40], "number", id="numbers and words for nothing"),
        pytest.param(drawn(27, ["1/", "4/", "11/"], DAYS, ["/"], 2), "date", id="dates with a short year"),
        pytest.param(
            drawn(28, DAYS, [" Jan ", " March ", " oct. "], ["19"], 2), "date", id="dates with a month's name"
        ),
        pytest.param(drawn(29, ["May ", "December "], DAYS, [", 19"], 2), "date", id="dates that begin with the month"),
        pytest.param(drawn(30, ["rock", "pop", "folk"]), "category", id="genres"),
        pytest.param(drawn(31, ["Y", "N"]), "category", id="flags"),
    ],
)
def test_columns_of_all_walks_of_life_are_what_they_are(values: list[str | None], kind: str) -> None:
    assert profile(values).kind == kind


@pytest.mark.parametrize("values", [["1.5", "7"], [None, None], []], ids=["numbers", "all missing", "empty"])
@pytest.mark.parametrize("kind", ColumnKind)
def test_a_kind_that_is_given_stands(values: list[str | None], kind: ColumnKind) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    assert profile_column(column, kind).kind == kind


def test_the_name_of_a_column_decides_nothing() -> None:
    values: list[str | None] = [f"anna {c}ibbel" for c in "abcdefghij"]
    assert {profile(values, name).kind for name in ("birth_date", "price", "id", "")} == {ColumnKind.NAME}


def test_shares_are_of_the_rows_with_a_value() -> None:
    made = profile(["12", "x7", None, None])
    assert (made.filled, made.distinct, made.number_share, made.digit_share) == (0.5, 2, 0.5, 0.75)


def test_a_value_counts_as_often_as_it_stands_there() -> None:
    made = profile(["ab", "ab", "ab", "abcd efg"])
    assert (made.mean_length, made.mean_words) == ((3 * 2 + 8) / 4, (3 * 1 + 2) / 4)


def told_of(values: list[str | None]) -> list[str]:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    return [str(value) for value in skewed_values([column], [profile_column(column)])]


@pytest.mark.parametrize(
    ("untold", "others", "told"),
    [
        pytest.param(400, 1200, True, id="a quarter of the rows"),
        pytest.param(399, 1201, False, id="less than a quarter"),
        pytest.param(300, 600, False, id="few rows"),
    ],
)
def test_a_value_of_many_rows_is_skewed(untold: int, others: int, told: bool) -> None:
    values = ["not told"] * untold + [f"{WORDS[n % 48]} {WORDS[n // 48]}" for n in range(others)]
    assert [line.partition(",")[0] for line in told_of(values)] == [
        f"{untold} rows have 'not told' in column 'c'"
    ] * told


def test_empty_rows_are_not_a_value_and_a_long_one_is_shortened() -> None:
    names = [f"{WORDS[n % 48]} {WORDS[n // 48]}" for n in range(1200)]
    assert told_of([None] * 5000 + names) == []
    assert f"'{'x' * 40}…'" in told_of(["x" * 50] * 400 + names)[0]


def test_a_category_has_values_of_many_rows() -> None:
    assert told_of(COLOURS * 500) == []
