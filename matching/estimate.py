"""How good the matching is, told from labels that the model had not seen.

The model is trained five times, each time without a fifth of the labeling sets, and judged on those.  Labels were not
drawn at random (they were chosen to teach), so what they say is weighed back to all candidate pairs by bands of
probability: in each band the share of matches is that of its labelled pairs, drawn towards the model's own mean where
there are few.  Intervals come from drawing the labeling sets anew, with replacement.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND_EDGES = np.array([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
MODEL_OPINION_PAIRS = 4.0
FOLDS = 5
RESAMPLES = 200

Train = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


@dataclass(frozen=True)
class Quality:
    """Precision, recall and their harmonic mean over all candidate pairs, and the area under precision over recall."""

    precision: float
    recall: float
    f1: float
    area_under_pr_curve: float


@dataclass(frozen=True)
class Estimate:
    """The quality, for each of its numbers a 95 % interval, and the counts on the held-out labelled pairs."""

    quality: Quality
    low: Quality
    high: Quality
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int


def held_out_probability(labeling_set: NDArray[np.int64], train: Train, seed: int) -> NDArray[np.float64]:
    """Return for each labelled pair the probability from a model that saw none of its labeling set's answers.

    `train` is given which labelled pairs to learn from and returns the probability of every labelled pair.
    """
    sets = np.random.default_rng(seed).permutation(np.unique(labeling_set))
    probability = np.full(len(labeling_set), np.nan)
    for fold in np.array_split(sets, min(FOLDS, len(sets))):
        held_out = np.isin(labeling_set, fold)
        probability[held_out] = train(~held_out)[held_out]
    return probability


def estimate_quality(
    population: NDArray[np.float64],
    labelled: NDArray[np.float64],
    is_match: NDArray[np.bool_],
    labeling_set: NDArray[np.int64],
    threshold: float,
    seed: int,
) -> Estimate:
    """Return the estimate at a decision threshold.

    `population` is the model's probability of every candidate pair; `labelled` the held-out one of the labelled pairs.
    """
    edges = np.unique(np.append(BAND_EDGES, threshold))
    bands = _Bands(edges, population, threshold)
    quality = bands.quality(labelled, is_match)
    resampled = [bands.quality(labelled[draw], is_match[draw]) for draw in _draws(labeling_set, seed)]
    low, high = (_percentile(resampled, share) for share in (2.5, 97.5))
    positive = labelled > threshold
    counts = [positive & is_match, positive & ~is_match, ~positive & ~is_match, ~positive & is_match]
    return Estimate(quality, low, high, *(int(count.sum()) for count in counts))


class _Bands:
    """All candidate pairs by band of probability."""

    def __init__(self, edges: NDArray[np.float64], population: NDArray[np.float64], threshold: float) -> None:
        self.edges = edges
        band = np.digitize(population, edges, right=True)
        self.size = np.bincount(band, minlength=len(edges) + 1)
        total = np.bincount(band, weights=population, minlength=len(edges) + 1)
        self.mean = total / np.maximum(self.size, 1)
        self.above = np.arange(len(edges) + 1) > np.searchsorted(edges, threshold)

    def quality(self, labelled: NDArray[np.float64], is_match: NDArray[np.bool_]) -> Quality:
        band = np.digitize(labelled, self.edges, right=True)
        seen = np.bincount(band, minlength=len(self.size))
        matches = np.bincount(band, weights=is_match, minlength=len(self.size))
        share = (matches + MODEL_OPINION_PAIRS * self.mean) / (seen + MODEL_OPINION_PAIRS)
        found, all_matches = (self.size * share)[self.above].sum(), (self.size * share).sum()
        precision = _ratio(found, self.size[self.above].sum())
        recall = _ratio(found, all_matches)
        return Quality(precision, recall, _ratio(2 * precision * recall, precision + recall), self._area(share))

    def _area(self, share: NDArray[np.float64]) -> float:
        """Average precision when the bands are taken from the top and, within a band, in random order."""
        size, matches = self.size[::-1].astype(np.float64), (self.size * share)[::-1]
        precision = np.cumsum(matches) / np.maximum(np.cumsum(size), 1e-9)
        return _ratio(float((precision * matches).sum()), float(matches.sum()))


def _draws(labeling_set: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(labeling_set == number) for number in np.unique(labeling_set)]
    picks = [generator.integers(len(members), size=len(members)) for _ in range(RESAMPLES if members else 0)]
    return [np.concatenate([members[i] for i in pick]) for pick in picks]


def _percentile(qualities: list[Quality], share: float) -> Quality:
    rows = [(q.precision, q.recall, q.f1, q.area_under_pr_curve) for q in qualities]
    return Quality(*(float(v) for v in np.percentile(np.array(rows), share, axis=0))) if rows else Quality(0, 0, 0, 0)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
