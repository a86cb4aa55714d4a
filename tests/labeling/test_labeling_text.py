import pytest

from errors import InvalidInputError
from labeling.text import decode, find_delimiter, records


@pytest.mark.parametrize(
    ("saved_as", "encoding"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_text_is_the_same_in_every_encoding_that_editors_save(saved_as: str, encoding: str) -> None:
    assert decode("id,Müller €".encode(saved_as), "x.csv") == ("id,Müller €", encoding)


def test_a_workbook_is_refused_with_what_to_save_instead() -> None:
    with pytest.raises(InvalidInputError, match=r"'x.xlsx' is a spreadsheet or zip file\. Save it as CSV"):
        decode(b"PK\x03\x04rest", "x.xlsx")


def test_bytes_that_no_editor_writes_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"'x\.csv' is not text in UTF-8 or cp1252"):
        decode(b"\x81\xff\x8d", "x.csv")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_a_text_editor_counts_them(line_end: str) -> None:
    text = line_end.join(["a,b", '1,"two', "lines", 'and three"', "", ",", "2,x\u2028y\x0bz", "3,"])
    found = [(line, cells[0]) for line, cells in records(text, ",", refuse=ValueError)]
    assert found == [(1, "a"), (2, "1"), (7, "2"), (8, "3")]


@pytest.mark.parametrize("wrong", ['"never closed\n3,4\n', '"closed" too early\n'])
def test_a_quotation_mark_that_is_not_closed_names_the_line_where_it_opens(wrong: str) -> None:
    with pytest.raises(ValueError, match="line 3: a quotation mark is opened"):
        list(records(f"a,b\n1,2\n{wrong}", ",", refuse=ValueError))


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("id,name", ","), ("ID;Name\n1;2,3,4", ";"), ("id\tname", "\t"), ('"id";"na,me"', ";"), ("", ","), ("x;y", ",")],
)
def test_the_delimiter_is_the_one_that_gives_known_columns(header: str, delimiter: str) -> None:
    assert find_delimiter(header, ["id", "name"]) == delimiter
