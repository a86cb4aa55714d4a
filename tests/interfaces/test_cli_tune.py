"""findmatches tune: other trade-offs, nothing labelled again."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def matched(labelled_transform):
    for words in (("evaluate", "people"), ("run", "people", "--output", "matches.csv")):
        done = labelled_transform(*words)
        assert done.exit_code == 0, done.output
    return labelled_transform


def test_the_quality_before_and_now_and_the_matches_where_they_were(matched, workspace: Path):
    (workspace / "matches.csv").unlink()
    said = matched("tune", "people", "--precision-recall", "1").stdout.splitlines()
    assert said[:2] == ["precision recall tradeoff: 0.5 before, 1.0 now", "accuracy cost tradeoff: 0.5 before, 0.5 now"]
    assert said[3].split() == ["estimate", "before", "now", "95", "%", "from", "to"]
    assert [line.split()[0] for line in said[4:8]] == ["precision", "recall", "F1", "AUPRC"]
    assert said[-1] == "output  matches.csv"
    assert (workspace / "matches.csv").read_text().startswith("id,name,city,phone,match_id\n")
    shown = json.loads(matched("transform", "show", "people", "--json").stdout)
    assert shown["parameters"]["precision_recall_tradeoff"] == 1.0


def test_it_is_what_update_evaluate_and_run_make(matched, workspace: Path):
    made = json.loads(matched("tune", "people", "--accuracy-cost", "0.9", "--output", "tuned.csv", "--json").stdout)
    tuned = (workspace / "tuned.csv").read_bytes()
    assert made["before"] is not None
    matched("transform", "update", "people", "--accuracy-cost", "0.5")
    matched("transform", "update", "people", "--accuracy-cost", "0.9")
    quality = json.loads(matched("evaluate", "people", "--json").stdout)
    run = json.loads(matched("run", "people", "--output", "tuned.csv", "--json").stdout)
    assert (workspace / "tuned.csv").read_bytes() == tuned
    assert made["transform"]["evaluation_metrics"] == quality
    assert (made["matches"]["path"], made["matches"]["clusters"]) == ("tuned.csv", run["clusters"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "There is nothing to tune. Give a precision-recall trade-off"),
        (("--accuracy-cost", "3"), "accuracy_cost_tradeoff must be between 0.0 and 1.0, and 3.0 is not."),
    ],
)
def test_what_cannot_be_tuned_is_one_line(matched, words, message):
    done = matched("tune", "people", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("Error: ")]
    assert message in line


def test_without_labels_or_matches_it_says_what_is_missing(findmatches, people_csv):
    findmatches("crawl", people_csv, "--table", "people")
    findmatches("transform", "create", "people", "--table", "default.people", "--primary-key", "id")
    nowhere = findmatches("tune", "people", "--precision-recall", "1")
    assert "has written no matches yet" in nowhere.stderr
    unlabelled = findmatches("tune", "people", "--precision-recall", "1", "--output", "x.csv")
    assert "can only be applied to a transform that is in a READY state" in unlabelled.stderr
    shown = json.loads(findmatches("transform", "show", "people", "--json").stdout)
    assert shown["parameters"]["precision_recall_tradeoff"] == 0.5
