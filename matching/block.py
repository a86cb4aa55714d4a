"""Which pairs are worth a look: every record with the records most like it.

Two indexes over all columns at once, one of character 3-grams and one of words, each give a record its nearest few.
Their union is then widened by the neighbours of likely neighbours, so that large clusters are seen whole.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.pairs import Pairs, distinct_pairs, union_of_pairs

COMMON_RECORDS = 1000
SAYS_LITTLE = 0.05  # of a vector's squared length: two cosines change by at most about as much
TIES_SEEN = 10
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


def candidate_pairs(
    grams: sp.csr_matrix, words: sp.csr_matrix, neighbours: int, sources: NDArray[np.int64] | None, threads: int
) -> Pairs:
    """Return the pairs in which one record is among the other's nearest, by 3-grams or (half as many) by words.

    `grams` and `words` hold one unit vector a record.  With `sources` only pairs across sources are returned, and a
    record's nearest are sought among the other sources.
    """
    found = candidates_by_search(grams, words, neighbours, sources, threads)
    return union_of_pairs(found["3-grams"], found["words"], grams.shape[0])


def candidates_by_search(
    grams: sp.csr_matrix,
    words: sp.csr_matrix,
    neighbours: int,
    sources: NDArray[np.int64] | None,
    threads: int,
    seekers: NDArray[np.int64] | None = None,
) -> dict[str, Pairs]:
    """Return the candidate pairs of each of the two searches; only `seekers`, all records if None, seek theirs."""
    seek = np.arange(grams.shape[0]) if seekers is None else seekers
    return {
        "3-grams": _nearest(without_common_terms(grams), seek, neighbours, sources, threads),
        "words": _nearest(without_common_terms(words), seek, max(1, neighbours // 2), sources, threads),
    }


def without_common_terms(matrix: sp.csr_matrix, common: int = COMMON_RECORDS) -> sp.csr_matrix:
    """Return the vectors without common terms: those that more than `common` records have and that say little.

    They cost most of the search.  Of each vector the lightest terms say little, up to SAYS_LITTLE of its squared
    length; of equally light ones the first.
    """
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, matrix.data, rows))
    running = np.r_[0.0, np.cumsum(matrix.data[order].astype(np.float64) ** 2)]
    start, end = running[matrix.indptr[:-1]], running[matrix.indptr[1:]]
    says_little = running[1:] - start[rows] <= SAYS_LITTLE * (end - start)[rows]
    is_common = np.bincount(matrix.indices, minlength=matrix.shape[1])[matrix.indices[order]] > common
    rare = matrix.copy()
    rare.data[order[says_little & is_common]] = 0
    rare.eliminate_zeros()
    return rare


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
    is_new = ~np.isin(one * records + other, pairs.keys(records))
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
    matrix: sp.csr_matrix, seekers: NDArray[np.int64], count: int, sources: NDArray[np.int64] | None, threads: int
) -> Pairs:
    """Return each seeker with its `count` nearest among all others, or among those of other sources."""
    records = matrix.shape[0]
    if sources is None:
        found = _top(matrix[seekers], matrix, count + 1, threads)
        return distinct_pairs(seekers[found.row], found.col, records)
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for source in np.unique(sources[seekers]):
        inside, outside = seekers[sources[seekers] == source], np.flatnonzero(sources != source)
        found = _top(matrix[inside], matrix[outside], count, threads)
        parts.append((inside[found.row], outside[found.col]))
    one, other = (np.concatenate(side) for side in zip(*parts, strict=True))
    return distinct_pairs(one, other, records)


def _top(queries: sp.csr_matrix, index: sp.csr_matrix, count: int, threads: int) -> sp.coo_matrix:
    """Return each query's `count` nearest; of equally near ones the first of the index.

    The search itself takes any of equals, so TIES_SEEN more are asked for and the last ones dropped.
    """
    found = sp_matmul_topn(queries, index.T.tocsr(), top_n=count + TIES_SEEN, n_threads=threads)
    return _largest_of_rows(found, count).tocoo()


def _symmetric(pairs: Pairs, weight: NDArray[np.float64], records: int) -> sp.csr_matrix:
    rows, columns = np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left]
    return sp.csr_matrix((np.r_[weight, weight].astype(np.float32), (rows, columns)), shape=(records, records))


def _largest_of_rows(matrix: sp.csr_matrix, limit: int) -> sp.csr_matrix:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    place = np.arange(len(order)) - matrix.indptr[rows]
    keep = order[(place < limit) & (matrix.data[order] > 0)]
    return sp.csr_matrix((matrix.data[keep], (rows[keep], matrix.indices[keep])), shape=matrix.shape)
