"""The matches as a file: every row of the table as it was, and what it was matched to."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from storage.duck import connect, literal
from storage.publish import publishing
from tasks.memory_budget import database_memory
from tasks.records import read_typed_records
from tasks.transform_data import TransformData

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CSV, PARQUET = ".csv", ".parquet"
FORMATS = (CSV, PARQUET)


def write_matches(
    output: str,
    data: TransformData,
    matches: "pd.DataFrame",
    scores: bool,
    dedupe: bool,
    before_publishing: Callable[[Path], None],
) -> int:
    """Write the table's rows in file order with their match columns, and return how many.

    CSV keeps every value as written; Parquet has the catalogued types.  `dedupe` keeps of each cluster the row with the
    lowest primary key, by number where all keys are whole numbers of at most 18 digits.  `before_publishing` is given
    the whole file just before it appears at `output`.
    """
    rows = _with_matches(data, matches, typed=output.lower().endswith(PARQUET), scores=scores)
    if dedupe:
        rows = rows.filter(_is_survivor(data, matches))
    form = "FORMAT parquet" if output.lower().endswith(PARQUET) else "FORMAT csv, HEADER true"
    with publishing(output) as temporary:
        with closing(connect(memory_limit=database_memory())) as connection:
            connection.from_arrow(rows).query("rows", f"COPY rows TO {literal(str(temporary))} ({form})")
        before_publishing(temporary)
    return int(rows.num_rows)


def _with_matches(data: TransformData, matches: "pd.DataFrame", typed: bool, scores: bool) -> "pa.Table":
    import pyarrow as pa

    by_file_order = matches.set_axis(data.order.to_numpy()).sort_index()
    rows = read_typed_records(data.workspace, data.table) if typed else data.rows.take(pa.array(_places(data)))
    rows = rows.append_column("match_id", pa.array(by_file_order["match_id"], pa.int64()))
    if scores:
        score = pa.array(by_file_order["match_confidence_score"], pa.float64())
        rows = rows.append_column("match_confidence_score", score)
    return rows


def _places(data: TransformData) -> "pd.Series[int]":
    """Return for each row of the files its place among the sorted ones."""
    import pandas as pd

    return pd.Series(range(len(data.order)), index=data.order.to_numpy()).sort_index()


def _is_survivor(data: TransformData, matches: "pd.DataFrame") -> "pa.Array":
    import pyarrow as pa

    keys = matches.iloc[:, 0]
    whole_numbers = keys.str.fullmatch(r"[+-]?[0-9]{1,18}").all()
    rank = (keys.map(int) if whole_numbers else keys).rank(method="first")
    lowest = rank.groupby(matches["match_id"]).transform("min") == rank
    return pa.array(lowest.set_axis(data.order.to_numpy()).sort_index())
