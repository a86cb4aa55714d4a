"""Each record as one unit vector over all its columns, in which a column counts by what its values tell.

Taken as they stand, a long description would drown the title, and a column of a few categories would count as much as
a column of names.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.memory import IN_MEMORY, Spill, let_go
from matching.normalise import NormalisedColumn
from matching.progress import Stage, told
from matching.tfidf import ROWS_AT_ONCE, inverse_frequency, lengths, product, row_parts, stacked, unit_rows

Floats = NDArray[np.float64]


def values_of(columns: list[NormalisedColumn]) -> list[str]:
    """Return the values of all columns, one after the other."""
    return [value for column in columns for value in column.values]


def record_vectors(
    columns: list[NormalisedColumn], records: int, counts: sp.csr_matrix, threads: int = 1, spill: Spill = IN_MEMORY
) -> sp.csr_matrix:
    """Return (records, terms): unit vectors by TF-IDF over all columns at once, so that swapped values still meet.

    `counts` are those of 3-grams or of words in the `values_of` the columns.  Each value weighs the square root of its
    TF-IDF length and each column the square root of its entropy.  A record without values is all zeros.  Indices are
    sorted.
    """
    holds = _holds(columns, records)
    had, entries = np.zeros(counts.shape[1], np.int64), 0
    parts = -(-records // ROWS_AT_ONCE)
    for part in told(Stage.VECTORS, row_parts(holds), parts, end=0.4):
        met = product(part, counts, threads)
        had, entries = had + met.getnnz(axis=0), entries + met.nnz
        let_go(counts)
    terms = _weighted_terms(columns, counts, inverse_frequency(had, records), spill)
    each = told(Stage.VECTORS, row_parts(holds), parts, start=0.4, end=0.9)
    vectors = (unit_rows(product(part, terms, threads)) for part in each)
    return stacked(vectors, entries, (records, counts.shape[1]), spill)


def rare_term_vectors(
    columns: list[NormalisedColumn],
    records: int,
    counts: sp.csr_matrix,
    most: int,
    threads: int = 1,
    spill: Spill = IN_MEMORY,
) -> sp.csr_matrix:
    """Return the `record_vectors` in those terms only that some, but at most `most`, records share; others are empty.

    The vectors are as long as those terms are of the whole, so a dot product is the part of the cosine that the rare
    terms make up: exactly so where no term stands in two values of a record, else it is more.  A term counts once for
    each of its columns that a record has it in.
    """
    rows_of = np.concatenate([np.zeros(0, np.int64), *(column.counts for column in columns)])
    had = np.zeros(counts.shape[1])
    for rows, part in _parts_with_rows(counts):
        had += np.bincount(part.indices, np.repeat(rows_of[rows], np.diff(part.indptr)), counts.shape[1])
    inverse, is_rare = inverse_frequency(np.minimum(had, records), records), (had > 1) & (had <= most)
    terms = _weighted_terms(columns, counts, inverse, spill)
    squared = np.concatenate([np.zeros(0), *(np.square(lengths(part)) for part in row_parts(terms))])
    rare = stacked((_kept(part, is_rare[part.indices]) for part in row_parts(terms)), terms.nnz, terms.shape, spill)
    del terms
    holds = _holds(columns, records)
    length = np.sqrt(holds @ squared)
    holds.data *= np.repeat((1 / np.where(length > 0, length, 1)).astype(np.float32), np.diff(holds.indptr))
    return _product_in_parts(holds, rare, threads, spill)


def _product_in_parts(holds: sp.csr_matrix, terms: sp.csr_matrix, threads: int, spill: Spill) -> sp.csr_matrix:
    """Return the product of what records hold with the terms of the values."""
    most = int(np.diff(terms.indptr)[holds.indices].sum())
    parts = (product(part, terms, threads) for part in row_parts(holds))
    return stacked(parts, most, (holds.shape[0], terms.shape[1]), spill)


def _kept(matrix: sp.csr_matrix, kept: NDArray[np.bool_]) -> sp.csr_matrix:
    """Return those entries of a matrix at which `kept` is true."""
    starts = np.r_[0, np.cumsum(kept)][matrix.indptr]
    return sp.csr_matrix((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)


def entropy(column: NormalisedColumn) -> float:
    """Return how many bits a value of the column tells on average: 10 where 1,024 values are equally frequent."""
    share = column.counts / max(1, column.counts.sum())
    return float(-(share * np.log2(np.where(share > 0, share, 1))).sum())


def _weighted_terms(
    columns: list[NormalisedColumn], counts: sp.csr_matrix, inverse: NDArray[np.float32], spill: Spill
) -> sp.csr_matrix:
    """Return the terms of all values, weighted as they count in a record."""
    telling = _telling(columns)
    parts = (_weighted_part(part, inverse, telling[rows]) for rows, part in _parts_with_rows(counts))
    return stacked(parts, counts.nnz, counts.shape, spill)


def _weighted_part(counts: sp.csr_matrix, inverse: NDArray[np.float32], telling: Floats) -> sp.csr_matrix:
    """Return the counts of some values as weights: TF-IDF, times what the value is multiplied by."""
    data = (1 + np.log(counts.data)) * inverse[counts.indices]
    terms = sp.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)
    length = lengths(terms)
    weight = np.sqrt(telling / np.where(length > 0, length, 1)).astype(np.float32)
    terms.data *= np.repeat(weight, np.diff(terms.indptr))
    return terms


def _parts_with_rows(counts: sp.csr_matrix) -> Iterator[tuple[slice, sp.csr_matrix]]:
    start = 0
    for part in row_parts(counts):
        yield slice(start, start + part.shape[0]), part
        start += part.shape[0]


def _telling(columns: list[NormalisedColumn]) -> Floats:
    """Return of each value how much its column tells."""
    return np.repeat([entropy(column) for column in columns], [len(column.values) for column in columns])


def _holds(columns: list[NormalisedColumn], records: int) -> sp.csr_matrix:
    """Return (records, values of all columns): 1 where the record holds the value."""
    starts = np.cumsum([0, *(len(column.values) for column in columns)])
    value = np.full((records, len(columns)), -1, dtype=np.int32)
    for place, (column, start) in enumerate(zip(columns, starts, strict=False)):
        value[:, place] = np.where(column.codes >= 0, column.codes + start, -1)
    is_held = value >= 0
    bounds = np.r_[0, np.cumsum(is_held.sum(axis=1))]
    indices = value[is_held]
    return sp.csr_matrix((np.ones(len(indices), np.float32), indices, bounds), shape=(records, int(starts[-1])))
