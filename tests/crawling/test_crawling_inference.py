"""What the beginning of a file tells, beside what all its records tell."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawling.file_schema import FileSchema
from crawling.headers import settle_headers
from crawling.inference import HEAD_BYTES, file_schema
from crawling.rules import CrawlRules, CsvRule
from crawling.table import CrawledTable
from crawling.widen import known_type
from errors import InvalidInputError
from storage.files import list_files, read_head
from tests.crawling.conftest import Crawl, Write
from tests.crawling.packing import PACK


def told(path: Path, rules: CrawlRules | None = None) -> FileSchema:
    """What the beginning of a file tells, with the header settled."""
    (file,) = list_files(str(path))
    rules = rules or CrawlRules()
    schema = file_schema(file, read_head(file.path, HEAD_BYTES), rules)
    settled, problems = settle_headers([schema], glue=rules.glue)
    for problem in problems:
        raise InvalidInputError(problem.message)
    return settled[0]


def described(found: FileSchema | CrawledTable) -> tuple[object, ...]:
    """The columns, and what is told of reading them."""
    ways = ("delimiter", "quoteChar", "skip.header.line.count", "areColumnsQuoted", "avro.schema.literal")
    columns = [(column.name, known_type(column.type), column.source_name) for column in found.columns]
    return columns, {name: found.parameters[name] for name in ways if name in found.parameters}


CONTENTS = {
    "plain.csv": "id,name\n1,Ada\n2,\n",
    "types.csv": "a,b,c,d,e,f,g\n1,1.5,true,2024-01-31,2024-01-31 10:00,x,\n-2,2,false,2024-02-01,2024-02-01T00:00,,\n",
    "not_dates.csv": "a,b\n2024-02-30,1\n2024-01-01,2\n",
    "infinite.csv": "a,b\n1e999,1\n2,3\n",
    "quoted.csv": 'Id,"Full, Name"\n1,"Love""lace\nAda"\n',
    "single_quotes.csv": "'a'|'b'\n'1'|'x|y'\n",
    "tab.tsv": 'a\tb\n1\t"Foo" Bar\n',
    "blank.csv": "\n\na,b\n1,2024-01-31 \n",
    "semicolon.csv": "a;b;c\n1;2,5;x\n2;3,5;y\n",
    "bare.csv": "1,Ada\n2,Bob\n",
    "bom.csv": "\ufeffid,name\n1,Ada\n",
    "crlf.csv": "id,name\r\n1,Ada\r\n2,Bob\r\n",
    "names.csv": 'sele"ct,a;b,é 😀\n1,2,3\n',
    "lines.json": '{"A": 1, "b": {"C": [2]}}\n{"A": 2, "d": null}\n',
    "array.json": '[{"a": 1.5, "b": "2024-01-31"}, {"a": 2, "b": "2024-02-01"}]',
    "mixed.json": '{"a": 1, "b": true, "c": "x"}\n{"a": "x", "b": 1, "c": ""}\n',
    "huge.json": '{"a": 18446744073709551615}\n{"a": -1}\n',
    "nested.json": '{"a": [1, 2.5], "b": [{"x": 1}, {"y": "z"}]}\n',
    "pretty.json": '{\n  "a": 1\n}\n{\n  "a": 2\n}\n',
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_small_file_is_told_as_all_its_records_tell_it(name: str, write: Write, crawl: Crawl) -> None:
    path = write(name, CONTENTS[name])
    found, whole = told(path), crawl(path)
    assert described(found) == described(whole)
    assert (found.records, found.whole) == (int(whole.parameters["recordCount"]), True)


@pytest.mark.parametrize("compression", sorted(PACK))
def test_a_packed_file_is_told_as_the_plain_one(compression: str, write: Write, crawl: Crawl) -> None:
    plain = write("plain.csv", CONTENTS["quoted.csv"])
    packed = write("packed.csv", PACK[compression](plain.read_bytes()))
    found = told(packed)
    assert described(found) == described(crawl(plain))
    assert found.compression == compression


def test_parquet_is_told_from_its_footer(tmp_path: Path, crawl: Crawl) -> None:
    table = pa.table({"Id": [1, 2], "price": pa.array(["1.50", None]).cast(pa.string()), "n": [[1], []]})
    pq.write_table(table, tmp_path / "x.parquet")
    found = told(tmp_path / "x.parquet")
    assert described(found) == described(crawl(tmp_path / "x.parquet"))
    assert (found.records, found.whole) == (2, True)


def test_a_long_parquet_file_is_opened_for_its_footer(tmp_path: Path) -> None:
    numbers = pa.array([str(number * 7919 % 1_000_003) * 3 for number in range(200_000)])
    pq.write_table(pa.table({"a": numbers}), tmp_path / "x.parquet", compression="none", use_dictionary=False)
    assert (tmp_path / "x.parquet").stat().st_size > HEAD_BYTES
    assert told(tmp_path / "x.parquet").records == 200_000


def test_a_long_file_s_records_are_reckoned(write: Write) -> None:
    for name, line in (("x.csv", "{0},some text,2024-01-31\n"), ("x.json", '{{"a": {0}, "b": "some text"}}\n')):
        text = "".join(line.format(1_000_000 + number) for number in range(100_000))
        found = told(write(name, text))
        assert not found.whole
        assert found.records == pytest.approx(100_000, rel=0.01)


def test_no_more_than_a_thousand_records_are_looked_at(write: Write) -> None:
    text = "id,name\n" + "".join(f"{number},Ada\n" for number in range(999)) + "x,Ada\n" * 10
    found = told(write("x.csv", text))
    assert ([column.type for column in found.columns], found.records, found.whole) == (
        ["bigint", "string"],
        1009,
        False,
    )


def test_an_all_text_file_keeps_its_header(write: Write) -> None:
    assert told(write("x.csv", "first,last\nAda,Lovelace\nBob,Jones\n")).names == ("first", "last")


def test_a_first_line_that_comes_again_is_no_header(write: Write) -> None:
    assert told(write("x.csv", "Ada,Rome\nBob,Rome\n")).names == ("col0", "col1")


def test_glue_s_rule_knows_no_header_of_text_only_and_no_dates(write: Write) -> None:
    glue = CrawlRules(glue=True)
    assert told(write("x.csv", "first,last\nAda,Lovelace\n"), glue).names == ("col0", "col1")
    dated = told(write("y.csv", "id,day,yes\n1,2024-01-31,true\n"), glue)
    assert [column.type for column in dated.columns] == ["bigint", "string", "string"]
    assert [column.type for column in told(write("z.json", '{"a": "2024-01-31"}'), glue).columns] == ["string"]


@pytest.mark.parametrize(
    ("rule", "text", "columns"),
    [
        (CsvRule(delimiter="^"), "a^b\n1^2\n", [("a", "bigint"), ("b", "bigint")]),
        (CsvRule(delimiter=",", quote="'"), "a,b\n1,'x,y'\n", [("a", "bigint"), ("b", "string")]),
        (CsvRule(header=False), "1,b\n2,c\n", [("col0", "bigint"), ("col1", "string")]),
        (CsvRule(header=True), "1,b\n2,c\n", [("1", "bigint"), ("b", "string")]),
        (CsvRule(names=("x", "y")), "1,b\n2,c\n", [("x", "bigint"), ("y", "string")]),
        (CsvRule(names=("x", "y")), "X,Y\n2,c\n", [("x", "bigint"), ("y", "string")]),
        (CsvRule(names=("x", "y"), types=("string", "string")), "1,b\n2,c\n", [("x", "string"), ("y", "string")]),
        (CsvRule(header=True, allow_single_column=True), "word\nAda\n", [("word", "string")]),
        (CsvRule(delimiter="^"), "a,b\n1,2\n", [("a", "bigint"), ("b", "bigint")]),
        (CsvRule(names=("x", "y", "z")), "a,b\n1,2\n", [("a", "bigint"), ("b", "bigint")]),
    ],
    ids=["delimiter", "quote", "absent", "present", "names", "names above", "types", "one column", "no fit", "width"],
)
def test_a_rule_says_how_csv_is_written(rule: CsvRule, text: str, columns: list[tuple[str, str]], write: Write) -> None:
    found = told(write("x.csv", text), CrawlRules(csv=(rule,)))
    assert [(column.name, column.type) for column in found.columns] == columns


def test_the_first_rule_that_fits_is_used(write: Write) -> None:
    rules = CrawlRules(csv=(CsvRule(delimiter="^"), CsvRule(delimiter="~"), CsvRule(header=False)))
    assert told(write("x.csv", "a~b\n1~2\n"), rules).names == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "a,b\n1,2\n3\n", r"Line 3 of '.*x.csv' has 1 value where 2 are expected"),
        ("x.csv", "a,b\n1,2\n\n3,4,5\n", r"Line 4 of '.*x.csv' has 3 values where 2 are expected"),
        ("x.csv", "a,b\n1,\0\n", "is a binary file"),
        ("x.csv", b"a,b\n1,M\xfc\n", "Line 2 of '.*' is not UTF-8"),
        ("x.csv", "word\nAda\n", "'.*' has a single column"),
        ("x.csv", "id,name\n", r"'.*' holds a header \(id, name\) and no records"),
        ("x.csv", "Name,name\n1,2\n", r"Columns 1 \('Name'\) and 2 \('name'\)"),
        ("x.csv", "\n \n", "is empty"),
        ("x.json", '{"a": 1}\n{"a": \n', "Line 3 of '.*' is not valid JSON"),
        ("x.json", '[{"a": 1}', "its array is never closed|is not valid JSON"),
        ("x.json", "[1, 2]", "no objects"),
        ("x.json", "[]", "holds no records"),
        ("x.json", '{"a": 1, "a": 2}', "duplicate key 'a'"),
        ("x.json", '{"a": ' + "[" * 100_000, "nested too deep|is not valid JSON"),
        ("x.parquet", b"PAR1 damaged PAR1", "is not a sound Parquet file"),
        ("x.orc", b"ORC\0 damaged", "is not a sound ORC file"),
        ("x.avro", b"Obj\x01 damaged", "is not a sound Avro file"),
    ],
)
def test_what_cannot_be_a_table_is_named(name: str, content: str | bytes, message: str, write: Write) -> None:
    with pytest.raises(InvalidInputError, match=message):
        told(write(name, content))


def test_ten_thousand_columns_are_told_in_one_go(write: Write) -> None:
    width = 10_000
    text = ",".join(f"c{i}" for i in range(width)) + "\n" + ",".join("1" for _ in range(width)) + "\n"
    assert len(told(write("x.csv", text)).columns) == width


def test_json_larger_than_its_head_ends_before_the_record_that_is_cut(write: Write) -> None:
    records = [{"id": number, "text": "x" * 100_000} for number in range(20)]
    found = told(write("x.json", "\n".join(map(json.dumps, records))))
    assert found.names == ("id", "text")
    assert found.records == pytest.approx(20, abs=2)
