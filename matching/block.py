"""Which pairs are worth a look: every record with the records most like it.

Searches over all columns at once, by letters in a row, by words and by pairs of values, each give a record its nearest
few (search.py).  Their union is widened by the neighbours of likely neighbours, so that large clusters are seen whole.
"""

from collections.abc import Iterable, Iterator
from functools import partial, reduce

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.memory import give_back_freed_memory, let_go
from matching.pairs import Pairs, distinct_pairs, pair_keys, pairs_of_keys, positions_of, union_of_pairs
from matching.progress import Stage, told
from matching.search import Search

TIES_SEEN = 10
MOST_SEARCHES = 3
_HALF, _LARGEST, _NOBODY = np.uint64(32), np.uint64(2**32 - 1), np.uint64(2**64 - 1)
SEEKERS_AT_ONCE = 50_000
LIKELY, SURE = 0.2, 0.7
MOST_PER_NEIGHBOUR = 1.2  # the search itself finds 0.6 to 0.9, as many neighbours are mutual


def neighbours_wanted(accuracy_cost_tradeoff: float) -> int:
    """Return how many nearest records each record is paired with: 3 at the cheapest, 30 at the most thorough.

    >>> [neighbours_wanted(t) for t in (0.0, 0.5, 1.0)]
    [3, 10, 30]
    """
    return round(3 * 10**accuracy_cost_tradeoff + 0.4)


def most_pairs(accuracy_cost_tradeoff: float, records: int) -> int:
    """Return how many candidate pairs there may be in all: 12 a record at a trade-off of 0.5.

    >>> [most_pairs(t, records=100) for t in (0.0, 0.5, 1.0)]
    [360, 1200, 3600]
    """
    return round(MOST_PER_NEIGHBOUR * neighbours_wanted(accuracy_cost_tradeoff) * records)


def candidate_pairs(searches: Iterable[Search], records: int, sources: NDArray[np.int64] | None, threads: int) -> Pairs:
    """Return the pairs in which one record is among the other's nearest by one of the searches.

    With `sources` only pairs across sources are returned, and a record's nearest are sought among the other sources.
    """
    nobody = np.zeros(0, dtype=np.int64)
    nearest = partial(_nearest, seekers=None, sources=sources, threads=threads)
    found = told(Stage.SEARCH, map(nearest, searches), MOST_SEARCHES)  # map lets go of a search before the next is made
    return reduce(lambda known, more: union_of_pairs(known, more, records), found, Pairs(nobody, nobody))


def candidates_by_search(
    searches: Iterable[Search],
    sources: NDArray[np.int64] | None,
    threads: int,
    seekers: NDArray[np.int64] | None = None,
) -> dict[str, Pairs]:
    """Return the candidate pairs of each search by its name; only `seekers`, all records if None, seek theirs."""
    return {search.by: _nearest(search, seekers, sources, threads) for search in searches}


def neighbours_of_neighbours(
    pairs: Pairs,
    probability: NDArray[np.float64],
    records: int,
    limit: int,
    sources: NDArray[np.int64] | None,
    least: float = LIKELY,
) -> Pairs:
    """Return new pairs whose records share a likely neighbour: at most `limit` in all, the likeliest.

    A way over a shared neighbour counts the product of its two probabilities, and the ways of a pair add up; pairs and
    ways below `least` are not followed.  Of equally likely ones the first rows lead.
    """
    likely = probability >= least
    graph = _symmetric(pairs.among(likely), probability[likely], records)
    one, other, weight = _ways(graph, least, sources)
    is_new = positions_of(Pairs(one, other), pairs, records) < 0
    best = np.argsort(np.where(is_new, -weight, 0), kind="stable")[: min(max(0, limit), int(is_new.sum()))]
    return distinct_pairs(one[best], other[best], records)


