from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from errors import InvalidInputError
from matching.pairs import Pairs
from tasks.last_run import LastRun, RunNotes, contents_of, earlier_ids, load_run, rows_since, save_run

NOTES = RunNotes("tsk-1", "/out.csv", "d1", "f1", {"columns": ["name"], "source_column_name": None})


def numbers(*values: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


def pairs(*both: tuple[int, int]) -> Pairs:
    return Pairs(numbers(*(left for left, _ in both)), numbers(*(right for _, right in both)))


RUN = LastRun(
    keys=["1", "10", "2", "ä", "日"],
    content=numbers(5, -7, 5, 8, 2**62),
    record=numbers(0, 1, 0, 2, 3),
    match_id=numbers(11, 12, 11, 12, 2**63 - 1),
    pairs=pairs((0, 1), (0, 3), (2, 3)),
    notes=NOTES,
)
EMPTY = LastRun([], numbers(), numbers(), numbers(), pairs(), NOTES)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(RUN, id="rows of one record apart"),
        pytest.param(replace(RUN, pairs=pairs()), id="no pairs"),
        pytest.param(EMPTY, id="empty"),
    ],
)
def test_what_was_saved_is_read_back(tmp_path: Path, run: LastRun) -> None:
    save_run(tmp_path / "made" / "last.parquet", run)
    back = load_run(tmp_path / "made" / "last.parquet")
    assert (back.keys, back.notes) == (run.keys, run.notes)
    for name in ("content", "record", "match_id"):
        assert getattr(back, name).tolist() == getattr(run, name).tolist()
    assert (back.pairs.left.tolist(), back.pairs.right.tolist()) == (run.pairs.left.tolist(), run.pairs.right.tolist())


@pytest.mark.parametrize("content", [b"", b"not what was written"], ids=["empty", "text"])
def test_a_damaged_file_is_named_and_nothing_is_guessed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last.parquet").write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"^The match ids of the last run, in '.*last\.parquet', are damaged"):
        load_run(tmp_path / "last.parquet")


def test_a_parquet_file_of_something_else_is_damaged_too(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"primary_key": ["1"]}), tmp_path / "last.parquet")
    with pytest.raises(InvalidInputError, match="are damaged"):
        load_run(tmp_path / "last.parquet")


def test_rows_are_new_changed_removed_or_the_same_by_primary_key() -> None:
    since = rows_since(RUN, ["0", "1", "2", "ä"], numbers(9, 5, 6, 8))
    assert since.place.tolist() == [-1, 0, 2, 3]
    assert since.unchanged.tolist() == [False, True, False, True]
    assert (since.new, since.changed, since.removed, since.is_same_table) == (1, 1, 2, False)
    assert earlier_ids(RUN, since).tolist() == [0, 11, 11, 12]


def test_the_same_rows_are_the_same_table() -> None:
    assert rows_since(RUN, RUN.keys, RUN.content).is_same_table


@pytest.mark.parametrize("last", [None, EMPTY], ids=["no run", "a run over no rows"])
def test_after_no_rows_all_are_new(last: LastRun | None) -> None:
    since = rows_since(last, ["1", "2"], numbers(5, 6))
    assert (since.new, since.changed, since.removed) == (2, 0, 0)
    assert earlier_ids(last, since).tolist() == [0, 0]


def test_a_row_is_known_by_its_values_and_not_by_its_key() -> None:
    rows = pa.table({"id": ["1", "2", "3", "4"], "a": ["x", "x", "y", None], "b": ["y", "y", "x", None]})
    content = contents_of(rows, "id").tolist()
    assert content[0] == content[1]
    assert len(set(content)) == 3
    assert contents_of(rows.take([3, 0]), "id").tolist() == [content[3], content[0]]
