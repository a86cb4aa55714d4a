from labeling.file import LabelingRow
from labeling.labels import Label, given_labels, with_table_keys


def row(labeling_set_id: str, label: str, key: str) -> LabelingRow:
    return LabelingRow(2, labeling_set_id, label, key)


def test_rows_without_a_label_are_counted_and_left_out() -> None:
    given = given_labels([row("S1", "A", "1"), row("S1", "", "2")])
    assert (given.labels, given.blank) == ((Label("S1", "1", "A"),), 1)


def test_labels_differ_by_case_and_belong_to_their_set() -> None:
    given = given_labels([row("S1", "A", "1"), row("S1", "a", "2"), row("S2", "A", "1")])
    assert given.labels == (Label("S1", "1", "A"), Label("S1", "2", "a"), Label("S2", "1", "A"))
    assert given.sets == 2


def test_the_same_label_given_twice_counts_once() -> None:
    assert len(given_labels([row("S1", "A", "1"), row("S1", "A", "1")]).labels) == 1


def test_no_rows_give_no_labels() -> None:
    given = given_labels([])
    assert (given.labels, given.blank, given.sets) == ((), 0, 0)


def test_blanks_around_a_key_are_no_part_of_it() -> None:
    rows = with_table_keys([row("S1", "A", " 1 "), row("S1", "A", "2"), row("S1", "A", " 9")], {"1", " 2"})
    assert [found.primary_key for found in rows] == ["1", " 2", "9"]


def test_a_key_that_the_table_spells_with_blanks_is_kept_as_it_is() -> None:
    rows = with_table_keys([row("S1", "A", " 1"), row("S1", "A", "1")], {"1", " 1"})
    assert [found.primary_key for found in rows] == [" 1", "1"]
