"""What was learned from labels: one record for each trained model; the model itself is at `location`."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.database import Catalog
from catalog.session import utc_now
from catalog.transform_rows import find_transform


@dataclass(frozen=True)
class ModelRecord:
    """A trained model. `label_fingerprint` says which labels it learned from, `summary` is training's own words."""

    model_id: str
    transform_id: str
    created_on: datetime
    location: str
    label_fingerprint: str
    summary: dict[str, Any]


def new_model_id() -> str:
    """Return an id no model has: mdl- and 40 hexadecimal digits."""
    return f"mdl-{secrets.token_hex(20)}"


def store_model(
    catalog: Catalog,
    *,
    model_id: str,
    transform_id: str,
    location: str,
    label_fingerprint: str,
    summary: Mapping[str, Any],
) -> ModelRecord:
    """Make a model the latest of its transform; one stored under the same id before is replaced."""
    record = ModelRecord(model_id, transform_id, utc_now(), location, label_fingerprint, dict(summary))
    with catalog.transaction() as session:
        find_transform(session, transform_id)
        session.execute("DELETE FROM findmatches.models WHERE model_id = ?", (model_id,))
        session.insert("models", _row(record))
    return record


def latest_model(catalog: Catalog, transform_id: str) -> ModelRecord | None:
    """Return the model stored last for a transform, or None before the first."""
    with catalog.reading() as session:
        row = session.row(
            "SELECT * FROM findmatches.models WHERE transform_id = ? ORDER BY created_on DESC LIMIT 1", (transform_id,)
        )
    return _model(row) if row else None


def _row(record: ModelRecord) -> dict[str, Any]:
    return {
        "model_id": record.model_id,
        "transform_id": record.transform_id,
        "created_on": record.created_on,
        "location": record.location,
        "label_fingerprint": record.label_fingerprint,
        "summary_json": json.dumps(record.summary),
    }


def _model(row: Mapping[str, Any]) -> ModelRecord:
    return ModelRecord(
        model_id=row["model_id"],
        transform_id=row["transform_id"],
        created_on=row["created_on"],
        location=row["location"],
        label_fingerprint=row["label_fingerprint"],
        summary=json.loads(row["summary_json"]),
    )
