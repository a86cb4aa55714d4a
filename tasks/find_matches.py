"""Every row with the `match_id` of the thing it is about."""

import logging
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.task_runs import TaskStatus, TaskType, list_task_runs
from catalog.transforms import get_transform
from errors import InvalidInputError
from gates.input_table import check_input_table
from gates.output import MATCH_ID, SCORE, check_output
from gates.report import GateResult
from matching.progress import Stage, tell
from storage.files import is_remote, local_path
from storage.publish import check_writable
from storage.workspace import Workspace
from tasks.found_matches import UNSUPERVISED, FoundMatches, found_matches, left_for_the_next
from tasks.id_history import IdHistory, digest_of
from tasks.matches_file import FORMATS, write_matches
from tasks.task_run import recorded
from tasks.transform_data import TransformData, load_transform_data

if TYPE_CHECKING:
    from matching.match_ids import IdChanges

__all__ = ["UNSUPERVISED", "RunSummary", "SinceLastRun", "find_matches", "last_output"]

logger = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class SinceLastRun:
    """What is different from the last run: rows, told apart by primary key, and match ids.

    An id of the last run is kept, merged into another, or removed with all its rows; one of now is kept, new, or split
    from another.
    """

    new_rows: int
    changed_rows: int
    removed_rows: int
    ids_kept: int
    ids_new: int
    ids_merged: int
    ids_split: int
    ids_removed: int


@dataclass(frozen=True)
class RunSummary:
    """What came out: `matched_rows` share their match_id with another row; `model` is "unsupervised" without labels.

    `incremental` says that only new and changed rows were sought among all; where that was asked for and could not be,
    `why_full` says why.  `since_last_run` is None in the first run.
    """

    task_run_id: str
    path: str
    rows: int
    candidate_pairs: int
    clusters: int
    matched_rows: int
    model: str
    incremental: bool
    why_full: str | None
    since_last_run: SinceLastRun | None


def find_matches(
    workspace: Workspace,
    name: str,
    output: str,
    scores: bool = False,
    dedupe: bool = False,
    incremental: bool = False,
    client_request_token: str = "",
) -> RunSummary:
    """Write all rows and columns of the transform's table with `match_id`, as CSV or Parquet by the output's ending.

    `scores` adds `match_confidence_score`, one number a cluster; `dedupe` keeps the row with the lowest primary key of
    each cluster.  `incremental` seeks only rows that are new or changed since the last run among all.  Without labels
    the unsupervised first pass decides.
    """
    transform = get_transform(Catalog.of(workspace), name)
    check_output_path(output)
    asked_for = {"OutputS3Path": output}
    with recorded(workspace, transform, TaskType.FIND_MATCHES, asked_for, client_request_token) as run:
        data = load_transform_data(workspace, transform)
        _check_input(data, output)
        history = IdHistory(workspace, transform.transform_id)
        found = found_matches(data, history.last(), incremental)
        _pass(check_output(found.matches, data.row_keys), "The matches are not whole and were not written")
        stage = partial(_stage, history, found, run.task_run_id, output)
        rows = write_matches(output, data, found.matches, scores, dedupe, stage)
        changes = history.settle(run.task_run_id)
        summary = _summary(found, changes, task_run_id=run.task_run_id, path=output, rows=rows, incremental=incremental)
        run.summary.update(asdict(summary))
    tell(Stage.WRITE, 1)
    logger.info("run: %s rows, %s clusters, written to '%s'", f"{rows:,}", f"{summary.clusters:,}", output)
    return summary


def last_output(catalog: Catalog, name: str) -> str:
    """Return where the last run that succeeded wrote the transform's matches."""
    transform = get_transform(catalog, name)
    for run in list_task_runs(catalog, transform.transform_id):
        if run.task_type == TaskType.FIND_MATCHES and run.status == TaskStatus.SUCCEEDED:
            return str(run.properties["OutputS3Path"])
    raise InvalidInputError(
        f"Transform '{transform.name}' has written no matches yet, so nobody knows where they go. Give output a path "
        "that ends with .csv or .parquet."
    )


def _stage(history: IdHistory, found: FoundMatches, task_run_id: str, output: str, file: Path) -> None:
    history.stage(left_for_the_next(found, task_run_id, _place(output), digest_of(str(file)) or ""))


def _summary(
    found: FoundMatches, changes: "IdChanges", *, task_run_id: str, path: str, rows: int, incremental: bool
) -> RunSummary:
    sizes = found.matches["match_id"].value_counts()
    return RunSummary(
        task_run_id=task_run_id,
        path=path,
        rows=rows,
        candidate_pairs=len(found.compared.pairs),
        clusters=len(sizes),
        matched_rows=int(sizes[sizes > 1].sum()),
        model=found.model,
        incremental=incremental and found.why_full is None,
        why_full=found.why_full,
        since_last_run=_since_last_run(found, changes) if found.last else None,
    )


def _since_last_run(found: FoundMatches, changes: "IdChanges") -> SinceLastRun:
    return SinceLastRun(
        new_rows=found.since.new,
        changed_rows=found.since.changed,
        removed_rows=found.since.removed,
        ids_kept=changes.kept,
        ids_new=changes.new,
        ids_merged=len(changes.merged),
        ids_split=len(changes.split),
        ids_removed=changes.removed,
    )


def _check_input(data: TransformData, output: str) -> None:
    _check_nothing_is_overwritten(data, output)
    primary_key = data.transform.parameters.primary_key_column_name
    frame = data.rows.select([primary_key]).to_pandas().reindex(columns=data.rows.column_names)
    result = check_input_table(frame, data.table.column_names, primary_key)
    _pass(result, f"Table '{data.table.qualified_name}' cannot be matched")


def _pass(result: GateResult, otherwise: str) -> None:
    if not result.passed:
        raise InvalidInputError(f"{otherwise}: {result.message}")


def check_output_path(output: str) -> None:
    """Stop where matches cannot be written there, before any work is done for them."""
    check_output_format(output)
    check_writable(output)


def check_output_format(output: str) -> None:
    """Stop at a name that ends as no format of matches does."""
    if not output.lower().endswith(FORMATS):
        raise InvalidInputError(f"Cannot tell the format of '{output}'. End it with {' or '.join(FORMATS)}.")


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
