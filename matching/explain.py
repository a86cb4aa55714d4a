"""Why a pair has its probability: what it starts from, and what each similarity adds to that or takes from it.

A forest's answer is cut up along its trees (Saabas 2014): each split on the pair's way down a tree moves the share of
matches, and the move belongs to the feature that the split asks about.  The first pass is a sum already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.compare import WHOLE_RECORD
from matching.learn import FIRST_PASS, first_pass_share
from matching.matcher import ComparedPairs
from matching.neighbours import NEIGHBOUR_FEATURES
from matching.score import TEMPER, agreement_weights, all_evidence, log_odds_of_any_pair

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

PROBABILITY, LOG_ODDS = "probability", "log-odds"
WHOLE_ROW, STANDING = "whole row", "standing among neighbours"
BEFORE_LABELS, LINE, THIRD_RECORDS = "model before labels", "consistency of groups", "third records"
CERTAIN = 1e-15


@dataclass(frozen=True)
class Contribution:
    """What one measure of one column adds, in the unit of its waterfall; `measure` is empty for all of a column."""

    column: str
    measure: str
    amount: float


@dataclass(frozen=True)
class Step:
    """What everything known about one subject adds: a column, or a matter of whole records.

    `after` is the sum so far, `probability` what that comes to.
    """

    column: str
    subject: str
    contribution: float
    after: float
    probability: float


@dataclass(frozen=True)
class Waterfall:
    """The way from `start`, what holds for any pair, over the steps to `end`, in units of `unit`.

    `start_probability` and `probability` are what start and end come to; `contributions` are what the steps sum up.
    """

    unit: str
    start: float
    start_probability: float
    steps: tuple[Step, ...]
    end: float
    probability: float
    contributions: tuple[Contribution, ...]


def explain_by_forest(
    forest: "RandomForestClassifier", compared: ComparedPairs, labelled_pairs: int, position: int
) -> Waterfall:
    """Return how the model comes to the probability of one compared pair; the largest steps first.

    What the first pass says beside the forest is told together with what the forest makes of it.
    """
    start, amounts = forest_contributions(forest, compared.features[position])
    names, by_first = compared.feature_names, compared.first.probability
    usual, share = float(by_first.mean()), first_pass_share(labelled_pairs)
    start = (1 - share) * start + share * usual
    amounts *= 1 - share
    amounts[names.index((WHOLE_RECORD, FIRST_PASS))] += share * (by_first[position] - usual)
    contributions = [Contribution(*name, float(amount)) for name, amount in zip(names, amounts, strict=True)]
    return _waterfall(PROBABILITY, start, contributions)


def forest_contributions(
    forest: "RandomForestClassifier", features: NDArray[np.float32]
) -> tuple[float, NDArray[np.float64]]:
    """Return the forest's mean share of matches, and what each of one pair's features adds to it.

    Together they are the probability that the forest gives the pair, up to rounding.
    """
    amounts = np.zeros(forest.n_features_in_)
    row, start = features.reshape(1, -1).astype(np.float32), 0.0
    for estimator in forest.estimators_:
        tree: Any = estimator.tree_
        way = tree.decision_path(row).indices
        share = tree.value[way, 0, 1] / tree.value[way, 0].sum(axis=1)
        start += float(share[0])
        np.add.at(amounts, tree.feature[way[:-1]], np.diff(share))
    trees = len(forest.estimators_)
    return start / trees, amounts / trees


def explain_by_first_pass(compared: ComparedPairs, own_share: dict[str, float], position: int) -> Waterfall:
    """Return how the first pass comes to the log-odds of one compared pair; the largest steps first.

    The last step is the say of third records.  The one before it moves the line between matches and others to where
    most groups of records close: it is the same for all pairs, but for what the fit still moved in its last round.
    """
    start, contributions = first_pass_evidence(compared, own_share, position)
    own, probability = float(compared.first.logit[position]), float(compared.first.probability[position])
    line = own - start - sum(each.amount for each in contributions)
    asked = abs(probability - _expit(own)) > CERTAIN
    certain = min(max(probability, CERTAIN), 1 - CERTAIN)
    say = float(np.log(certain / (1 - certain))) - own if asked else 0.0
    last = [Contribution(WHOLE_RECORD, LINE, line), Contribution(WHOLE_RECORD, THIRD_RECORDS, say)]
    return _waterfall(LOG_ODDS, start, contributions, last)


def first_pass_evidence(
    compared: ComparedPairs, own_share: dict[str, float], position: int
) -> tuple[float, list[Contribution]]:
    """Return the log-odds of any candidate pair, and what each piece of evidence on this one adds, in nats."""
    probability = compared.first.probability
    pieces = all_evidence(compared.similarities, own_share, compared.pairs, compared.records)
    found = [
        Contribution(
            piece.column,
            piece.measure,
            TEMPER * piece.own * float(agreement_weights(piece, probability)[piece.levels[position]]),
        )
        for piece in pieces
    ]
    return log_odds_of_any_pair(probability), found


def subject_of(column: str, measure: str) -> str:
    """Return what a measure is about: its column, or in words what of the whole record.

    >>> subject_of("city", "exact"), subject_of("*", "grams"), subject_of("*", "better_rank_grams")
    ('city', 'whole row', 'standing among neighbours')
    """
    if column != WHOLE_RECORD:
        return column
    if measure.startswith(NEIGHBOUR_FEATURES):
        return STANDING
    return BEFORE_LABELS if measure == FIRST_PASS else WHOLE_ROW


def _waterfall(
    unit: str, start: float, contributions: list[Contribution], last: Iterable[Contribution] = ()
) -> Waterfall:
    """Return the steps from the largest to the smallest, and then the `last` ones as they are."""
    sums: dict[tuple[str, str], float] = {}
    for each in contributions:
        subject = each.column, subject_of(each.column, each.measure)
        sums[subject] = sums.get(subject, 0.0) + each.amount
    ordered = sorted(sums.items(), key=lambda item: -abs(item[1]))
    ordered += [((each.column, each.measure), each.amount) for each in last]
    heights = list(accumulate((amount for _, amount in ordered), initial=start))
    shares = [_expit(height) if unit == LOG_ODDS else height for height in heights]
    ends = zip(ordered, heights[1:], shares[1:], strict=True)
    steps = tuple(Step(*subject, amount, after, share) for (subject, amount), after, share in ends)
    return Waterfall(unit, start, shares[0], steps, heights[-1], shares[-1], (*contributions, *last))


def _expit(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))
