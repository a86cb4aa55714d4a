"""The first pass: how likely each candidate pair is a match, before anybody has answered anything.

Fellegi and Sunter's model (1969), fitted by expectation maximisation: each column's similarity is cut into levels; a
level counts log(m / u), where m is how often matches show it and u how often other candidates do.  Columns are not
independent, so their sum is tempered before it becomes a probability.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.compare import EXACT, GRADED, RARITY, WHOLE_RECORD, Similarities
from matching.consistency import Triangles, most_consistent_line, triangles_of
from matching.evidence_grid import EvidenceGrid
from matching.measures_numbers import NUMBERS
from matching.measures_scales import ANY_SCALE
from matching.memory import let_go
from matching.neighbours import NEIGHBOUR_FEATURES, neighbour_features
from matching.pairs import Pairs
from matching.transitivity import opinion_of_others, trios_of

MISSING = 0
TEMPER = 0.4
PRIOR_PAIRS = 20.0
RANK = 0  # the place of the rank among all evidence
FEW_ROUNDS = 10
MOST_ROUNDS = 30
SETTLED = 1e-4
SOME_PAIRS = 200_000

SIMILARITY_CUTS = np.array([0.25, 0.4, 0.55, 0.7, 0.85])
RANK_CUTS = np.array([0.5, 1.5, 3.5, 6.5])
MARGIN_CUTS = np.array([-0.2, -0.1, -0.03, 0.02, 0.1, 0.2, 0.3])
COSINE_CUTS = np.linspace(0.1, 0.9, 9)

# What matches are expected to look like before any data is seen, worth PRIOR_PAIRS pairs: mostly alike, seldom not.
SIMILARITY_PRIOR = np.array([0.02, 0.03, 0.05, 0.08, 0.12, 0.15, 0.27, 0.28])
RANK_PRIOR = np.array([0.60, 0.15, 0.12, 0.08, 0.05])
MARGIN_PRIOR = np.array([0.05, 0.05, 0.10, 0.20, 0.15, 0.15, 0.15, 0.15])
COSINE_PRIOR = np.array([0.01, 0.02, 0.04, 0.06, 0.10, 0.13, 0.14, 0.15, 0.17, 0.18])


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence on every pair: a level from 0 (missing, says nothing) up, and matches' expected shares.

    It is about a `column`, by one `measure` or by all its similarities (""); `own` is how much of it no other piece of
    evidence says too, from 0 to 1.
    """

    column: str
    measure: str
    levels: NDArray[np.uint8]
    prior: NDArray[np.float64]
    own: float = 1.0


@dataclass(frozen=True)
class FirstPass:
    """Of every pair the log-odds by its own evidence, and the probability with the say of third records in it."""

    logit: NDArray[np.float64]
    probability: NDArray[np.float64]


@dataclass(frozen=True)
class Others:
    """What third records are asked with: all trios of compared records, and the triangles that tell the line."""

    trios: NDArray[np.int32]
    triangles: Triangles

    @classmethod
    def of(cls, pairs: Pairs, records: int, sources: NDArray[np.int64] | None) -> "Others":
        """What can be asked about these pairs."""
        return cls(trios_of(pairs, records), triangles_of(pairs, records, sources))


def first_pass(
    similarities: Similarities,
    own_share: Mapping[str, float],
    pairs: Pairs,
    records: int,
    sources: NDArray[np.int64] | None = None,
) -> FirstPass:
    """Return every candidate pair's probability of being a match, learned from the candidates alone.

    `own_share` says of each column how much of its evidence no other column repeats.  Fitted twice: by the pairs'
    own evidence, then with third records having a say and the line at which most triangles close
    (consistency.py).
    """
    if not len(pairs):
        return FirstPass(np.zeros(0), np.zeros(0))
    evidence = all_evidence(similarities, own_share, pairs, records)
    cosine, rank = similarities.of(WHOLE_RECORD)["grams"].astype(np.float64), evidence[RANK].levels
    guess = np.clip(cosine**2 * np.where(rank == 1, 1.0, 0.3), 0.001, 0.999)
    alone = _expectation_maximisation(evidence, guess, FEW_ROUNDS)
    others = Others.of(pairs, records, sources)
    return _expectation_maximisation(evidence, alone.probability, MOST_ROUNDS, others)


