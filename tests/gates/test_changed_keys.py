import pandas as pd
import pytest

from gates.changed_keys import changed_keys

RECORDS = {
    "100001": {"id": "100001", "name": "Ann", "city": "Bonn"},
    "100002": {"id": "100002", "name": "Bob", "city": "Bonn"},
    "100003": {"id": "100003", "name": "Bob", "city": None},
}


def changed(*rows: tuple[str | None, str | None, str | None], set_id: str = "ab12") -> dict[int, str]:
    frame = pd.DataFrame(rows, columns=["id", "name", "city"], index=range(2, 2 + len(rows)), dtype=object)
    return changed_keys(frame.assign(labeling_set_id=set_id), {"ab12": RECORDS}, "id")


ANN, BOB, BOBBY = ("100001", "Ann", "Bonn"), ("100002", "Bob", "Bonn"), ("100003", "Bob", None)


def test_an_untouched_set_has_no_changed_keys() -> None:
    assert changed(ANN, BOB, BOBBY) == {}
    assert changed(BOBBY, ANN) == {}


def test_a_changed_key_is_told_by_the_other_values_of_its_row() -> None:
    wrong = changed(BOB, ("1E+05", "Ann", "Bonn"), BOBBY)
    assert wrong == {3: "key '1E+05' was changed; labeling set 'ab12' was generated with '100001'"}


def test_rows_that_fit_equally_well_are_told_apart_by_their_place() -> None:
    wrong = changed(ANN, ("1E+05", "Bob", None), ("1E+06", "Bob", None))
    assert wrong == {
        3: "key '1E+05' was changed; labeling set 'ab12' was generated with '100002'",
        4: "key '1E+06' was changed; labeling set 'ab12' was generated with '100003'",
    }


def test_all_keys_that_fit_are_named_when_the_place_does_not_tell() -> None:
    wrong = changed(("1E+05", "Bob", None))
    assert wrong == {2: "key '1E+05' was changed; labeling set 'ab12' was generated with one of '100002', '100003'"}


def test_keys_sorted_without_their_rows_are_found() -> None:
    wrong = changed(("100002", "Ann", "Bonn"), ("100001", "Bob", "Bonn"), BOBBY)
    assert wrong == {
        2: "key '100002' was changed; labeling set 'ab12' was generated with '100001'",
        3: "key '100001' was changed; labeling set 'ab12' was generated with '100002'",
    }


def test_an_edited_value_is_no_changed_key() -> None:
    assert changed(("100001", "Anna", "Bonn"), BOB, BOBBY) == {}


def test_a_row_added_to_a_whole_set_is_told_to_have_its_own() -> None:
    wrong = changed(ANN, BOB, BOBBY, ("7", "Eve", None))
    assert wrong == {5: "key '7' is no record of labeling set 'ab12'; give rows you add a set of their own"}


@pytest.mark.parametrize("set_id", ["mine", "AB12"])
def test_sets_that_we_did_not_generate_are_not_judged(set_id: str) -> None:
    assert changed(("1E+05", "Ann", "Bonn"), set_id=set_id) == {}


def test_an_empty_key_is_not_called_changed() -> None:
    assert changed((None, "Ann", "Bonn"), BOB, BOBBY) == {}


def test_no_rows_have_no_changed_keys() -> None:
    assert changed() == {}
