import pandas as pd
import pytest

from gates.output import check_output


def matches(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": ["1", "2", "3"], "match_id": [10, 10, -7], "match_confidence_score": [0.0, 1.0, 0.5]} | columns
    )


@pytest.mark.parametrize(
    "frame",
    [matches(), matches().drop(columns="match_confidence_score"), matches().astype({"match_id": "Int64"})],
    ids=["scores", "no scores", "nullable integers"],
)
def test_every_row_once_with_an_id_passes(frame: pd.DataFrame) -> None:
    result = check_output(frame, ["1", "2", "3"])
    assert result.passed
    assert all(check["success"] for check in result.checks)


@pytest.mark.parametrize(
    ("frame", "problems"),
    [
        pytest.param(
            matches().head(2),
            ("the output has not as many rows as the input", "records are missing: id '3'"),
            id="missing row",
        ),
        pytest.param(
            matches(id=["1", "2", "2"]),
            ("records are there twice: id '2', '2'", "records are missing: id '3'"),
            id="double row",
        ),
        pytest.param(
            matches(id=["1", "2", "9"]),
            ("records were not in the input: id '9'", "records are missing: id '3'"),
            id="new row",
        ),
        pytest.param(
            matches(id=["1", "2", None]),
            ("rows have no key: row 3", "records are missing: id '3'"),
            id="no key",
        ),
        pytest.param(
            matches(match_id=[1, None, 3]),
            ("match_id is empty: id '2'", "match_id is not an integer"),
            id="no match_id",
        ),
        pytest.param(matches(match_id=[1.5, 2.0, 3.0]), ("match_id is not an integer",), id="broken match_id"),
        pytest.param(
            matches(match_confidence_score=[0.5, 1.01, -0.1]),
            ("match_confidence_score is not from 0 to 1: id '2', '3'",),
            id="score out of range",
        ),
        pytest.param(matches().drop(columns="match_id"), ("column 'match_id' is missing",), id="no ids"),
    ],
)
def test_what_is_wrong_is_named_with_its_keys(frame: pd.DataFrame, problems: tuple[str, ...]) -> None:
    result = check_output(frame, ["1", "2", "3"])
    assert not result.passed
    assert sorted(result.problems) == sorted(problems)


def test_an_empty_input_has_an_empty_output() -> None:
    assert check_output(matches().head(0), []).passed
