import gzip
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.table import CrawledTable
from errors import InvalidInputError

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]
Types = Callable[..., dict[str, str]]

DIABETES = """recordID,Pregnancies,Glucose,BloodPressure,SkinThickness,Insulin,BMI,DiabetesPedigreeFunction,Age,Outcome
1,3,101,70,30,0,31.2,0.512,44,1
2,0,93,64,25,88,27,0.2,29,0
"""


def test_the_diabetes_table_has_glues_columns_and_types(write: Write, crawl: Crawl) -> None:
    table = crawl(write("diabetes.csv", DIABETES))
    assert table.name == "diabetes_csv"
    assert [(column.name, column.type) for column in table.columns] == [
        ("recordid", "bigint"),
        ("pregnancies", "bigint"),
        ("glucose", "bigint"),
        ("bloodpressure", "bigint"),
        ("skinthickness", "bigint"),
        ("insulin", "bigint"),
        ("bmi", "double"),
        ("diabetespedigreefunction", "double"),
        ("age", "bigint"),
        ("outcome", "bigint"),
    ]
    assert table.columns[0].source_name == "recordID"


def test_the_parameters_are_those_glue_writes(write: Write, crawl: Crawl) -> None:
    path = write("people.csv", "id,name\n1,Ada\n2,Bob\n")
    table = crawl(path)
    assert table.parameters == {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": "csv",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": "1",
        "recordCount": "2",
        "averageRecordSize": "10",
        "sizeKey": "20",
        "areColumnsQuoted": "false",
        "columnsOrdered": "true",
        "delimiter": ",",
        "skip.header.line.count": "1",
    }
    assert (table.location, table.classification, table.files) == (str(path), "csv", (str(path),))


@pytest.mark.parametrize(
    ("content", "parameters"),
    [
        ("a|b\n1|2\n", {"delimiter": "|", "areColumnsQuoted": "false"}),
        ("a\tb\n1\t2\n", {"delimiter": "\t"}),
        ("a;b\n1;2\n", {"delimiter": ";"}),
        ("a\x01b\n1\x012\n", {"delimiter": "\x01"}),
        ('a,b\n1,"2, 3"\n', {"delimiter": ",", "areColumnsQuoted": "true"}),
        ("'a','b'\n'1','2, 3'\n", {"quoteChar": "'", "areColumnsQuoted": "true"}),
        ('a\tb\n1\t"Foo" Bar\n', {"quoteChar": "", "areColumnsQuoted": "false"}),
        ("\n\na,b\n1,2\n", {"skip.header.line.count": "3"}),
        (gzip.compress(b"a,b\n1,2\n"), {"compressionType": "gzip", "sizeKey": str(len(gzip.compress(b"a,b\n1,2\n")))}),
    ],
    # A packed file holds the second it was packed in; named by its content, the tests would differ between processes.
    ids=["pipe", "tab", "semicolon", "control-A", "quoted", "single quotes", "quotes in text", "blank lines", "gzip"],
)
def test_the_parameters_say_how_to_read_the_file(
    write: Write, crawl: Crawl, content: str | bytes, parameters: dict[str, str]
) -> None:
    found = crawl(write("x.csv", content)).parameters
    assert {name: found.get(name) for name in parameters} == parameters
    assert ("quoteChar" in found) == ("quoteChar" in parameters)
    assert found["recordCount"] == "1"


@pytest.mark.parametrize(
    ("values", "type_name"),
    [
        (["1", "0", ""], "bigint"),
        (["1", "2.5"], "double"),
        (["0.5", "1"], "double"),
        (["true", "FALSE"], "boolean"),
        (["2024-01-31", ""], "date"),
        (["2024-01-31", "2024-01-31 10:00:00"], "timestamp"),
        (["2024-01-31T10:00:00Z"], "timestamp"),
        (["2023-02-29"], "string"),
        (["1e400"], "string"),
        (["", '""'], "string"),
        (["1", "n/a"], "string"),
        (["1234567890123456789"], "string"),
        ([str(i) for i in range(1500)] + ["1.5"], "double"),
        ([str(i) for i in range(1500)] + ["last"], "string"),
        ([""] * 1500 + ["2024-01-31"], "date"),
        (["2024-01-31"] * 1500 + ["2024-01-31 10:00"], "timestamp"),
        (["1.5"] * 1500 + ["true"], "string"),
    ],
)
def test_the_type_holds_for_all_values(types: Types, values: list[str], type_name: str) -> None:
    content = "id,x\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))
    assert types("x.csv", content) == {"id": "bigint", "x": type_name}


