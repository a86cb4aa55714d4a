"""Why two rows matched or not, told from the compared pairs and the model that the workspace keeps."""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.labels import list_labels
from catalog.transforms import get_transform
from errors import EntityNotFoundError, InvalidInputError, closest
from matching.cluster import cluster_confidence, decision_threshold, enforced_rules
from storage.workspace import Workspace
from tasks.explanation import (
    Blocking,
    Cell,
    ChainLink,
    ExplainedRow,
    Explanation,
    PairLabel,
    Relation,
    SharedNeighbour,
    Similarity,
    sentences,
)
from tasks.id_history import IdHistory
from tasks.increment import grown_data
from tasks.last_run import contents_of, rows_since
from tasks.model import current_model, has_labels
from tasks.row_pair import RowPair
from tasks.transform_data import TransformData, load_transform_data

if TYPE_CHECKING:
    from matching.connection import Between
    from matching.explain import Waterfall

KEYS_SHOWN = 10


def explain(workspace: Workspace, name: str, left: str, right: str) -> Explanation:
    """Return why the rows with the primary keys `left` and `right` are matched or not.

    Told is the last run or, where the table changed since, what a run would find now.  No task run is recorded; what
    a run would have to compare or to learn anew is compared and learned here too, and kept.
    """
    transform = get_transform(Catalog.of(workspace), name)
    if left == right:
        raise InvalidInputError(f"'{left}' is named twice. Name two different rows of '{transform.table_name}'.")
    data = load_transform_data(workspace, transform)
    rows = _place(data, left), _place(data, right)
    explanation = _explanation(_pair(data, *rows))
    return replace(explanation, summary=tuple(sentences(explanation)))


def _pair(data: TransformData, left_row: int, right_row: int) -> RowPair:
    """Return the rows with the model, after the last run if the table is still the same."""
    last = IdHistory(data.workspace, data.transform.transform_id).last()
    since = rows_since(last, data.row_keys, contents_of(data.rows, data.transform.parameters.primary_key_column_name))
    used = grown_data(data, last, since)[0] if since.is_same_table else data
    model = current_model(used) if has_labels(used) else None
    return RowPair(used, model, last, since, left_row, right_row)


def _place(data: TransformData, key: str) -> int:
    """Return the place of the row with this primary key."""
    keys = data.row_keys
    if key not in keys:
        column = data.transform.parameters.primary_key_column_name
        raise EntityNotFoundError(
            f"Table '{data.table.qualified_name}' has no row with '{key}' as its {column}.{closest(key, keys)}"
        )
    return keys.index(key)


def _explanation(pair: RowPair) -> Explanation:
    parameters = pair.data.transform.parameters
    by_model, before_labels = _waterfalls(pair)
    between = None if pair.same_cluster else _between(pair)
    left, right = _row(pair, pair.left_row), _row(pair, pair.right_row)
    threshold = decision_threshold(parameters.precision_recall_tradeoff)
    return Explanation(
        summary=(),
        transform=pair.data.transform.name,
        relation=pair.relation,
        same_cluster=pair.same_cluster,
        probability=pair.probability,
        threshold=threshold,
        model=pair.model_name,
        labels_enforced=pair.labels_enforced,
        labels=_labels(pair),
        left=left,
        right=right,
        columns=_cells(pair),
        waterfall=by_model,
        before_labels=before_labels,
        chain=() if (pair.probability or 0) > threshold else _chain(pair),
        between=between,
        kept_apart_by=_kept_apart_by(pair) if between and between.mean_probability > threshold else None,
        blocking=_blocking(pair),
        similarities=_similarities(pair, by_model),
    )


def _row(pair: RowPair, row: int) -> ExplainedRow:
    import numpy as np

    data, source = pair.data, pair.data.transform.parameters.source_column_name
    home = pair.cluster[data.record_of[row]]
    rows = np.flatnonzero(pair.cluster[data.record_of] == home)
    confidence = cluster_confidence(pair.cluster, pair.compared.pairs, pair.probabilities)
    return ExplainedRow(
        primary_key=data.row_keys[row],
        source=data.rows[source][row].as_py() if source else None,
        match_id=int(pair.match_id[row]),
        match_confidence_score=round(float(confidence[data.record_of[row]]), 6),
        cluster_rows=len(rows),
        cluster_keys=tuple(data.row_keys[place] for place in rows[:KEYS_SHOWN]),
    )


def _cells(pair: RowPair) -> tuple[Cell, ...]:
    left, right = (pair.data.rows.slice(row, 1).to_pylist()[0] for row in (pair.left_row, pair.right_row))
    return tuple(Cell(name, left[name], right[name]) for name in pair.data.rows.column_names)


