"""Every row with the `match_id` of the thing it is about."""

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.task_runs import TaskType
from catalog.transforms import get_transform
from errors import InvalidInputError
from gates.input_table import check_input_table
from gates.output import MATCH_ID, SCORE, check_output
from gates.report import GateResult
from storage.files import is_remote, local_path
from storage.publish import check_writable
from storage.workspace import Workspace
from tasks.clusters import clusters_of
from tasks.matches_file import FORMATS, write_matches
from tasks.model import current_model, has_labels
from tasks.task_run import recorded
from tasks.transform_data import TransformData, load_transform_data

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs

logger = logging.getLogger("findmatches.tasks")

UNSUPERVISED = "unsupervised"


@dataclass(frozen=True)
class RunSummary:
    """What came out: `matched_rows` share their match_id with another row; `model` is "unsupervised" without labels."""

    task_run_id: str
    path: str
    rows: int
    candidate_pairs: int
    clusters: int
    matched_rows: int
    model: str


def find_matches(
    workspace: Workspace, name: str, output: str, scores: bool = False, dedupe: bool = False
) -> RunSummary:
    """Write all rows and columns of the transform's table with `match_id`, as CSV or Parquet by the output's ending.

    `scores` adds `match_confidence_score`, one number a cluster; `dedupe` keeps the row with the lowest primary key of
    each cluster.  Without labels the unsupervised first pass decides.
    """
    transform = get_transform(Catalog.of(workspace), name)
    _check_output_path(output)
    with recorded(workspace, transform, TaskType.FIND_MATCHES, {"OutputS3Path": output}) as run:
        data = load_transform_data(workspace, transform)
        _check_nothing_is_overwritten(data, output)
        _pass(_input_gate(data), f"Table '{data.table.qualified_name}' cannot be matched")
        compared, probability, model = _probabilities(data)
        matches = _matches(data, compared, probability)
        _pass(check_output(matches, data.row_keys), "The matches are not whole and were not written")
        rows = write_matches(output, data, matches, scores, dedupe)
        sizes = matches["match_id"].value_counts()
        matched_rows = int(sizes[sizes > 1].sum())
        pairs = len(compared.pairs)
        summary = RunSummary(run.task_run_id, output, rows, pairs, len(sizes), matched_rows, model)
        run.summary.update(asdict(summary))
    logger.info("run: %s rows, %s clusters, written to '%s'", f"{rows:,}", f"{len(sizes):,}", output)
    return summary


def _probabilities(data: TransformData) -> "tuple[ComparedPairs, NDArray[np.float64], str]":
    if not has_labels(data):
        return data.compared, data.compared.first.probability, UNSUPERVISED
    model = current_model(data)
    return model.compared, model.probability, model.record.model_id


def _matches(data: TransformData, compared: "ComparedPairs", probability: "NDArray[np.float64]") -> "pd.DataFrame":
    """Return key, match_id and match_confidence_score of every row, by ascending key."""
    import pandas as pd

    from matching.cluster import cluster_confidence, match_ids

    parameters = data.transform.parameters
    cluster = clusters_of(data, compared, probability, enforced=parameters.enforce_provided_labels)
    confidence = cluster_confidence(cluster, compared.pairs, probability).round(6)
    return pd.DataFrame(
        {
            parameters.primary_key_column_name: data.row_keys,
            "match_id": match_ids(cluster, data.keys)[data.record_of],
            "match_confidence_score": confidence[data.record_of],
        }
    )


def _input_gate(data: TransformData) -> GateResult:
    primary_key = data.transform.parameters.primary_key_column_name
    frame = data.rows.select([primary_key]).to_pandas().reindex(columns=data.rows.column_names)
    return check_input_table(frame, data.table.column_names, primary_key)


def _pass(result: GateResult, otherwise: str) -> None:
    if not result.passed:
        raise InvalidInputError(f"{otherwise}: {result.message}")


def _check_output_path(output: str) -> None:
    if not output.lower().endswith(FORMATS):
        raise InvalidInputError(f"Cannot tell the format of '{output}'. End it with {' or '.join(FORMATS)}.")
    check_writable(output)


def _check_nothing_is_overwritten(data: TransformData, output: str) -> None:
    """Stop before the matches take the place of the table's own file or of one of its columns."""
    if _place(output) in map(_place, data.table.files):
        raise InvalidInputError(f"'{output}' is a file of table '{data.table.qualified_name}'. Name another output.")
    for name in (MATCH_ID, SCORE):
        if name in data.table.column_names:
            raise InvalidInputError(
                f"Table '{data.table.qualified_name}' has a column '{name}' already, under whose name matches are "
                "written. Rename it in the files and crawl them again."
            )


def _place(path: str) -> str:
    return path if is_remote(path) else str(local_path(path).resolve())
