"""Labels that were asked for: which labeling file waits for which labelled one, and which run waits with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from catalog.database import Catalog
from catalog.session import utc_now


@dataclass(frozen=True)
class LabelRequest:
    """One request: label the file at `labeling_path` and put it at `labels_path`; the flow run goes on then."""

    request_id: str
    transform_id: str
    flow_run_id: str
    labeling_path: str
    labels_path: str
    opened_on: datetime
    closed_on: datetime | None = None


def open_request(
    catalog: Catalog, request_id: str, transform_id: str, flow_run_id: str, labeling_path: str, labels_path: str
) -> tuple[LabelRequest, bool]:
    """Return the request with this id, and whether it is new: made now."""
    made = LabelRequest(request_id, transform_id, flow_run_id, labeling_path, labels_path, utc_now())
    with catalog.transaction() as session:
        known = session.row("SELECT * FROM findmatches.label_requests WHERE request_id = ?", (request_id,))
        if known is None:
            session.insert("label_requests", asdict(made))
    return (made, True) if known is None else (_request(known), False)


def close_request(catalog: Catalog, request_id: str) -> None:
    """Say that nobody waits for these labels any more."""
    with catalog.transaction() as session:
        session.execute(
            "UPDATE findmatches.label_requests SET closed_on = ? WHERE request_id = ? AND closed_on IS NULL",
            (utc_now(), request_id),
        )


def reopen_request(catalog: Catalog, request_id: str) -> None:
    """Say that somebody waits for these labels again: a run that had ended goes on."""
    with catalog.transaction() as session:
        session.execute("UPDATE findmatches.label_requests SET closed_on = NULL WHERE request_id = ?", (request_id,))


def open_requests(catalog: Catalog) -> list[LabelRequest]:
    """Return the requests that somebody waits for, the latest first."""
    return [request for request in all_requests(catalog) if request.closed_on is None]


def all_requests(catalog: Catalog) -> list[LabelRequest]:
    """Return all requests, the latest first."""
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.label_requests ORDER BY opened_on DESC, request_id")
    return [_request(row) for row in rows]


def _request(row: Mapping[str, Any]) -> LabelRequest:
    return LabelRequest(**row)
