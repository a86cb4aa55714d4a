import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.compare import EXACT, GRADED, RARITY, WHOLE_RECORD, Comparer, Similarities
from matching.normalise import normalise_column
from matching.pairs import Pairs
from matching.profile import profile_column
from matching.tfidf import weighted, word_counts

NAMES = ["anna berg", "ana berg", "otto kahn", "otto kahn", "lena voss", "mia falk", "ida horn", "eva brand"]
PRICES = ["100", "90.5", "100.0", "-5", "0.5", "7.5", "8.5", "9.5"]
DATES = ["2020-01-01", "2020-01-02", "1999-12-31", None, "2001-05-06", "2001-05-07", "2002-05-06", "2003-05-06"]


def all_pairs(records: int) -> Pairs:
    left, right = np.triu_indices(records, 1)
    return Pairs(left.astype(np.int64), right.astype(np.int64))


def compared(columns: dict[str, list[str | None]], pairs: Pairs, threads: int = 1) -> Similarities:
    made = [
        normalise_column(name, pa.chunked_array([pa.array(values, pa.string())])) for name, values in columns.items()
    ]
    return Comparer(made, [profile_column(column) for column in made], {}, threads).compare(pairs)


def pair(left: int, right: int) -> Pairs:
    return Pairs(np.array([left]), np.array([right]))


def test_the_same_name_is_alike_by_every_measure() -> None:
    values = compared({"name": [*NAMES]}, pair(2, 3)).of("name")
    rarity = values.pop(RARITY)
    assert {measure: float(value.item()) for measure, value in values.items()} == pytest.approx(
        dict.fromkeys(values, 1)
    )
    assert rarity.item() == pytest.approx(2)  # two of eight records


def test_a_slip_is_nearly_alike_and_another_name_is_not() -> None:
    columns: dict[str, list[str | None]] = {"name": [*NAMES]}
    slip, other = (compared(columns, pair(0, right)).of("name") for right in (1, 2))
    assert slip["levenshtein"].item() == pytest.approx(1 - 1 / 9)
    assert slip["jaro_winkler"].item() > 0.9 > 0.6 > other["jaro_winkler"].item()
    assert slip[EXACT].item() == slip[RARITY].item() == 0


def test_the_order_of_words_does_not_count_for_sorted_words() -> None:
    values = compared({"name": ["anna berg", "berg anna", *NAMES]}, pair(0, 1)).of("name")
    assert values["sorted_words"].item() == 1
    assert values["levenshtein"].item() < 0.5


def test_a_value_with_more_words_shares_all_of_the_shorter_one() -> None:
    values = compared({"name": ["anna berg", "anna maria berg", *NAMES]}, pair(0, 1)).of("name")
    assert values["shared_words"].item() == 1
    assert values["sorted_words"].item() < 1


@pytest.mark.parametrize(
    ("left", "right", "nearness"),
    [
        pytest.param(0, 2, 1, id="same number written otherwise"),
        pytest.param(0, 1, 0.905, id="a tenth less"),
        pytest.param(0, 3, 0, id="of other sign"),
    ],
)
def test_numbers_are_near_by_their_difference_relative_to_the_larger(left: int, right: int, nearness: float) -> None:
    values = compared({"price": [*PRICES]}, pair(left, right)).of("price")
    assert values["nearness"].item() == pytest.approx(nearness)


def test_numbers_too_large_to_be_numbers_are_not_near_anything() -> None:
    values = compared({"price": ["9" * 400, "8" * 400, *PRICES]}, pair(0, 1)).of("price")
    assert np.isnan(values["nearness"].item())


