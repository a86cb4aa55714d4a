import csv
import errno
import os
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import matching.learn
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.models import latest_model
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform, update_transform
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks import found_matches as found_matches_step
from tasks.crawl import crawl
from tasks.find_matches import RunSummary, find_matches

PERSONS = """id,name,city,phone
10,anna berg,bonn,0228 100101
9,ana berg,bonn,0228 100101
3,otto kahn,ulm,0731 200202
4,Otto KAHN,Ulm,0731 200202
5,lena voss,kiel,0431 300303
6,mia falk,jena,03641 400404
7,ida horn,trier,0651 500505
8,ida horn,,0651 500505
1,eva brandt,mainz,06131 600606
2,karl zweig,essen,0201 700707
"""
SAME_PERSON = [{"10", "9"}, {"3", "4"}, {"7", "8"}]
ODD_VALUES = """id,name,note,price
007,"Chair ""Oslo"", oak","first line
second line",1.50
7,"Chair ""Oslo"", oak", blanks around ,01.5
08,Stühle 東京,=1+1,
x-1,O'Neill & Söhne,NULL,-0
-,\\backslash,"	tab",1e3
"""

Row = dict[str, str]
MakeTable = Callable[[str], Transform]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30, raising=False)


@pytest.fixture
def make_table(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]) -> MakeTable:
    """Make the transform `things` over a file."""

    def make(text: str) -> Transform:
        (tmp_path / "things.csv").write_text(text, encoding="utf-8", newline="")
        return make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)

    return make


@pytest.fixture
def persons(make_table: MakeTable) -> Transform:
    return make_table(PERSONS)


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: Callable[[str], Transform]) -> Transform:
    return make_transform(crawl(workspace, str(people_csv), header=True).qualified_name)


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(workspace: Workspace, output: Path, name: str = "things", **flags: bool) -> RunSummary:
    return find_matches(workspace, name, str(output), **flags)


def clusters_of(path: Path) -> list[set[str]]:
    """The keys of the clusters of more than one row."""
    clusters = defaultdict(set)
    for row in rows_of(path):
        clusters[row["match_id"]].add(row["id"])
    return [keys for keys in clusters.values() if len(keys) > 1]


def label(workspace: Workspace, transform: Transform, text: str) -> None:
    """Store labels, written as set, label and key."""
    labels = [StoredLabel(set_id, key, label) for set_id, label, key in (each.split(",") for each in text.split())]
    store_labels(Catalog.of(workspace), transform.transform_id, labels, LabelFile(text, "labelled.csv", len(labels), 0))


def change(workspace: Workspace, **settings: Any) -> None:
    update_transform(Catalog.of(workspace), "things", **settings)


def test_obvious_duplicates_are_found_before_any_label(
    workspace: Workspace, persons: Transform, tmp_path: Path
) -> None:
    summary = run(workspace, tmp_path / "out.csv")
    assert clusters_of(tmp_path / "out.csv") == SAME_PERSON
    assert (summary.rows, summary.clusters, summary.matched_rows, summary.model) == (10, 7, 6, "unsupervised")
    assert summary.candidate_pairs >= 3


