from dataclasses import replace
from pathlib import Path

import pytest

from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.known_files import KnownFiles, known_place, read_known, write_known
from crawling.rules import CrawlRules, CsvRule
from storage.files import StoredFile

FILE = StoredFile('s3://b/a\'s "é".csv', 10, "etag")
SCHEMA = FileSchema(
    FILE,
    "csv",
    "gzip",
    (CrawledColumn("id", "bigint", "ID"), CrawledColumn("x", "", "X")),
    {"delimiter": "|"},
    records=3,
    whole=True,
    first_record=("a", "b"),
    blank_lines=2,
)


def test_what_is_known_is_read_back_as_it_was(tmp_path: Path) -> None:
    other = replace(SCHEMA, file=StoredFile("s3://b/b", 2**40, ""), records=10**10, first_record=(), parameters={})
    write_known(tmp_path / "deep" / "known.parquet", [SCHEMA, other])
    known = read_known(tmp_path / "deep" / "known.parquet")
    assert known.schemas == {SCHEMA.file.path: SCHEMA, other.file.path: other}


@pytest.mark.parametrize("change", [{"size": 11}, {"version": "other"}, {"path": "s3://b/other"}])
def test_a_file_that_changed_is_not_known(change: dict[str, object]) -> None:
    known = KnownFiles({FILE.path: SCHEMA})
    assert known.unchanged(FILE) == SCHEMA
    assert known.unchanged(replace(FILE, **change)) is None  # type: ignore[arg-type]


def test_a_file_without_a_version_is_never_known() -> None:
    file = replace(FILE, version="")
    assert KnownFiles({file.path: replace(SCHEMA, file=file)}).unchanged(file) is None


@pytest.mark.parametrize("content", [b"", b"PAR1 damaged PAR1", None])
def test_nothing_is_known_where_the_file_is_damaged_or_missing(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "known.parquet"
    if content is not None:
        place.write_bytes(content)
    assert read_known(place).schemas == {}


def test_other_rules_of_reading_have_a_place_of_their_own(tmp_path: Path) -> None:
    rules = (CrawlRules(), CrawlRules(glue=True), CrawlRules(csv=(CsvRule(header=True),)))
    assert len({known_place(tmp_path, "s3://b/", each) for each in rules}) == 3
    assert known_place(tmp_path, "s3://b/", CrawlRules(exclusions=("x",))) == known_place(
        tmp_path, "s3://b/", CrawlRules()
    )
