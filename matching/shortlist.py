"""Of the candidates of a large table only the likeliest are compared in full: a few cheap looks tell which.

A search brings each record its nearest, and most of these are no match.  In a small table that costs little.  In a
large one those that neither look alike as a whole nor agree on rare values are left out before the dear measures.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn, bits_of_agreement
from matching.pairs import Pairs
from matching.tfidf import cosines

ALWAYS_AFFORDABLE = 500_000
PAIRS_PER_NEIGHBOUR = 0.3
BITS_LIKE_A_COSINE = 100.0
CLEARLY_ALIKE = 1.0
PAIRS_AT_ONCE = 1_000_000


def most_compared(neighbours: int, records: int) -> int:
    """Return how many candidates may be compared in full: three a record where ten neighbours are sought for each.

    >>> [most_compared(neighbours=10, records=records) for records in (100_000, 1_000_000)]
    [500000, 3000000]
    """
    return max(ALWAYS_AFFORDABLE, round(PAIRS_PER_NEIGHBOUR * neighbours * records))


def shortlisted(
    pairs: Pairs, grams: sp.csr_matrix, columns: list[NormalisedColumn], most: int, threads: int = 1
) -> Pairs:
    """Return the `most` likeliest pairs, and all that are clearly alike.

    How likely: the cosine of whole records (`grams`, unit vectors), and the bits of the values that both have in common
    as one for every BITS_LIKE_A_COSINE.
    """
    if len(pairs) <= most:
        return pairs
    likeness = cosines(grams, pairs.left, pairs.right, threads)
    likeness += shared_bits(pairs, columns) / np.float32(BITS_LIKE_A_COSINE)
    least = np.partition(likeness, len(likeness) - most)[len(likeness) - most]
    return pairs.among(likeness >= min(least, CLEARLY_ALIKE))


def shared_bits(pairs: Pairs, columns: list[NormalisedColumn]) -> NDArray[np.float32]:
    """Return how much the equal values of the two records tell: of each, -log2 of the share of rows with it."""
    total = np.zeros(len(pairs), dtype=np.float32)
    for column in columns:
        bits = bits_of_agreement(column)
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            left, right = column.codes[pairs.left[part]], column.codes[pairs.right[part]]
            total[part] += np.where((left == right) & (left >= 0), bits[left], 0)
    return total
