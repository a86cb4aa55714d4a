"""A table that grew: new records are sought among all, old ones among each other not at all.

The search for candidates is the part that costs most.  What was found before stays known; a pair is kept while it would
still be found, by the table as it is now.  Everything after the search is done anew, so that no similarity speaks of a
table that is no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.block import TIES_SEEN
from matching.matcher import ComparedPairs, PreparedRecords, scored_pairs, widen, worth_comparing
from matching.pairs import Pairs, distinct_pairs
from matching.search import Search

KEPT = 1.5  # neighbours kept for each one wanted: at 1 as many as 3 % of the candidates go astray in nine increments
NOISE = 1e-4  # more than two ways to add up a likeness differ by

Records = NDArray[np.int64]
Chosen = NDArray[np.bool_]


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
    """Neighbours found: `other` is one of `record`, and as alike as `likeness` says."""

    record: Records
    other: Records
    likeness: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence["_Finds"]) -> "_Finds":
        nothing = np.zeros(0, dtype=np.int64)
        record, other = [part.record for part in parts], [part.other for part in parts]
        likeness = np.concatenate([nothing.astype(np.float32), *(part.likeness for part in parts)])
        return cls(np.concatenate([nothing, *record]), np.concatenate([nothing, *other]), likeness)

    @property
    def ranked(self) -> "_Finds":
        """The finds record by record, the nearest first; of equally near ones the first record leads."""
        order = np.lexsort((self.other, -self.likeness, self.record))
        return _Finds(self.record[order], self.other[order], self.likeness[order])

    @property
    def place(self) -> Records:
        """The place of each find among those of its record, from 0; of ranked finds."""
        return np.arange(len(self.record)) - np.searchsorted(self.record, self.record)

    def nearest(self, count: int) -> "_Finds":
        """Of ranked finds the first `count` of each record, as far as they have anything in common."""
        chosen = (self.place < count) & (self.likeness > 0)
        return _Finds(self.record[chosen], self.other[chosen], self.likeness[chosen])

    def pairs(self, records: int) -> Pairs:
        return distinct_pairs(self.record, self.other, records)


def candidates_of_increment(prepared: PreparedRecords, earlier: Pairs, is_new: Chosen) -> Candidates:
    """Return the candidate pairs of a grown table, and the pairs that the next increment may begin with.

    `earlier` are pairs of records that are not new, those that an earlier comparison found or kept.  With all records
    new the candidates are those of a comparison of the whole table.
    """
    increment = Increment(earlier, is_new, prepared.sources, prepared.task.threads)
    kept = [nearest_in_increment(with_spare(search), increment) for search in prepared.searches]
    nearest = [finds.nearest(search.neighbours) for search, finds in zip(prepared.searches, kept, strict=True)]
    return Candidates(_Finds.joined(nearest).pairs(prepared.records), _Finds.joined(kept).pairs(prepared.records))


def compare_increment(prepared: PreparedRecords, candidates: Pairs) -> ComparedPairs:
    """Return the candidates compared and widened as those of a whole table are."""
    candidates = worth_comparing(prepared, candidates)
    compared = scored_pairs(prepared, candidates, prepared.compare(candidates))
    return widen(prepared, compared, compared.first.probability)


def with_spare(search: Search) -> Search:
    """Return the same way to look with more neighbours, as many as are kept."""
    return search.with_neighbours(round(search.neighbours * KEPT))


def nearest_in_increment(search: Search, increment: Increment) -> _Finds:
    """Return the nearest of each record, ranked: a new one's among all, an old one's among its earlier and the new."""
    known = _both_ways(search, increment.earlier).ranked
    floor = _least_worth(known, search.neighbours, len(increment.is_new))
    found = [_found(search, seekers, pool, floor, increment.threads) for seekers, pool in _seekers(increment)]
    return _Finds.joined([known, *found]).ranked.nearest(search.neighbours)


def _seekers(increment: Increment) -> Iterator[tuple[Records, Records]]:
    """Yield who is sought for, and among whom: only across sources, where there are any."""
    is_new, sources = increment.is_new, increment.sources
    everyone = np.ones(len(is_new), dtype=bool)
    sides = [(everyone, everyone)] if sources is None else [(sources == s, sources != s) for s in np.unique(sources)]
    for mine, others in sides:
        yield np.flatnonzero(mine & is_new), np.flatnonzero(others)
        yield np.flatnonzero(mine & ~is_new), np.flatnonzero(others & is_new)


def _found(search: Search, seekers: Records, pool: Records, floor: NDArray[np.float32], threads: int) -> _Finds:
    """Return who in the pool may be among the nearest of each seeker: no less alike than what it has already."""
    if not len(seekers) or not len(pool):
        return _Finds.joined([])
    wanted = search.neighbours + 1 + TIES_SEEN  # a record finds itself too, and any of equals
    transposed = search.vectors[pool].T.tocsr()
    found = sp_matmul_topn(search.sought[seekers], transposed, top_n=wanted, n_threads=threads).tocoo()
    record, other = seekers[found.row], pool[found.col]
    worth = (record != other) & (found.data >= floor[record])
    return _Finds(record[worth], other[worth], search.likeness(record[worth], other[worth]))


def _least_worth(known: _Finds, count: int, records: int) -> NDArray[np.float32]:
    """Return how alike a record must be to each to come among its `count` nearest, a little less to be safe."""
    last = known.place == count - 1
    floor = np.zeros(records, dtype=np.float32)
    floor[known.record[last]] = known.likeness[last] - NOISE
    return floor


def _both_ways(search: Search, pairs: Pairs) -> _Finds:
    record, other = np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left]
    return _Finds(record, other, search.likeness(record, other))