def _labels(pair: RowPair) -> tuple[PairLabel, ...]:
    """Return what labeling sets that hold both records call them; rows that are one record share their labels."""
    data, sets = pair.data, defaultdict[str, dict[int, str]](dict)
    record = dict(zip(data.row_keys, data.record_of.tolist(), strict=True))
    for label in list_labels(Catalog.of(data.workspace), data.transform.transform_id):
        sets[label.labeling_set_id][record.get(label.primary_key, -1)] = label.label
    both = {name: labels for name, labels in sets.items() if {pair.left, pair.right} <= labels.keys()}
    found = ((name, labels[pair.left], labels[pair.right]) for name, labels in both.items())
    return tuple(PairLabel(name, left, right, left == right) for name, left, right in found)


def _waterfalls(pair: RowPair) -> "tuple[Waterfall | None, Waterfall | None]":
    """Return how the model came to its probability, and how the model without labels came to its own."""
    from matching.explain import explain_by_first_pass, explain_by_forest

    if pair.relation != Relation.COMPARED:
        return None, None
    first = explain_by_first_pass(pair.compared, pair.data.prepared.own_share, pair.position)
    if pair.model is None:
        return first, None
    return explain_by_forest(pair.model.forest, pair.compared, pair.model.labelled_pairs, pair.position), first


def _similarities(pair: RowPair, waterfall: "Waterfall | None") -> tuple[Similarity, ...]:
    import numpy as np

    from matching.pairs import distinct_pairs

    if pair.relation == Relation.ONE_RECORD:
        return ()
    if waterfall is None:
        alone = distinct_pairs(np.array([pair.left]), np.array([pair.right]), pair.data.prepared.records)
        found = pair.data.prepared.comparer.compare(alone)
        names, values = list(zip(found.columns, found.measures, strict=True)), found.values[0]
    else:
        own = pair.compared.similarities.values[pair.position]
        names, values = pair.compared.feature_names, np.r_[own, pair.compared.features[pair.position][len(own) :]]
    added = {(each.column, each.measure): each.amount for each in waterfall.contributions} if waterfall else {}
    told = [None if np.isnan(value) else round(float(value), 6) for value in values]
    return tuple(Similarity(*name, value, added.get(name)) for name, value in zip(names, told, strict=True))


def _blocking(pair: RowPair) -> Blocking | None:
    from matching.proposed import EARLIER_RUN, SHARED_NEIGHBOUR, searches_for, strongest_shared_neighbour

    if pair.relation not in (Relation.COMPARED, Relation.NOT_COMPARED):
        return None
    searches = searches_for(pair.data.prepared, pair.left, pair.right)
    by = tuple(search.by for search in searches if search.proposed)
    if by or pair.relation == Relation.NOT_COMPARED:
        return Blocking(by, searches, None)
    found = strongest_shared_neighbour(pair.compared.pairs, pair.probabilities, pair.left, pair.right)
    if found is None:
        return Blocking((EARLIER_RUN,), searches, None)
    shared = SharedNeighbour(pair.data.keys[found.record], found.probability_left, found.probability_right)
    return Blocking((SHARED_NEIGHBOUR,), searches, shared)


def _chain(pair: RowPair) -> tuple[ChainLink, ...]:
    from matching.connection import strongest_chain

    if not pair.same_cluster or pair.relation == Relation.ONE_RECORD:
        return ()
    together = enforced_rules(pair.data.answers, pair.data.sources)[0].together if pair.labels_enforced else ()
    ends = pair.left, pair.right
    links = strongest_chain(pair.cluster, pair.compared.pairs, pair.probabilities, ends, together)
    keys, rows = pair.data.keys, pair.data.row_keys
    named = {pair.left: rows[pair.left_row], pair.right: rows[pair.right_row]}
    ends_of = ((named.get(link.left, keys[link.left]), named.get(link.right, keys[link.right])) for link in links)
    return tuple(ChainLink(*two, link.probability, link.by_label) for two, link in zip(ends_of, links, strict=True))


def _between(pair: RowPair) -> "Between":
    from matching.connection import between_clusters

    return between_clusters(pair.cluster, pair.compared.pairs, pair.probabilities, (pair.left, pair.right))


def _kept_apart_by(pair: RowPair) -> str | None:
    """Return what keeps two clusters apart that are likely enough one: sources, or labels that are enforced."""
    sources, (one, other) = pair.data.sources, (pair.cluster == pair.cluster[end] for end in (pair.left, pair.right))
    if sources is not None and set(sources[one].tolist()) & set(sources[other].tolist()):
        return "sources"
    apart = enforced_rules(pair.data.answers, sources)[0].apart if pair.labels_enforced else ()
    ends = pair.cluster[pair.left], pair.cluster[pair.right]
    across = ({pair.cluster[a], pair.cluster[b]} == set(ends) for a, b in apart)
    return "labels" if any(across) else None