def continue_first_pass(
    similarities: Similarities,
    own_share: Mapping[str, float],
    pairs: Pairs,
    records: int,
    start: NDArray[np.float64],
    sources: NDArray[np.int64] | None = None,
) -> FirstPass:
    """Return the first pass over pairs of which some were fitted before.

    `start` holds their probabilities, and NaN for the new ones: those begin with what the others' weights say of them.
    """
    new = np.isnan(start)
    evidence = all_evidence(similarities, own_share, pairs, records)
    begin = start.copy()
    begin[new] = _expit(_logit_of_new(evidence, new, start[~new]))
    others = Others.of(pairs, records, sources)
    return _expectation_maximisation(evidence, begin, FEW_ROUNDS, others)


def extended_first_pass(
    similarities: Similarities, own_share: Mapping[str, float], pairs: Pairs, records: int, earlier: FirstPass
) -> FirstPass:
    """Return the first pass over pairs to which a few were added; those of before keep what it said of them.

    `earlier` has NaN in place of the new ones.  They get what the weights of SOME_PAIRS others say of them, set right
    by what the same weights miss of these others: the say of third records and the line.
    """
    new = np.isnan(earlier.logit)
    known = np.flatnonzero(~new)
    some = np.zeros(len(pairs), dtype=bool)
    some[known[np.linspace(0, len(known) - 1, min(len(known), SOME_PAIRS)).astype(np.int64)]] = True
    chosen = some | new
    evidence = all_evidence(similarities, own_share, pairs, records, chosen)
    guess = _logit_of_new(evidence, np.ones(int(chosen.sum()), bool), earlier.probability[some], some[chosen])
    guess += np.median(earlier.logit[some] - guess[some[chosen]])
    logit, probability = earlier.logit.copy(), earlier.probability.copy()
    logit[new] = guess[new[chosen]]
    probability[new] = _expit(logit[new])
    return FirstPass(logit, probability)


def log_odds_of_any_pair(probability: NDArray[np.float64]) -> float:
    """Return the log-odds of a pair of which nothing is known but that it is a candidate."""
    share = (probability.sum() + 1) / (len(probability) + 2)
    return float(np.log(share / (1 - share)))


