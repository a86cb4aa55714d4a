"""Runs that follow one another on a table that grows, changes and shrinks."""

import csv
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

import matching.learn
import matching.matcher
from catalog.column_settings import ColumnSettings
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.match_ids import Change, MatchIdChange, list_changes
from catalog.models import latest_model
from catalog.task_runs import get_task_run
from catalog.transforms import FindMatchesParameters, Transform, create_transform, update_transform
from matching.matcher import ComparedPairs, PreparedRecords, compare_candidates
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.find_matches import RunSummary, SinceLastRun, find_matches

Edit = Callable[[list[str]], None]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def rows(people_csv: Path) -> list[str]:
    """The lines of 90 rows about 60 persons, in no order."""
    lines = people_csv.read_text().splitlines()[1:]
    random.Random(3).shuffle(lines)
    return lines


@pytest.fixture
def edit(people_csv: Path) -> Edit:
    """Put other rows into the file."""

    def write(lines: list[str]) -> None:
        people_csv.write_text("\n".join(["id,name,city,phone", *lines]) + "\n")

    return write


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: Callable[[str], Transform]) -> Transform:
    return make_transform(crawl(workspace, str(people_csv), header=True).qualified_name)


@pytest.fixture
def whole_tables(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the tables whose records were all sought among all, in order."""
    sizes: list[int] = []

    def counted(prepared: PreparedRecords) -> ComparedPairs:
        sizes.append(prepared.records)
        return compare_candidates(prepared)

    monkeypatch.setattr(matching.matcher, "compare_candidates", counted)
    return sizes


def run(workspace: Workspace, tmp_path: Path, incremental: bool = True, name: str = "people") -> RunSummary:
    return find_matches(workspace, name, str(tmp_path / "out.csv"), incremental=incremental)


def ids_in(path: Path) -> dict[str, int]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: int(row["match_id"]) for row in csv.DictReader(file)}


def clusters(ids: dict[str, int]) -> set[frozenset[str]]:
    keys = defaultdict(set)
    for key, match_id in ids.items():
        keys[match_id].add(key)
    return {frozenset(group) for group in keys.values()}


def label(workspace: Workspace, transform: Transform, rows: list[str], count: int) -> None:
    """Store what a person would say of the first rows, in sets of ten."""
    keys = [row.split(",")[0] for row in rows[:count]]
    labels = [StoredLabel(f"S{place // 10}", key, key[:-1]) for place, key in enumerate(sorted(keys))]
    file = LabelFile(f"labels {count}", "labelled.csv", len(labels), 0)
    store_labels(Catalog.of(workspace), transform.transform_id, labels, file)


def test_the_first_run_is_a_full_one_and_says_so(
    workspace: Workspace, people: Transform, tmp_path: Path, whole_tables: list[int]
) -> None:
    summary = run(workspace, tmp_path)
    assert (summary.incremental, summary.why_full) == (False, "there is no earlier run")
    assert summary.since_last_run is None
    assert whole_tables == [90]


@pytest.mark.parametrize("labelled", [False, True], ids=["without labels", "with a kept model"])
def test_a_table_that_grew_in_slices_has_the_clusters_of_a_full_run(
    workspace: Workspace,
    people: Transform,
    tmp_path: Path,
    rows: list[str],
    edit: Edit,
    whole_tables: list[int],
    labelled: bool,
) -> None:
    edit(rows[:45])
    if labelled:
        label(workspace, people, rows, 40)
    run(workspace, tmp_path)
    for count in (60, 75, 90):
        edit(rows[:count])
        summary = run(workspace, tmp_path)
        assert (summary.incremental, summary.why_full) == (True, None)
    assert whole_tables == [45]
    in_slices = clusters(ids_in(tmp_path / "out.csv"))
    run(workspace, tmp_path, incremental=False)
    assert whole_tables == [45, 90]
    assert in_slices == clusters(ids_in(tmp_path / "out.csv"))


def test_the_order_of_the_rows_changes_nothing(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    found = []
    for seed in range(2):
        home = Workspace(tmp_path / f"home{seed}")
        edit(random.Random(seed).sample(rows[:70], 70))
        table = crawl(home, str(tmp_path / "people.csv"), header=True)
        parameters = FindMatchesParameters(primary_key_column_name="id")
        create_transform(Catalog.of(home), name="people", table=table, parameters=parameters)
        run(home, tmp_path)
        edit(random.Random(seed).sample(rows, 90))
        run(home, tmp_path)
        found.append(ids_in(tmp_path / "out.csv"))
    assert found[0] == found[1]


@pytest.mark.parametrize("incremental", [False, True], ids=["full", "incremental"])
@pytest.mark.parametrize("labelled", [False, True], ids=["without labels", "with labels"])
def test_the_same_table_again_gives_the_same_bytes_and_no_change(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], incremental: bool, labelled: bool
) -> None:
    if labelled:
        label(workspace, people, rows, 40)
    first = run(workspace, tmp_path, incremental)
    written = (tmp_path / "out.csv").read_bytes()
    again = run(workspace, tmp_path, incremental)
    assert (tmp_path / "out.csv").read_bytes() == written
    assert again.since_last_run == SinceLastRun(0, 0, 0, first.clusters, 0, 0, 0, 0)
    assert again.incremental is incremental


def test_after_an_incremental_run_the_same_table_gives_the_same_bytes(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    edit(rows[:60])
    run(workspace, tmp_path)
    edit(rows)
    run(workspace, tmp_path)
    written = (tmp_path / "out.csv").read_bytes()
    again = run(workspace, tmp_path)
    assert (tmp_path / "out.csv").read_bytes() == written
    assert again.since_last_run is not None
    assert (again.since_last_run.ids_merged, again.since_last_run.ids_split) == (0, 0)


def test_rows_that_are_new_changed_or_gone_are_counted_and_the_gone_ones_vanish(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    rows = sorted(rows)
    edit(rows[:80])
    run(workspace, tmp_path)
    key, _, rest = rows[10].split(",", 2)
    edit([*rows[5:10], f"{key},somebody else,{rest}", *rows[11:]])
    summary = run(workspace, tmp_path)
    assert summary.since_last_run is not None
    counts = asdict(summary.since_last_run)
    assert (counts["new_rows"], counts["changed_rows"], counts["removed_rows"]) == (10, 1, 5)
    assert summary.rows == len(ids_in(tmp_path / "out.csv")) == 85
    assert ids_in(tmp_path / "out.csv").keys() == {row.split(",")[0] for row in rows[5:]}


def test_a_row_that_changed_is_matched_by_what_it_says_now(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    """p01b becomes a copy of p03a; its old partner p01a stays alone."""
    run(workspace, tmp_path)
    before = ids_in(tmp_path / "out.csv")
    values = {row.split(",")[0]: row.split(",", 1)[1] for row in rows}
    edit([f"{key},{values['p03a'] if key == 'p01b' else rest}" for key, rest in values.items()])
    summary = run(workspace, tmp_path)
    after = ids_in(tmp_path / "out.csv")
    assert before["p01a"] == before["p01b"] != before["p03a"]
    assert after["p01a"] != after["p01b"] == after["p03a"] == before["p03a"]
    assert after["p01a"] == before["p01a"]
    assert summary.since_last_run is not None
    assert (summary.since_last_run.changed_rows, summary.since_last_run.ids_kept) == (1, 60)


def test_clusters_that_did_not_change_keep_their_ids_and_new_rows_join_them(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    """The first rows of the persons come later: by their hashes alone, the ids would change."""
    edit([row for row in rows if row.split(",")[0].endswith("b")])
    run(workspace, tmp_path)
    before = ids_in(tmp_path / "out.csv")
    edit(rows)
    summary = run(workspace, tmp_path)
    after = ids_in(tmp_path / "out.csv")
    assert {key: after[key] for key in before} == before
    assert sum(after[f"{key[:-1]}a"] == before[key] for key in before) >= 27
    assert summary.since_last_run is not None
    assert summary.since_last_run.ids_kept == 30


def test_merges_and_splits_are_recorded_and_counted(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str]
) -> None:
    """Enforced labels first part p01a and p01b and join p02a with p04a, then nothing is enforced any more."""
    labels = [("S1", "p01a", "A"), ("S1", "p01b", "B"), ("S2", "p02a", "A"), ("S2", "p04a", "A")]
    stored = [StoredLabel(*each) for each in labels]
    run(workspace, tmp_path)
    plain = ids_in(tmp_path / "out.csv")
    store_labels(Catalog.of(workspace), people.transform_id, stored, LabelFile("four", "labelled.csv", 4, 0))
    update_transform(Catalog.of(workspace), "people", enforce_provided_labels=True)
    summary = run(workspace, tmp_path)
    enforced = ids_in(tmp_path / "out.csv")
    told = list_changes(Catalog.of(workspace), people.transform_id, summary.task_run_id)
    assert MatchIdChange(Change.MERGED, plain["p04a"], plain["p02a"], 1) in told
    assert MatchIdChange(Change.SPLIT, enforced["p01b"], plain["p01a"], 1) in told
    assert summary.since_last_run is not None
    merged, split = ([c for c in told if c.change is kind] for kind in (Change.MERGED, Change.SPLIT))
    assert (summary.since_last_run.ids_merged, summary.since_last_run.ids_split) == (len(merged), len(split))
    kept = get_task_run(Catalog.of(workspace), summary.task_run_id).summary["since_last_run"]
    assert kept == asdict(summary.since_last_run)


def test_a_model_whose_labels_did_not_change_is_applied_and_not_trained_again(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    edit(rows[:60])
    label(workspace, people, rows, 40)
    first = run(workspace, tmp_path)
    edit(rows)
    second = run(workspace, tmp_path)
    assert second.incremental
    assert second.model == first.model
    label(workspace, people, rows, 50)
    third = run(workspace, tmp_path)
    model = latest_model(Catalog.of(workspace), people.transform_id)
    assert model is not None
    assert third.model == model.model_id != first.model
    assert third.incremental


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"accuracy_cost_tradeoff": 0.7}, "trade-off is not that of the last run", id="trade-off"),
        pytest.param({"source_column_name": "city"}, "the source column is not that", id="source column"),
    ],
)
def test_what_decides_who_is_compared_makes_a_full_run(
    workspace: Workspace, people: Transform, tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    run(workspace, tmp_path)
    update_transform(Catalog.of(workspace), "people", **changes)
    summary = run(workspace, tmp_path)
    assert not summary.incremental
    assert summary.why_full is not None
    assert why in summary.why_full


def test_another_column_makes_a_full_run(
    workspace: Workspace, people: Transform, people_csv: Path, tmp_path: Path
) -> None:
    run(workspace, tmp_path)
    before = ids_in(tmp_path / "out.csv")
    header, *lines = people_csv.read_text().splitlines()
    people_csv.write_text("\n".join([f"{header},land", *(f"{line},de" for line in lines)]) + "\n")
    crawl(workspace, str(people_csv), header=True)
    summary = run(workspace, tmp_path)
    assert summary.why_full == "the columns are not those of the last run"
    assert ids_in(tmp_path / "out.csv") == before


def test_what_decides_later_leaves_the_run_incremental(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path)
    update_transform(Catalog.of(workspace), "people", precision_recall_tradeoff=0.9)
    assert run(workspace, tmp_path).incremental


def test_rows_of_one_source_stay_apart_in_an_incremental_run_too(
    workspace: Workspace, make_transform: Callable[[str], Transform], tmp_path: Path, rows: list[str]
) -> None:
    """Two copies of a row are of one source; one of them is new."""
    header = "id,name,city,phone,origin"
    lines = [f"{row},{row.split(',')[0][-1]}" for row in rows]
    copy = next(line for line in lines if line.startswith("p01a,")).replace("p01a", "p99a")
    (tmp_path / "lists.csv").write_text("\n".join([header, *lines]) + "\n")
    make_transform(crawl(workspace, str(tmp_path / "lists.csv"), header=True).qualified_name)
    update_transform(Catalog.of(workspace), "lists", source_column_name="origin")
    run(workspace, tmp_path, name="lists")
    (tmp_path / "lists.csv").write_text("\n".join([header, *lines, copy]) + "\n")
    assert run(workspace, tmp_path, name="lists").incremental
    ids = ids_in(tmp_path / "out.csv")
    assert ids["p99a"] != ids["p01a"]
    assert ids["p01b"] in (ids["p01a"], ids["p99a"])


def test_a_column_whose_kind_changed_as_the_table_grew_is_taken_as_the_model_learned_it(
    workspace: Workspace,
    make_transform: Callable[[str], Transform],
    tmp_path: Path,
    rows: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Five teams among 45 rows are a category, ten among 90 are names."""
    header, path = "id,name,city,phone,team", tmp_path / "teams.csv"
    lines = [f"{row},team {'abcdefghij'[place % (5 if place < 45 else 10)] * 3}" for place, row in enumerate(rows)]
    path.write_text("\n".join([header, *lines[:45]]) + "\n")
    transform = make_transform(crawl(workspace, str(path), header=True).qualified_name)
    label(workspace, transform, rows, 40)
    first = run(workspace, tmp_path, name="teams")
    path.write_text("\n".join([header, *lines]) + "\n")
    with caplog.at_level("INFO", "findmatches"):
        second = run(workspace, tmp_path, name="teams")
    assert "team is taken as category, not name" in caplog.text
    assert second.incremental
    assert second.model == first.model
    grown = clusters(ids_in(tmp_path / "out.csv"))
    again = run(workspace, tmp_path, name="teams")
    assert again.since_last_run == SinceLastRun(0, 0, 0, second.clusters, 0, 0, 0, 0)
    run(workspace, tmp_path, incremental=False, name="teams")
    assert clusters(ids_in(tmp_path / "out.csv")) == grown


def test_where_the_grown_table_calls_for_other_measures_the_model_is_trained_anew(
    workspace: Workspace,
    make_transform: Callable[[str], Transform],
    tmp_path: Path,
    rows: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A third of the first notes have a number in them, a sixth of all."""
    header, path = "id,name,city,phone,note", tmp_path / "notes.csv"
    words = [f"{'abcdefghi'[place % 9] * 3} door" for place in range(90)]
    lines = [f"{row},{words[n]}{' 12' if n < 45 and n % 3 == 0 else ''}" for n, row in enumerate(rows)]
    path.write_text("\n".join([header, *lines[:45]]) + "\n")
    transform = make_transform(crawl(workspace, str(path), header=True).qualified_name)
    label(workspace, transform, rows, 40)
    first = run(workspace, tmp_path, name="notes")
    path.write_text("\n".join([header, *lines]) + "\n")
    with caplog.at_level("INFO", "findmatches"):
        second = run(workspace, tmp_path, name="notes")
    assert "the values call for other measures than when the model was trained" in caplog.text
    assert second.incremental
    assert second.model != first.model
    again = run(workspace, tmp_path, name="notes")
    assert again.model == second.model
    assert again.since_last_run == SinceLastRun(0, 0, 0, second.clusters, 0, 0, 0, 0)


def test_the_same_rows_in_a_file_written_anew_are_the_same_table(
    workspace: Workspace, people: Transform, tmp_path: Path, rows: list[str], edit: Edit
) -> None:
    edit(rows)
    first = run(workspace, tmp_path)
    edit(rows[::-1])
    again = run(workspace, tmp_path)
    assert again.since_last_run == SinceLastRun(0, 0, 0, first.clusters, 0, 0, 0, 0)
    assert again.candidate_pairs == first.candidate_pairs


def test_other_kinds_set_for_columns_make_a_full_run(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path)
    update_transform(Catalog.of(workspace), "people", column_settings=ColumnSettings({"phone": "ignore"}))
    assert run(workspace, tmp_path).why_full == "the kinds set for columns are not those of the last run"
