import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.table import CrawledTable
from errors import InvalidInputError

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]
Types = Callable[..., dict[str, str]]

RECORDS = ['{"Id": 1, "name": "Ada", "tags": ["x"]}', '{"Id": 2, "active": true, "name": null}']


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(RECORDS),
        f"[{', '.join(RECORDS)}]",
        f"[\n{RECORDS[0]},\n{RECORDS[1]}\n]\n",
        "\ufeff" + "\n".join(RECORDS),
    ],
    ids=["lines", "array", "array on lines", "byte order mark"],
)
def test_records_are_read_from_lines_and_from_an_array(types: Types, content: str) -> None:
    assert types("x.json", content) == {"id": "bigint", "name": "string", "tags": "array<string>", "active": "boolean"}


def test_an_object_over_several_lines_is_one_record(write: Write, crawl: Crawl) -> None:
    assert crawl(write("x.json", '{"a": 1,\n "b": 2}\n{"a": 3,\n "b": 4}')).parameters["recordCount"] == "2"


@pytest.mark.parametrize(
    ("values", "type_name"),
    [
        (["1", "null", "-2"], "bigint"),
        (["1", "2.5"], "double"),
        (["true", "false"], "boolean"),
        (['"5"', '"6"'], "string"),
        (['"2024-01-31"', "null"], "date"),
        (['"2024-01-31"', '"2024-01-31T10:00:00Z"'], "timestamp"),
        (['"2024-01-31T10:00:00+02:00"'], "string"),
        (['"2024-01-31"', '""'], "string"),
        (['"10:00:00"'], "string"),
        (["1", '"x"'], "string"),
        (["null", "null"], "string"),
        (["18446744073709551615"], "decimal(38,0)"),
        (['{"x": 1, "Y": [1.5]}', "null"], "struct<x:bigint,Y:array<double>>"),
        (["[]", "[1]"], "array<bigint>"),
        (["1"] * 30_000 + ['"last"'], "string"),
        (['"2024-01-31"'] * 30_000 + ['"soon"'], "string"),
    ],
)
def test_the_type_holds_for_all_values(types: Types, values: list[str], type_name: str) -> None:
    assert types("x.json", "".join(f'{{"x": {value}}}\n' for value in values)) == {"x": type_name}


def test_columns_stand_in_the_order_in_which_keys_first_appear(types: Types) -> None:
    assert list(types("x.json", '{"b": 1}\n{"c": 1, "a": 1, "b": 2}\n')) == ["b", "c", "a"]


def test_the_parameters_are_those_glue_writes(write: Write, crawl: Crawl) -> None:
    content = gzip.compress("\n".join(RECORDS).encode())
    table = crawl(write("people.jsonl.gz", content))
    assert (table.name, table.classification) == ("people_jsonl_gz", "json")
    assert table.columns[0].source_name == "Id"
    assert table.parameters == {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": "json",
        "compressionType": "gzip",
        "typeOfData": "file",
        "objectCount": "1",
        "recordCount": "2",
        "averageRecordSize": str(round(len(content) / 2)),
        "sizeKey": str(len(content)),
    }


def test_files_of_a_folder_may_have_different_keys(write: Write, crawl: Crawl) -> None:
    folder = write("b.json", '{"id": 2, "age": 3}').parent
    write("a.json", '[{"id": 1.5}]')
    table = crawl(folder)
    assert [(column.name, column.type) for column in table.columns] == [("id", "double"), ("age", "bigint")]
    assert table.parameters["recordCount"] == "2"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", r"'.*x\.json' holds no records\. Give JSON with at least one object"),
        ("[1, 2]", r"'.*x\.json' holds JSON values that are no objects\. Each record is one \{…\}\."),
        ('{"a": 1}\n[1]\n', "no objects"),
        ("{}\n{}\n", r"The records of '.*x\.json' have no columns"),
        ('{"": 1}', r"A column of '.*x\.json' has no name"),
        (
            '{"Name": 1}\n{"name": 2}',
            r"Columns 1 \('Name'\) and 2 \('name'\) of '.*x\.json' would both be called 'name'",
        ),
        ('{"a": 1}\n{"a":\n{"a": 2}\n', r"^Line 2 of '.*x\.json' is not valid JSON"),
        ('{"a": 1, "a": 2}\n', r"duplicate key"),
        ('[{"a": 1}, {"a": 2}', r"x\.json"),
    ],
    ids=["no records", "numbers", "an array", "no keys", "no name", "fold to one", "broken", "key twice", "open array"],
)
def test_broken_json_is_refused_in_one_line(write: Write, crawl: Crawl, content: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        crawl(write("x.json", content))
    assert "\n" not in str(refusal.value)
