"""How good the matches are, with Glue's words for it."""

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from catalog.database import Catalog
from catalog.task_runs import TaskType
from catalog.transforms import get_transform, store_evaluation
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.clusters import clusters_of
from tasks.model import TrainedModel, current_model, require_labels
from tasks.task_run import recorded
from tasks.transform_data import TransformData, load_transform_data, seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.estimate import Estimate, Quality
    from matching.matcher import ComparedPairs

logger = logging.getLogger("findmatches.tasks")

QUALITY_NAMES = {"area_under_pr_curve": "AreaUnderPRCurve", "precision": "Precision", "recall": "Recall", "f1": "F1"}


def estimate_quality(workspace: Workspace, name: str, client_request_token: str = "") -> dict[str, Any]:
    """Return the metrics under Glue's names, and beside them their 95 % intervals.  They are kept with the transform.

    Recall is that of the model among the candidate pairs; what the search for candidates missed is not in it.
    """
    catalog = Catalog.of(workspace)
    transform = get_transform(catalog, name)
    require_labels(catalog, transform)
    with recorded(workspace, transform, TaskType.EVALUATION, {}, client_request_token) as run:
        data = load_transform_data(workspace, transform)
        model = current_model(data)
        metrics = _metrics(_estimate(data, model), model)
        store_evaluation(catalog, transform.transform_id, metrics, model.record.model_id)
        run.summary.update(metrics)
    return metrics


def _estimate(data: TransformData, model: TrainedModel) -> "Estimate":
    from matching.estimate import Judged, held_out_judgement
    from matching.estimate import estimate_quality as estimate
    from matching.learn import forest_probability, log_odds, match_probability, train_classifier

    compared, threads = model.compared, data.task.threads
    labelled, labeling_set = compared.labelled(data.answers)
    if not len(labelled):
        raise InvalidInputError(
            f"No labelled pair of '{data.transform.name}' is a candidate pair, so there is nothing to judge by. "
            f"Label a generated file: findmatches labels generate {data.transform.name} --output PATH"
        )

    asked_for = _asked_for(data, model)
    positions = asked_for.labelled(data.answers)[0].positions

    def judged(of: "ComparedPairs", probability: "NDArray[np.float64]") -> Judged:
        cluster = clusters_of(data, of, probability, enforced=False)
        return Judged(log_odds(probability, of.first), cluster[of.pairs.left] == cluster[of.pairs.right])

    def judged_by_some(chosen: "NDArray[np.bool_]") -> Judged:
        some = labelled.among(chosen)
        forest = train_classifier(compared.features, some, compared.first, seed(), threads)
        by_forest = forest_probability(forest, asked_for.features, threads)
        return judged(asked_for, match_probability(by_forest, asked_for.first, len(some))).among(positions)

    held_out = held_out_judgement(labeling_set, judged_by_some, seed())
    return estimate(judged(compared, model.probability), held_out, labelled.is_match, labeling_set, seed())


def _asked_for(data: TransformData, model: TrainedModel) -> "ComparedPairs":
    """Return the pairs that models are asked about to judge the labelled ones: of many those within their reach."""
    from matching.cluster import decision_threshold, within_reach
    from matching.learn import MANY_PAIRS

    compared = model.compared
    if len(compared.pairs) < MANY_PAIRS:
        return compared
    labelled = compared.pairs.among(compared.labelled(data.answers)[0].positions)
    threshold = decision_threshold(data.transform.parameters.precision_recall_tradeoff)
    return compared.among(within_reach(compared.records, compared.pairs, model.probability, threshold, labelled))


def _metrics(estimate: "Estimate", model: TrainedModel) -> dict[str, Any]:
    return {
        **_named(estimate.quality),
        "ConfusionMatrix": {
            "NumTruePositives": estimate.true_positives,
            "NumFalsePositives": estimate.false_positives,
            "NumTrueNegatives": estimate.true_negatives,
            "NumFalseNegatives": estimate.false_negatives,
        },
        "ColumnImportances": _column_importances(model),
        "Intervals": {name: list(ends) for name, ends in _intervals(estimate).items()},
        "LabeledPairs": model.record.summary["labelled_pairs"],
        "PRCurve": [list(point) for point in estimate.curve],
    }


def _named(quality: "Quality") -> dict[str, float]:
    values = asdict(quality)
    return {glue_name: round(values[name], 4) for name, glue_name in QUALITY_NAMES.items()}


def _intervals(estimate: "Estimate") -> dict[str, tuple[float, float]]:
    low, high = _named(estimate.low), _named(estimate.high)
    return {name: (low[name], high[name]) for name in low}


def _column_importances(model: TrainedModel) -> list[dict[str, Any]]:
    """Return each column's share of what the forest looked at, without the share of whole records; largest first."""
    importance: dict[str, float] = {}
    for (column, _), share in zip(model.compared.feature_names, model.forest.feature_importances_, strict=True):
        if column != "*":
            importance[column] = importance.get(column, 0.0) + float(share)
    total = sum(importance.values()) or 1.0
    ranked = sorted(importance.items(), key=lambda item: (-item[1], item[0]))
    return [{"ColumnName": column, "Importance": round(share / total, 4)} for column, share in ranked]