def _ways(
    graph: sp.csr_matrix, least: float, sources: NDArray[np.int64] | None, chunk: int = 20_000
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return left, right and summed weight of all pairs at least `least` over shared neighbours."""
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))]
    for start in range(0, graph.shape[0], chunk):
        ways = (graph[start : start + chunk] @ graph).tocoo()
        left, right = ways.row.astype(np.int64) + start, ways.col.astype(np.int64)
        worth = (left < right) & (ways.data >= least)
        if sources is not None:
            worth &= sources[left] != sources[right]
        parts.append((left[worth], right[worth], ways.data[worth]))
    one, other, weight = (np.concatenate(side) for side in zip(*parts, strict=True))
    return one, other, weight


def _nearest(
    search: Search, seekers: NDArray[np.int64] | None, sources: NDArray[np.int64] | None, threads: int
) -> Pairs:
    """Return each seeker with its nearest among all others, or among those of other sources."""
    records, count = search.vectors.shape[0], search.neighbours
    seek = np.arange(records) if seekers is None else seekers
    keys: list[NDArray[np.int64]] = []
    if sources is None:
        for one, other in _top(search.sought, seek, search.vectors, count, threads, with_itself=True):
            keys.append(pair_keys(one, other, records))
    else:
        for source in np.unique(sources[seek]):
            inside, outside = seek[sources[seek] == source], np.flatnonzero(sources != source)
            for one, other in _top(search.sought, inside, search.vectors[outside], count, threads):
                keys.append(pair_keys(one, outside[other], records))
    give_back_freed_memory()
    return pairs_of_keys(keys, records)


def _top(
    sought: sp.csr_matrix,
    seekers: NDArray[np.int64],
    vectors: sp.csr_matrix,
    count: int,
    threads: int,
    *,
    with_itself: bool = False,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield seekers, and with each one of its `count` nearest; of up to TIES_SEEN equally near ones the first.

    The search itself takes any of equals, so TIES_SEEN more are asked for and the last ones dropped; `with_itself` it
    comes upon the seeker too, who is no neighbour.
    """
    index = vectors.T.tocsr()
    let_go(vectors)
    for part in np.array_split(seekers, max(1, len(seekers) // SEEKERS_AT_ONCE)):
        near = sp_matmul_topn(sought[part], index, top_n=count + 1 + TIES_SEEN, n_threads=threads)
        if with_itself:
            near.data[near.indices == np.repeat(part, np.diff(near.indptr))] = 0
        let_go(sought)
        nearest = _largest_of_rows(near, count)
        yield np.repeat(part, np.diff(nearest.indptr)), nearest.indices


def _symmetric(pairs: Pairs, weight: NDArray[np.float64], records: int) -> sp.csr_matrix:
    rows, columns = np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left]
    return sp.csr_matrix((np.r_[weight, weight].astype(np.float32), (rows, columns)), shape=(records, records))


def _largest_of_rows(matrix: sp.csr_matrix, limit: int) -> sp.csr_matrix:
    """Return the `limit` largest positive entries of each row, of equal ones those first in the row."""
    found = np.diff(matrix.indptr)
    table = np.full((len(found), max(1, int(found.max(initial=0)))), _NOBODY, dtype=np.uint64)
    table[np.arange(table.shape[1]) < found[:, None]] = _by_rank(matrix.data, matrix.indices)
    table.sort(axis=1)
    kept = table[:, :limit]
    is_found = kept < _NOBODY
    data = (_LARGEST - (kept[is_found] >> _HALF)).astype(np.uint32).view(np.float32)
    indices = (kept[is_found] & _LARGEST).astype(np.int64)
    starts = np.r_[0, np.cumsum(is_found.sum(axis=1))]
    return sp.csr_matrix((data, indices, starts), shape=matrix.shape)


def _by_rank(values: NDArray[np.float32], places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one number an entry that is the smaller the larger its value, then the smaller its place.

    The bits of positive floats are in the order of the floats; what is not positive has no rank.
    """
    upper = _LARGEST - np.ascontiguousarray(values, dtype=np.float32).view(np.uint32).astype(np.uint64)
    return np.where(values > 0, (upper << _HALF) | places.astype(np.uint64), _NOBODY)
