"""Texts as sparse vectors: character 3-grams or words, weighted by TF-IDF, so that a dot product is a cosine."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul

from matching.memory import IN_MEMORY, Spill, is_in_file, let_go

ALPHABET = b" abcdefghijklmnopqrstuvwxyz0123456789"
GRAM_LENGTH = 3
ROWS_AT_ONCE = 100_000
LETTERS_AT_ONCE = 2_000_000
_NOT_A_LETTER = 255
_LETTERS = np.full(256, _NOT_A_LETTER, dtype=np.uint8)
_LETTERS[list(ALPHABET)] = np.arange(len(ALPHABET))


def gram_counts(texts: list[str], length: int = GRAM_LENGTH, spill: Spill = IN_MEMORY) -> sp.csr_matrix:
    """Return how often each `length` letters in a row stand in each plain text: (texts, 37 to the power of length).

    A blank is added at both ends, so that beginnings and ends of words count as letters do.  `gram_text` tells which
    letters a column is for.
    """
    letters = np.cumsum([len(text) + 2 for text in texts], dtype=np.int64)
    bounds = [0, *(np.flatnonzero(np.diff(letters // LETTERS_AT_ONCE)) + 1).tolist(), len(texts)]
    parts = (_gram_counts(texts[start:end], length) for start, end in pairwise(bounds))
    return stacked(parts, int(letters[-1]) if texts else 0, (len(texts), len(ALPHABET) ** length), spill)


def _gram_counts(texts: list[str], length: int) -> sp.csr_matrix:
    letters = _LETTERS[np.frombuffer(("\n".join(f" {text} " for text in texts) + "\n").encode("ascii"), np.uint8)]
    is_end = letters == _NOT_A_LETTER
    starts = max(0, len(letters) - length + 1)
    text_of = (np.cumsum(is_end) - is_end)[:starts]
    inside, grams = np.ones(starts, dtype=bool), np.zeros(starts, dtype=np.int32)
    for place in range(length):
        inside &= ~is_end[place : place + starts]
        grams = grams * np.int32(len(ALPHABET)) + letters[place : place + starts]
    ones = np.ones(int(inside.sum()), dtype=np.float32)
    shape = (len(texts), len(ALPHABET) ** length)
    return _summed(sp.csr_matrix((ones, (text_of[inside], grams[inside])), shape=shape))


def gram_text(number: int, length: int = GRAM_LENGTH) -> str:
    """Return the letters of a column of `gram_counts`.

    >>> gram_text(1 * 37 * 37 + 2 * 37 + 27)
    'ab0'
    """
    size = len(ALPHABET)
    return "".join(chr(ALPHABET[number // size**place % size]) for place in reversed(range(length)))


def word_counts(texts: list[str]) -> sp.csr_matrix:
    """Return how often each word stands in each plain text: (texts, words) counts; words in order of appearance."""
    return counted_words(texts)[0]


def counted_words(texts: list[str]) -> tuple[sp.csr_matrix, pa.Array]:
    """Return the `word_counts` and the words."""
    parted = pc.split_pattern(pa.array(texts, pa.large_string()), " ")
    text_of = np.repeat(np.arange(len(texts)), pc.list_value_length(parted).to_numpy())
    parts = parted.flatten()
    is_word = pc.not_equal(parts, "")
    words = parts.filter(is_word).dictionary_encode()
    flat, text_of = np.array(words.indices), text_of[is_word.to_numpy(zero_copy_only=False)]
    starts = np.r_[0, np.cumsum(np.bincount(text_of, minlength=len(texts)))]
    ones = np.ones(len(flat), dtype=np.float32)
    counts = sp.csr_matrix((ones, flat, starts), shape=(len(texts), max(1, len(words.dictionary))))
    return _summed(counts), words.dictionary


def weighted(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return the counts as unit vectors weighted by (1 + ln tf) · ln((n + 1) / df).

    A term that stands in every text weighs next to nothing.  A text without terms is all zeros.
    """
    matrix = counts.copy()
    matrix.data = (1 + np.log(matrix.data)) * inverse_frequency(counts.getnnz(axis=0), counts.shape[0])[matrix.indices]
    return unit_rows(matrix)


def inverse_frequency(had: NDArray[np.int64] | NDArray[np.float64], texts: int) -> NDArray[np.float32]:
    """Return ln((n + 1) / df) of each term that df of the n texts have: next to nothing where all have it."""
    inverse: NDArray[np.float32] = np.log((texts + 1) / np.maximum(had, 1)).astype(np.float32)
    return inverse