def test_every_row_leaves_once_with_all_its_values_as_written(
    workspace: Workspace, make_table: MakeTable, tmp_path: Path
) -> None:
    make_table(ODD_VALUES)
    run(workspace, tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert [list(row) for row in rows] == [["id", "name", "note", "price", "match_id"]] * 5
    assert [row.pop("match_id") for row in rows][:2] != ["", ""]
    assert rows == rows_of(tmp_path / "things.csv")


def test_parquet_has_the_catalogued_types(workspace: Workspace, make_table: MakeTable, tmp_path: Path) -> None:
    make_table("id,name,price,born\n2,anna berg,1.50,1980-01-04\n1,anna berg,1.5,\n3,otto kahn,,2001-12-31\n")
    run(workspace, tmp_path / "out.parquet", scores=True)
    table = pq.read_table(tmp_path / "out.parquet")
    types = {"id": "int64", "name": "string", "price": "double", "born": "date32[day]"}
    assert {field.name: str(field.type) for field in table.schema} == {
        **types,
        "match_id": "int64",
        "match_confidence_score": "double",
    }
    assert (table["id"].to_pylist(), table["price"].to_pylist()) == ([2, 1, 3], [1.5, 1.5, None])


def test_csv_and_parquet_say_the_same(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        run(workspace, tmp_path / name)
    in_csv = [int(row["match_id"]) for row in rows_of(tmp_path / "out.csv")]
    assert pq.read_table(tmp_path / "out.parquet")["match_id"].to_pylist() == in_csv


def test_match_ids_are_positive_64_bit_integers(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path / "out.csv")
    assert all(0 < int(row["match_id"]) < 2**63 for row in rows_of(tmp_path / "out.csv"))


def test_scores_are_from_0_to_1_and_one_for_a_cluster(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path / "out.csv", scores=True)
    rows = rows_of(tmp_path / "out.csv")
    assert all(0 <= float(row["match_confidence_score"]) <= 1 for row in rows)
    assert len({(row["match_id"], row["match_confidence_score"]) for row in rows}) == 7
    run(workspace, tmp_path / "out.csv")
    assert "match_confidence_score" not in rows_of(tmp_path / "out.csv")[0]


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        pytest.param(("10", "9"), "9", id="by number"),
        pytest.param(("-5", "9"), "-5", id="below zero"),
        pytest.param(("10000000000000001", "9999999999999999"), "9999999999999999", id="large numbers"),
        pytest.param(("100000000000000001", "100000000000000000"), "100000000000000000", id="numbers one apart"),
        pytest.param(("x10", "x9"), "x10", id="by text"),
        pytest.param(("10", "9x"), "10", id="by text where one is none"),
        pytest.param(("09", "9"), "09", id="by text where the numbers are one"),
    ],
)
def test_deduplication_keeps_the_lowest_key_of_each_cluster(
    workspace: Workspace, make_table: MakeTable, tmp_path: Path, keys: tuple[str, str], kept: str
) -> None:
    text = PERSONS.replace("10,anna", f"{keys[0]},anna").replace("9,ana", f"{keys[1]},ana")
    make_table(text)
    summary = run(workspace, tmp_path / "out.csv", dedupe=True)
    assert [row["id"] for row in rows_of(tmp_path / "out.csv")] == [kept, "3", "5", "6", "7", "1", "2"]
    assert (summary.rows, summary.clusters) == (7, 7)


def test_shuffled_rows_get_the_same_match_ids(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path / "out.csv", scores=True)
    header, *lines = PERSONS.splitlines()
    random.Random(1).shuffle(lines)
    (tmp_path / "things.csv").write_text("\n".join([header, *lines]) + "\n")
    run(workspace, tmp_path / "again.csv", scores=True)
    first, again = ({row["id"]: row for row in rows_of(tmp_path / name)} for name in ("out.csv", "again.csv"))
    assert list(again) != list(first)
    assert again == first


