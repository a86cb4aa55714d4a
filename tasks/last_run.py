"""What a run leaves for the next one: the id, content and candidate pairs of every row, in one file.

The file is Parquet and has one line a row: primary_key, content (a hash of all other columns), record (its number),
match_id, and candidates (of the first row of each record: the records after it that it was compared with).
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import InvalidInputError
from storage.publish import publishing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from matching.pairs import Pairs

NOTES = b"findmatches"


@dataclass(frozen=True)
class RunNotes:
    """Which run it was, what it published, and what its candidate pairs depend on.

    `digest` is that of the published file, by which one can tell whether it appeared; `fingerprint` names the
    compared data, `compared_by` the settings that decide who is compared with whom.
    """

    task_run_id: str
    output: str
    digest: str
    fingerprint: str
    compared_by: dict[str, Any]


@dataclass(frozen=True)
class LastRun:
    """The rows of a run by ascending primary key: arrays with one entry a row, and the candidate pairs of records."""

    keys: list[str]
    content: "NDArray[np.int64]"
    record: "NDArray[np.int64]"
    match_id: "NDArray[np.int64]"
    pairs: "Pairs"
    notes: RunNotes


@dataclass(frozen=True)
class RowsSince:
    """The rows of now beside those of the last run; one entry a row of now.

    `content` is a hash of its values; `place` is its place among the `last_rows` rows of the last run, -1 where its key
    is new; `unchanged` says that it was there with the same values.
    """

    content: "NDArray[np.int64]"
    place: "NDArray[np.int64]"
    unchanged: "NDArray[np.bool_]"
    last_rows: int

    @property
    def new(self) -> int:
        """How many rows have a key that is new."""
        return int((self.place < 0).sum())

    @property
    def changed(self) -> int:
        """How many rows have a known key and other values."""
        return int(((self.place >= 0) & ~self.unchanged).sum())

    @property
    def removed(self) -> int:
        """How many rows of the last run are no more."""
        return self.last_rows - int((self.place >= 0).sum())

    @property
    def is_same_table(self) -> bool:
        """Whether nothing is new, changed or removed."""
        return not self.new and not self.changed and not self.removed


def contents_of(rows: "pa.Table", primary_key: str) -> "NDArray[np.int64]":
    """Return a hash of each row's values, that of the primary key left out."""
    import numpy as np
    import pandas as pd

    values = rows.drop_columns([primary_key]).to_pandas()
    return pd.util.hash_pandas_object(values, index=False).to_numpy().view(np.int64)


def rows_since(last: LastRun | None, keys: list[str], content: "NDArray[np.int64]") -> RowsSince:
    """Return how rows, their `keys` ascending, relate to the last run; without one all of them are new."""
    import numpy as np
    import pandas as pd

    if last is None:
        return RowsSince(content, np.full(len(keys), -1), np.zeros(len(keys), dtype=bool), 0)
    place = pd.Index(last.keys).get_indexer(pd.Index(keys)).astype(np.int64)
    then = np.append(last.content, 0)[place]  # what stands at place -1 is never looked at
    return RowsSince(content, place, (place >= 0) & (then == content), len(last.keys))


def earlier_ids(last: LastRun | None, since: RowsSince) -> "NDArray[np.int64]":
    """Return the match_id that each row had in the last run, NONE where its key is new."""
    import numpy as np

    from matching.match_ids import NONE

    if last is None:
        return np.full(len(since.place), NONE, dtype=np.int64)
    return np.append(last.match_id, NONE)[since.place]


def save_run(path: Path, run: LastRun) -> None:
    """Write a run; a reader sees all of it or nothing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "primary_key": pa.array(run.keys, pa.string()),
            "content": run.content,
            "record": run.record,
            "match_id": run.match_id,
            "candidates": _candidates(run),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with publishing(str(path)) as temporary:
        pq.write_table(table.replace_schema_metadata({NOTES: json.dumps(asdict(run.notes))}), temporary)


def load_run(path: Path) -> LastRun:
    """Return what `save_run` wrote."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path).combine_chunks()
        notes = RunNotes(**json.loads(table.schema.metadata[NOTES]))
        content, record, match_id = (table[name].to_numpy() for name in ("content", "record", "match_id"))
        pairs = _pairs(record, table["candidates"])
        return LastRun(table["primary_key"].to_pylist(), content, record, match_id, pairs, notes)
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"The match ids of the last run, in '{path}', are damaged. Put the file back from a backup; or remove it, "
            "and ids begin anew."
        ) from error


def _candidates(run: LastRun) -> "pa.ListArray":
    """Return the right sides of the pairs as a list at the first row of each left side."""
    import numpy as np
    import pyarrow as pa

    first = np.unique(run.record, return_index=True)[1]
    counts = np.zeros(len(run.record), dtype=np.int64)
    counts[first] = np.bincount(run.pairs.left, minlength=len(first))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(run.pairs.right, pa.int64()))


def _pairs(record: "NDArray[np.int64]", candidates: "pa.ChunkedArray") -> "Pairs":
    import numpy as np
    import pyarrow.compute as pc

    from matching.pairs import Pairs

    counts = pc.list_value_length(candidates).to_numpy()
    right = pc.list_flatten(candidates).to_numpy().astype(np.int64)
    return Pairs(np.repeat(record, counts), right)
