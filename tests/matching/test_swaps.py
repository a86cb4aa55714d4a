from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from matching.normalise import NormalisedColumn, normalise_column
from matching.pairs import Pairs
from matching.profile import profile_column
from matching.swaps import confusable_columns, crosswise, crosswise_names
from matching.values import Values

WORDS = ["adam", "blake", "casey", "dale", "ellis", "finley", "glenn", "harper", "jordan", "kelly", "logan", "morgan"]
GIVEN = [*WORDS, "adam", "blake", "casey", None]
SURNAME = [*WORDS[::-1], "blake", "adam", None, "casey"]
ADAM_BLAKE, BLAKE_ADAM, CASEY_NOBODY, NOBODY_CASEY = 12, 13, 14, 15


def columns_of(**values: Sequence[str | None]) -> list[NormalisedColumn]:
    return [normalise_column(name, pa.chunked_array([pa.array(v, pa.string())])) for name, v in values.items()]


def swaps(columns: list[NormalisedColumn], left: int, right: int) -> dict[str, float]:
    [(one, other)] = confusable_columns(columns, [profile_column(c) for c in columns])
    found = crosswise(one, other, Pairs(np.array([left]), np.array([right])), threads=1)
    return {".".join(name): s.item() for name, s in zip(crosswise_names(one, other), found, strict=True)}


def confusable(columns: list[NormalisedColumn]) -> list[str]:
    found = confusable_columns(columns, [profile_column(c) for c in columns])
    return [one.name + other.name for one, other in found]


def test_swapped_names_agree_crosswise() -> None:
    found = swaps(columns_of(given=GIVEN, surname=SURNAME), ADAM_BLAKE, BLAKE_ADAM)
    assert found == {"given.swapped_with_surname": 1, "given.found_in_surname": 1}


def test_names_that_agree_straight_are_not_swapped() -> None:
    columns = columns_of(given=[*GIVEN, "adam"], surname=[*SURNAME, "blake"])
    found = swaps(columns, ADAM_BLAKE, 16)
    assert found["given.swapped_with_surname"] == 0
    assert found["given.found_in_surname"] < 0.5


def test_a_value_in_the_wrong_column_is_found_though_nothing_can_be_swapped() -> None:
    found = swaps(columns_of(given=GIVEN, surname=SURNAME), CASEY_NOBODY, NOBODY_CASEY)
    assert np.isnan(found["given.swapped_with_surname"])
    assert found["given.found_in_surname"] == 1


def test_records_that_lack_both_crosswise_values_say_nothing() -> None:
    columns = columns_of(given=[*GIVEN, None], surname=[*SURNAME, None])
    assert np.isnan([*swaps(columns, ADAM_BLAKE, 16).values()]).all()


def test_which_record_is_left_does_not_matter() -> None:
    given, surname = columns_of(given=GIVEN, surname=SURNAME)
    left, right = (x.astype(np.int64) for x in np.triu_indices(len(GIVEN), 1))
    there, back = (crosswise(given, surname, Pairs(*ends), 1) for ends in ((left, right), (right, left)))
    for one, other in zip(there, back, strict=True):
        assert np.array_equal(one, other, equal_nan=True)


def numbered(start: int) -> list[str | None]:
    return [f"name {n}" for n in range(start, start + 20)]


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(columns_of(), id="no columns"),
        pytest.param(columns_of(a=[], b=[]), id="empty"),
        pytest.param(columns_of(a=[None, None], b=[None, None]), id="all missing"),
        pytest.param(columns_of(a=numbered(0), b=numbered(40)), id="no value in common"),
        pytest.param(columns_of(a=numbered(0), b=numbered(0)), id="the same in every row"),
        pytest.param(columns_of(a=["yes", "no"] * 10, b=["no", "yes"] * 10), id="few values"),
        pytest.param(columns_of(a=[str(n) for n in range(20)], b=[str(n) for n in range(20)][::-1]), id="numbers"),
    ],
)
def test_columns_that_cannot_be_confused_are_not_compared_crosswise(columns: list[NormalisedColumn]) -> None:
    assert confusable(columns) == []


def test_columns_that_share_most_come_first() -> None:
    columns = columns_of(a=numbered(0), b=numbered(8), c=numbered(1))
    assert confusable(columns) == ["ac", "bc", "ab"]


def test_similarities_are_from_0_to_1() -> None:
    given, surname = columns_of(given=GIVEN, surname=SURNAME)
    left, right = (x.astype(np.int64) for x in np.triu_indices(len(GIVEN), 1))
    for found in crosswise(given, surname, Pairs(left, right), 2):
        values: Values = found[~np.isnan(found)]
        assert found.dtype == np.float32
        assert values.size
        assert ((values >= 0) & (values <= 1)).all()
