import logging
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from crawling.table import CrawledTable
from errors import InvalidInputError

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]


def test_a_chosen_name_is_folded(write: Write, crawl: Crawl) -> None:
    assert crawl(write("x.csv", "id,name\n1,Ada\n"), name="People").name == "people"


def test_a_name_that_cannot_be_is_refused(write: Write, crawl: Crawl) -> None:
    with pytest.raises(InvalidInputError, match="'my people' cannot name a table"):
        crawl(write("x.csv", "id,name\n1,Ada\n"), name="my people")


def test_a_folder_without_files_is_refused(write: Write, crawl: Crawl) -> None:
    folder = write("_SUCCESS", "").parent
    with pytest.raises(
        InvalidInputError, match=r"^'.*/files/' holds no files \(names that start with \. or _ are skipped"
    ):
        crawl(folder)


@pytest.mark.parametrize("place", [".", "x.csv"], ids=["folder", "file"])
def test_emptiness_is_refused(write: Write, crawl: Crawl, place: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is empty\. Give CSV, JSON, Parquet, ORC or Avro\."):
        crawl(write("x.csv", "").parent / place)


def test_progress_names_records_and_columns(write: Write, crawl: Crawl, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="findmatches")
    crawl(write("x.csv", "id,name\n1,Ada\n"))
    assert "crawl: 1 record, 2 columns" in caplog.text


def test_remote_files_are_crawled_like_local_ones(crawl: Crawl) -> None:
    memory = fsspec.filesystem("memory", use_listings_cache=False)
    memory.pipe("/crawled/people/a.csv", b"id,name\n1,Ada\n")
    memory.pipe("/crawled/people/b.csv", b"id,name\n2.5,Bob\n")
    table = crawl("memory://crawled/people")
    memory.rm("/crawled", recursive=True)
    assert (table.name, table.location) == ("people", "memory:///crawled/people/")
    assert table.files == ("memory:///crawled/people/a.csv", "memory:///crawled/people/b.csv")
    assert [(column.name, column.type) for column in table.columns] == [("id", "double"), ("name", "string")]
    assert table.parameters["recordCount"] == "2"
