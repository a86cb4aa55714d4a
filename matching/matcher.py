"""The steps in order: a table of texts in, compared candidate pairs out."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.answers import AnsweredPairs
from matching.block import LIKELY, SURE, candidate_pairs, most_pairs, neighbours_of_neighbours, neighbours_wanted
from matching.compare import Comparer, Similarities
from matching.known import KnownSimilarities
from matching.learn import (
    MANY_PAIRS,
    FeatureTable,
    LabelledPairs,
    feature_names,
    features_beside,
    forest_probability,
    train_classifier,
)
from matching.memory import IN_MEMORY, Spill, give_back_freed_memory, let_go
from matching.normalise import NormalisedColumn, normalise_column
from matching.overlap import own_share, without_repeats
from matching.pairs import Pairs, positions_of, union_of_pairs
from matching.profile import IGNORE, ColumnKind, ColumnProfile, profile_column, skewed_values
from matching.progress import Stage, tell, told
from matching.record_vectors import record_vectors, values_of
from matching.score import FirstPass, continue_first_pass, extended_first_pass, first_pass
from matching.search import Search, searches_of
from matching.shortlist import most_compared, shortlisted
from matching.tfidf import gram_counts, word_counts

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

WIDENINGS = 2
FEW, NEGLIGIBLE = 0.01, 0.001

logger = logging.getLogger("findmatches.matching")


@dataclass(frozen=True)
class MatchingTask:
    """What to match on: the compared columns, the column of the source if there is one, and how thoroughly to look.

    `accuracy_cost_tradeoff` 0 … 1 sets how many candidates each record gets, nothing else.  `kinds` are (column, kind)
    of columns whose kind is not to be found from the data; IGNORE leaves a column out.  `spill` keeps large arrays.
    """

    columns: tuple[str, ...]
    source_column: str | None = None
    accuracy_cost_tradeoff: float = 0.5
    threads: int = 1
    kinds: tuple[tuple[str, str], ...] = ()
    spill: Spill = IN_MEMORY


@dataclass(frozen=True)
class PreparedRecords:
    """A table made ready for comparison: its plain texts, what its columns are, and each record as unit vectors.

    Records are known by their row index, so the order of the rows must mean something stable (sort by key first).
    Each part is made when it is first asked for.  `known` are similarities of these very records.
    """

    table: pa.Table
    task: MatchingTask
    known: KnownSimilarities | None = None

    @property
    def records(self) -> int:
        """How many records there are."""
        return int(self.table.num_rows)

    @cached_property
    def _profiled(self) -> tuple[list[NormalisedColumn], list[ColumnProfile]]:
        columns, profiles = profiled_columns(self.table, self.task)
        logger.info("profile: %s", ", ".join(f"{p.name} is {p.kind}" for p in profiles))
        return columns, profiles

    @property
    def columns(self) -> list[NormalisedColumn]:
        """The compared columns."""
        return self._profiled[0]

    @property
    def profiles(self) -> list[ColumnProfile]:
        """What each of the columns is."""
        return self._profiled[1]

    @cached_property
    def own_share(self) -> dict[str, float]:
        """Of each column that tells something, how much of its evidence no other column repeats."""
        return own_share(self._telling)

    @cached_property
    def sources(self) -> NDArray[np.int64] | None:
        """The number of each record's source, or None where there are no sources."""
        name = self.task.source_column
        return None if name is None else source_numbers(self.table[name])

    @cached_property
    def whole(self) -> dict[str, sp.csr_matrix]:
        """The unit vectors of whole records by 3-grams and by words."""
        columns, spill = self.searched_columns, self.task.spill
        counts: dict[str, Callable[[list[str]], sp.csr_matrix]] = {
            "grams": partial(gram_counts, spill=spill),
            "words": word_counts,
        }
        values = values_of(columns)
        return {
            name: record_vectors(columns, self.records, count(values), self.task.threads, spill)
            for name, count in counts.items()
        }

    @cached_property
    def comparer(self) -> Comparer:
        """What compares these records, by the measures that suit their columns."""
        return Comparer(self.columns, self.profiles, self.whole, self.task.threads, self.task.spill)

    def compare(self, pairs: Pairs) -> Similarities:
        """Return the similarities of all pairs; those that are known are not computed."""
        if self.known is None:
            return self._compared(pairs)
        return self.known.of(pairs, self._compared, self.records, self.task.spill)

    def _compared(self, pairs: Pairs) -> Similarities:
        return self.comparer.compare(pairs)

    @property
    def _telling(self) -> list[NormalisedColumn]:
        return [c for c, profile in zip(self.columns, self.profiles, strict=True) if profile.kind != ColumnKind.EMPTY]

    @cached_property
    def searched_columns(self) -> list[NormalisedColumn]:
        """The columns that the records are searched by: those that tell something no other column tells."""
        return without_repeats(self._telling)

    @cached_property
    def searches(self) -> tuple[Search, ...]:
        """The ways in which candidates are found, kept for several questions."""
        return tuple(self.each_search())

    def each_search(self) -> Iterator[Search]:
        """Yield the ways in which candidates are found, one at a time: each takes much memory."""
        wanted = neighbours_wanted(self.task.accuracy_cost_tradeoff)
        return searches_of(self.searched_columns, self.whole, wanted, self.task.threads, self.task.spill)


