"""The next questions for a person: a labeling file of the records that teach the most."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from catalog.database import Catalog
from catalog.labels import LabelingSet, forget_unpublished_sets, list_labeling_sets, store_labeling_sets
from catalog.task_runs import TaskType
from catalog.transforms import get_transform
from errors import InvalidInputError
from labeling.file import LABEL, LABELING_SET_ID, write_labeling_file
from storage.publish import check_writable
from storage.workspace import Workspace
from tasks.model import current_model, has_labels
from tasks.task_run import recorded
from tasks.transform_data import TransformData, load_transform_data, seed

if TYPE_CHECKING:
    from matching.question import ChosenSet


@dataclass(frozen=True)
class LabelingSetSummary:
    """Where the file is, its rows and its labeling sets."""

    task_run_id: str
    path: str
    rows: int
    sets: int


def generate_labeling_set(
    workspace: Workspace, name: str, output: str, client_request_token: str = ""
) -> LabelingSetSummary:
    """Write a labeling file: about 100 rows in about 10 sets, chosen by what is known so far, labels left empty."""
    catalog = Catalog.of(workspace)
    transform = get_transform(catalog, name)
    check_writable(output)
    asked_for = {"OutputS3Path": output}
    with recorded(workspace, transform, TaskType.LABELING_SET_GENERATION, asked_for, client_request_token) as run:
        forget_unpublished_sets(catalog, transform.transform_id)
        data = load_transform_data(workspace, transform)
        chosen = _choose(data)
        sets = [_labeling_set(one, data) for one in chosen]
        rows = [row for one, kept in zip(chosen, sets, strict=True) for row in _rows(one, kept, data)]
        store_labeling_sets(catalog, transform.transform_id, run.task_run_id, sets)
        write_labeling_file(output, data.table.column_names, rows)
        summary = LabelingSetSummary(run.task_run_id, output, len(rows), len(sets))
        run.summary.update(asdict(summary))
    return summary


def _choose(data: TransformData) -> "list[ChosenSet]":
    from matching.question import choose_labeling_sets

    labelled = has_labels(data)
    model = current_model(data) if labelled else None
    compared = model.compared if model else data.compared
    probability = model.by_forest if model else compared.first.probability
    asked_before = len(list_labeling_sets(Catalog.of(data.workspace), data.transform.transform_id))
    chosen = choose_labeling_sets(
        compared.pairs, probability, compared.records, data.answers.pairs, not labelled, seed() + asked_before
    )
    if not chosen:
        raise InvalidInputError(
            f"There is nothing to ask about '{data.transform.name}': no two of its {compared.records:,} records are "
            "alike enough, or every likely pair is labelled already."
        )
    return chosen


def _labeling_set(chosen: "ChosenSet", data: TransformData) -> LabelingSet:
    keys = data.keys
    seeds = [{"left": keys[left], "right": keys[right], "probability": p} for left, right, p in chosen.seeds]
    members = tuple(keys[record] for record in chosen.records)
    return LabelingSet(_set_id(data, members), members, {"seeds": seeds})


def _set_id(data: TransformData, members: tuple[str, ...]) -> str:
    """Return a name for the set that is the same when an interrupted run is repeated, and not that of another one."""
    asked_before = len(list_labeling_sets(Catalog.of(data.workspace), data.transform.transform_id))
    told = json.dumps([data.transform.name, asked_before, members])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _rows(chosen: "ChosenSet", labeling_set: LabelingSet, data: TransformData) -> list[dict[str, Any]]:
    records = data.records.take(list(chosen.records)).to_pylist()
    return [{**record, LABELING_SET_ID: labeling_set.labeling_set_id, LABEL: None} for record in records]
