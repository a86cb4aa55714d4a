"""A table that grew: new records are sought among all, old ones among each other not at all.

The search for candidates is the part whose cost grows with the square of the table.  What was found before stays
known; a pair is kept while it would still be found, by the table as it is now.  Everything after the search costs in
proportion to the table and is done anew, so that no similarity speaks of a table that is no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.block import TIES_SEEN, neighbours_wanted, without_common_terms
from matching.matcher import ComparedPairs, PreparedRecords, scored_pairs, widen
from matching.pairs import Pairs, distinct_pairs
from matching.tfidf import cosines

KEPT = 1.5  # neighbours kept for each one wanted: at 1 as many as 3 % of the candidates go astray in nine increments
NOISE = 1e-4  # more than two ways to add up a cosine differ by

Records = NDArray[np.int64]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Index:
    """One way to find neighbours: unit vectors of all records, and how many neighbours each record gets by it."""

    vectors: sp.csr_matrix
    neighbours: int

    @property
    def with_spare(self) -> "Index":
        """The same way with more neighbours, as many as are kept."""
        return replace(self, neighbours=round(self.neighbours * KEPT))


@dataclass(frozen=True)
class Increment:
    """The candidate pairs of an earlier comparison, in the numbers of now, and which records are new since."""

    earlier: Pairs
    is_new: Chosen
    sources: Records | None = None
    threads: int = 1


@dataclass(frozen=True)
class Candidates:
    """The candidate pairs, and those with spare ones to `keep`: when weights shift, a spare one may come among them."""

    pairs: Pairs
    keep: Pairs


@dataclass(frozen=True)
class _Finds:
    """Neighbours found: `other` is one of `record`, and as alike as `cosine` says."""

    record: Records
    other: Records
    cosine: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence["_Finds"]) -> "_Finds":
        nothing = np.zeros(0, dtype=np.int64)
        record, other = [part.record for part in parts], [part.other for part in parts]
        cosine = np.concatenate([nothing.astype(np.float32), *(part.cosine for part in parts)])
        return cls(np.concatenate([nothing, *record]), np.concatenate([nothing, *other]), cosine)

    @property
    def ranked(self) -> "_Finds":
        """The finds record by record, the nearest first; of equally near ones the first record leads."""
        order = np.lexsort((self.other, -self.cosine, self.record))
        return _Finds(self.record[order], self.other[order], self.cosine[order])

    @property
    def place(self) -> Records:
        """The place of each find among those of its record, from 0; of ranked finds."""
        return np.arange(len(self.record)) - np.searchsorted(self.record, self.record)

    def nearest(self, count: int) -> "_Finds":
        """Of ranked finds the first `count` of each record, as far as they have anything in common."""
        chosen = (self.place < count) & (self.cosine > 0)
        return _Finds(self.record[chosen], self.other[chosen], self.cosine[chosen])

    def pairs(self, records: int) -> Pairs:
        return distinct_pairs(self.record, self.other, records)


def candidates_of_increment(prepared: PreparedRecords, earlier: Pairs, is_new: Chosen) -> Candidates:
    """Return the candidate pairs of a grown table, and the pairs that the next increment may begin with.

    `earlier` are pairs of records that are not new, those that an earlier comparison found or kept.  With all records
    new the candidates are those of a comparison of the whole table.
    """
    increment = Increment(earlier, is_new, prepared.sources, prepared.task.threads)
    indexes = indexes_of(prepared)
    kept = [nearest_in_increment(index.with_spare, increment) for index in indexes]
    nearest = [finds.nearest(index.neighbours) for index, finds in zip(indexes, kept, strict=True)]
    return Candidates(_Finds.joined(nearest).pairs(prepared.records), _Finds.joined(kept).pairs(prepared.records))


def compare_increment(prepared: PreparedRecords, candidates: Pairs) -> ComparedPairs:
    """Return the candidates compared and widened as those of a whole table are."""
    compared = scored_pairs(prepared, candidates, prepared.comparer.compare(candidates))
    return widen(prepared, compared, compared.first.probability)


def indexes_of(prepared: PreparedRecords) -> list[Index]:
    """Return the ways in which a whole table is searched (see block.py)."""
    wanted = neighbours_wanted(prepared.task.accuracy_cost_tradeoff)
    grams, words = prepared.whole["grams"], prepared.whole["words"]
    return [Index(without_common_terms(grams), wanted), Index(without_common_terms(words), max(1, wanted // 2))]


def nearest_in_increment(index: Index, increment: Increment) -> _Finds:
    """Return the nearest of each record, ranked: a new one's among all, an old one's among its earlier and the new."""
    known = _both_ways(index, increment.earlier).ranked
    floor = _least_worth(known, index.neighbours, len(increment.is_new))
    found = [_search(index, queries, pool, floor, increment.threads) for queries, pool in _searches(increment)]
    return _Finds.joined([known, *found]).ranked.nearest(index.neighbours)


def _searches(increment: Increment) -> Iterator[tuple[Records, Records]]:
    """Yield who is sought for, and among whom: only across sources, where there are any."""
    is_new, sources = increment.is_new, increment.sources
    everyone = np.ones(len(is_new), dtype=bool)
    sides = [(everyone, everyone)] if sources is None else [(sources == s, sources != s) for s in np.unique(sources)]
    for mine, others in sides:
        yield np.flatnonzero(mine & is_new), np.flatnonzero(others)
        yield np.flatnonzero(mine & ~is_new), np.flatnonzero(others & is_new)


def _search(index: Index, queries: Records, pool: Records, floor: NDArray[np.float32], threads: int) -> _Finds:
    """Return who in the pool may be among the nearest of each query: no less alike than what it has already."""
    if not len(queries) or not len(pool):
        return _Finds.joined([])
    wanted = index.neighbours + 1 + TIES_SEEN  # a record finds itself too, and any of equals
    transposed = index.vectors[pool].T.tocsr()
    found = sp_matmul_topn(index.vectors[queries], transposed, top_n=wanted, n_threads=threads).tocoo()
    record, other = queries[found.row], pool[found.col]
    worth = (record != other) & (found.data >= floor[record])
    return _Finds(record[worth], other[worth], cosines(index.vectors, record[worth], other[worth]))


def _least_worth(known: _Finds, count: int, records: int) -> NDArray[np.float32]:
    """Return how alike a record must be to each to come among its `count` nearest, a little less to be safe."""
    last = known.place == count - 1
    floor = np.zeros(records, dtype=np.float32)
    floor[known.record[last]] = known.cosine[last] - NOISE
    return floor


def _both_ways(index: Index, pairs: Pairs) -> _Finds:
    cosine = cosines(index.vectors, pairs.left, pairs.right)
    return _Finds(np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left], np.r_[cosine, cosine])