@dataclass(frozen=True)
class ComparedPairs:
    """Candidate pairs with all that is known of them before any answer; `kinds` are (column, kind) as compared.

    `beside` are the `features_beside` where they are known already.
    """

    records: int
    pairs: Pairs
    similarities: Similarities
    first: FirstPass
    sources: NDArray[np.int64] | None
    kinds: tuple[tuple[str, str], ...] = ()
    beside: NDArray[np.float32] | None = None

    @cached_property
    def features(self) -> FeatureTable:
        """What a classifier sees of each pair, named by `feature_names`."""
        beside = self.beside
        if beside is None:
            beside = features_beside(self.similarities, self.first, self.pairs, self.records)
        return FeatureTable(self.similarities.values, beside)

    def among(self, chosen: NDArray[np.bool_]) -> "ComparedPairs":
        """The pairs at which `chosen` is true, with the features that they have among all."""
        first = FirstPass(self.first.logit[chosen], self.first.probability[chosen])
        similarities = replace(self.similarities, values=self.similarities.values[chosen])
        beside = self.features.beside[chosen]
        return replace(self, pairs=self.pairs.among(chosen), similarities=similarities, first=first, beside=beside)

    @property
    def feature_names(self) -> list[tuple[str, str]]:
        """The column and the measure of each feature."""
        return feature_names(self.similarities)

    def labelled(self, answers: AnsweredPairs) -> tuple[LabelledPairs, NDArray[np.int64]]:
        """The answers to candidate pairs, and the number of the labeling set of each.

        Answers to other pairs are left out: nobody would ask the model about those.
        """
        positions = positions_of(answers.pairs, self.pairs, self.records)
        here = positions >= 0
        return LabelledPairs(positions[here], answers.is_match[here]), answers.labeling_set[here]


def prepare_records(table: pa.Table, task: MatchingTask, known: KnownSimilarities | None = None) -> PreparedRecords:
    """Return a table of texts made ready for comparison; `known` are similarities of its records found earlier."""
    return PreparedRecords(table, task, known)


def profiled_columns(table: pa.Table, task: MatchingTask) -> tuple[list[NormalisedColumn], list[ColumnProfile]]:
    """Return the compared columns and what each is: of the kind the task sets, or found from its values."""
    kinds = dict(task.kinds)
    names = [name for name in task.columns if kinds.get(name) != IGNORE]
    columns = [normalise_column(name, table[name]) for name in told(Stage.PROFILE, names, len(names), end=0.5)]
    chosen = [ColumnKind(kinds[name]) if name in kinds else None for name in names]
    both = told(Stage.PROFILE, zip(columns, chosen, strict=True), len(names), start=0.5)
    return columns, [profile_column(column, kind) for column, kind in both]


def compare_candidates(prepared: PreparedRecords) -> ComparedPairs:
    """Return the candidate pairs, compared: each record with its nearest, and with likely neighbours of those."""
    for value in skewed_values(prepared.columns, prepared.profiles):
        logger.warning("block: %s", value)
    found = candidate_pairs(prepared.each_search(), prepared.records, prepared.sources, prepared.task.threads)
    give_back_freed_memory()
    pairs = worth_comparing(prepared, found)
    del found
    tell(Stage.SHORTLIST, 1)
    similarities = prepared.compare(pairs)
    give_back_freed_memory()
    compared = scored_pairs(prepared, pairs, similarities)
    give_back_freed_memory()
    tell(Stage.FIRST_PASS, 1)
    wider = widen(prepared, compared, compared.first.probability)
    tell(Stage.WIDEN, 1)
    return wider


def worth_comparing(prepared: PreparedRecords, candidates: Pairs) -> Pairs:
    """Return the candidates that are compared in full: all of them, in a large table the likeliest."""
    most = most_compared(neighbours_wanted(prepared.task.accuracy_cost_tradeoff), prepared.records)
    chosen = shortlisted(candidates, prepared.whole["grams"], prepared.searched_columns, most, prepared.task.threads)
    if len(chosen) < len(candidates):
        logger.info("block: the likeliest %s of %s candidates", f"{len(chosen):,}", f"{len(candidates):,}")
    return chosen


