"""The data of a transform as a table that grew since the last run, where it can be taken so."""

import hashlib
import json
import logging
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tasks.last_run import LastRun, RowsSince
from tasks.transform_data import COMPARISON_VERSION, TransformData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.increment import Candidates
    from matching.matcher import ComparedPairs, PreparedRecords
    from matching.pairs import Pairs

logger = logging.getLogger("findmatches.tasks")

WHY_NOT = {
    "comparison": "another version of findmatches made the last run",
    "source_column_name": "the source column is not that of the last run",
    "columns": "the columns are not those of the last run",
    "kinds": "the kinds set for columns are not those of the last run",
    "accuracy_cost_tradeoff": "the accuracy–cost trade-off is not that of the last run",
}


@dataclass(frozen=True)
class SearchForNew:
    """The search for candidates of what is new in `data` since the last run; done once, when first asked for."""

    data: TransformData
    last: LastRun
    since: RowsSince

    @cached_property
    def candidates(self) -> "Candidates":
        """The candidate pairs: those of the last run that still hold, and those of the new records."""
        from matching.increment import candidates_of_increment

        is_new = self._is_new
        logger.info("increment: %s new of %s records", f"{int(is_new.sum()):,}", f"{len(is_new):,}")
        return candidates_of_increment(self.data.prepared, self._earlier_pairs, is_new)

    @property
    def _is_new(self) -> "NDArray[np.bool_]":
        """Whether each record has no row that was there before with the same values."""
        import numpy as np

        is_new = np.ones(self.data.records.num_rows, dtype=bool)
        is_new[self.data.record_of[self.since.unchanged]] = False
        return is_new

    @property
    def _earlier_pairs(self) -> "Pairs":
        """The last run's pairs of records that are still there, in the numbers that the records have now."""
        import numpy as np

        from matching.pairs import distinct_pairs

        now, then = self.data.record_of[self.since.unchanged], self.since.place[self.since.unchanged]
        number = np.full(int(self.last.record.max()) + 1, -1, dtype=np.int64)
        number[self.last.record[then]] = now
        left, right = number[self.last.pairs.left], number[self.last.pairs.right]
        stay = (left >= 0) & (right >= 0)
        return distinct_pairs(left[stay], right[stay], self.data.records.num_rows)


@dataclass(frozen=True)
class GrownData(TransformData):
    """The data of a transform of which only the records that are new since the last run are sought among all."""

    search: SearchForNew

    @cached_property
    def fingerprint(self) -> str:
        """A name for what the comparison depends on: what the last run compared, the rows of now, learned kinds."""
        last, since = self.search.last, self.search.since
        if since.is_same_table and not self.learned_kinds:
            return last.notes.fingerprint
        told = hashlib.sha256(json.dumps([last.notes.fingerprint, self.row_keys, self.learned_kinds]).encode())
        told.update(since.content.tobytes())
        return told.hexdigest()[:32]

    @cached_property
    def prepared(self) -> "PreparedRecords":
        """The records made ready for comparison: as they were for the search, where no kind of a column was learned."""
        return super().prepared if self.learned_kinds else self.search.data.prepared

    def let_go_of_prepared(self) -> None:
        """Give back the memory of `prepared`, that of the search too."""
        self.search.data.let_go_of_prepared()
        super().let_go_of_prepared()

    @cached_property
    def compared(self) -> "ComparedPairs":
        """The compared candidate pairs, before any answer; where nothing changed since a full run, that one's."""
        from matching.increment import compare_increment

        kept = self.kept.load(self.fingerprint, self.sources)
        if kept is not None:
            return kept
        self.check_columns()
        return compare_increment(self.prepared, self.search.candidates.pairs)


def grown_data(data: TransformData, last: LastRun | None, since: RowsSince) -> tuple[TransformData, str | None]:
    """Return the data as grown since the last run, or as they are and why: what was found then does not hold now.

    Where not even the files changed since a full run, the data as they are have all that it found.
    """
    why = _why_not(data, last)
    if last is None or why or (since.is_same_table and data.fingerprint == last.notes.fingerprint):
        return data, why
    search = SearchForNew(data, last, since)
    return GrownData(**{field.name: getattr(data, field.name) for field in fields(data)}, search=search), None


def pairs_to_keep(data: TransformData, compared: "ComparedPairs") -> "Pairs":
    """Return the candidate pairs that the next run may begin with; `compared` are those of these data."""
    if not isinstance(data, GrownData):
        return compared.pairs
    search = data.search
    return search.last.pairs if search.since.is_same_table else search.candidates.keep


def compared_by(data: TransformData) -> dict[str, Any]:
    """Return the settings that decide who is compared with whom."""
    parameters = data.transform.parameters
    return {
        "comparison": COMPARISON_VERSION,
        "columns": list(data.task.columns),
        "kinds": [list(each) for each in data.task.kinds],
        "source_column_name": parameters.source_column_name,
        "accuracy_cost_tradeoff": parameters.accuracy_cost_tradeoff,
    }


def _why_not(data: TransformData, last: LastRun | None) -> str | None:
    if last is None:
        return "there is no earlier run"
    now, then = compared_by(data), last.notes.compared_by
    return next((why for name, why in WHY_NOT.items() if then.get(name) != now[name]), None)