def test_a_new_row_changes_no_other_match_id(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    run(workspace, tmp_path / "out.csv")
    (tmp_path / "things.csv").write_text(PERSONS + "11,jon quill,hof,09281 800808\n")
    run(workspace, tmp_path / "again.csv")
    first, again = ({row["id"]: row["match_id"] for row in rows_of(tmp_path / n)} for n in ("out.csv", "again.csv"))
    assert again.pop("11") not in first.values()
    assert again == first


LABELS = "S1,A,10 S1,A,9 S1,B,3 S1,B,4 S1,C,5 S1,D,6"


def test_the_same_input_labels_and_seed_give_the_same_bytes(
    make_transform: Callable[[str], Transform], workspace: Workspace, tmp_path: Path
) -> None:
    outputs = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(PERSONS)
        transform = make_transform(crawl(workspace, str(tmp_path / f"{name}.csv"), header=True).qualified_name)
        label(workspace, transform, LABELS)
        run(workspace, tmp_path / f"{name}_out.csv", name, scores=True)
        outputs.append((tmp_path / f"{name}_out.csv").read_bytes())
    assert outputs[0] == outputs[1]


def test_labels_make_a_model_and_the_run_says_which(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    label(workspace, persons, LABELS)
    summary = run(workspace, tmp_path / "out.csv")
    model = latest_model(Catalog.of(workspace), persons.transform_id)
    assert model is not None
    assert summary.model == model.model_id
    assert run(workspace, tmp_path / "out.csv").model == model.model_id


def test_more_precision_never_makes_fewer_clusters(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    clusters = []
    for tradeoff in (0.0, 0.25, 0.5, 0.75, 1.0):
        update_transform(Catalog.of(workspace), "people", precision_recall_tradeoff=tradeoff)
        clusters.append(run(workspace, tmp_path / "out.csv", "people").clusters)
    assert clusters == sorted(clusters)
    assert clusters[0] < clusters[-1]


def test_more_accuracy_never_makes_fewer_candidates(workspace: Workspace, people: Transform, tmp_path: Path) -> None:
    pairs = []
    for tradeoff in (0.0, 0.5, 1.0):
        update_transform(Catalog.of(workspace), "people", accuracy_cost_tradeoff=tradeoff)
        pairs.append(run(workspace, tmp_path / "out.csv", "people").candidate_pairs)
    assert pairs[0] < pairs[1] < pairs[2]


def test_enforced_labels_decide_against_all_likeness(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    """Sets S1 and S2 make 5, 6 and 2 one thing, by way of 6; S3 parts what is alike, and S4 what is one with 5."""
    label(workspace, persons, "S1,A,5 S1,A,6 S2,A,6 S2,A,2 S3,A,10 S3,B,9 S4,A,7 S4,A,8 S4,B,2")
    run(workspace, tmp_path / "free.csv")
    change(workspace, enforce_provided_labels=True)
    run(workspace, tmp_path / "out.csv")
    free, enforced = ({row["id"]: row["match_id"] for row in rows_of(tmp_path / n)} for n in ("free.csv", "out.csv"))
    assert free["5"] != free["2"]
    assert enforced["5"] == enforced["6"] == enforced["2"]
    assert enforced["10"] != enforced["9"]
    assert enforced["7"] == enforced["8"] != enforced["2"]


def test_labels_that_cannot_all_be_kept_are_counted_aloud(
    workspace: Workspace, persons: Transform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    label(workspace, persons, "S1,A,5 S1,A,6 S2,A,6 S2,A,2 S3,A,5 S3,B,2")
    change(workspace, enforce_provided_labels=True)
    run(workspace, tmp_path / "out.csv")
    assert {"5", "6", "2"} in clusters_of(tmp_path / "out.csv")
    assert "labels: 1 pairs labelled as different are also labelled as the same" in caplog.text


def test_two_rows_of_one_source_never_match(workspace: Workspace, make_table: MakeTable, tmp_path: Path) -> None:
    """Row 4 is of another source than its three copies; at so low a threshold all four would be one thing."""
    header, *lines = (PERSONS + "30,otto kahn,ulm,0731 200202\n31,otto kahn,ulm,0731 200202\n").splitlines()
    make_table("\n".join([f"{header},origin", *(f"{row},{'y' if row[0] == '4' else 'x'}" for row in lines)]) + "\n")
    change(workspace, source_column_name="origin", precision_recall_tradeoff=0.1)
    run(workspace, tmp_path / "out.csv")
    (matched,) = clusters_of(tmp_path / "out.csv")
    assert len(matched) == 2
    assert "4" in matched


def test_a_row_many_times_is_one_cluster(workspace: Workspace, make_table: MakeTable, tmp_path: Path) -> None:
    copies = "".join(f"{100 + n},jon quill,hof,09281 800808\n" for n in range(300))
    make_table(PERSONS + copies)
    run(workspace, tmp_path / "out.csv")
    assert clusters_of(tmp_path / "out.csv") == [*SAME_PERSON, {str(100 + n) for n in range(300)}]


def test_rows_with_nothing_in_common_are_each_alone(
    workspace: Workspace, make_table: MakeTable, tmp_path: Path
) -> None:
    make_table("id,name,city\n1,abc,\n2,,xyz\n3,def,\n")
    summary = run(workspace, tmp_path / "out.csv", scores=True)
    assert (summary.candidate_pairs, summary.clusters, summary.matched_rows) == (0, 3, 0)
    assert {row["match_confidence_score"] for row in rows_of(tmp_path / "out.csv")} == {"1.0"}


def test_a_run_is_a_task_run_with_its_summary(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    summary = run(workspace, tmp_path / "out.csv")
    (task_run,) = list_task_runs(Catalog.of(workspace), persons.transform_id)
    assert (task_run.task_run_id, task_run.task_type) == (summary.task_run_id, "FIND_MATCHES")
    assert (task_run.status, task_run.summary["clusters"]) == ("SUCCEEDED", 7)
    assert task_run.properties == {"OutputS3Path": str(tmp_path / "out.csv")}


@pytest.fixture
def published(workspace: Workspace, persons: Transform, tmp_path: Path) -> bytes:
    """What an earlier run wrote to out.csv."""
    run(workspace, tmp_path / "out.csv")
    return (tmp_path / "out.csv").read_bytes()


def failed(workspace: Workspace, tmp_path: Path, message: str) -> None:
    """Run, see it fail, and find no trace of it but its task run."""
    files = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InvalidInputError, match=message):
        run(workspace, tmp_path / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    task_run = list_task_runs(Catalog.of(workspace))[0]
    assert task_run.status == "FAILED"


def test_a_full_disk_leaves_the_old_output_whole(
    workspace: Workspace, published: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    failed(workspace, tmp_path, r"^Disk full while writing '.*'; what was there before is unchanged\.")
    assert (tmp_path / "out.csv").read_bytes() == published


def test_matches_that_are_not_whole_are_not_written(
    workspace: Workspace, published: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found_matches_step._matches
    monkeypatch.setattr(found_matches_step, "_matches", lambda *given: whole(*given).iloc[1:])
    failed(workspace, tmp_path, r"^The matches are not whole and were not written: .*records are missing: id '1'")
    assert (tmp_path / "out.csv").read_bytes() == published


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id,name,city,phone\n", r"cannot be matched: .*the table has no rows", id="empty"),
        pytest.param(
            "id,name,city,phone\n1,anna,bonn,1\n", "has no usable column beside the primary key", id="one row"
        ),
        pytest.param("id,name,city,phone\n1,,,\n2,,,\n", "has no usable column", id="all missing"),
        pytest.param("id,name,city,phone\n1,a,b,c\n2,a,b,c\n", "has no usable column", id="all identical"),
        pytest.param("id,name,city,phone\n1,a,b,c\n1,d,e,f\n", "is not unique: 1 key repeats: '1'", id="key twice"),
    ],
)
def test_a_table_that_went_bad_leaves_the_old_output_whole(
    workspace: Workspace, published: bytes, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "things.csv").write_text(text)
    failed(workspace, tmp_path, message)
    assert (tmp_path / "out.csv").read_bytes() == published


@pytest.mark.parametrize(
    ("output", "message"),
    [
        pytest.param(
            "out.xlsx", r"^Cannot tell the format of '.*out\.xlsx'\. End it with \.csv or \.parquet\.$", id="format"
        ),
        pytest.param("none/out.csv", r"^Cannot write '.*none/out\.csv': there is no folder", id="no folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_before_any_work(
    workspace: Workspace, persons: Transform, tmp_path: Path, output: str, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        run(workspace, tmp_path / output)
    assert list_task_runs(Catalog.of(workspace)) == []


def test_the_tables_own_file_is_never_overwritten(workspace: Workspace, persons: Transform, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "things.csv")
    for output in ("things.csv", "link.csv"):
        with pytest.raises(InvalidInputError, match=rf"{output}' is a file of table 'default\.things_csv'\."):
            run(workspace, tmp_path / output)
    assert (tmp_path / "things.csv").read_text() == PERSONS


@pytest.mark.parametrize("name", ["match_id", "match_confidence_score"])
def test_a_column_named_like_a_match_column_is_named(
    workspace: Workspace, make_table: MakeTable, tmp_path: Path, name: str
) -> None:
    make_table(PERSONS.replace("phone", name))
    with pytest.raises(InvalidInputError, match=rf"^Table 'default\.things_csv' has a column '{name}' already"):
        run(workspace, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
