"""An explanation: all there is to say of two rows, and the sentences that say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from errors import counted
from matching.cluster import UNSEEN
from matching.connection import Between
from matching.explain import Waterfall
from matching.proposed import Standing


class Relation(StrEnum):
    """How two rows stand to each other before anything is said of their likeness."""

    ONE_RECORD = "one record"
    ONE_SOURCE = "one source"
    NOT_COMPARED = "not compared"
    COMPARED = "compared"


@dataclass(frozen=True)
class ExplainedRow:
    """One of the two rows: its key, its source if there are sources, and the cluster it ended in.

    `cluster_keys` are the first few keys of the cluster's rows, ascending.
    """

    primary_key: str
    source: str | None
    match_id: int
    match_confidence_score: float
    cluster_rows: int
    cluster_keys: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """What the two rows hold in one column, as written; None where there is nothing."""

    column: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class PairLabel:
    """What a person called the two rows in one labeling set."""

    labeling_set_id: str
    left: str
    right: str
    is_match: bool


@dataclass(frozen=True)
class Similarity:
    """One measure of one column: its value, and what it added to the waterfall where that is known by measure."""

    column: str
    measure: str
    value: float | None
    contribution: float | None


@dataclass(frozen=True)
class SharedNeighbour:
    """A row that both rows were compared with, and how likely it is the same as either."""

    primary_key: str
    probability_left: float
    probability_right: float


@dataclass(frozen=True)
class Blocking:
    """What proposes the pair: searches by name, else "shared neighbour" or "earlier run", else nothing."""

    proposed_by: tuple[str, ...]
    searches: tuple[Standing, ...]
    shared_neighbour: SharedNeighbour | None


@dataclass(frozen=True)
class ChainLink:
    """Two rows of a cluster and the probability that they match; 1 where a label that is enforced says so."""

    left: str
    right: str
    probability: float
    by_label: bool


@dataclass(frozen=True)
class Explanation:
    """Why two rows are in one cluster or not; what does not apply is None or empty.

    `waterfall` leads to `probability` by `model`; `before_labels` is that of the model that knows no labels, where
    another one decides.  `chain` is given for rows of one cluster whose own pair is not likely enough, `between` for
    rows of two clusters, `kept_apart_by` ("sources" or "labels") for clusters that are likely enough one.
    """

    summary: tuple[str, ...]
    transform: str
    relation: Relation
    same_cluster: bool
    probability: float | None
    threshold: float
    model: str
    labels_enforced: bool
    labels: tuple[PairLabel, ...]
    left: ExplainedRow
    right: ExplainedRow
    columns: tuple[Cell, ...]
    waterfall: Waterfall | None
    before_labels: Waterfall | None
    chain: tuple[ChainLink, ...]
    between: Between | None
    kept_apart_by: str | None
    blocking: Blocking | None
    similarities: tuple[Similarity, ...]

    @property
    def is_likely(self) -> bool:
        """Whether the pair by itself is above the threshold."""
        return self.probability is not None and self.probability > self.threshold


def sentences(explanation: Explanation) -> Iterator[str]:
    """Yield what an explanation says in words, the answer first."""
    yield _answer(explanation)
    if explanation.same_cluster and explanation.relation != Relation.ONE_RECORD and not explanation.is_likely:
        yield _together(explanation)
    if explanation.between and explanation.is_likely:
        yield _apart(explanation, explanation.between)
    yield from _labels(explanation)


def _answer(explanation: Explanation) -> str:
    rows = f"Rows {explanation.left.primary_key} and {explanation.right.primary_key}"
    if explanation.relation == Relation.ONE_RECORD:
        return f"{rows} say the same in every column; they are one record."
    if not explanation.same_cluster:
        word = "do not match, although" if explanation.is_likely else "do not match:"
        return f"{rows} {word} {_reason(explanation)}."
    if explanation.is_likely:
        return f"{rows} match: {_reason(explanation)}."
    return f"{rows} are in one cluster, although {_reason(explanation)}."


def _reason(explanation: Explanation) -> str:
    if explanation.relation == Relation.ONE_SOURCE:
        source = explanation.left.source
        both = "both are without a source" if source is None else f"both are of source '{source}'"
        return f"{both}, and rows of one source never match"
    if explanation.probability is None:
        if explanation.blocking and explanation.blocking.proposed_by:
            return "the last run, which was incremental, did not compare the two; a full run will"
        return "the two were not compared, as no search proposed the pair"
    side = "above" if explanation.is_likely else "not above"
    probability, threshold = _apart_in_print(explanation.probability, explanation.threshold)
    return f"the probability of this pair, {probability}, is {side} the threshold {threshold}"


def _apart_in_print(one: float, other: float) -> tuple[str, str]:
    """Return two shares with as many digits as it takes to tell them apart, from 3 to 9.

    >>> _apart_in_print(0.91234, 0.5), _apart_in_print(0.5000012, 0.5)
    (('0.912', '0.500'), ('0.500001', '0.500000'))
    """
    digits = next((digits for digits in (3, 6) if f"{one:.{digits}f}" != f"{other:.{digits}f}"), 9)
    return f"{one:.{digits}f}", f"{other:.{digits}f}"


def _together(explanation: Explanation) -> str:
    if any(link.by_label for link in explanation.chain):
        return "Labels, which this transform enforces, hold them together."
    return (
        "Other pairs connect them: clusters merge while the mean probability between them is above the threshold. "
        f"Over all pairs of this cluster it is {explanation.left.match_confidence_score:.3f}; "
        f"a pair that was not compared counts {UNSEEN}."
    )


def _apart(explanation: Explanation, between: Between) -> str:
    if explanation.kept_apart_by == "sources":
        return "Both clusters hold a row of one source, and rows of one source never match."
    if explanation.kept_apart_by == "labels":
        return "A label, which this transform enforces, says that rows of the two clusters are different."
    unseen = between.pairs - between.compared
    counting = f", {unseen:,} not compared and counting {UNSEEN}" if unseen else ""
    return (
        "Clusters merge while the mean probability between them is above the threshold: between the cluster of "
        f"{explanation.left.primary_key} ({counted(explanation.left.cluster_rows, 'row')}) and that of "
        f"{explanation.right.primary_key} ({counted(explanation.right.cluster_rows, 'row')}) it is "
        f"{between.mean_probability:.3f} over {counted(between.pairs, 'pair')}{counting}."
    )


def _labels(explanation: Explanation) -> Iterator[str]:
    for label in explanation.labels:
        same = "the same" if label.is_match else "different"
        yield f"A person labelled them as {same} (labeling set {label.labeling_set_id})."
    if {label.is_match for label in explanation.labels} == {not explanation.same_cluster}:
        enforce = f"findmatches transform update {explanation.transform} --enforce-labels"
        yield f"The clusters need not agree with a label; to make them: {enforce}"