def widen(
    prepared: PreparedRecords,
    compared: ComparedPairs,
    probability: NDArray[np.float64],
    least: float = LIKELY,
    limit: int | None = None,
    least_share: float = NEGLIGIBLE,
) -> ComparedPairs:
    """Return the compared pairs together with those whose records share a neighbour that is likely by `probability`.

    There are at most `limit` of these, the likeliest; by default so many that there are `most_pairs` in all.  To
    MANY_PAIRS less than `least_share` more are not worth the work.
    """
    if limit is None:
        limit = most_pairs(prepared.task.accuracy_cost_tradeoff, prepared.records) - len(compared.pairs)
    more = neighbours_of_neighbours(compared.pairs, probability, prepared.records, limit, prepared.sources, least)
    least_worth = least_share * len(compared.pairs) if len(compared.pairs) >= MANY_PAIRS else 0
    return with_more_pairs(prepared, compared, more) if len(more) > least_worth else compared


def with_more_pairs(prepared: PreparedRecords, compared: ComparedPairs, more: Pairs) -> ComparedPairs:
    """Return the compared pairs together with others, which are compared now.

    The first pass goes on over all; a few that are added to many are told by what it learned of those.
    """
    pairs = union_of_pairs(compared.pairs, more, prepared.records)
    known, new = (positions_of(part, pairs, prepared.records) for part in (compared.pairs, more))
    similarities = _both(compared.similarities, known, prepared.compare(more), new, prepared.task.spill)
    logit, probability = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    logit[known], probability[known] = compared.first.logit, compared.first.probability
    if len(compared.pairs) < MANY_PAIRS or len(more) > FEW * len(compared.pairs):
        return scored_pairs(prepared, pairs, similarities, probability)
    earlier = FirstPass(logit, probability)
    first = extended_first_pass(similarities, prepared.own_share, pairs, prepared.records, earlier)
    return replace(compared, pairs=pairs, similarities=similarities, first=first, beside=None)


def _both(
    one: Similarities, places: NDArray[np.int64], other: Similarities, other_places: NDArray[np.int64], spill: Spill
) -> Similarities:
    """Return the similarities of both, each pair at its place; together the places are all from 0 on."""
    count = int(max(places.max(initial=-1), other_places.max(initial=-1))) + 1
    values = spill.empty((one.values.shape[1], count), np.float32)
    for feature, row in enumerate(values):
        row[places], row[other_places] = one.values[:, feature], other.values[:, feature]
        let_go(values, one.values)
    return replace(one, values=values.T)


def learn_from_answers(
    prepared: PreparedRecords, compared: ComparedPairs, answers: AnsweredPairs, seed: int
) -> tuple["RandomForestClassifier", ComparedPairs]:
    """Return the classifier that the answers teach, and the candidate pairs it was taught on.

    What a first classifier is sure of brings further candidates; the second one learns from answers to those too.
    Of MANY_PAIRS it is not asked now but when it is applied.
    """
    labelled, _ = compared.labelled(answers)
    forest = train_classifier(compared.features, labelled, compared.first, seed, prepared.task.threads)
    if len(compared.pairs) >= MANY_PAIRS:
        return forest, compared
    wider = apply_classifier(prepared, compared, forest)
    if wider is compared:
        return forest, compared
    labelled, _ = wider.labelled(answers)
    return train_classifier(wider.features, labelled, wider.first, seed, prepared.task.threads), wider


def apply_classifier(
    prepared: PreparedRecords,
    compared: ComparedPairs,
    forest: "RandomForestClassifier",
    probability: NDArray[np.float64] | None = None,
) -> ComparedPairs:
    """Return the compared pairs widened by the neighbours of those that the classifier is sure of.

    `probability` is what it says of the compared pairs, if that is known already.
    """
    limit = neighbours_wanted(prepared.task.accuracy_cost_tradeoff) * prepared.records // 2
    for _ in range(WIDENINGS):
        if probability is None:
            probability = forest_probability(forest, compared.features, prepared.task.threads)
        wider = widen(prepared, compared, probability, SURE, limit, FEW)
        if wider is compared:
            break
        compared, probability = wider, None
    return compared


def scored_pairs(
    prepared: PreparedRecords, pairs: Pairs, similarities: Similarities, start: NDArray[np.float64] | None = None
) -> ComparedPairs:
    """Return the pairs with the first pass's word on them; `start` is its earlier word, NaN for new pairs."""
    per_record = len(pairs) / max(1, prepared.records)
    logger.info("block: %s candidate pairs, %.1f per record", f"{len(pairs):,}", per_record)
    evidence = (similarities, prepared.own_share, pairs, prepared.records)
    sources = prepared.sources
    first = first_pass(*evidence, sources) if start is None else continue_first_pass(*evidence, start, sources)
    kinds = tuple((profile.name, str(profile.kind)) for profile in prepared.profiles)
    return ComparedPairs(prepared.records, pairs, similarities, first, prepared.sources, kinds)


def source_numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return a number for the source of each record; records without one share a source."""
    names = np.array([value or "" for value in column.to_pylist()])
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
