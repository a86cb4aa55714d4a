"""Each record as one unit vector over all its columns, in which a column counts by what its values tell.

Taken as they stand, a long description would drown the title, and a column of a few categories would count as much as
a column of names.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.tfidf import inverse_frequency, lengths, product, unit_rows

ROWS_AT_ONCE = 100_000


def values_of(columns: list[NormalisedColumn]) -> list[str]:
    """Return the values of all columns, one after the other."""
    return [value for column in columns for value in column.values]


def record_vectors(
    columns: list[NormalisedColumn], records: int, counts: sp.csr_matrix, threads: int = 1
) -> sp.csr_matrix:
    """Return (records, terms): unit vectors by TF-IDF over all columns at once, so that swapped values still meet.

    `counts` are those of 3-grams or of words in the `values_of` the columns.  Each value weighs the square root of its
    TF-IDF length and each column the square root of its entropy.  A record without values is all zeros.  Indices are
    sorted.
    """
    terms = counts.copy()
    parts = _parts(_holds(columns, records))
    had = sum((product(part, terms, threads).getnnz(axis=0) for part in parts), np.zeros(terms.shape[1], np.int64))
    terms.data = (1 + np.log(terms.data)) * inverse_frequency(had, records)[terms.indices]
    weight = _weights(columns, lengths(terms)).astype(np.float32)
    terms.data *= np.repeat(weight, np.diff(terms.indptr))
    return _stacked([_in_order(unit_rows(product(part, terms, threads))) for part in parts], records, terms.shape[1])


def _parts(holds: sp.csr_matrix) -> list[sp.csr_matrix]:
    """Return the rows in parts, so that what is made of them never stands in memory several times over."""
    return [holds[start : start + ROWS_AT_ONCE] for start in range(0, holds.shape[0], ROWS_AT_ONCE)]


def _in_order(vectors: sp.csr_matrix) -> sp.csr_matrix:
    vectors.sort_indices()
    return vectors


def _stacked(parts: list[sp.csr_matrix], rows: int, columns: int) -> sp.csr_matrix:
    starts = np.cumsum([0, *(part.nnz for part in parts)])
    bounds = [part.indptr[:-1] + start for part, start in zip(parts, starts, strict=False)]
    indptr = np.concatenate([*bounds, starts[-1:]])
    data = np.concatenate([np.zeros(0, np.float32), *(part.data for part in parts)])
    indices = np.concatenate([np.zeros(0, np.int32), *(part.indices for part in parts)])
    return sp.csr_matrix((data, indices, indptr), shape=(rows, columns))


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
