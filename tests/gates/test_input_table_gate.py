import time

import pandas as pd
import pytest

from gates.input_table import check_input_table


def table(*keys: str | None) -> pd.DataFrame:
    return pd.DataFrame({"id": pd.Series(keys, dtype="str"), "name": pd.Series(["x"] * len(keys), dtype="str")})


def test_a_table_with_a_key_in_every_row_passes() -> None:
    result = check_input_table(table("1", "2", "01"), ["id", "name"], "id")
    assert result.passed
    assert [check["success"] for check in result.checks] == [True] * 4


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        pytest.param(table(), "the table has no rows", id="no rows"),
        pytest.param(table("1", None, ""), "primary key 'id' is empty in row 2, 3", id="empty keys"),
        pytest.param(table("1", "2", "1"), "primary key 'id' is not unique in row 1 ('1'), 3 ('1')", id="double key"),
        pytest.param(table("1").assign(age="x"), "column 'age' is not in the catalog", id="surplus column"),
        pytest.param(table("1")[["id"]], "column 'name' of the catalog is not in the table", id="missing column"),
        pytest.param(table("1")[["name"]], "column 'id' of the catalog is not in the table", id="missing key column"),
    ],
)
def test_what_is_wrong_is_named_with_its_rows_or_columns(frame: pd.DataFrame, problem: str) -> None:
    result = check_input_table(frame, ["id", "name"], "id")
    assert not result.passed
    assert result.problems == (problem,)


def test_of_many_wrong_rows_the_first_ten_are_named() -> None:
    result = check_input_table(table(*[None] * 1234), ["id", "name"], "id")
    assert result.problems == ("primary key 'id' is empty in row 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,224 more",)


def test_three_hundred_thousand_rows_take_seconds_not_minutes() -> None:
    frame = pd.DataFrame({"id": pd.RangeIndex(300_000).astype(str)})
    frame = frame.assign(**{f"column_{number}": "text " + frame["id"] for number in range(5)})
    started = time.process_time()
    assert check_input_table(frame, list(frame.columns), "id").passed
    assert time.process_time() - started < 10
