import pytest

from crawling.header import could_be_header, has_header, only_text


@pytest.mark.parametrize(
    ("record", "could"),
    [
        (["id", "name"], True),
        (["id", ""], True),
        (["", "name"], True),
        (["", ""], False),
        (["id", "7"], False),
        (["id", "1.5"], False),
        (["id", "true"], False),
        (["id", "2024-01-01"], False),
        (["id", "1st", "7up"], True),
        (["x" * 149, "y"], True),
        (["x" * 150, "y"], False),
        (["y", "x" * 150], True),
        (["two\nlines", "y"], False),
    ],
)
def test_a_header_is_made_of_short_texts_on_one_line(record: list[str], could: bool) -> None:
    assert could_be_header(record) is could


@pytest.mark.parametrize(
    ("records", "header"),
    [
        ([["id", "name"], ["1", "Ada"]], True),
        ([["id", "name"], ["1", "Ada"], ["x", "Bob"]], False),
        ([["name", "flag"], ["Ada", "true"]], True),
        ([["name", "born"], ["Ada", "1815-12-10"]], True),
        ([["first", "last"], ["Ada", "Lovelace"]], False),
        ([["first", "age"], ["Ada", ""]], False),
        ([["1", "Ada"], ["2", "Bob"]], False),
        ([["id", "name"]], False),
        ([], False),
    ],
    ids=["number", "number and text", "boolean", "date", "only text", "empty", "a record", "only header", "nothing"],
)
def test_a_header_stands_above_a_column_that_is_not_text(records: list[list[str]], header: bool) -> None:
    assert has_header(records) is header


def test_no_records_are_only_text() -> None:
    assert only_text([])
