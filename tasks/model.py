"""The model of a transform: trained when its labels changed, else read from the workspace."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.labels import list_labels
from catalog.models import ModelRecord, latest_model, new_model_id, store_model
from catalog.transforms import Transform
from errors import InvalidInputError, MLTransformNotReadyError
from matching.progress import Stage, tell
from tasks.compared_file import load_compared, load_opinion, save_compared, save_opinion
from tasks.model_file import load_classifier, save_classifier
from tasks.transform_data import TransformData, kinds_in_force, seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.ensemble import RandomForestClassifier

    from matching.matcher import ComparedPairs

logger = logging.getLogger("findmatches.tasks")

MODEL_VERSION = 1
WIDENED = "compared.npz"


@dataclass(frozen=True)
class TrainedModel:
    """A classifier with the compared pairs it speaks of.

    `folder` is where the two are kept; None where the data are not those that it was trained on.
    """

    record: ModelRecord
    forest: "RandomForestClassifier"
    compared: "ComparedPairs"
    threads: int
    folder: Path | None

    @property
    def labelled_pairs(self) -> int:
        """How many pairs the forest learned from."""
        return int(self.record.summary["labelled_pairs"])

    @cached_property
    def by_forest(self) -> "NDArray[np.float64]":
        """What the forest alone says of each compared pair: where it is in doubt there is most to ask."""
        from matching.learn import forest_probability

        if self.folder is None or not _is_large(self.compared):
            return forest_probability(self.forest, self.compared.features, self.threads)
        path = self.folder / "by_forest.npz"
        known = load_opinion(path, self.compared.pairs)
        if known is None:
            known = forest_probability(self.forest, self.compared.features, self.threads)
            save_opinion(path, self.compared.pairs, known)
        return known

    @cached_property
    def probability(self) -> "NDArray[np.float64]":
        """The probability that each compared pair is a match."""
        from matching.learn import match_probability

        return match_probability(self.by_forest, self.compared.first, self.labelled_pairs)


def has_labels(data: TransformData) -> bool:
    """Return whether anybody has labelled anything."""
    return bool(list_labels(Catalog.of(data.workspace), data.transform.transform_id))


def current_model(data: TransformData) -> TrainedModel:
    """Return the model that the stored labels teach, trained now if they changed since the last one or it is gone."""
    record = latest_model(Catalog.of(data.workspace), data.transform.transform_id)
    if record is None or record.label_fingerprint != label_fingerprint(data):
        return train_model(data)
    folder = data.workspace.models / record.model_id
    if not (folder / "classifier.skops").exists():
        return train_model(data)
    forest = load_classifier(folder / "classifier.skops")
    if record.summary["data_fingerprint"] == data.fingerprint:
        return _of_same_data(data, forest, record)
    as_trained = _as_trained(data, record)
    if not _fits(as_trained, record):
        return train_model(data)
    return _applied(as_trained, forest, record, None)


def train_model(data: TransformData) -> TrainedModel:
    """Return a new model from all labels, and keep it."""
    from matching.matcher import learn_from_answers

    _check_labels(data)
    fingerprint = label_fingerprint(data)
    forest, compared = learn_from_answers(data.prepared, data.compared, data.answers, seed())
    matches = int(data.answers.is_match.sum())
    summary = {
        "data_fingerprint": data.fingerprint,
        "features": [list(name) for name in compared.feature_names],
        "kinds": column_kinds(data, compared.kinds),
        "labelled_pairs": len(data.answers),
        "matches": matches,
        "non_matches": len(data.answers) - matches,
        "candidate_pairs": len(compared.pairs),
        "widened": compared is not data.compared,
    }
    model_id = new_model_id()
    folder = data.workspace.models / model_id
    save_classifier(folder / "classifier.skops", forest)
    if compared is not data.compared:
        save_compared(folder / WIDENED, compared)
    record = store_model(
        Catalog.of(data.workspace),
        model_id=model_id,
        transform_id=data.transform.transform_id,
        location=str(folder),
        label_fingerprint=fingerprint,
        summary=summary,
    )
    tell(Stage.LEARN, 1)
    logger.info("train: %d labelled pairs, %d of them matches", len(data.answers), matches)
    return TrainedModel(record, forest, compared, data.task.threads, folder)


def label_fingerprint(data: TransformData) -> str:
    """Return a name for everything the model depends on beside the data: all labels, the seed, kinds that were set."""
    labels = list_labels(Catalog.of(data.workspace), data.transform.transform_id)
    told = [MODEL_VERSION, seed(), sorted((each.labeling_set_id, each.primary_key, each.label) for each in labels)]
    told += kinds_in_force(data.transform)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def column_kinds(data: TransformData, found_kinds: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the kind of every column as the comparison takes it: set, learned or found; "ignore" for one left out."""
    found = dict(found_kinds)
    set_kinds = dict(data.task.kinds)
    return {name: found.get(name) or set_kinds[name] for name in data.task.columns}


