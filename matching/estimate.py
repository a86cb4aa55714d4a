"""How good the matches are, told from labels that the model had not seen.

The model is trained five times, each time without a fifth of the labeling sets, and judged on those.  Labels were not
drawn at random (they were chosen to teach), so what they say is carried to all candidate pairs by a curve: the chance
that a pair is a match given the model's log-odds and whether clustering joined the two.  Where labels are few the curve
leans on the model's own opinion.  Intervals come from drawing the labeling sets anew, with replacement, and the
opinion that is leaned on as well; where no held-out answer was missed, they reach to 1.
"""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
RESAMPLES = 200
PAIRS_DRAWN = 500_000  # of more, that many evenly spaced ones tell the ends of the intervals
NEWTON_STEPS = 25
CURVE_POINTS = 41

# The curve's shift, slope and step for joined pairs: that of a model that knows itself, and how far it may be off.
CURVE = np.array([0.0, 1.0, 0.0])
CURVE_SPREAD = np.array([0.7, 0.4, 1.5])

LEAST_SPREAD = 3.0
NORMAL_REACH = 1.96
NEAR = 1e-4


@dataclass(frozen=True)
class Judged:
    """Of pairs: the model's log-odds that they match, and whether the clusters join them."""

    log_odds: NDArray[np.float64]
    joined: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.log_odds)

    def among(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> "Judged":
        """The pairs at these positions."""
        return Judged(self.log_odds[chosen], self.joined[chosen])


@dataclass(frozen=True)
class Quality:
    """Precision, recall and their harmonic mean over all candidate pairs, and the area under precision over recall."""

    precision: float
    recall: float
    f1: float
    area_under_pr_curve: float


FLAWLESS = Quality(1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Estimate:
    """The quality, for each of its numbers a 95 % interval, and the counts on the held-out labelled pairs.

    `curve` are points of recall and precision, by ascending recall, of which `quality` has the area below.
    """

    quality: Quality
    low: Quality
    high: Quality
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    curve: tuple[tuple[float, float], ...]


def held_out_judgement(
    labeling_set: NDArray[np.int64], judge: Callable[[NDArray[np.bool_]], Judged], seed: int
) -> Judged:
    """Return for each labelled pair the judgement of a model that saw none of its labeling set's answers.

    `judge` is given which labelled pairs to learn from and returns its judgement of every labelled pair.
    """
    sets = np.random.default_rng(seed).permutation(np.unique(labeling_set))
    log_odds, joined = np.full(len(labeling_set), np.nan), np.zeros(len(labeling_set), dtype=bool)
    for fold in np.array_split(sets, min(FOLDS, len(sets))) if len(sets) else []:
        held_out = np.isin(labeling_set, fold)
        judged = judge(~held_out)
        log_odds[held_out], joined[held_out] = judged.log_odds[held_out], judged.joined[held_out]
    return Judged(log_odds, joined)


def estimate_quality(
    population: Judged, labelled: Judged, is_match: NDArray[np.bool_], labeling_set: NDArray[np.int64], seed: int
) -> Estimate:
    """Return the estimated quality of the clusters over all candidate pairs.

    `population` is the model's judgement of every candidate pair; `labelled` the held-out one of the labelled pairs.
    Pairs that no index proposed are not in it, so the recall is that of what the search for candidates found.
    """
    population = population.among(np.argsort(-population.log_odds, kind="stable"))
    fitted = _fitted_curve(labelled, is_match, CURVE)
    quality = _quality(population, fitted)
    some = population.among(np.linspace(0, len(population) - 1, min(len(population), PAIRS_DRAWN)).astype(np.int64))
    drawn = [_quality(some, curve) for curve in _curves_of_draws(labelled, is_match, labeling_set, seed)]
    low, high = _interval(quality, drawn, len(np.unique(labeling_set)), int(population.joined.sum()))
    told = (labelled.joined & is_match, labelled.joined & ~is_match, ~labelled.joined & ~is_match)
    true, false, true_not, false_not = (int(count.sum()) for count in (*told, ~labelled.joined & is_match))
    wrong = (labelled.joined != is_match).any()
    curve = _precision_over_recall(_chance(population, fitted))
    return Estimate(quality, low, high if wrong else FLAWLESS, true, false, true_not, false_not, curve)


def _quality(population: Judged, curve: NDArray[np.float64]) -> Quality:
    """Return the quality by a curve; `population` likeliest first."""
    chance = _chance(population, curve)
    found, actual = float(chance[population.joined].sum()), float(chance.sum())
    precision, recall = _ratio(found, float(population.joined.sum())), _ratio(found, actual)
    f1 = _ratio(2 * precision * recall, precision + recall)
    return Quality(precision, recall, f1, _average_precision(chance))


def _chance(population: Judged, curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance that each pair is a match, by a curve."""
    return np.asarray(1 / (1 + np.exp(-_terms(population) @ curve)))


def _precision_over_recall(chance: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return at most CURVE_POINTS points of recall and precision as pairs are taken in this order."""
    if not len(chance):
        return ()
    found = np.cumsum(chance)
    recall, precision = found / found[-1], found / np.arange(1, len(chance) + 1)
    places = np.unique(np.searchsorted(recall, np.linspace(0, 1, CURVE_POINTS), side="left").clip(0, len(chance) - 1))
    return tuple((round(float(recall[at]), 4), round(float(precision[at]), 4)) for at in places)


def _average_precision(chance: NDArray[np.float64]) -> float:
    """Return the area under precision over recall when pairs are taken in this order."""
    precision = np.cumsum(chance) / np.arange(1, len(chance) + 1)
    return min(1.0, _ratio(float(precision @ chance), float(chance.sum())))


def _terms(judged: Judged) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(judged)), judged.log_odds, judged.joined - 0.5])


