import pytest

from crawling.content import FileContent
from crawling.dialect import Dialect, Sample, read_sample
from errors import InvalidInputError
from storage.files import StoredFile


def sample_of(text: str, whole: bool = True) -> Sample:
    return read_sample(FileContent(StoredFile("x.csv", len(text), ""), "csv", sample=text, whole=whole))


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("a,b\n1,2\n", Dialect(",")),
        ("a|b\n1|2,5\n", Dialect("|")),
        ("a\tb, c\n1\t2\n", Dialect("\t")),
        ("name;price\nnuts;1,50\nsalt;2,00\n", Dialect(";")),
        ("a\x01b\n1\x012\n", Dialect("\x01")),
        ('"Smith, John",5\n"Jones, Ann",6\n', Dialect(",", quoted=True)),
        ('"a;b;c",1\n"d;e;f",2\n', Dialect(",", quoted=True)),
        ("'a','b'\n'1, 2','3'\n'4','5'\n", Dialect(",", "'", quoted=True)),
        ("'a','b'\n'1','3'\n", Dialect(",", "'", quoted=True)),
        ("name,born\nO'Hara,1900\n't Hooft,1946\n", Dialect(",")),
        ('size\tname\n5"\t"Foo" Bar\n6"\tx\n', Dialect("\t", "")),
        ('size,name\n5",x\n', Dialect(",")),
    ],
)
def test_the_way_a_file_is_written_is_found(text: str, dialect: Dialect) -> None:
    assert sample_of(text).dialect == dialect


def test_one_odd_record_does_not_hide_the_delimiter() -> None:
    found = sample_of("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    assert (found.dialect.delimiter, found.width) == (",", 3)
    assert found.regularity == 0.75


def test_a_column_without_delimiters_is_one_column() -> None:
    assert sample_of("name\nAda\nGrace\n").width == 1


def test_line_breaks_in_quotes_belong_to_the_cell() -> None:
    assert sample_of('a,b\n1,"x\ny"\n').records == (("a", "b"), ("1", "x\ny"))


def test_empty_lines_are_no_records_and_those_above_are_counted() -> None:
    found = sample_of("\r\n\r\na,b\r\n\r\n1,2\r\n\r\n")
    assert found.records == (("a", "b"), ("1", "2"))
    assert found.blank_lines == 2


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,", 'a,b\n1,2\n3,"x\ny'], ids=["in a cell", "in a quoted cell"])
def test_a_record_cut_off_by_the_sample_is_left_out(text: str) -> None:
    assert sample_of(text, whole=False).records == (("a", "b"), ("1", "2"))


def test_only_the_first_1000_records_are_looked_at() -> None:
    assert len(sample_of("1,2\n" * 1500).records) == 1000


@pytest.mark.parametrize(
    ("text", "whole", "message"),
    [
        ("Dear all,\nplease, a, b\nx,y,z,ä\nyours, E,F,G,H\n", True, r"^'x\.csv' is not a table: none of the delim"),
        ("a" * 100, False, r"^The first line of 'x\.csv' is longer than 1 MB"),
    ],
    ids=["prose", "one endless line"],
)
def test_a_text_that_is_no_table_is_refused(text: str, whole: bool, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        sample_of(text, whole)
