from collections.abc import Mapping

import pandas as pd
import pytest

from gates.labels import check_labels
from gates.report import GateResult

HEADER = ["labeling_set_id", "label", "id", "name"]
KNOWN = {"1", "2", "3"}
GENERATED = {"ab12": {"1": {"id": "1", "name": "Ann"}, "2": {"id": "2", "name": "Bob"}}}


def check(
    *rows: tuple[str | None, ...],
    header: list[str] = HEADER,
    generated: Mapping[str, Mapping[str, Mapping[str, str | None]]] = GENERATED,
) -> GateResult:
    frame = pd.DataFrame(rows, columns=header, index=range(2, 2 + len(rows)), dtype=object)
    return check_labels(frame, KNOWN, generated, "id", HEADER)


def test_labels_of_known_records_pass_and_every_check_is_kept() -> None:
    result = check(
        ("ab12", "A", "1", "Ann"), ("ab12", "A", "2", "Bob"), ("S9", "B", "3", None), ("S9", None, "2", None)
    )
    assert result.passed
    assert result.problems == ()
    assert {"name": "every key is in the table", "success": True, "unexpected_count": 0} in result.checks
    assert len(result.checks) == 4 + 6


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        pytest.param(("S9", "A", "999", "x"), "line 3: unknown key '999' in column 'id'", id="unknown key"),
        pytest.param(("S9", "A", "", "x"), "line 3, column 'id': the key is empty", id="empty key"),
        pytest.param(
            ("", "A", "3", "x"),
            "line 3: label 'A' stands outside a labeling set, column 'labeling_set_id' is empty",
            id="outside a set",
        ),
        pytest.param(
            ("ab12", "B", "1E+05", "Bob"),
            "line 3, column 'id': key '1E+05' was changed; labeling set 'ab12' was generated with '2'",
            id="changed key",
        ),
        pytest.param(
            ("ab12", "B", "3", "Bob"),
            "line 3, column 'id': key '3' was changed; labeling set 'ab12' was generated with '2'",
            id="key of another record",
        ),
        pytest.param(
            ("ab12", "B", "1", "Ann"),
            "lines 2 and 3: key '1' has labels 'A' and 'B' in labeling set 'ab12'",
            id="two labels",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_value(row: tuple[str, ...], problem: str) -> None:
    result = check(("ab12", "A", "1", "Ann"), row)
    assert not result.passed
    assert result.problems == (problem,)


def test_problems_come_in_the_order_of_the_lines() -> None:
    result = check(("S8", "A", "999", None), ("", "A", "1", None), ("S9", "A", "998", None))
    assert [problem.split(":")[0] for problem in result.problems] == ["line 2", "line 3", "line 4"]


def test_one_wrong_row_of_many_is_found_among_them() -> None:
    rows = [("S9", "A", "1", None), *[("S9", None, "2", None)] * 3000, ("S9", "A", "999", None)]
    assert check(*rows).problems == ("line 3003: unknown key '999' in column 'id'",)


def test_one_key_may_have_labels_in_several_sets() -> None:
    assert check(("S8", "A", "1", None), ("S9", "B", "1", None)).passed


def test_the_same_row_twice_is_no_contradiction() -> None:
    assert check(("S8", "A", "1", None), ("S8", "A", "1", None)).passed


def test_every_row_with_a_wrong_key_is_named_also_when_they_are_alike() -> None:
    rows = [("ab12", label, "1E+05", name) for label, name in [("A", "Ann"), ("A", "Bob"), ("B", "Bob")]]
    assert [problem.split(",")[0] for problem in check(*rows).problems] == ["line 2", "line 3", "line 4"]


def test_labels_that_differ_by_case_contradict() -> None:
    assert check(("S8", "A", "1", None), ("S8", "a", "1", None)).problems == (
        "lines 2 and 3: key '1' has labels 'A' and 'a' in labeling set 'S8'",
    )


@pytest.mark.parametrize("rows", [(), (("S9", "", "1", None),)], ids=["no rows", "blank labels"])
def test_a_file_without_a_label_is_told_what_to_do(rows: tuple[tuple[str | None, ...], ...]) -> None:
    result = check(*rows)
    assert not result.passed
    assert result.message == "no row has a label. Write labels (A, B, ...) in column 'label' and import the file again"


def test_rows_without_a_label_may_hold_anything() -> None:
    assert check(("S9", "A", "1", None), ("", "", "999", None), ("ab12", "", "1E+05", None)).passed


def test_missing_columns_are_named_with_what_is_near() -> None:
    result = check(("S9", "1", "Ann"), header=["labeling_set_id", "id", "names"])
    assert result.problems == ("line 1: column 'label' is missing", "line 1: column 'name' is missing (is it 'names'?)")
    assert not result.passed


def test_a_file_without_a_header_is_told_what_line_1_must_be() -> None:
    result = check(("S9", "A", "1"), header=["S8", "B", "2"])
    assert result.problems == ("line 1 names none of the columns; it must be labeling_set_id,label,id,name",)