def _as_trained(data: TransformData, record: ModelRecord) -> TransformData:
    """Return the data with the kinds its columns had when the model was trained, where they would now be others."""
    found = [(profile.name, str(profile.kind)) for profile in data.prepared.profiles]
    learned, now = record.summary.get("kinds", {}), column_kinds(data, found)
    other = sorted(name for name, kind in now.items() if learned.get(name, kind) != kind)
    if not other:
        return data
    told = ", ".join(f"{name} is taken as {learned[name]}, not {now[name]}" for name in other)
    logger.info("profile: as when the model was trained, %s", told)
    return replace(data, learned_kinds=tuple((name, kind) for name, kind in learned.items() if name in now))


def _fits(data: TransformData, record: ModelRecord) -> bool:
    """Whether the model knows the measures of data it was not trained on; where columns are others it is an error."""
    if list(data.compared.feature_names) == [tuple(name) for name in record.summary["features"]]:
        return True
    if set(data.task.columns) == set(record.summary.get("kinds", ())):
        logger.info("train: the values call for other measures than when the model was trained; it is trained anew")
        return False
    raise InvalidInputError(
        f"The columns of '{data.table.qualified_name}' are not what they were when the model was trained. "
        f"Train again: findmatches train {data.transform.name}"
    )


def _of_same_data(data: TransformData, forest: "RandomForestClassifier", record: ModelRecord) -> TrainedModel:
    """Return the model with the pairs it was trained on, and those it added to them, then or when it was applied."""
    folder = data.workspace.models / record.model_id
    widened = load_compared(folder / WIDENED, data.sources)
    if widened is not None:
        return TrainedModel(record, forest, widened, data.task.threads, folder)
    if not (record.summary.get("widened", True) or _is_large(data.compared)):
        return TrainedModel(record, forest, data.compared, data.task.threads, folder)
    model = _applied(data, forest, record, folder)
    if model.compared is not data.compared:
        save_compared(folder / WIDENED, model.compared)
    return model


def _applied(
    data: TransformData, forest: "RandomForestClassifier", record: ModelRecord, folder: Path | None
) -> TrainedModel:
    """Return the model with the pairs of the data, widened by what it is sure of."""
    from matching.matcher import apply_classifier

    model = TrainedModel(record, forest, data.compared, data.task.threads, folder)
    wider = apply_classifier(data.prepared, data.compared, forest, model.by_forest)
    return model if wider is data.compared else replace(model, compared=wider)


def _is_large(compared: "ComparedPairs") -> bool:
    from matching.learn import MANY_PAIRS

    return len(compared.pairs) >= MANY_PAIRS


def require_labels(catalog: Catalog, transform: Transform) -> None:
    """Stop at a transform that nobody has labelled anything for, in Glue's words."""
    if not list_labels(catalog, transform.transform_id):
        raise MLTransformNotReadyError(
            "This operation can only be applied to a transform that is in a READY state. "
            f"Make a labeling file first: findmatches labels generate {transform.name} --output PATH"
        )


def _check_labels(data: TransformData) -> None:
    require_labels(Catalog.of(data.workspace), data.transform)
    if not len(data.answers):
        raise InvalidInputError(
            f"The labels of '{data.transform.name}' compare no two records: no labeling set has two labelled rows that "
            f"are still in '{data.table.qualified_name}'. Label at least two rows of a set."
        )
    if not len(data.compared.pairs):
        raise InvalidInputError(
            f"There is nothing to learn from the labels of '{data.transform.name}': no two records of "
            f"'{data.table.qualified_name}' are alike enough to be compared."
        )