@pytest.mark.parametrize("values", [NAMES, PRICES, DATES, ["x", "y"] * 40], ids=["name", "number", "date", "category"])
def test_similarities_are_from_0_to_1_and_missing_without_a_value(values: list[str | None]) -> None:
    column: list[str | None] = [*values, None]
    pairs = all_pairs(len(column))
    missing = np.array([column[a] is None or column[b] is None for a, b in zip(pairs.left, pairs.right, strict=True)])
    for measure, similarity in compared({"c": column}, pairs).of("c").items():
        assert np.isnan(similarity[missing]).all()
        present = similarity[~missing]
        assert measure not in (EXACT, RARITY, *GRADED) or not np.isnan(present).any()
        present = present[~np.isnan(present)]
        assert (present >= 0).all()
        assert measure == RARITY or (present <= 1 + 1e-6).all()


def test_dates_and_categories_are_compared_by_what_suits_them() -> None:
    similarities = compared({"born": [*DATES], "kind": ["x", "y"] * 4}, all_pairs(8))
    assert "jaro_winkler" in similarities.of("born")
    assert "sorted_words" not in similarities.of("born")
    assert EXACT in similarities.of("kind")


def test_words_with_digits_are_compared_on_their_own() -> None:
    names: list[str | None] = [f"sound bar model x{n}5" for n in range(20)] + ["bar sound x05 model"]
    values = compared({"name": names}, Pairs(np.array([0, 0]), np.array([1, 20]))).of("name")
    assert values["code_words"].tolist() == pytest.approx([0, 1])


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["anna"], id="one row"),
        pytest.param([None, None], id="all missing"),
        pytest.param(["anna", "anna"], id="all identical"),
    ],
)
def test_a_column_that_tells_nothing_is_not_compared(values: list[str | None]) -> None:
    pairs = all_pairs(len(values))
    similarities = compared({"name": values}, pairs)
    assert similarities.columns == ()
    assert similarities.values.shape == (len(pairs), 0)


def test_a_column_without_a_present_pair_is_missing_everywhere() -> None:
    similarities = compared({"name": ["anna", None, "otto", None]}, Pairs(np.array([0, 1]), np.array([1, 2])))
    assert similarities.values.shape[1] > 0
    assert np.isnan(similarities.values).all()


def test_no_pairs_have_no_similarities() -> None:
    similarities = compared({"name": [*NAMES]}, all_pairs(0))
    assert similarities.values.shape == (0, len(similarities.columns))


def test_whole_records_are_compared_by_their_vectors() -> None:
    whole = {"words": weighted(word_counts(["a b", "b a", "c"]))}
    similarities = Comparer([], [], whole, threads=1).compare(Pairs(np.array([0, 0]), np.array([1, 2])))
    assert similarities.of(WHOLE_RECORD)["words"].tolist() == pytest.approx([1, 0])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.none() | st.sampled_from([*NAMES, "a1 b2", "x"]), min_size=2, max_size=8))
def test_which_record_is_left_does_not_matter(values: list[str | None]) -> None:
    pairs = all_pairs(len(values))
    there = compared({"name": values}, pairs).values
    back = compared({"name": values}, Pairs(pairs.right, pairs.left)).values
    assert np.allclose(there, back, equal_nan=True)


def test_more_threads_give_the_same_similarities() -> None:
    columns: dict[str, list[str | None]] = {"name": [*NAMES], "price": [*PRICES], "born": [*DATES]}
    one, two = (compared(columns, all_pairs(8), threads).values for threads in (1, 2))
    assert np.array_equal(one, two, equal_nan=True)


@pytest.mark.parametrize(
    ("values", "special"),
    [
        pytest.param([f"1960-03-{n % 28 + 1:02}" for n in range(60)], {"date_slip", "days_apart"}, id="dates"),
        pytest.param([f"anna{n} berg" for n in range(60)], set(), id="names"),
    ],
)
def test_a_sample_of_a_large_column_tells_which_special_measures_suit_it(
    values: list[str | None], special: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compared({"a": values}, pair(0, 1))
    monkeypatch.setattr("matching.compare.ROWS_SEEN", 10)
    sampled = compared({"a": values}, pair(0, 1))
    assert sampled.measures == whole.measures
    assert np.array_equal(sampled.values, whole.values, equal_nan=True)
    assert {"date_slip", "days_apart"} & set(sampled.measures) == special