def _fitted_curve(judged: Judged, is_match: NDArray[np.bool_], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the likeliest curve: logistic regression with a normal prior, by Newton's method."""
    terms, curve, precision = _terms(judged), prior.copy(), np.diag(1 / CURVE_SPREAD**2)
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-terms @ curve))
        gradient = terms.T @ (is_match - chance) - precision @ (curve - prior)
        step = np.linalg.solve((terms.T * (chance * (1 - chance))) @ terms + precision, gradient)
        curve = curve + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return curve


def _curves_of_draws(
    labelled: Judged, is_match: NDArray[np.bool_], labeling_set: NDArray[np.int64], seed: int
) -> Iterator[NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(labeling_set == number) for number in np.unique(labeling_set)]
    for _ in range(RESAMPLES if members else 0):
        drawn = np.concatenate([members[i] for i in generator.integers(len(members), size=len(members))])
        prior = CURVE + CURVE_SPREAD * generator.normal(size=len(CURVE))
        yield _fitted_curve(labelled.among(drawn), is_match[drawn], prior)


def _interval(quality: Quality, drawn: list[Quality], sets: int, found: int) -> tuple[Quality, Quality]:
    """Return the ends of the 95 % interval around each number, from what it was when labeling sets were drawn anew.

    A few sets differ less among themselves than from the rest of the table: the spread, in log-odds, is at least
    LEAST_SPREAD divided by the root of their number.  An upper end that less than one wrong pair, of those `found`,
    parts from 1 is 1.
    """
    middle = _as_log_odds([quality])[0]
    draws = _as_log_odds([quality, *drawn])
    low, high = np.percentile(draws, 2.5, axis=0), np.percentile(draws, 97.5, axis=0)
    reach = NORMAL_REACH * LEAST_SPREAD / np.sqrt(max(1, sets))
    ends = np.minimum(low, middle - reach), np.maximum(high, middle + reach)
    least, most = (1 / (1 + np.exp(-end)) for end in ends)
    most = np.where(most >= 1 - max(1 / (found + 1), 2 * NEAR), 1.0, most)
    held = np.array(astuple(quality))
    return Quality(*np.minimum(least, held).tolist()), Quality(*np.maximum(most, held).tolist())


def _as_log_odds(qualities: list[Quality]) -> NDArray[np.float64]:
    """Return (qualities, 4): the log-odds of precision, recall, F1 and the area; 0 and 1 are taken as near to them."""
    shares = np.clip([astuple(each) for each in qualities], NEAR, 1 - NEAR)
    return np.asarray(np.log(shares / (1 - shares)))


def _ratio(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0
