"""What blocking did, told in primary keys."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform
from errors import EntityNotFoundError
from storage.workspace import Workspace
from tasks.blocking_report import MostCompared, blocking_report
from tasks.crawl import crawl


@pytest.fixture
def things(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]) -> Transform:
    """Five records in six rows: the last two rows say the same."""
    rows = ["id,name", "k1,anna berg", "k2,ana berg", "k3,otto kahn", "k4,otto khan", "k5,zzz", "k6,zzz"]
    (tmp_path / "things.csv").write_text("\n".join(rows) + "\n")
    return make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)


def test_records_are_named_by_their_keys(workspace: Workspace, things: Transform) -> None:
    report = blocking_report(workspace, things.name)
    assert (report.rows, report.records, report.pairs, report.mean_candidates) == (6, 5, 2, 0.4)
    assert report.most_compared == tuple(MostCompared(f"k{n}", 1) for n in (1, 2, 3, 4))
    assert {each.by for each in report.recall} == {"wider search", "two searches"}


def test_labels_tell_of_recall(workspace: Workspace, things: Transform) -> None:
    labels = [StoredLabel("S", key, "A") for key in ("k1", "k2", "k5")]
    store_labels(Catalog.of(workspace), things.transform_id, labels, LabelFile("h", "l.csv", 3, 0))
    by = {each.by: each.recall for each in blocking_report(workspace, things.name).recall}
    assert by["labels"] == pytest.approx(1 / 3)


def test_nothing_is_recorded(workspace: Workspace, things: Transform) -> None:
    blocking_report(workspace, things.name)
    assert list_task_runs(Catalog.of(workspace), things.transform_id) == []


def test_an_unknown_transform_is_an_error(workspace: Workspace, things: Transform) -> None:
    with pytest.raises(EntityNotFoundError, match=f"Did you mean '{things.name}'"):
        blocking_report(workspace, f"{things.name}s")
