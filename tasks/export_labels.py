"""All labels of a transform as one labeling file, to be looked at, edited and imported again."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from catalog.database import Catalog
from catalog.labels import StoredLabel, list_labels
from catalog.tables import Table, get_table
from catalog.task_runs import TaskType
from catalog.transforms import get_transform
from errors import EntityNotFoundError
from labeling.file import LABEL, LABELING_SET_ID, write_labeling_file
from storage.publish import check_writable
from storage.workspace import Workspace
from tasks.checked_table import checked_table
from tasks.label_records import records_by_key
from tasks.records import read_records
from tasks.task_run import recorded

logger = logging.getLogger("findmatches.labeling")

Row = dict[str, str | None]


@dataclass(frozen=True)
class ExportSummary:
    """Where the labels went, and how many."""

    task_run_id: str
    path: str
    labels: int
    warnings: tuple[str, ...] = ()


def export_labels(workspace: Workspace, name: str, output: str) -> ExportSummary:
    """Write every label with its record as the table has it now; a folder as `output` gets a file of Glue's name."""
    catalog = Catalog.of(workspace)
    transform = get_transform(catalog, name)
    labels = list_labels(catalog, transform.transform_id)
    if not labels:
        raise EntityNotFoundError(
            f"No labelset exists for transformId {transform.transform_id}. "
            f"Import labels first: findmatches labels import {transform.name} PATH"
        )
    path = _file_path(output, transform.transform_id)
    check_writable(path)
    with recorded(workspace, transform, TaskType.EXPORT_LABELS, {"OutputS3Path": path}) as run:
        table = checked_table(workspace, get_table(catalog, transform.table_name))
        rows, missing = _labelled_records(workspace, table, transform.parameters.primary_key_column_name, labels)
        write_labeling_file(path, table.column_names, rows)
        summary = ExportSummary(run.task_run_id, path, len(labels), _warnings(missing, table))
        run.summary.update(asdict(summary))
    logger.info("labels: %s written to '%s'", f"{len(labels):,}", path)
    return summary


def _file_path(output: str, transform_id: str) -> str:
    """Return `output`, or in a folder the name that Glue gives such a file, with the time in UTC.

    >>> _file_path("labels.csv", "tfm-1")
    'labels.csv'
    >>> _file_path("s3://bucket/labels/", "tfm-1").startswith("s3://bucket/labels/tfm-1_labels_20")
    True
    """
    if not output.endswith("/") and not Path(output).is_dir():
        return output
    return f"{output.rstrip('/')}/{transform_id}_labels_{datetime.now(UTC):%Y-%m-%d_%H_%M_%S}_{uuid4()}.csv"


def _labelled_records(
    workspace: Workspace, table: Table, primary_key: str, labels: Sequence[StoredLabel]
) -> tuple[list[Row], list[str]]:
    """Return the rows of the file, and the keys that the table no longer has: of their records only the key is left."""
    keys = list(dict.fromkeys(label.primary_key for label in labels))
    found = records_by_key(read_records(workspace, table, primary_key), primary_key, keys)
    rows: list[Row] = [
        {
            **found.get(label.primary_key, {primary_key: label.primary_key}),
            LABELING_SET_ID: label.labeling_set_id,
            LABEL: label.label,
        }
        for label in labels
    ]
    return rows, [key for key in keys if key not in found]


def _warnings(missing: Sequence[str], table: Table) -> tuple[str, ...]:
    if not missing:
        return ()
    some = ", ".join(f"'{key}'" for key in missing[:10]) + (", ..." if len(missing) > 10 else "")
    what = f"Table '{table.qualified_name}' no longer has {len(missing):,} of the labelled records ({some})."
    return (f"{what} Their rows hold the key only; delete them before you import the file again.",)
