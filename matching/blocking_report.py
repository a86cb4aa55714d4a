"""What blocking did: who is compared with whom, what each way of finding pairs adds, and what may be missing."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from matching.answers import AnsweredPairs
from matching.block import candidates_by_search
from matching.compare import WHOLE_RECORD
from matching.matcher import ComparedPairs, PreparedRecords, with_more_pairs
from matching.pairs import Pairs, positions_of, union_of_pairs
from matching.proposed import SHARED_NEIGHBOUR
from matching.searched_terms import CommonTerm, commonest_terms

SHOWN = 10
SAMPLE_RECORDS = 1000
WIDER = 3

BY_SEARCHES = (
    "capture and recapture: what share of the likely matches that one search found did the other find too; too high "
    "where both miss the same pairs, as they do in large clusters"
)
BY_WIDER_SEARCH = (
    "the first pass's likely matches among the candidates of {records:,} sampled records, and among the further pairs "
    "that these find when {wider} times as many neighbours are sought"
)
BY_LABELS = "{found:,} of {labelled:,} labelled matches are candidates; labeling sets are drawn from candidates"


@dataclass(frozen=True)
class FoundBy:
    """One way of finding pairs: how many of the candidate pairs it found, and how many only it found."""

    by: str
    pairs: int
    only: int


@dataclass(frozen=True)
class Recall:
    """An estimate of the share of matching pairs that are candidates, from 0 to 1, and how it was made."""

    by: str
    recall: float
    how: str


@dataclass(frozen=True)
class DroppedPair:
    """Two records that are not compared, how alike they are as whole records, and how likely by the first pass."""

    left: int
    right: int
    similarity: float
    probability: float


@dataclass(frozen=True)
class BlockingFacts:
    """Records are row indices; `most_compared` are (record, candidates), most first; `dropped` likeliest first."""

    records: int
    pairs: int
    mean_candidates: float
    median_candidates: float
    most_candidates: int
    found_by: tuple[FoundBy, ...]
    recall: tuple[Recall, ...]
    most_compared: tuple[tuple[int, int], ...]
    common_terms: tuple[CommonTerm, ...]
    dropped: tuple[DroppedPair, ...]


def blocking_facts(
    prepared: PreparedRecords, compared: ComparedPairs, answers: AnsweredPairs, seed: int
) -> BlockingFacts:
    """Return what blocking did.  Costs another search, and one fit of the first pass."""
    candidates = np.bincount(np.r_[compared.pairs.left, compared.pairs.right], minlength=prepared.records)
    busiest = np.argsort(-candidates, kind="stable")[:SHOWN]
    searched = _found_by_searches(prepared, compared.pairs)
    wider, dropped = _wider_search(prepared, compared, seed)
    return BlockingFacts(
        records=prepared.records,
        pairs=len(compared.pairs),
        mean_candidates=len(compared.pairs) / max(1, prepared.records),
        median_candidates=float(np.median(candidates)) if len(candidates) else 0.0,
        most_candidates=int(candidates.max(initial=0)),
        found_by=_found_by(searched),
        recall=(
            *wider,
            *_recall_by_searches(searched, compared.first.probability),
            *_recall_by_labels(compared, answers),
        ),
        most_compared=tuple((int(record), int(candidates[record])) for record in busiest if candidates[record]),
        common_terms=commonest_terms(prepared, SHOWN),
        dropped=dropped,
    )


def _found_by_searches(prepared: PreparedRecords, pairs: Pairs) -> dict[str, NDArray[np.bool_]]:
    """Return of each search which of the pairs it finds."""
    found = candidates_by_search(prepared.searches, prepared.sources, prepared.task.threads)
    return {by: positions_of(pairs, mine, prepared.records) >= 0 for by, mine in found.items()}


def _found_by(searched: dict[str, NDArray[np.bool_]]) -> tuple[FoundBy, ...]:
    """Count what each search found; what none of them found came in by a shared neighbour."""
    times = np.sum(list(searched.values()), axis=0)
    counted = [FoundBy(by, int(found.sum()), int((found & (times == 1)).sum())) for by, found in searched.items()]
    added = int((times == 0).sum())
    return (*counted, FoundBy(SHARED_NEIGHBOUR, added, added))


def _recall_by_searches(searched: dict[str, NDArray[np.bool_]], probability: NDArray[np.float64]) -> tuple[Recall, ...]:
    one, *_, other = (probability * found for found in searched.values())
    both = float((one * (other > 0)).sum())
    if not both:
        return ()
    in_all = float(one.sum()) * float(other.sum()) / both
    return (Recall("two searches", min(1.0, float(probability.sum()) / in_all), BY_SEARCHES),)


def _recall_by_labels(compared: ComparedPairs, answers: AnsweredPairs) -> tuple[Recall, ...]:
    matches = answers.pairs.among(answers.is_match)
    if not len(matches):
        return ()
    found = int((positions_of(matches, compared.pairs, compared.records) >= 0).sum())
    return (Recall("labels", found / len(matches), BY_LABELS.format(found=found, labelled=len(matches))),)


def _wider_search(
    prepared: PreparedRecords, compared: ComparedPairs, seed: int
) -> tuple[tuple[Recall, ...], tuple[DroppedPair, ...]]:
    """Return the recall that a wider search from a sample of the records tells, and the likeliest pairs it adds."""
    sample = np.sort(np.random.default_rng(seed).permutation(prepared.records)[:SAMPLE_RECORDS])
    more = _beyond(prepared, compared.pairs, sample)
    judged = with_more_pairs(prepared, compared, more) if len(more) else compared
    pairs, probability = judged.pairs, judged.first.probability
    likeness = judged.similarities.of(WHOLE_RECORD)["grams"]
    ends = np.bincount(sample, minlength=prepared.records)
    weight = probability * (ends[pairs.left] + ends[pairs.right])
    is_candidate = positions_of(pairs, compared.pairs, prepared.records) >= 0
    order = np.lexsort((-likeness, -probability, is_candidate))[: min(SHOWN, len(more))]
    best = tuple(
        DroppedPair(int(pairs.left[at]), int(pairs.right[at]), float(likeness[at]), float(probability[at]))
        for at in order
    )
    if not weight.sum():
        return (), best
    how = BY_WIDER_SEARCH.format(records=len(sample), wider=WIDER)
    return (Recall("wider search", float(weight[is_candidate].sum() / weight.sum()), how),), best


def _beyond(prepared: PreparedRecords, pairs: Pairs, sample: NDArray[np.int64]) -> Pairs:
    """Return the pairs that are no candidates but would be if the sampled records had WIDER times the neighbours."""
    searches = [search.with_neighbours(WIDER * search.neighbours) for search in prepared.searches]
    found = candidates_by_search(searches, prepared.sources, prepared.task.threads, sample)
    wider = reduce(lambda one, other: union_of_pairs(one, other, prepared.records), found.values())
    return wider.among(positions_of(wider, pairs, prepared.records) < 0)
