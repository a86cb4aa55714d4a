"""The clusters of a transform's records at its precision–recall trade-off."""

import logging
from typing import TYPE_CHECKING

from matching.cluster import LinkRules, cluster_records, decision_threshold, enforced_rules
from tasks.transform_data import TransformData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs

logger = logging.getLogger("findmatches.tasks")


def clusters_of(
    data: TransformData, compared: "ComparedPairs", probability: "NDArray[np.float64]", enforced: bool
) -> "NDArray[np.int64]":
    """Return for every record the first record of its cluster; `enforced` makes the clusters agree with all labels."""
    rules, conflicts = enforced_rules(data.answers, data.sources) if enforced else (LinkRules(data.sources), 0)
    if conflicts:
        logger.warning(
            "labels: %d pairs labelled as different are also labelled as the same by way of others; they stay together",
            conflicts,
        )
    threshold = decision_threshold(data.transform.parameters.precision_recall_tradeoff)
    return cluster_records(compared.records, compared.pairs, probability, threshold, rules)