def agreement_weights(evidence: Evidence, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each level counts towards a match, in nats: log(m / u); 0 for a missing value."""
    levels = len(evidence.prior) + 1
    matches = np.bincount(evidence.levels, weights=probability, minlength=levels).astype(np.float64)
    others = np.bincount(evidence.levels, weights=1 - probability, minlength=levels).astype(np.float64)
    return _weights(matches, others, evidence.prior)


def _weights(
    matches: NDArray[np.float64], others: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return log(m / u) of each level from how many matches and others show it; the first level is no evidence."""
    m, u = matches[1:] + PRIOR_PAIRS * prior, np.maximum(others[1:], 0) + 1.0
    return np.concatenate([[0.0], np.log(m / m.sum()) - np.log(u / u.sum())])


def all_evidence(
    similarities: Similarities,
    own_share: Mapping[str, float],
    pairs: Pairs,
    records: int,
    chosen: NDArray[np.bool_] | None = None,
) -> list[Evidence]:
    """Return the rank, the margin and the cosine of whole records, then one piece of evidence a column.

    With `chosen` it is about those pairs alone, as they stand among all.
    """
    asked = slice(None) if chosen is None else chosen
    cosine = similarities.of(WHOLE_RECORD)["grams"]
    standing = neighbour_features(cosine, pairs, records)[asked]
    evidence = [
        _graded(f"{NEIGHBOUR_FEATURES[0]}_grams", standing[:, 0], RANK_CUTS, RANK_PRIOR),
        _graded(f"{NEIGHBOUR_FEATURES[2]}_grams", standing[:, 2], MARGIN_CUTS, MARGIN_PRIOR),
        _graded("grams", cosine[asked], COSINE_CUTS, COSINE_PRIOR),
    ]
    for name in dict.fromkeys(similarities.columns):
        if name != WHOLE_RECORD:
            measured = {measure: values[asked] for measure, values in similarities.of(name).items()}
            evidence.append(_column_evidence(name, measured, own_share[name]))
            let_go(similarities.values)
    return evidence


def _expectation_maximisation(
    evidence: list[Evidence],
    probability: NDArray[np.float64],
    most_rounds: int,
    others: Others | None = None,
) -> FirstPass:
    """Fit until nothing changes; with `others`, third records have a say in what is a match and where the line is."""
    grid = EvidenceGrid([piece.levels for piece in evidence], [len(piece.prior) + 1 for piece in evidence])
    change, rounds = np.inf, 0
    logit = np.zeros_like(probability)
    while change > SETTLED and rounds < most_rounds:
        logit = _logit(evidence, grid, probability)
        if others is not None:
            logit = logit - most_consistent_line(logit, others.triangles)
        updated = _expit(logit)
        if others is not None:
            opinion, weight = opinion_of_others(others.trios, updated)
            updated = (updated + opinion) / (1 + weight)
        change, rounds = float(np.abs(updated - probability).mean()), rounds + 1
        probability = updated
    return FirstPass(logit, probability)


def _logit(evidence: list[Evidence], grid: EvidenceGrid, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of all pairs by the weights that their probabilities tell."""
    shares = grid.shares(probability)
    weights = [
        TEMPER * piece.own * _weights(matches, others, piece.prior)
        for piece, (matches, others) in zip(evidence, shares, strict=True)
    ]
    return grid.total(weights, log_odds_of_any_pair(probability))


def _logit_of_new(
    evidence: list[Evidence],
    asked: NDArray[np.bool_],
    probability: NDArray[np.float64],
    known: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return the log-odds of the pairs asked about by the weights that the `probability` of the known ones tells.

    Known are all that are not asked about, if nothing else is said.
    """
    known = ~asked if known is None else known
    logit = np.full(int(asked.sum()), log_odds_of_any_pair(probability))
    for piece in evidence:
        weights = agreement_weights(replace(piece, levels=piece.levels[known]), probability)
        logit += TEMPER * piece.own * weights[piece.levels[asked]]
    return logit


def _expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -50, 50))))


def _column_evidence(column: str, measures: dict[str, NDArray[np.float32]], own: float) -> Evidence:
    """Grade a column by its similarity; exact agreement has two levels of its own, on common and rare values."""
    exact, rarity = measures[EXACT], measures[RARITY]
    similarity = _similarity(measures)
    levels = np.digitize(similarity, SIMILARITY_CUTS) + 1
    agree = exact == 1
    middle = np.median(rarity[agree]) if agree.any() else 0.0
    levels = np.where(agree, len(SIMILARITY_CUTS) + 2 + (rarity > middle), levels)
    levels = np.where(np.isnan(exact), MISSING, levels)
    return Evidence(column, "", levels.astype(np.uint8), SIMILARITY_PRIOR, own)


def _similarity(measures: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return the mean of a column's graded similarities, or more where texts state the same numbers.

    Quantities on several scales are told apart by what they measure alone: as texts they say nothing.
    """
    graded = [values for name, values in measures.items() if name in GRADED]
    similarity = _mean_of_present(graded or [measures[EXACT]])
    if NUMBERS in measures:
        similarity = np.fmax(similarity, measures[NUMBERS])
    if ANY_SCALE in measures:
        similarity = np.where(np.isnan(measures[ANY_SCALE]), similarity, measures[ANY_SCALE])
    return similarity


def _mean_of_present(columns: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    total, present = np.zeros(len(columns[0])), np.zeros(len(columns[0]), dtype=np.uint8)
    for values in columns:
        total += np.nan_to_num(values)
        present += ~np.isnan(values)
    return total / np.maximum(present, 1)


def _graded(
    measure: str, values: NDArray[np.float32], cuts: NDArray[np.float64], prior: NDArray[np.float64]
) -> Evidence:
    return Evidence(WHOLE_RECORD, measure, (np.digitize(values, cuts) + 1).astype(np.uint8), prior)
