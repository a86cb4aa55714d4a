"""The blocking report on the command line."""

import json

import pytest


@pytest.fixture
def people(findmatches, people_csv):
    assert findmatches("crawl", people_csv, "--table", "people").exit_code == 0
    assert (
        findmatches("transform", "create", "people", "--table", "default.people", "--primary-key", "id").exit_code == 0
    )
    return findmatches


def test_the_report_tells_what_was_found_what_is_common_and_what_was_dropped(people):
    lines = people("blocking", "people").stdout.splitlines()
    headings = [" ".join(line.split()) for line in lines]
    assert "rows 90" in headings
    for heading in (
        "found by pairs only by this",
        "estimated recall by recall",
        "most candidates candidates",
        "search commonest terms records not searched by",
        "left right similarity probability",
    ):
        assert heading in headings
    assert any(
        line.startswith("wider search: the first pass's likely matches among the candidates of 90") for line in lines
    )


def test_json_says_the_same(people):
    report = json.loads(people("blocking", "people", "--json").stdout)
    assert (report["rows"], report["records"]) == (90, 90)
    assert report["pairs"] == pytest.approx(report["mean_candidates"] * 90)
    assert [each["by"] for each in report["found_by"]] == ["3-grams", "words", "shared neighbour"]
    assert {each["by"]: each["recall"] for each in report["recall"]}["wider search"] > 0.9
    assert all(pair["left"] < pair["right"] for pair in report["dropped"])
