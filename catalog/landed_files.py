"""Files that landed where labels are awaited: each version is looked at once, each content is delivered once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.database import Catalog
from catalog.session import Session, utc_now


class LandedStatus(StrEnum):
    """How far a file is."""

    WAITING = "WAITING"  # nobody has it yet
    DELIVERED = "DELIVERED"  # a flow run has it
    IMPORTED = "IMPORTED"
    REJECTED = "REJECTED"
    DROPPED = "DROPPED"  # the flow run that had it ended before it took it
    SEEN_BEFORE = "SEEN_BEFORE"  # the same content, under another name or once more
    NOT_LABELLED = "NOT_LABELLED"  # the file to label itself, as it was written


TAKEN = frozenset({LandedStatus.WAITING, LandedStatus.DELIVERED, LandedStatus.IMPORTED})


@dataclass(frozen=True)
class LandedFile:
    """One version of a file; `message` says what is wrong with one that was rejected."""

    path: str
    version: str
    content_hash: str
    transform_id: str
    status: LandedStatus
    flow_run_id: str
    message: str
    seen_on: datetime


def keep_landed(
    catalog: Catalog,
    path: str,
    version: str,
    content_hash: str,
    transform_id: str,
    status: LandedStatus = LandedStatus.WAITING,
    message: str = "",
) -> LandedFile | None:
    """Remember a file and return it; None where this version of it is known already.

    One that waits although its transform has had the same content before becomes SEEN_BEFORE.
    """
    file = LandedFile(path, version, content_hash, transform_id, status, "", message, utc_now())
    with catalog.transaction() as session:
        if session.row("SELECT 1 FROM findmatches.landed_files WHERE path = ? AND version = ?", (path, version)):
            return None
        if status == LandedStatus.WAITING and _was_taken(session, transform_id, content_hash):
            file = replace(file, status=LandedStatus.SEEN_BEFORE)
        session.insert("landed_files", asdict(file))
    return file


def settle_landed(
    catalog: Catalog,
    file: LandedFile,
    status: LandedStatus,
    flow_run_id: str = "",
    message: str = "",
    where: Collection[LandedStatus] = frozenset(LandedStatus),
) -> bool:
    """Write down how far a file is now, and which flow run has it, where it is at one of `where` until then.

    Returns whether it was: somebody else may have been faster.
    """
    of_file = (file.path, file.version)
    with catalog.transaction() as session:
        row = session.row("SELECT status FROM findmatches.landed_files WHERE path = ? AND version = ?", of_file)
        if row is None or row["status"] not in where:
            return False
        session.execute(
            "UPDATE findmatches.landed_files SET status = ?, flow_run_id = ?, message = ?"
            " WHERE path = ? AND version = ?",
            (status, flow_run_id or file.flow_run_id, message, *of_file),
        )
        return True


def landed_files(catalog: Catalog, statuses: Sequence[LandedStatus] = ()) -> list[LandedFile]:
    """Return the files with one of these statuses, or all, the oldest first."""
    with catalog.reading() as session:
        rows = session.rows("SELECT * FROM findmatches.landed_files ORDER BY seen_on, path, version")
    return [file for file in map(_landed, rows) if not statuses or file.status in statuses]


def is_waiting(catalog: Catalog, file: LandedFile) -> bool:
    """Whether nobody has the file, now."""
    waiting = landed_files(catalog, (LandedStatus.WAITING,))
    return any((each.path, each.version) == (file.path, file.version) for each in waiting)


def _was_taken(session: Session, transform_id: str, content_hash: str) -> bool:
    rows = session.rows(
        "SELECT status FROM findmatches.landed_files WHERE transform_id = ? AND content_hash = ?",
        (transform_id, content_hash),
    )
    return any(row["status"] in TAKEN for row in rows)


def _landed(row: Mapping[str, Any]) -> LandedFile:
    return LandedFile(**{**row, "status": LandedStatus(row["status"])})
