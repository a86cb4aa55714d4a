"""Which pairs are worth a look: every record with the records most like it.

Two indexes over all columns at once, one of character 3-grams and one of words, each give a record its nearest few;
their union is then widened by the neighbours of sure neighbours, so that large clusters are seen whole.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.pairs import Pairs, distinct_pairs, union_of_pairs

COMMON = 0.1
COMMON_RECORDS = 1000
LEAST_KEPT = 0.1
TIES_SEEN = 10


def neighbours_wanted(accuracy_cost_tradeoff: float) -> int:
    """Return how many nearest records each record is paired with: 3 at the cheapest, 30 at the most thorough.

    >>> [neighbours_wanted(t) for t in (0.0, 0.5, 1.0)]
    [3, 10, 30]
    """
    return round(3 * 10**accuracy_cost_tradeoff + 0.4)


def candidate_pairs(
    grams: sp.csr_matrix, words: sp.csr_matrix, neighbours: int, sources: NDArray[np.int64] | None, threads: int
) -> Pairs:
    """Return the pairs in which one record is among the other's nearest, by 3-grams or (half as many) by words.

    `grams` and `words` hold one unit vector a record.  With `sources` only pairs across sources are returned, and a
    record's nearest are sought among the other sources.
    """
    by_grams = _nearest(without_common_terms(grams), neighbours, sources, threads)
    by_words = _nearest(without_common_terms(words), max(1, neighbours // 2), sources, threads)
    return union_of_pairs(by_grams, by_words, grams.shape[0])


def without_common_terms(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return the vectors without terms that more than COMMON of the records have, or COMMON_RECORDS if that is more.

    Those say little of who is near whom and cost most of the search.  A record that would keep less than LEAST_KEPT of
    its squared length keeps all its terms: it has nothing else to be found by.
    """
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    is_common = frequency[matrix.indices] > max(COMMON_RECORDS, COMMON * matrix.shape[0])
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    kept = np.bincount(rows, weights=np.where(is_common, 0, matrix.data**2), minlength=matrix.shape[0])
    rare = matrix.copy()
    rare.data[is_common & (kept[rows] >= LEAST_KEPT)] = 0
    rare.eliminate_zeros()
    return rare


def neighbours_of_neighbours(
    pairs: Pairs,
    probability: NDArray[np.float64],
    records: int,
    limit: int,
    sources: NDArray[np.int64] | None,
    sure: float = 0.5,
) -> Pairs:
    """Return new pairs whose records share a sure neighbour: at most the `limit` likeliest a record.

    A way over a shared neighbour counts the product of its two probabilities; the ways of a pair add up.
    """
    strong = probability > sure
    graph = _symmetric(pairs.among(strong), probability[strong], records)
    ways = sp_matmul_topn(graph, graph, top_n=limit + 1 + int(np.diff(graph.indptr).max(initial=0)), threshold=sure**2)
    ways = (ways - ways.multiply(graph.astype(bool))).tocsr()
    one, other = _largest_of_rows(ways, limit + 1).nonzero()
    if sources is not None:
        across = sources[one] != sources[other]
        one, other = one[across], other[across]
    return distinct_pairs(one, other, records)


def _nearest(matrix: sp.csr_matrix, count: int, sources: NDArray[np.int64] | None, threads: int) -> Pairs:
    records = matrix.shape[0]
    if sources is None:
        found = _top(matrix, matrix, count + 1, threads)
        return distinct_pairs(found.row, found.col, records)
    parts = [_nearest_elsewhere(matrix, np.flatnonzero(sources == s), count, threads) for s in np.unique(sources)]
    one, other = (np.concatenate(side) for side in zip(*parts, strict=True))
    return distinct_pairs(one, other, records)


def _nearest_elsewhere(
    matrix: sp.csr_matrix, inside: NDArray[np.int64], count: int, threads: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    outside = np.setdiff1d(np.arange(matrix.shape[0]), inside, assume_unique=True)
    found = _top(matrix[inside], matrix[outside], count, threads)
    return inside[found.row], outside[found.col]


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
