"""What a record is sought by: its rarest letters in a row, words or pairs of values, as many as can be afforded.

A term that m records have brings m of them into the search of each record that has it.  So a record is sought by its
terms from the rarest on, until it has met `most_met` others: the cost of a search grows with the table, not its square.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.memory import IN_MEMORY, Spill
from matching.normalise import NormalisedColumn
from matching.record_vectors import rare_term_vectors, record_vectors, values_of
from matching.shared_values import MOST_COLUMNS, value_pair_texts, value_pair_vectors
from matching.tfidf import GRAM_LENGTH, dots, gram_counts, gram_text, row_parts, stacked, without_unused

MOST_MET, LEAST_MET = 20_000, 5_000
MET_IN_ALL = 1_000_000_000
AFFORDABLE = 150_000
LONGEST_GRAM = 5
WORDS, VALUES = "words", "values"

# In a large table records are sought by pairs of values, where they have enough of them, and little by other terms.
LARGE_TABLE = 75_000
TELLING_PAIRS = 4.0
MET_BY_VALUES, MET_BESIDE_VALUES = 300, 500


@dataclass(frozen=True)
class Search:
    """One way to look for near records: by its terms, each record gets its nearest `neighbours`.

    `vectors` are those of all records, (records, terms), the rarest term first; `sought` holds the part of
    each that the record is sought by.  `terms` are the terms' numbers before they were put in order.
    """

    by: str
    vectors: sp.csr_matrix
    sought: sp.csr_matrix
    terms: NDArray[np.int64]
    neighbours: int

    def with_neighbours(self, neighbours: int) -> "Search":
        """The same way with another number of nearest records."""
        return replace(self, neighbours=neighbours)

    def likeness(self, record: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
        """How near each other record is to the record that seeks it: the larger the nearer."""
        return dots(self.sought, self.vectors, record, other)


def searches_of(
    columns: list[NormalisedColumn],
    whole: dict[str, sp.csr_matrix],
    neighbours: int,
    threads: int = 1,
    spill: Spill = IN_MEMORY,
) -> Iterator[Search]:
    """Yield the ways to look for near records: by letters in a row, and (half as many neighbours) by words.

    In a large table with enough columns they are sought by pairs of values first, and by the others beside that.
    `whole` are the unit vectors of the records over these columns by 3-grams and by words.
    """
    words = whole["words"]
    records = words.shape[0]
    by_values = _by_values(columns, records, neighbours, spill) if records > LARGE_TABLE else None
    if by_values is not None:
        yield by_values
        del by_values
        yield from _beside_values(columns, words, neighbours, threads, spill)
        return
    length, grams, terms = _affordable_grams(columns, whole["grams"], threads, spill)
    most = most_met(records)
    yield _search(f"{length}-grams", grams, terms, neighbours, most, spill)
    yield _search(WORDS, words, np.arange(words.shape[1]), max(1, neighbours // 2), most, spill)


def _by_values(columns: list[NormalisedColumn], records: int, neighbours: int, spill: Spill) -> Search | None:
    """Return the search by pairs of values, None where records share too few of them."""
    if comb(min(len(columns), MOST_COLUMNS), 2) < TELLING_PAIRS:
        return None
    pairs, numbers = value_pair_vectors(columns, records, MET_BY_VALUES, spill)
    if pairs.nnz < TELLING_PAIRS * records:
        return None
    return _search(VALUES, pairs, numbers, neighbours, MET_BY_VALUES, spill)


def _beside_values(
    columns: list[NormalisedColumn], words: sp.csr_matrix, neighbours: int, threads: int, spill: Spill
) -> Iterator[Search]:
    """Yield the searches that find what has typing errors in most of its values."""
    counts, terms = without_unused(gram_counts(values_of(columns), LONGEST_GRAM, spill))
    grams = rare_term_vectors(columns, words.shape[0], counts, MET_BESIDE_VALUES, threads, spill)
    del counts
    yield _search(f"{LONGEST_GRAM}-grams", grams, terms, max(1, neighbours // 2), MET_BESIDE_VALUES, spill)
    del grams
    yield _search(WORDS, words, np.arange(words.shape[1]), max(1, neighbours // 3), MET_BESIDE_VALUES, spill)


def gram_length(search: Search) -> int:
    """Return how many letters a gram of the search has; 0 where it goes by words or values."""
    return 0 if search.by in (WORDS, VALUES) else int(search.by.partition("-")[0])


def term_texts(search: Search, columns: list[NormalisedColumn], places: list[int]) -> Iterator[str]:
    """Yield the terms in these columns of the vectors; blanks at the ends of a gram are written _."""
    length = gram_length(search)
    if length:
        yield from (gram_text(int(search.terms[place]), length).replace(" ", "_") for place in places)
        return
    if search.by == VALUES:
        yield from value_pair_texts(columns, search.terms[places].tolist())
        return
    words = list(dict.fromkeys(word for column in columns for value in column.values for word in value.split()))
    yield from (words[search.terms[place]] for place in places)


def most_met(records: int) -> int:
    """Return how many others a record may meet in a search: MET_IN_ALL by all records, within bounds.

    >>> [most_met(records) for records in (1000, 100_000, 1_000_000)]
    [20000, 10000, 5000]
    """
    return max(LEAST_MET, min(MOST_MET, MET_IN_ALL // max(1, records)))


def _affordable_grams(
    columns: list[NormalisedColumn], three: sp.csr_matrix, threads: int, spill: Spill
) -> tuple[int, sp.csr_matrix, NDArray[np.int64]]:
    """Return the shortest grams by which a record meets AFFORDABLE others on average: length, vectors, terms' numbers.

    Short ones forgive most; where many records share them they find no more than longer ones do.
    """
    length, vectors, terms = GRAM_LENGTH, three, np.arange(three.shape[1])
    while length < LONGEST_GRAM and _mean_met(vectors) > AFFORDABLE:
        length += 1
        counts, terms = without_unused(gram_counts(values_of(columns), length, spill))
        vectors = record_vectors(columns, three.shape[0], counts, threads, spill)
    return length, vectors, terms


def _mean_met(vectors: sp.csr_matrix) -> float:
    had = _had(vectors).astype(np.float64)
    met: float = np.square(had).sum() / max(1, vectors.shape[0])
    return met


def _search(
    by: str, vectors: sp.csr_matrix, terms: NDArray[np.int64], neighbours: int, most: int, spill: Spill
) -> Search:
    had = _had(vectors)
    order = np.argsort(had, kind="stable")
    order = order[np.searchsorted(had[order], 1) :]
    place = np.zeros(vectors.shape[1], dtype=vectors.indices.dtype)
    place[order] = np.arange(len(order), dtype=place.dtype)
    shape = (vectors.shape[0], max(1, len(order)))
    parts = (_with_columns(part, place, shape[1]) for part in row_parts(vectors))
    ordered = stacked(parts, vectors.nnz, shape, spill)
    return Search(by, ordered, rarest_terms(ordered, had[order], most, spill), terms[order], neighbours)


def _had(vectors: sp.csr_matrix) -> NDArray[np.int64]:
    """Return how many vectors have each term."""
    had = np.zeros(vectors.shape[1], dtype=np.int64)
    for part in row_parts(vectors):
        had += np.bincount(part.indices, minlength=vectors.shape[1])
    return had


def _with_columns(vectors: sp.csr_matrix, place: NDArray[np.int32], count: int) -> sp.csr_matrix:
    """Return the vectors with every column in another place, among so many."""
    return sp.csr_matrix((vectors.data, place[vectors.indices], vectors.indptr), shape=(vectors.shape[0], count))


def rarest_terms(vectors: sp.csr_matrix, had: NDArray[np.int64], most: int, spill: Spill = IN_MEMORY) -> sp.csr_matrix:
    """Return of each vector the first terms, as many as together no more than `most` records have.

    `had` says of each term how many records have it.  A record without one rare enough keeps none.
    """
    parts = (_rarest_terms(part, had, most) for part in row_parts(vectors))
    return stacked(parts, vectors.nnz, vectors.shape, spill)


def _rarest_terms(vectors: sp.csr_matrix, had: NDArray[np.int64], most: int) -> sp.csr_matrix:
    met = np.r_[0, np.cumsum(had[vectors.indices])]
    kept = met[1:] - np.repeat(met[vectors.indptr[:-1]], np.diff(vectors.indptr)) <= most
    starts = np.r_[0, np.cumsum(kept)][vectors.indptr]
    return sp.csr_matrix((vectors.data[kept], vectors.indices[kept], starts), shape=vectors.shape)
