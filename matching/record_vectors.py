"""Each record as one unit vector over all its columns, in which a column counts by what its values tell.

Taken as they stand, a long description would drown the title, and a column of a few categories would count as much as
a column of names.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.tfidf import inverse_frequency, lengths, product, unit_rows


def values_of(columns: list[NormalisedColumn]) -> list[str]:
    """Return the values of all columns, one after the other."""
    return [value for column in columns for value in column.values]


def record_vectors(
    columns: list[NormalisedColumn], records: int, counts: sp.csr_matrix, threads: int = 1
) -> sp.csr_matrix:
    """Return (records, terms): unit vectors by TF-IDF over all columns at once, so that swapped values still meet.

    Their indices are sorted.  `counts` are those of 3-grams or of words in the `values_of` the columns.  Each value weighs the square root of its
    TF-IDF length and each column the square root of its entropy.  A record without values is all zeros.
    """
    terms = counts.copy()
    holds = _holds(columns, records)
    inverse = inverse_frequency(product(holds, terms, threads))
    terms.data = (1 + np.log(terms.data)) * inverse[terms.indices]
    weight = _weights(columns, lengths(terms)).astype(np.float32)
    terms.data *= np.repeat(weight, np.diff(terms.indptr))
    vectors = unit_rows(product(holds, terms, threads))
    vectors.sort_indices()
    return vectors


def rare_term_vectors(
    columns: list[NormalisedColumn], records: int, counts: sp.csr_matrix, most: int, threads: int = 1
) -> sp.csr_matrix:
    """Return the `record_vectors` in those terms only that some, but at most `most`, records share; others are empty.

    The vectors are as long as those terms are of the whole, so a dot product is the part of the cosine that the rare
    terms make up.  A term counts once for each of its columns that a record has it in.
    """
    terms = counts.copy()
    rows_of = np.concatenate([np.zeros(0, np.int64), *(column.counts for column in columns)])
    value = np.repeat(np.arange(terms.shape[0]), np.diff(terms.indptr))
    had = np.bincount(terms.indices, weights=rows_of[value], minlength=terms.shape[1])
    inverse = np.log((records + 1) / np.maximum(had, 1)).astype(np.float32)
    terms.data = (1 + np.log(terms.data)) * inverse[terms.indices]
    squared = np.bincount(value, weights=np.square(terms.data), minlength=terms.shape[0])
    weight = _weights(columns, np.sqrt(squared))
    holds = _holds(columns, records)
    length = np.sqrt(holds @ (weight * weight * squared))
    is_rare = ((had > 1) & (had <= most))[terms.indices]
    starts = np.r_[0, np.cumsum(is_rare)][terms.indptr]
    data = (terms.data * weight[value])[is_rare].astype(np.float32)
    rare = sp.csr_matrix((data, terms.indices[is_rare], starts), shape=terms.shape)
    holds.data *= np.repeat((1 / np.where(length > 0, length, 1)).astype(np.float32), np.diff(holds.indptr))
    return product(holds, rare, threads)


def _weights(columns: list[NormalisedColumn], length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each value is multiplied by, from the lengths of the values' vectors."""
    telling = np.array(
        [bits for bits, column in zip(map(entropy, columns), columns, strict=True) for _ in column.values]
    )
    return np.asarray(np.sqrt(telling / np.where(length > 0, length, 1)))


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
