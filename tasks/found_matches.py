"""The match_id of every row of a transform's table, in the light of its last run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.clusters import clusters_of
from tasks.increment import compared_by, grown_data, pairs_to_keep
from tasks.last_run import LastRun, RowsSince, RunNotes, contents_of, earlier_ids, rows_since
from tasks.model import current_model, has_labels
from tasks.transform_data import TransformData

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs

UNSUPERVISED = "unsupervised"


@dataclass(frozen=True)
class FoundMatches:
    """Key, match_id and match_confidence_score of every row by ascending key, and what they were made from.

    `why_full` says why an incremental run had to be a full one; None where it was not asked for, or could be.
    """

    matches: "pd.DataFrame"
    data: TransformData
    compared: "ComparedPairs"
    model: str
    last: LastRun | None
    since: RowsSince
    why_full: str | None


def found_matches(data: TransformData, last: LastRun | None, incremental: bool) -> FoundMatches:
    """Return the matches of all rows; `incremental` seeks only those among all that are new since the last run."""
    primary_key = data.transform.parameters.primary_key_column_name
    since = rows_since(last, data.row_keys, contents_of(data.rows, primary_key))
    used, why_full = grown_data(data, last, since) if incremental else (data, None)
    compared, probability, model = _probabilities(used)
    used.let_go_of_prepared()
    matches = _matches(used, compared, probability, earlier_ids(last, since), last)
    return FoundMatches(matches, used, compared, model, last, since, why_full)


def left_for_the_next(found: FoundMatches, task_run_id: str, output: str, digest: str) -> LastRun:
    """Return what the next run has to know of this one, which publishes a file of this digest at `output`."""
    data = found.data
    notes = RunNotes(task_run_id, output, digest, data.fingerprint, compared_by(data))
    ids, pairs = found.matches["match_id"].to_numpy(), pairs_to_keep(data, found.compared)
    return LastRun(data.row_keys, found.since.content, data.record_of, ids, pairs, notes)


def _probabilities(data: TransformData) -> "tuple[ComparedPairs, NDArray[np.float64], str]":
    if not has_labels(data):
        return data.compared, data.compared.first.probability, UNSUPERVISED
    model = current_model(data)
    return model.compared, model.probability, model.record.model_id


def _matches(
    data: TransformData,
    compared: "ComparedPairs",
    probability: "NDArray[np.float64]",
    earlier: "NDArray[np.int64]",
    last: LastRun | None,
) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    from matching.cluster import cluster_confidence
    from matching.match_ids import stable_match_ids

    parameters = data.transform.parameters
    cluster = clusters_of(data, compared, probability, enforced=parameters.enforce_provided_labels)
    confidence = cluster_confidence(cluster, compared.pairs, probability).round(6)
    first_row = np.unique(data.record_of, return_index=True)[1]
    taken = np.zeros(0, dtype=np.int64) if last is None else last.match_id
    return pd.DataFrame(
        {
            parameters.primary_key_column_name: data.row_keys,
            "match_id": stable_match_ids(first_row[cluster][data.record_of], data.row_keys, earlier, taken),
            "match_confidence_score": confidence[data.record_of],
        }
    )
