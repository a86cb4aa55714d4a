import pyarrow as pa
import pytest

from matching.matcher import MatchingTask, PreparedRecords, prepare_records
from matching.searched_terms import CommonTerm, commonest_terms


def prepared_with(**columns: list[str]) -> PreparedRecords:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return prepare_records(table, MatchingTask(tuple(columns)))


def test_the_commonest_words_lead_with_their_records() -> None:
    made = prepared_with(name=["anna berg", "anna kahn", "anna voss"], city=["bonn", "ulm", "bonn"])
    words = [term for term in commonest_terms(made, 3) if term.by == "words"]
    assert words == [
        CommonTerm("words", "anna", 3, 0),
        CommonTerm("words", "bonn", 2, 0),
        CommonTerm("words", "berg", 1, 0),
    ]


def test_a_term_that_more_records_have_than_one_may_meet_is_left_out_of_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: 1000)
    made = prepared_with(name=[f"herr {n * 7919} {n * 104729}" for n in range(1100)])
    words = {term.term: term for term in commonest_terms(made, 1) if term.by == "words"}
    assert words == {"herr": CommonTerm("words", "herr", 1100, 1100)}
    grams = [term.term for term in commonest_terms(made, 4) if term.by == "3-grams"]
    assert sorted(grams) == ["_he", "err", "her", "rr_"]


def test_a_term_is_left_out_only_where_the_rarer_ones_use_up_what_may_be_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.search.most_met", lambda records: 3)
    made = prepared_with(name=["anna", "anna berg", "anna berg"])
    words = [term for term in commonest_terms(made, 2) if term.by == "words"]
    assert words == [CommonTerm("words", "anna", 3, 2), CommonTerm("words", "berg", 2, 0)]


def test_records_without_values_have_no_terms() -> None:
    assert commonest_terms(prepared_with(name=["", ""]), 5) == ()