def product(one: sp.csr_matrix, other: sp.csr_matrix, threads: int) -> sp.csr_matrix:
    """Return the matrix product of two that hold nothing negative, on several threads; indices come unsorted.

    Stored zeros are taken out first: sparse_dot_topn 1.2 counts what they lead to, and does not write it.
    """
    for matrix in (one, other):
        if not matrix.data.all():
            matrix.eliminate_zeros()
    return sp_matmul(one, other, n_threads=threads)


def lengths(matrix: sp.csr_matrix) -> NDArray[np.float64]:
    """Return the Euclidean length of each row."""
    squares = sp.csr_matrix((matrix.data * matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    return np.sqrt(np.asarray(squares @ np.ones(matrix.shape[1], dtype=np.float32), dtype=np.float64))


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return the rows scaled to length 1; a row of zeros stays."""
    length = lengths(matrix)
    scale = (1 / np.where(length > 0, length, 1)).astype(np.float32)
    data = matrix.data * np.repeat(scale, np.diff(matrix.indptr))
    return sp.csr_matrix((data.astype(np.float32, copy=False), matrix.indices, matrix.indptr), shape=matrix.shape)


def row_parts(matrix: sp.csr_matrix) -> Iterator[sp.csr_matrix]:
    """Yield ROWS_AT_ONCE rows after the other, so that what is made of them never stands in memory several times."""
    for start in range(0, matrix.shape[0], ROWS_AT_ONCE):
        part = matrix[start : start + ROWS_AT_ONCE]
        let_go(matrix)
        yield part


def stacked(
    parts: Iterable[sp.csr_matrix], most_entries: int, shape: tuple[int, int], spill: Spill = IN_MEMORY
) -> sp.csr_matrix:
    """Return the parts one below the other with their indices sorted, at most so many entries in all."""
    numbers = np.int32 if most_entries < 2**31 else np.int64  # as SciPy has them beside row bounds of that size
    data, indices = spill.empty((most_entries,), np.float32), spill.empty((most_entries,), numbers)
    bounds, end = [np.zeros(1, np.int64)], 0
    for part in parts:
        part.sort_indices()
        here = slice(end, end + part.nnz)
        data[here], indices[here] = part.data, part.indices
        let_go(data, indices)
        bounds.append(part.indptr[1:].astype(np.int64) + end)
        end += part.nnz
    return sp.csr_matrix((data[:end], indices[:end], np.concatenate(bounds)), shape=shape)


def without_unused(counts: sp.csr_matrix) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """Return the counts without columns that no text has, and the numbers that the other columns had."""
    is_used = np.zeros(counts.shape[1], dtype=bool)
    is_used[counts.indices] = True
    used = np.flatnonzero(is_used)
    place = np.zeros(counts.shape[1], dtype=counts.indices.dtype)
    place[used] = np.arange(len(used), dtype=place.dtype)
    shape = (counts.shape[0], max(1, len(used)))
    return sp.csr_matrix((counts.data, place[counts.indices], counts.indptr), shape=shape), used


def cosines(
    matrix: sp.csr_matrix, left: NDArray[np.int64], right: NDArray[np.int64], threads: int = 1
) -> NDArray[np.float32]:
    """Return the dot product of the unit vectors left[i] and right[i], for every i."""
    return dots(matrix, matrix, left, right, threads=threads)


def dots(
    one: sp.csr_matrix,
    other: sp.csr_matrix,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    chunk: int = 50_000,
    threads: int = 1,
) -> NDArray[np.float32]:
    """Return the dot product of row left[i] of one with row right[i] of other; memory grows with `chunk` only.

    It is several times faster where the indices of both are sorted.  Each thread has a chunk in memory.
    """
    result = np.empty(len(left), dtype=np.float32)
    chunk = chunk if not (is_in_file(one) or is_in_file(other)) else max(1, chunk // 10)  # each page read stays

    def fill(start: int) -> None:
        part = slice(start, start + chunk)
        result[part] = np.asarray(one[left[part]].multiply(other[right[part]]).sum(axis=1)).ravel()
        let_go(one, other)

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(fill, range(0, len(left), chunk)):
            pass  # an exception of a thread is raised here
    return result


def _summed(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix.sum_duplicates()
    return matrix
