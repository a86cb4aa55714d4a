"""The memory of match ids, kept so that a crash at any moment loses nothing.

home/match_ids/TRANSFORM_ID/
├── last.parquet          the run whose matches were published last
└── TASK_RUN_ID.parquet   a run whose matches are about to be published

A run is written there first, then its matches are published, then its merges and splits go to the catalog, and last
its file takes the place of last.parquet.  What a run that died leaves is finished by the next run if the matches had
appeared, and thrown away if not.
"""

import logging
import shutil
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.match_ids import Change, MatchIdChange, record_changes
from catalog.task_runs import UNFINISHED, get_task_run
from errors import EntityNotFoundError, InvalidInputError
from storage.files import opened
from storage.workspace import Workspace
from tasks.last_run import LastRun, earlier_ids, load_run, rows_since, save_run

if TYPE_CHECKING:
    from matching.match_ids import IdChanges, Moved

logger = logging.getLogger("findmatches.tasks")

LAST = "last.parquet"
READ_AT_ONCE = 2**20


class IdHistory:
    """What is remembered of the match ids of one transform."""

    def __init__(self, workspace: Workspace, transform_id: str) -> None:
        self.folder = workspace.home / "match_ids" / transform_id
        self.transform_id = transform_id
        self.catalog = Catalog.of(workspace)

    def last(self) -> LastRun | None:
        """Return the run whose matches were published last, None before the first."""
        for path in sorted(self.folder.glob("tsk-*.parquet"), key=lambda path: path.stat().st_mtime_ns):
            self._finish(path)
        return self._last()

    def stage(self, run: LastRun) -> None:
        """Write down a run just before its matches are published."""
        save_run(self._staged(run.notes.task_run_id), run)

    def settle(self, task_run_id: str) -> "IdChanges":
        """Make a staged run the last one, after its matches were published; return what became of the ids."""
        staged = self._staged(task_run_id)
        changes = changes_since(self._last(), load_run(staged))
        record_changes(self.catalog, self.transform_id, task_run_id, _as_records(changes))
        staged.replace(self.folder / LAST)
        return changes

    def forget(self) -> None:
        """Remove all that is remembered."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _last(self) -> LastRun | None:
        path = self.folder / LAST
        return load_run(path) if path.exists() else None

    def _staged(self, task_run_id: str) -> Path:
        return self.folder / f"{task_run_id}.parquet"

    def _finish(self, path: Path) -> None:
        """Finish what a run that is no more has left at `path`; leave alone what another one works on."""
        if self._is_running(path.stem):
            return
        notes = load_run(path).notes
        if digest_of(notes.output) != notes.digest:
            path.unlink(missing_ok=True)
            return
        logger.info("run: %s ended after its matches were published; its match ids are kept", path.stem)
        self.settle(path.stem)

    def _is_running(self, task_run_id: str) -> bool:
        try:
            return get_task_run(self.catalog, task_run_id).status in UNFINISHED
        except EntityNotFoundError:
            return False


def changes_since(last: LastRun | None, run: LastRun) -> "IdChanges":
    """Return what became of the ids of the last run."""
    import numpy as np

    from matching.match_ids import id_changes

    earlier = earlier_ids(last, rows_since(last, run.keys, run.content))
    taken = np.zeros(0, dtype=np.int64) if last is None else last.match_id
    return id_changes(earlier, run.match_id, taken)


def digest_of(path: str) -> str | None:
    """Return a digest of a file's bytes, None where none can be read."""
    digest = blake2b(digest_size=16)
    try:
        with opened(path) as file:
            while part := file.read(READ_AT_ONCE):
                digest.update(part)
    except InvalidInputError:
        return None
    return digest.hexdigest()


def _as_records(changes: "IdChanges") -> list[MatchIdChange]:
    def named(change: Change, moved: "Iterable[Moved]") -> list[MatchIdChange]:
        return [MatchIdChange(change, each.match_id, each.other_match_id, each.rows) for each in moved]

    return named(Change.MERGED, changes.merged) + named(Change.SPLIT, changes.split)
