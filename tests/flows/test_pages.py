"""What the pages of runs say, whatever the data holds."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest

from catalog.partitions import Changes
from catalog.table import Column, Table
from catalog.transforms import FindMatchesParameters, Transform
from crawling.problems import Problem
from flows.artifacts import artifact_key
from flows.curve_picture import as_markdown
from flows.markdown import code, table, words
from flows.pages import (
    PAGES,
    page_of_crawl,
    page_of_import,
    page_of_labeling_set,
    page_of_matches,
    page_of_quality,
    page_of_rejection,
    page_of_request,
    page_of_tradeoffs,
    table_found,
)
from tasks.crawl import crawl, crawl_path
from tasks.crawl_again import crawl_again
from tasks.crawl_catalog import CrawlSummary
from tasks.crawl_database import crawl_database
from tasks.crawl_dynamodb import crawl_dynamodb
from tasks.find_matches import RunSummary, SinceLastRun
from tasks.generate_labeling_set import LabelingSetSummary
from tasks.import_labels import ImportSummary
from tasks.run_crawler import run_crawler
from tasks.sample_clusters import Cluster, largest_clusters

HOSTILE = "| `x` <script>alert(1)</script>\n# head ![i](http://evil) $a$"
FOUND = Table("default", "pets", "/data/pets.csv", "csv", (Column("id", "bigint", "id"),), {}, ("/data/pets.csv",))
RUN = RunSummary("tsk-1", "s3://out/pets.csv", 1200, 34, 1100, 180, "mdl-1", False, None, None)
METRICS = {
    "Precision": 0.97,
    "Recall": 0.91,
    "F1": 0.939,
    "AreaUnderPRCurve": 0.95,
    "ConfusionMatrix": {"NumTruePositives": 12, "NumFalseNegatives": 1},
    "ColumnImportances": [{"ColumnName": "name", "Importance": 0.75}],
    "LabeledPairs": 13,
    "Intervals": {"Precision": [0.9, 1.0]},
    "PRCurve": [[0.0, 1.0], [0.5, 0.99], [1.0, 0.2]],
}


def test_a_hostile_value_stays_one_cell_of_text() -> None:
    made = table(["name"], [[HOSTILE]])
    assert len(made.splitlines()) == 3
    assert "<script>" not in made
    assert len(re.findall(r"(?<!\\)\|", made.splitlines()[2])) == 2
    assert "\\!\\[i\\]\\(" in made


def test_a_path_can_hold_any_sign() -> None:
    assert code("a`b\n<c>") == "`` a`b <c> ``"
    assert len(words("x" * 1000)) == 200


def test_numbers_stand_on_the_right_and_an_empty_table_is_one() -> None:
    assert table(["", "count"], [("rows", 12345)]) == "|  | count |\n| --- | ---: |\n| rows | 12,345 |"
    assert table(["file"], []) == "| file |\n| --- |"


def test_a_crawl_shows_columns_and_what_was_not_read() -> None:
    none = Changes()
    found = CrawlSummary((FOUND,), (Problem("/data/x|y.csv", "is empty"),), (), none, none, 2, 1)
    page = page_of_crawl(found)
    assert "1 table in 2 files; 1 were read now." in page
    assert "| id | bigint |" in page
    assert "### Not read (1)" in page
    assert "x\\|y.csv | is empty |" in page
    assert "Not read" not in page_of_crawl(replace(found, problems=()))


def test_a_crawl_of_one_table_is_about_that_table() -> None:
    none = Changes()
    several = CrawlSummary((FOUND, replace(FOUND, name="toys")), (), (), none, none, 2, 1)
    assert table_found(FOUND) == table_found(replace(several, tables=(FOUND,))) == "default.pets"
    assert [table_found(each) for each in (several, replace(several, tables=()), None, METRICS)] == [""] * 4


@pytest.mark.parametrize("step", [crawl, crawl_path, crawl_again, crawl_database, crawl_dynamodb, run_crawler])
def test_every_crawl_has_a_page(step: Callable[..., Any]) -> None:
    assert PAGES[step.__name__] == ("schema-found", page_of_crawl)


def test_a_labeling_set_says_where_it_is_and_what_to_do() -> None:
    page = page_of_labeling_set(LabelingSetSummary("tsk-1", "s3://b/to label.csv", 100, 10))
    assert "100 rows in 10 labeling sets: `s3://b/to label.csv`" in page
    assert "**label**" in page


def test_a_request_says_what_to_label_and_where_to_put_it() -> None:
    page = page_of_request("s3://b/to label.csv", "s3://b/done.csv", "14 days")
    assert "waits 14 days for somebody who labels `s3://b/to label.csv`" in page
    assert "put it at `s3://b/done.csv`" in page


def test_trade_offs_are_shown_as_they_are_now() -> None:
    tuned = SimpleNamespace(parameters=FindMatchesParameters("id", precision_recall_tradeoff=0.7))
    page = page_of_tradeoffs(cast("Transform", tuned))
    assert "| precision recall tradeoff | 0.700 |" in page
    assert "| accuracy cost tradeoff | 0.500 |" in page


def test_an_import_says_what_was_stored() -> None:
    page = page_of_import(ImportSummary("tsk-1", 10, 8, 2, 3, 20, False, ("Ignored 1 column.",)))
    assert "| labels | 8 |" in page
    assert "- Ignored 1 column." in page


def test_a_rejection_lists_one_problem_a_line() -> None:
    problems = "line 1: column 'id' is missing; it has: key; lines 3 and 4: no *key*."
    page = page_of_rejection("a.csv", f"Labels in 'a.csv' were not stored: {problems}")
    assert "\n- line 1: column 'id' is missing; it has: key\n- lines 3 and 4: no \\*key\\*.\n" in page
    assert "- Cannot read 'a.csv'." in page_of_rejection("a.csv", "Cannot read 'a.csv'.")


def test_quality_has_intervals_and_a_picture_that_is_one() -> None:
    page = page_of_quality(METRICS)
    assert "| Precision | 0.970 | 0.900 | 1.000 |" in page
    assert "| Recall | 0.910 |  |  |" in page
    assert "| true positives | 12 |" in page
    encoded = re.search(r"base64,([^)]+)\)", page)
    assert encoded
    picture = ET.fromstring(b64decode(encoded[1]))
    line = picture.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    assert len(line.attrib["points"].split()) == 3


def test_quality_without_a_curve_has_no_picture() -> None:
    assert "base64" not in page_of_quality({**METRICS, "PRCurve": []})
    assert len(as_markdown(METRICS["PRCurve"], 0.9, 0.9)) < 10_000  # type: ignore[arg-type]


def test_matches_show_the_largest_clusters() -> None:
    cluster = Cluster(77, 6, ("id", "name"), (("1", HOSTILE), ("2", "")))
    since = SinceLastRun(1, 2, 3, 4, 5, 6, 7, 8)
    page = page_of_matches(replace(RUN, since_last_run=since), [cluster])
    assert "`s3://out/pets.csv`" in page
    assert "### match_id 77: 6 rows" in page
    assert "… and 4 more." in page
    assert "| new rows | 1 |" in page
    assert "unsupervised" not in page
    assert "without labels" in page_of_matches(replace(RUN, model="unsupervised"), [])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_largest_clusters_of_a_file_are_found(tmp_path: Path, ending: str) -> None:
    import duckdb

    path = tmp_path / f"m[1]'.{ending}"
    names = ("NULL", "'x, y'")
    ids = (5, 7, 5, 9, 7, 5, 5, 5, 11)
    rows = ", ".join(f"('r{number}', {names[match == 7]}, {match})" for number, match in enumerate(ids))
    target = str(path).replace("'", "''")
    options = "FORMAT parquet" if ending == "parquet" else "HEADER"
    duckdb.execute(f"COPY (SELECT * FROM (VALUES {rows}) AS t(id, name, match_id)) TO '{target}' ({options})")
    first, second = largest_clusters(str(path))
    assert (first.match_id, first.size, first.columns) == (5, 5, ("id", "name"))
    assert [row[0] for row in first.rows] == ["r0", "r2", "r5", "r6"]
    assert first.rows[0] == ("r0", "")
    assert (second.match_id, second.size, second.rows) == (7, 2, (("r1", "x, y"), ("r4", "x, y")))


def test_keys_of_artifacts_are_such_as_prefect_allows() -> None:
    assert artifact_key("quality", "Größe & Co_1") == "quality-gr-e-co-1"
    assert artifact_key("model", "") == "model"


TAGS = r"<(script|img|a|h1)\b"
HOSTILE_PATHS = [
    "s3://lake/<script>alert(1)</script>.csv",
    "s3://lake/[x](javascript:alert(1)).csv",
    "s3://lake/`[x](javascript:alert(1))`.csv",
    "s3://lake/``[x](javascript:alert(1))``.csv",
    "s3://lake/``` <img src=x onerror=alert(1)> `.csv",
    "s3://lake/a\n\n# heading [x](javascript:alert(1)).csv",
    "s3://lake/a|b|![x](https://example.org/x.png).csv",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_a_hostile_path_is_no_markdown_on_any_page(path: str) -> None:
    from markdown_it import MarkdownIt

    pages = [
        code(path),
        table(("file",), [(path,)]),
        page_of_rejection(path, f"No labels in '{path}'."),
        page_of_labeling_set(LabelingSetSummary("tsk-1", path, 2, 1)),
        page_of_request(path, path, "5 minutes"),
    ]
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.validateLink = lambda _: True  # type: ignore[method-assign] # a careless one
    assert re.search(TAGS, reader.render(path.replace("`", ""))), "the path is not hostile"
    for page in pages:
        html = reader.render(page)
        assert "lake/" in html
        assert not re.search(TAGS, html), html