def test_a_header_is_found_above_numbers(types: Types) -> None:
    assert types("x.csv", "Id,Name\n1,Ada\n") == {"id": "bigint", "name": "string"}


def test_a_file_without_a_header_has_numbered_columns(write: Write, crawl: Crawl) -> None:
    table = crawl(write("x.csv", "1,Ada\n2,Bob\n"))
    assert [(column.name, column.source_name) for column in table.columns] == [("col0", ""), ("col1", "")]
    assert "skip.header.line.count" not in table.parameters
    assert table.parameters["recordCount"] == "2"


def test_only_texts_give_no_header_and_a_warning_that_names_the_option(
    types: Types, caplog: pytest.LogCaptureFixture
) -> None:
    assert list(types("x.csv", "first,last\nAda,Lovelace\n")) == ["col0", "col1"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("findmatches.crawling", logging.WARNING)
    assert "every column is text" in record.getMessage()
    assert "--header" in record.getMessage()


@pytest.mark.parametrize("content", ["1,Ada\n2,Bob\n", "id,name\n1,Ada\n"], ids=["numbers on top", "a header found"])
def test_a_clear_case_gives_no_warning(types: Types, caplog: pytest.LogCaptureFixture, content: str) -> None:
    types("x.csv", content)
    assert caplog.records == []


def test_the_option_overrules_the_rule(types: Types) -> None:
    assert types("x.csv", "first,last\nAda,Lovelace\n", header=True) == {"first": "string", "last": "string"}
    assert types("x.csv", "id,name\n1,Ada\n", header=False) == {"col0": "string", "col1": "string"}
    assert types("x.csv", "id,name\n", header=False) == {"col0": "string", "col1": "string"}


def test_a_single_column_needs_the_option(types: Types) -> None:
    assert types("x.csv", "id\n1\n2\n", header=True) == {"id": "bigint"}
    assert types("x.csv", "1\n2\n", header=False) == {"col0": "bigint"}
    with pytest.raises(InvalidInputError, match=r"'.*x\.csv' has a single column: .* Crawl it with --header"):
        types("x.csv", "id\n1\n2\n")


def test_one_record_without_a_header_is_a_table(types: Types) -> None:
    assert types("x.csv", "1,Ada\n") == {"col0": "bigint", "col1": "string"}


@pytest.mark.parametrize(
    ("content", "header", "message"),
    [
        ("id,name\n", None, r"'.*x\.csv' holds a header \(id, name\) and no records\. Add records .*--no-header"),
        ("id,name\n\n\n", True, r"'.*x\.csv' holds a header and no records\. Add records"),
        ("Name,name\n1,2\n", None, r"Columns 1 \('Name'\) and 2 \('name'\) .* both be called 'name'"),
        (
            "a,b\n1,2\n3\n",
            None,
            r"^Line 3 of '.*x\.csv' has 1 value where 2 are expected\. Mend the line and run again\.$",
        ),
        (
            "a,b\n1,2\n3,4,5\n",
            None,
            r"^Line 3 of '.*x\.csv' has 3 values where 2 are expected\. Mend .*quotation marks\.$",
        ),
        ("a,b\n" + "1,2\n" * 3000 + "3,4,5\n", None, r"^Line 3002 of '.*x\.csv' has 3 values"),
        ('a,b\n"1",2\n"3,4\n', None, r"^Record 2 of '.*x\.csv' cannot be read: it opens a quote that is never closed"),
        ('a,b\n"1","\n\n"\n' + "1,2\n" * 9999 + '"3,4\n1,2\n', None, r"^Record 10001 of '.*x\.csv' cannot be read"),
        ('a,b\n"1",2\n"3" x,4\n', None, r"^Line 3 of '.*x\.csv' has a quote"),
        ("a,b\r\n1,2\n3,4\r\n", None, r"'.*x\.csv' mixes line endings"),
        ("\na,b\r\n1,2\r\n", None, r"Record 1 of '.*x\.csv' cannot be read: .* its line endings are mixed"),
    ],
    ids=[
        "header only",
        "header only, as told",
        "two names that fold to one",
        "too few values",
        "too many values",
        "too many values far down",
        "an open quote",
        "an open quote far down",
        "text after a quote",
        "mixed line endings",
        "mixed line endings above the header",
    ],
)
def test_a_broken_file_is_refused_in_one_line(
    write: Write, crawl: Crawl, content: str, header: bool | None, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        crawl(write("x.csv", content), header=header)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("value", ['"Foo" Bar', '"Foo'])
def test_quotes_that_turn_out_to_be_letters_are_letters(write: Write, crawl: Crawl, value: str) -> None:
    table = crawl(write("x.csv", "a,b\n" + "1,x\n" * 2000 + f"2,{value}\n"))
    assert table.parameters["quoteChar"] == ""
    assert table.parameters["recordCount"] == "2001"


def test_a_broken_quote_among_sound_ones_is_no_letter(write: Write, crawl: Crawl) -> None:
    with pytest.raises(InvalidInputError, match=r"^Line 2003 of '.*x\.csv' has a quote"):
        crawl(write("x.csv", "a,b\n" + "1,x\n" * 2000 + '2,"y"\n2,"Foo" Bar\n'))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_breaks_and_empty_lines_are_accounted_for(write: Write, crawl: Crawl, line_end: str) -> None:
    lines = ["id,text", '1,"one', "", "", 'two"', "", '2,"', '"', "3,x", "", ""]
    assert crawl(write("x.csv", line_end.join(lines))).parameters["recordCount"] == "3"


def test_a_folder_is_one_table_in_the_order_of_its_files(write: Write, crawl: Crawl) -> None:
    folder = write("b.csv", "Id,Score\n3,1.5\n").parent
    write("a.csv", "id,score\n1,7\n2,\n")
    write("_SUCCESS", "")
    write("c/empty.csv", "")
    table = crawl(folder)
    assert (table.name, table.location) == ("files", f"{folder}/")
    assert table.files == (str(folder / "a.csv"), str(folder / "b.csv"))
    assert [(column.name, column.type) for column in table.columns] == [("id", "bigint"), ("score", "double")]
    assert table.parameters["objectCount"] == "2"
    assert table.parameters["recordCount"] == "3"


@pytest.mark.parametrize(
    ("first", "second", "records"),
    [
        ("id,name\n1,Ada\n", "id,name\nx,Bob\n", 2),
        ("id,name\nx,Ada\n", "id,name\n1,Bob\n", 2),
        ("id,name\n1,Ada\n", "id,name\n", 1),
        ("1,Ada\n", "2,Bob\n", 2),
        ('id,name\n1,"Ada"\n', 'id,name\n2,5" Bob\n', 2),
    ],
    ids=["second all text", "first all text", "second only a header", "no header", "quotes in one"],
)
def test_the_header_of_one_file_tells_it_for_all(
    write: Write, crawl: Crawl, first: str, second: str, records: int
) -> None:
    folder = write("a.csv", first).parent
    write("b.csv", second)
    assert crawl(folder).parameters["recordCount"] == str(records)


@pytest.mark.parametrize(
    ("second", "difference"),
    [
        ("id,age\n1,2\n", "it lacks 'name' and it has 'age'"),
        ("name,id\nAda,2\n", "the same columns stand in another order"),
        ("2,Bob\n", "it lacks 'id', 'name' and it has '2', 'bob'"),
        ("id,name,age\n1,Ada,3\n", "it has 'age'"),
        ("id;name\n1;Ada\n", "its delimiter is ';', not ','"),
        ("'id','name'\n'1','x, y'\n", "its quote is \"'\", not '\"'"),
        ("\nid,name\n1,Ada\n", "it begins with 1 empty line, not 0"),
        (gzip.compress(b"id,name\n1,Ada\n"), "its compression is gzip, not none"),
        ('{"id": 1}', "it is json, not csv"),
        ("some text\n", "it is another thing"),
    ],
    ids=["other", "order", "no header", "more", "delimiter", "quote", "blank lines", "compression", "format", "prose"],
)
def test_a_file_that_does_not_belong_to_the_table_is_named(
    write: Write, crawl: Crawl, second: str | bytes, difference: str
) -> None:
    folder = write("a.csv", 'id,name\n1,"Ada"\n').parent
    write("b.csv", second)
    with pytest.raises(InvalidInputError, match=r"^'.*b\.csv' cannot be in one table with '.*a\.csv': ") as refusal:
        crawl(folder)
    if difference != "it is another thing":
        assert difference in str(refusal.value)


def test_a_file_with_fewer_columns_and_no_header_is_named(write: Write, crawl: Crawl) -> None:
    folder = write("a.csv", "1,2,3\n").parent
    write("b.csv", "1,2\n")
    with pytest.raises(InvalidInputError, match=r"'.*b\.csv' cannot be .*: it has 2 columns, not 3\."):
        crawl(folder)
