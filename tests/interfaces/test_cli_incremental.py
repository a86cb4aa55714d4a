"""What `findmatches run` says of a table that grew since its last run."""

import json

import pytest


@pytest.fixture
def grown(findmatches, people_csv):
    """Commands in a workspace where `people` was matched with 70 of its 90 rows; then came the others."""
    whole = people_csv.read_text()
    people_csv.write_text("".join(whole.splitlines(keepends=True)[:71]))
    for words in (
        ("crawl", people_csv, "--table", "people"),
        ("transform", "create", "people", "--table", "default.people", "--primary-key", "id"),
        ("run", "people", "--output", "first.csv", "--incremental"),
    ):
        done = findmatches(*words)
        assert done.exit_code == 0, done.output
    assert "Not incremental: there is no earlier run. All rows were compared." in done.stdout
    assert "ids kept" not in done.stdout
    people_csv.write_text(whole)
    return findmatches


def facts(text: str) -> dict[str, str]:
    lines = (line.rsplit(maxsplit=1) for line in text.splitlines() if line)
    return {line[0].strip(): line[1] for line in lines if len(line) == 2}


def test_an_incremental_run_says_what_is_new_and_what_became_of_the_ids(grown):
    said = grown("run", "people", "--output", "second.csv", "--incremental").stdout
    assert "Not incremental" not in said
    told = facts(said)
    assert (told["rows"], told["new rows"], told["changed rows"], told["removed rows"]) == ("90", "20", "0", "0")
    assert int(told["ids kept"]) + int(told["ids new"]) + int(told["ids split"]) == int(told["clusters"])
    assert int(told["ids new"]) > 0


def test_a_full_run_tells_the_same_of_rows_and_ids(grown):
    made = json.loads(grown("run", "people", "--output", "second.csv", "--json").stdout)
    assert (made["incremental"], made["why_full"]) == (False, None)
    assert made["since_last_run"]["new_rows"] == 20
    assert made["since_last_run"].keys() == {
        *("new_rows", "changed_rows", "removed_rows"),
        *("ids_kept", "ids_new", "ids_merged", "ids_split", "ids_removed"),
    }
    again = json.loads(grown("run", "people", "--output", "second.csv", "--incremental", "--json").stdout)
    assert (again["incremental"], again["since_last_run"]["ids_kept"]) == (True, made["clusters"])


def test_the_counts_are_kept_with_the_run(grown):
    made = json.loads(grown("run", "people", "--output", "second.csv", "--json").stdout)
    history = {run["task_run_id"]: run for run in json.loads(grown("runs", "people", "--json").stdout)}
    assert history[made["task_run_id"]]["summary"]["since_last_run"] == made["since_last_run"]


def test_a_deleted_transform_leaves_no_match_ids(grown, workspace):
    folder = workspace / "home" / "match_ids"
    assert len(list(folder.iterdir())) == 1
    assert json.loads(grown("transform", "delete", "people", "--json").stdout)["deleted"] is True
    assert list(folder.iterdir()) == []
