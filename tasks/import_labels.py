"""Labels that people gave, from a labeling file into the catalog: all of them, or none when a row is wrong."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, list_labeling_sets, list_labels, store_labels
from catalog.tables import get_table
from catalog.task_runs import TaskType
from catalog.transforms import Transform, get_transform
from errors import InvalidInputError, LabelsRefusedError, StorageUnreachableError, counted
from gates.labels import check_labels
from labeling.file import (
    LABEL,
    LABELING_SET_ID,
    LabelingFile,
    LabelingRow,
    labeling_columns,
    not_stored,
    read_labeling_file,
)
from labeling.labels import GivenLabels, given_labels, with_table_keys
from storage.workspace import Workspace
from tasks.label_records import records_by_key
from tasks.records import read_records
from tasks.task_run import TaskRunHandle, recorded

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Record = dict[str, str | None]


@dataclass(frozen=True)
class ImportSummary:
    """What came of an upload: `labels` were in the file in `sets`, `label_count` are in the catalog now."""

    task_run_id: str
    rows: int
    labels: int
    blank: int
    sets: int
    label_count: int
    unchanged: bool
    warnings: tuple[str, ...]


def import_labels(
    workspace: Workspace, name: str, path: str, replace: bool = False, client_request_token: str = ""
) -> ImportSummary:
    """Check a labelled file and store its labels; `replace` forgets all labels from before.

    A file that is not as it must be, or not there, raises LabelsRefusedError, which names rows and columns, or
    ResourceNumberLimitExceededError, and nothing is stored. Whatever else is wrong is not the file's fault.
    """
    catalog = Catalog.of(workspace)
    transform = get_transform(catalog, name)
    columns = _expected_columns(catalog, transform)
    file = _read(path, columns, transform.parameters.primary_key_column_name)
    asked_for = {"InputS3Path": path, "Replace": replace}
    with recorded(workspace, transform, TaskType.IMPORT_LABELS, asked_for, client_request_token) as run:
        given = _accepted(workspace, transform, file, columns, run)
        before, after = _store(catalog, transform, given, file, replace)
        summary = ImportSummary(
            task_run_id=run.task_run_id,
            rows=len(file.rows),
            labels=len(given.labels),
            blank=given.blank,
            sets=given.sets,
            label_count=len(after),
            unchanged=before == after,
            warnings=_warnings(file, get_table(catalog, transform.table_name).column_names),
        )
        run.summary.update(asdict(summary))
    return summary


def _read(path: str, columns: Sequence[str], primary_key: str) -> LabelingFile:
    try:
        return read_labeling_file(path, columns, primary_key)
    except (LabelsRefusedError, StorageUnreachableError):
        raise
    except InvalidInputError as error:
        raise LabelsRefusedError(str(error)) from error


def _expected_columns(catalog: Catalog, transform: Transform) -> list[str]:
    """Return the columns that the transform was made with and the table still has; a file of either time has them."""
    now = get_table(catalog, transform.table_name).column_names
    return [column for column, _ in transform.schema if column in now]


def _accepted(
    workspace: Workspace, transform: Transform, file: LabelingFile, columns: Sequence[str], run: TaskRunHandle
) -> GivenLabels:
    """Return the labels of a file that the gate lets through; what it checked is kept with the run either way."""
    catalog, primary_key = Catalog.of(workspace), transform.parameters.primary_key_column_name
    records = read_records(workspace, get_table(catalog, transform.table_name), primary_key)
    keys = set(records[primary_key].to_pylist())
    rows = with_table_keys(file.rows, keys)
    frame = _frame(rows, file, primary_key)
    generated = _generated_sets(catalog, transform, {row.labeling_set_id for row in rows}, records)
    result = check_labels(frame, keys, generated, primary_key, labeling_columns(columns))
    run.summary["checks"] = list(result.checks)
    if not result.passed:
        raise not_stored(file.path, result.message)
    return given_labels(rows)


def _frame(rows: Collection[LabelingRow], file: LabelingFile, primary_key: str) -> "pd.DataFrame":
    """Return the rows by their line, with the columns of the file; foreign ones are there by name, and empty."""
    import pandas as pd

    cells = [
        {**row.values, LABELING_SET_ID: row.labeling_set_id, LABEL: row.label, primary_key: row.primary_key}
        for row in rows
    ]
    columns = dict.fromkeys((*file.columns, *file.extra_columns))
    return pd.DataFrame(cells, columns=list(columns), index=[row.line for row in rows], dtype=object)


def _generated_sets(
    catalog: Catalog, transform: Transform, set_ids: Collection[str], records: "pa.Table"
) -> dict[str, dict[str, Record]]:
    """Return the records, by key, of those sets that we once wrote into a labeling file, as the table has them now."""
    sets = [each for each in list_labeling_sets(catalog, transform.transform_id) if each.labeling_set_id in set_ids]
    keys = {key for each in sets for key in each.primary_keys}
    found = records_by_key(records, transform.parameters.primary_key_column_name, keys)
    return {each.labeling_set_id: {key: found.get(key, {}) for key in each.primary_keys} for each in sets}


def _store(
    catalog: Catalog, transform: Transform, given: GivenLabels, file: LabelingFile, replace: bool
) -> tuple[list[StoredLabel], list[StoredLabel]]:
    """Store the labels and return all labels of the transform before and after."""
    before = list_labels(catalog, transform.transform_id)
    labels = [StoredLabel(*label) for label in given.labels]
    origin = LabelFile(file.content_hash, file.path, rows=len(file.rows), blank=given.blank)
    store_labels(catalog, transform.transform_id, labels, origin, replace)
    return before, list_labels(catalog, transform.transform_id)


def _warnings(file: LabelingFile, table_columns: Collection[str]) -> tuple[str, ...]:
    """Name the columns that the table does not have; one that it got after the transform was made is in order."""
    foreign = [name for name in file.extra_columns if name not in table_columns]
    if not foreign:
        return ()
    return (f"Ignored {counted(len(foreign), 'column')} that the table does not have: {', '.join(foreign)}.",)
