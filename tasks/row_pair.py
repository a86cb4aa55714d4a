"""Two rows of a transform's table, and what a run makes of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tasks.clusters import clusters_of
from tasks.explanation import Relation
from tasks.found_matches import UNSUPERVISED
from tasks.last_run import LastRun, RowsSince, earlier_ids
from tasks.model import TrainedModel
from tasks.transform_data import TransformData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs


@dataclass(frozen=True)
class RowPair:
    """Two rows by their places in the data, the model that decides on them (None without labels), and the last run."""

    data: TransformData
    model: TrainedModel | None
    last: LastRun | None
    since: RowsSince
    left_row: int
    right_row: int

    @property
    def left(self) -> int:
        """The record of the left row."""
        return int(self.data.record_of[self.left_row])

    @property
    def right(self) -> int:
        """The record of the right row."""
        return int(self.data.record_of[self.right_row])

    @property
    def model_name(self) -> str:
        """The id of the model that decides, or "unsupervised"."""
        return self.model.record.model_id if self.model else UNSUPERVISED

    @property
    def labels_enforced(self) -> bool:
        """Whether the clusters agree with all labels."""
        return self.data.transform.parameters.enforce_provided_labels

    @cached_property
    def compared(self) -> "ComparedPairs":
        """The candidate pairs of a run."""
        return self.model.compared if self.model else self.data.compared

    @cached_property
    def probabilities(self) -> "NDArray[np.float64]":
        """The probability of every candidate pair in a run."""
        return self.model.probability if self.model else self.compared.first.probability

    @cached_property
    def cluster(self) -> "NDArray[np.int64]":
        """The cluster of every record in a run."""
        return clusters_of(self.data, self.compared, self.probabilities, self.labels_enforced)

    @cached_property
    def match_id(self) -> "NDArray[np.int64]":
        """The match_id of every row in a run."""
        import numpy as np

        from matching.match_ids import stable_match_ids

        first_row = np.unique(self.data.record_of, return_index=True)[1]
        home = first_row[self.cluster][self.data.record_of]
        taken = np.zeros(0, dtype=np.int64) if self.last is None else self.last.match_id
        return stable_match_ids(home, self.data.row_keys, earlier_ids(self.last, self.since), taken)

    @cached_property
    def position(self) -> int:
        """The place of the two records among the candidate pairs, -1 where they are none."""
        import numpy as np

        from matching.pairs import distinct_pairs, positions_of

        wanted = distinct_pairs(np.array([self.left]), np.array([self.right]), self.compared.records)
        return int(positions_of(wanted, self.compared.pairs, self.compared.records)[0]) if len(wanted) else -1

    @cached_property
    def relation(self) -> Relation:
        """How the two rows stand to each other."""
        sources = self.data.sources
        if self.left == self.right:
            return Relation.ONE_RECORD
        if sources is not None and sources[self.left] == sources[self.right]:
            return Relation.ONE_SOURCE
        return Relation.NOT_COMPARED if self.position < 0 else Relation.COMPARED

    @property
    def probability(self) -> float | None:
        """The probability that the two match; None where they were not compared."""
        return float(self.probabilities[self.position]) if self.relation == Relation.COMPARED else None

    @property
    def same_cluster(self) -> bool:
        """Whether both ended in one cluster."""
        return bool(self.cluster[self.left] == self.cluster[self.right])
