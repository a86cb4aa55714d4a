"""What the others say of a pair: if A is B, then C is A as likely as C is B.

Where records have several matches this is evidence of its own, for and against a pair.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.pairs import Pairs

SURE = 0.5


def opinion_of_others(
    pairs: Pairs, probability: NDArray[np.float64], records: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each pair (A, C) the summed opinion of third records on it, and the weight of those who have one.

    A record B has an opinion if it is surely (SURE) the same as A and was compared with C, or the other way round; it
    is the probability of the compared pair, weighed by that of the sure one.  Opinion / weight is their mean.
    """
    rows, columns = np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left]
    shape = (records, records)
    both = np.r_[probability, probability]
    sure = sp.csr_matrix((np.where(both > SURE, both, 0.0), (rows, columns)), shape=shape)
    sure.eliminate_zeros()
    compared = sp.csr_matrix((both, (rows, columns)), shape=shape)
    known = sp.csr_matrix((np.ones(len(both)), (rows, columns)), shape=shape)
    return _at_pairs(sure, compared, pairs), _at_pairs(sure, known, pairs)


def _at_pairs(sure: sp.csr_matrix, other: sp.csr_matrix, pairs: Pairs, chunk: int = 200_000) -> NDArray[np.float64]:
    """Return entry (left, right) of `sure @ other` plus entry (right, left), without making the whole product."""
    result = np.empty(len(pairs))
    for start in range(0, len(pairs), chunk):
        part = slice(start, start + chunk)
        left, right = pairs.left[part], pairs.right[part]
        one_way = sure[left].multiply(other[right]).sum(axis=1)
        result[part] = np.asarray(one_way + sure[right].multiply(other[left]).sum(axis=1)).ravel()
    return result
