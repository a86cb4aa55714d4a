"""A transform, and how it lies in the catalog database."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.column_settings import ColumnSettings
from catalog.parameters import FindMatchesParameters, TaskRunProperties
from catalog.session import Session
from errors import EntityNotFoundError, closest

_SELECT = """
    SELECT t.*, (
        SELECT e.metrics_json FROM findmatches.evaluations e WHERE e.transform_id = t.transform_id
        ORDER BY e.created_on DESC LIMIT 1
    ) AS metrics_json
    FROM findmatches.ml_transforms t
"""


class TransformStatus(StrEnum):
    """Glue's transform statuses: READY once labels were imported."""

    NOT_READY = "NOT_READY"
    READY = "READY"
    DELETING = "DELETING"


@dataclass(frozen=True)
class Transform:
    """A transform as it is now.

    `schema` holds (column, type) of the table when the transform was made; `label_count` counts labelled records,
    a record once for each labeling set it is in; `evaluation_metrics` are the latest, or None.
    """

    transform_id: str
    name: str
    description: str
    status: TransformStatus
    table_name: str
    parameters: FindMatchesParameters
    properties: TaskRunProperties
    schema: tuple[tuple[str, str], ...]
    label_count: int
    evaluation_metrics: dict[str, Any] | None
    created_on: datetime
    last_modified_on: datetime
    column_settings: ColumnSettings = field(default_factory=ColumnSettings)


def find_transform(session: Session, name_or_id: str) -> Transform:
    """Return the transform with this name or id."""
    row = session.row(f"{_SELECT} WHERE t.name = ? OR t.transform_id = ?", (name_or_id, name_or_id))
    if row is None:
        names = [known["name"] for known in session.rows("SELECT name FROM findmatches.ml_transforms")]
        hint = closest(name_or_id, names)
        raise EntityNotFoundError(
            f"Cannot find MLTransform with handle {name_or_id}.{hint} `findmatches transform list` lists them."
        )
    return _transform(row)


def all_transforms(session: Session) -> list[Transform]:
    """Return all transforms, by name."""
    return [_transform(row) for row in session.rows(f"{_SELECT} ORDER BY t.name")]


def insert_transform(session: Session, transform: Transform) -> None:
    """Add a new transform."""
    session.insert("ml_transforms", _row(transform))


def rewrite_transform(session: Session, transform: Transform) -> None:
    """Put a changed transform in the place of the one with its id."""
    values = _row(transform)
    places = ", ".join(f"{name} = ?" for name in values)
    session.execute(
        f"UPDATE findmatches.ml_transforms SET {places} WHERE transform_id = ?",
        (*values.values(), transform.transform_id),
    )


def _row(transform: Transform) -> dict[str, Any]:
    return {
        "transform_id": transform.transform_id,
        "name": transform.name,
        "description": transform.description,
        "status": transform.status,
        "table_name": transform.table_name,
        "schema_json": json.dumps(transform.schema),
        **asdict(transform.parameters),
        **asdict(transform.properties),
        "label_count": transform.label_count,
        "created_on": transform.created_on,
        "last_modified_on": transform.last_modified_on,
        "column_kinds_json": json.dumps(dict(transform.column_settings.kinds)),
    }


def _transform(row: Mapping[str, Any]) -> Transform:
    return Transform(
        transform_id=row["transform_id"],
        name=row["name"],
        description=row["description"],
        status=TransformStatus(row["status"]),
        table_name=row["table_name"],
        parameters=FindMatchesParameters(**_fields_of(FindMatchesParameters, row)),
        properties=TaskRunProperties(**_fields_of(TaskRunProperties, row)),
        schema=tuple((name, type_) for name, type_ in json.loads(row["schema_json"])),
        label_count=row["label_count"],
        evaluation_metrics=json.loads(row["metrics_json"]) if row["metrics_json"] else None,
        created_on=row["created_on"],
        last_modified_on=row["last_modified_on"],
        column_settings=ColumnSettings(json.loads(row["column_kinds_json"])),
    )


def _fields_of(kind: type[FindMatchesParameters] | type[TaskRunProperties], row: Mapping[str, Any]) -> dict[str, Any]:
    return {each.name: row[each.name] for each in fields(kind)}
