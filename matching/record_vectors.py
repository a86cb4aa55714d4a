"""Each record as one unit vector over all its columns, in which a column counts by what its values tell.

Taken as they stand, a long description would drown the title, and a column of a few categories would count as much as
a column of names.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.tfidf import inverse_frequency, lengths, unit_rows


def values_of(columns: list[NormalisedColumn]) -> list[str]:
    """Return the values of all columns, one after the other."""
    return [value for column in columns for value in column.values]


def record_vectors(columns: list[NormalisedColumn], records: int, counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return (records, terms): unit vectors by TF-IDF over all columns at once, so that swapped values still meet.

    `counts` are those of 3-grams or of words in the `values_of` the columns.  Each value weighs the square root of its
    TF-IDF length and each column the square root of its entropy.  A record without values is all zeros.
    """
    terms = counts.copy()
    holds = _holds(columns, records)
    inverse = inverse_frequency(holds @ terms)
    terms.data = (1 + np.log(terms.data)) * inverse[terms.indices]
    length = lengths(terms)
    telling = np.array(
        [bits for bits, column in zip(map(entropy, columns), columns, strict=True) for _ in column.values]
    )
    weight = np.sqrt(telling / np.where(length > 0, length, 1))
    return unit_rows(holds @ sp.diags(weight.astype(np.float32)) @ terms)


def entropy(column: NormalisedColumn) -> float:
    """Return how many bits a value of the column tells on average: 10 where 1,024 values are equally frequent."""
    share = column.counts / max(1, column.counts.sum())
    return float(-(share * np.log2(np.where(share > 0, share, 1))).sum())


def _holds(columns: list[NormalisedColumn], records: int) -> sp.csr_matrix:
    """Return (records, values of all columns): 1 where the record holds the value."""
    rows: list[NDArray[np.int64]] = [np.flatnonzero(column.codes >= 0) for column in columns]
    starts = np.cumsum([0, *(len(column.values) for column in columns)])
    held = [column.codes[row] + start for column, row, start in zip(columns, rows, starts, strict=False)]
    empty = np.zeros(0, dtype=np.int64)
    row, value = np.concatenate([empty, *rows]), np.concatenate([empty, *held])
    return sp.csr_matrix((np.ones(len(row), np.float32), (row, value)), shape=(records, int(starts[-1])))
