"""FindMatches transforms: which table is matched, by which key, how, and how good it is so far."""

import json
import secrets
from dataclasses import fields, replace
from typing import Any

from catalog.column_settings import ColumnSettings
from catalog.database import Catalog
from catalog.parameters import FindMatchesParameters, TaskRunProperties
from catalog.session import Session, utc_now
from catalog.tables import Table, get_table
from catalog.transform_checks import checked
from catalog.transform_rows import (
    Transform,
    TransformStatus,
    all_transforms,
    find_transform,
    insert_transform,
    rewrite_transform,
)
from errors import AlreadyExistsError, InvalidInputError, ResourceNumberLimitExceededError, closest

__all__ = [
    "ColumnSettings",
    "FindMatchesParameters",
    "TaskRunProperties",
    "Transform",
    "TransformStatus",
    "create_transform",
    "delete_transform",
    "get_transform",
    "list_transforms",
    "set_status",
    "store_evaluation",
    "update_transform",
]

MOST_TRANSFORMS = 100
_BELONGINGS = (
    "labels",
    "label_files",
    "labeling_sets",
    "ml_task_runs",
    "match_id_changes",
    "models",
    "evaluations",
    "ml_transforms",
)
_TEXTS = frozenset({"name", "description"})
_SETTINGS = "column_settings"
_PARAMETERS = frozenset(field.name for field in fields(FindMatchesParameters))
_PROPERTIES = frozenset(field.name for field in fields(TaskRunProperties))


def create_transform(
    catalog: Catalog,
    *,
    name: str,
    table: Table | str,
    parameters: FindMatchesParameters,
    properties: TaskRunProperties | None = None,
    description: str = "",
    column_settings: ColumnSettings | None = None,
) -> Transform:
    """Make a transform on a catalogued table (or its name); it is NOT_READY until labels are imported.

    Column names in `parameters` and `column_settings` may be in any case.
    """
    source = get_table(catalog, table) if isinstance(table, str) else table
    now = utc_now()
    transform = checked(
        Transform(
            transform_id=f"tfm-{secrets.token_hex(20)}",
            name=name,
            description=description,
            status=TransformStatus.NOT_READY,
            table_name=source.qualified_name,
            parameters=parameters,
            properties=properties or TaskRunProperties(),
            schema=tuple((column.name, column.type) for column in source.all_columns),
            label_count=0,
            evaluation_metrics=None,
            created_on=now,
            last_modified_on=now,
            column_settings=column_settings or ColumnSettings(),
        )
    )
    with catalog.transaction() as session:
        _check_room_for(session, name)
        insert_transform(session, transform)
    return transform


def get_transform(catalog: Catalog, name_or_id: str) -> Transform:
    """Return the transform with this name or id."""
    with catalog.reading() as session:
        return find_transform(session, name_or_id)


def list_transforms(catalog: Catalog) -> list[Transform]:
    """Return all transforms, by name."""
    with catalog.reading() as session:
        return all_transforms(session)


def update_transform(catalog: Catalog, name_or_id: str, **changes: Any) -> Transform:
    """Change the name, the description, parameters, task run properties or column settings, by the name of the field.

    None leaves a value as it is; an empty `source_column_name` takes the source column away; columns that
    `column_settings` do not name keep theirs. The table and its schema cannot change: make another transform for that.
    """
    wanted = {field: value for field, value in changes.items() if value is not None}
    _check_changeable(wanted)
    with catalog.transaction() as session:
        changed = checked(_changed(find_transform(session, name_or_id), wanted))
        _check_name_is_free(session, changed)
        rewrite_transform(session, changed)
    return changed


def delete_transform(catalog: Catalog, name_or_id: str) -> Transform:
    """Forget a transform with its labels, labeling sets, task runs, models and so on; returns what it was."""
    with catalog.transaction() as session:
        transform = find_transform(session, name_or_id)
        for table in _BELONGINGS:
            session.execute(f"DELETE FROM findmatches.{table} WHERE transform_id = ?", (transform.transform_id,))
    return transform


def set_status(catalog: Catalog, transform_id: str, status: TransformStatus | str) -> None:
    """Set the status of a transform."""
    with catalog.transaction() as session:
        transform = find_transform(session, transform_id)
        rewrite_transform(session, replace(transform, status=TransformStatus(status), last_modified_on=utc_now()))


def store_evaluation(catalog: Catalog, transform_id: str, metrics: dict[str, Any], model_id: str) -> None:
    """Keep the metrics of a model; the latest are the transform's `evaluation_metrics`."""
    evaluation = {
        "evaluation_id": f"evl-{secrets.token_hex(20)}",
        "transform_id": transform_id,
        "model_id": model_id,
        "created_on": utc_now(),
        "metrics_json": json.dumps(metrics),
    }
    with catalog.transaction() as session:
        find_transform(session, transform_id)
        session.insert("evaluations", evaluation)


def _check_room_for(session: Session, name: str) -> None:
    names = [transform.name for transform in all_transforms(session)]
    if name in names:
        raise AlreadyExistsError(f"Transform with name {name} already exists. Choose another name, or delete it first.")
    if len(names) >= MOST_TRANSFORMS:
        raise ResourceNumberLimitExceededError(
            f"ML Transforms count ({len(names)}) has exceeded the limit of {MOST_TRANSFORMS} transforms."
            " Delete one that is no longer needed."
        )


def _check_name_is_free(session: Session, transform: Transform) -> None:
    others = (other for other in all_transforms(session) if other.transform_id != transform.transform_id)
    if transform.name in [other.name for other in others]:
        raise InvalidInputError(f"Another transform with name {transform.name} already exists. Choose another name.")


def _check_changeable(changes: dict[str, Any]) -> None:
    changeable = sorted(_TEXTS | _PARAMETERS | _PROPERTIES | {_SETTINGS})
    for field in changes.keys() - set(changeable):
        raise InvalidInputError(
            f"'{field}' of a transform cannot be changed.{closest(field, changeable)}"
            f" These can: {', '.join(changeable)}."
        )


def _changed(transform: Transform, changes: dict[str, Any]) -> Transform:
    def chosen(names: frozenset[str]) -> dict[str, Any]:
        return {name: value for name, value in changes.items() if name in names}

    return replace(
        transform,
        **chosen(_TEXTS),
        parameters=replace(transform.parameters, **chosen(_PARAMETERS)),
        properties=replace(transform.properties, **chosen(_PROPERTIES)),
        column_settings=transform.column_settings.changed_by(changes.get(_SETTINGS, ColumnSettings())),
        last_modified_on=utc_now(),
    )
