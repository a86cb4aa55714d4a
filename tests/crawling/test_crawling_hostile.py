"""Files that no program wrote with good intent: each is read whole, or refused with one clear line."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.table import CrawledTable
from errors import InvalidInputError

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]

LONG = b"x" * 100_000_000
NAMES = [
    "'; DROP SCHEMA findmatches CASCADE; --",
    '"; DROP TABLE findmatches.tables; --',
    '") UNION SELECT 1; --',
    "select",
    "a;b",
    "a,b",
    "a'b",
    'a"b',
    "{} %s $1 ?",
    "naïve 東京 🎉",
    "../../etc/passwd",
    "*?[a-z]",
]


@pytest.mark.parametrize(
    ("name", "content", "header", "message"),
    [
        ("x.csv", LONG, None, r"^Line 1 of '.*x\.csv' is longer than 2 MB\. Mend it"),
        ("x.csv", b"id,name\n1," + LONG, None, r"^Line 2 of '.*x\.csv' is longer than 2 MB\. Mend it"),
        ("x.csv", LONG[:1_500_000], None, r"^The first line of '.*x\.csv' is longer than 1 MB\. Give CSV"),
        (
            "x.csv",
            b"id,n\n1," + LONG[:1_500_000],
            None,
            r"^The second line of '.*x\.csv' is longer than 1 MB\. Give CSV",
        ),
        (
            "x.csv",
            b"id,name\n" + b"1,a\n" * 300_000 + b"2," + LONG,
            True,
            r"^Line 300002 of '.*x\.csv' is longer than 2 MB\. Mend",
        ),
        (
            "x.json",
            b'{"a": "' + LONG + b'"}',
            None,
            r"^A record of '.*x\.json' is longer than 16,777,216 bytes\. Split it",
        ),
        ("x.json", b'{"a":' * 100_000, None, r"^Record 1 of '.*x\.json' is not valid JSON"),
        ("x.json", b"[" * 100_000, None, r"^Record 1 of '.*x\.json' is not valid JSON"),
        ("x.csv", b"id,name\n1,a\0\n", None, r"^'.*x\.csv' is a binary file"),
        ("x.json", b'{"a": "\0"}', None, r"^'.*x\.json' is a binary file"),
    ],
    ids=[
        "csv",
        "second line",
        "1.5 MB",
        "second of 1.5 MB",
        "far down",
        "json",
        "deep objects",
        "deep arrays",
        "NUL in csv",
        "NUL in json",
    ],
)
def test_what_is_too_long_too_deep_or_binary_is_one_clear_line(
    write: Write, crawl: Crawl, name: str, content: bytes, header: bool | None, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        crawl(write(name, content), header=header)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_an_array_on_one_line_of_many_megabytes_is_read(write: Write, crawl: Crawl) -> None:
    records = ", ".join(json.dumps({"id": number, "name": "x" * 1000}) for number in range(30_000))
    assert crawl(write("x.json", f"[{records}]")).parameters["recordCount"] == "30000"


def test_ten_thousand_columns_are_read(write: Write, crawl: Crawl) -> None:
    lines = [[f"c{place}" for place in range(10_000)], *([str(row)] * 9_999 + ["a"] for row in range(3))]
    table = crawl(write("x.csv", "\n".join(map(",".join, lines)) + "\n"))
    assert [column.name for column in table.columns] == lines[0]
    assert [column.type for column in table.columns] == ["bigint"] * 9_999 + ["string"]
    assert table.parameters["recordCount"] == "3"


@pytest.mark.parametrize("change", ["", "x"], ids=["narrow last value", "wide last value"])
def test_types_of_a_wide_table_hold_for_all_records(write: Write, crawl: Crawl, change: str) -> None:
    lines = [[f"c{place}" for place in range(250)]] + [["1"] * 250] * 2000 + [["1"] * 249 + [f"1{change}"]]
    table = crawl(write("x.csv", "\n".join(map(",".join, lines)) + "\n"))
    assert [column.type for column in table.columns] == ["bigint"] * 249 + ["string" if change else "bigint"]


def test_a_broken_line_of_a_wide_table_is_named(write: Write, crawl: Crawl) -> None:
    header, line = ",".join(f"c{place}" for place in range(250)), ",".join(["1"] * 250)
    with pytest.raises(InvalidInputError, match=r"^Line 4 of '.*x\.csv' has 251 values where 250 are expected"):
        crawl(write("x.csv", f"{header}\n{line}\n{line}\n{line},1\n"))


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_columns_may_be_called_anything_on_one_line(write: Write, crawl: Crawl, ending: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, range(len(NAMES))])
    content = text.getvalue() if ending == "csv" else json.dumps(dict.fromkeys(NAMES, 1))
    table = crawl(write(f"x.{ending}", content))
    assert [column.source_name for column in table.columns] == NAMES
    assert {column.type for column in table.columns} == {"bigint"}


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_line_break_in_a_columns_name_is_refused(write: Write, crawl: Crawl, ending: str) -> None:
    content = '"a\nb",c\n1,2\n' if ending == "csv" else '{"a\\nb": 1, "c": 2}'
    with pytest.raises(InvalidInputError, match=r"Column 1 of '.*' is called 'a\\nb'\. A column name is one line"):
        crawl(write(f"x.{ending}", content), header=True)
