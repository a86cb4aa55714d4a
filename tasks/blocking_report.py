"""What blocking did for a transform, in the primary keys of its rows."""

from dataclasses import dataclass

from catalog.database import Catalog
from catalog.transforms import get_transform
from matching.blocking_report import FoundBy, Recall, blocking_facts
from matching.searched_terms import CommonTerm
from storage.workspace import Workspace
from tasks.transform_data import load_transform_data, seed


@dataclass(frozen=True)
class MostCompared:
    """A row that stands for a record, by its primary key, and with how many others the record is compared."""

    key: str
    candidates: int


@dataclass(frozen=True)
class DroppedRows:
    """Two rows that are not compared: whole-record similarity and first-pass probability, from 0 to 1."""

    left: str
    right: str
    similarity: float
    probability: float


@dataclass(frozen=True)
class BlockingReport:
    """Who is compared with whom: rows that say the same are one of `records`; `pairs` of these are compared.

    `recall` are estimates of the share of matching pairs that are compared.  `dropped` are the likeliest matches among
    the pairs that are not, found by a wider search from a sample of the records.
    """

    name: str
    accuracy_cost_tradeoff: float
    rows: int
    records: int
    pairs: int
    mean_candidates: float
    median_candidates: float
    most_candidates: int
    found_by: tuple[FoundBy, ...]
    recall: tuple[Recall, ...]
    most_compared: tuple[MostCompared, ...]
    common_terms: tuple[CommonTerm, ...]
    dropped: tuple[DroppedRows, ...]


def blocking_report(workspace: Workspace, name: str) -> BlockingReport:
    """Return what blocking did before any answer.  No task run is recorded; a comparison that was kept is used."""
    transform = get_transform(Catalog.of(workspace), name)
    data = load_transform_data(workspace, transform)
    facts = blocking_facts(data.prepared, data.compared, data.answers, seed())
    keys = data.keys
    return BlockingReport(
        name=transform.name,
        accuracy_cost_tradeoff=transform.parameters.accuracy_cost_tradeoff,
        rows=data.rows.num_rows,
        records=facts.records,
        pairs=facts.pairs,
        mean_candidates=facts.mean_candidates,
        median_candidates=facts.median_candidates,
        most_candidates=facts.most_candidates,
        found_by=facts.found_by,
        recall=facts.recall,
        most_compared=tuple(MostCompared(keys[record], number) for record, number in facts.most_compared),
        common_terms=facts.common_terms,
        dropped=tuple(
            DroppedRows(keys[each.left], keys[each.right], each.similarity, each.probability) for each in facts.dropped
        ),
    )
