"""The history of match ids: which ones merged into others and which ones were split from others, run by run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalog.database import Catalog
from catalog.session import utc_now
from catalog.transform_rows import find_transform

_INSERT = (
    "INSERT INTO findmatches.match_id_changes"
    " (transform_id, task_run_id, recorded_on, change, match_id, other_match_id, row_count) VALUES (?)"
)


class Change(StrEnum):
    """What happened to an id: `MERGED` ones are no more, `SPLIT` ones are new."""

    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True)
class MatchIdChange:
    """An id that came or went while its rows stayed.

    `other_match_id` is the id that most of its rows have now (merged) or had before (split): `row_count` of them.
    """

    change: Change
    match_id: int
    other_match_id: int
    row_count: int


def record_changes(catalog: Catalog, transform_id: str, task_run_id: str, changes: Sequence[MatchIdChange]) -> None:
    """Keep what a run did to the ids; a run that is recorded already stays as it is."""
    if not changes:
        return
    now = utc_now()
    values = [
        (transform_id, task_run_id, now, str(c.change), c.match_id, c.other_match_id, c.row_count) for c in changes
    ]
    with catalog.transaction() as session:
        find_transform(session, transform_id)
        known = "SELECT 1 AS known FROM findmatches.match_id_changes WHERE transform_id = ? AND task_run_id = ? LIMIT 1"
        if session.row(known, (transform_id, task_run_id)) is None:
            session.many(_INSERT, values)


def list_changes(catalog: Catalog, transform_id: str, task_run_id: str) -> list[MatchIdChange]:
    """Return what a run did to the ids, merged ones first, each kind by match_id."""
    with catalog.reading() as session:
        rows = session.rows(
            "SELECT change, match_id, other_match_id, row_count FROM findmatches.match_id_changes"
            " WHERE transform_id = ? AND task_run_id = ? ORDER BY change, match_id",
            (transform_id, task_run_id),
        )
    return [MatchIdChange(**row | {"change": Change(row["change"])}) for row in rows]
