"""Texts as sparse vectors: character 3-grams or words, weighted by TF-IDF, so that a dot product is a cosine."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

ALPHABET = b" abcdefghijklmnopqrstuvwxyz0123456789"
GRAMS = len(ALPHABET) ** 3
_NOT_A_LETTER = 255
_LETTERS = np.full(256, _NOT_A_LETTER, dtype=np.uint8)
_LETTERS[list(ALPHABET)] = np.arange(len(ALPHABET))


def gram_counts(texts: list[str]) -> sp.csr_matrix:
    """Return how often each character 3-gram stands in each plain text: (texts, 37³) counts.

    A blank is added at both ends, so that beginnings and ends of words count as letters do.
    """
    letters = _LETTERS[np.frombuffer(("\n".join(f" {text} " for text in texts) + "\n").encode("ascii"), np.uint8)]
    is_end = letters == _NOT_A_LETTER
    text_of = (np.cumsum(is_end) - is_end)[:-2]
    inside = ~(is_end[:-2] | is_end[1:-1] | is_end[2:])
    wide = letters.astype(np.int32)
    grams = (wide[:-2] * len(ALPHABET) + wide[1:-1]) * len(ALPHABET) + wide[2:]
    ones = np.ones(int(inside.sum()), dtype=np.float32)
    return _summed(sp.csr_matrix((ones, (text_of[inside], grams[inside])), shape=(len(texts), GRAMS)))


def word_counts(texts: list[str]) -> sp.csr_matrix:
    """Return how often each word stands in each plain text: (texts, words) counts."""
    vocabulary: dict[str, int] = {}
    words = [[vocabulary.setdefault(word, len(vocabulary)) for word in text.split()] for text in texts]
    starts = np.cumsum([0, *(len(w) for w in words)])
    flat = np.array([word for text in words for word in text], dtype=np.int32)
    ones = np.ones(len(flat), dtype=np.float32)
    return _summed(sp.csr_matrix((ones, flat, starts), shape=(len(texts), max(1, len(vocabulary)))))


def weighted(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return the counts as unit vectors weighted by (1 + ln tf) · ln((n + 1) / df).

    A term that stands in every text weighs next to nothing.  A text without terms is all zeros.
    """
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    inverse = np.log((counts.shape[0] + 1) / np.maximum(frequency, 1)).astype(np.float32)
    matrix = counts.copy()
    matrix.data = (1 + np.log(matrix.data)) * inverse[matrix.indices]
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = sp.diags(1 / np.where(length > 0, length, 1))
    return sp.csr_matrix(scale @ matrix, dtype=np.float32)


def cosines(
    matrix: sp.csr_matrix, left: NDArray[np.int64], right: NDArray[np.int64], chunk: int = 100_000
) -> NDArray[np.float32]:
    """Return the dot product of row left[i] with row right[i], for every i; memory grows with `chunk` only."""
    result = np.empty(len(left), dtype=np.float32)
    for start in range(0, len(left), chunk):
        part = slice(start, start + chunk)
        result[part] = np.asarray(matrix[left[part]].multiply(matrix[right[part]]).sum(axis=1)).ravel()
    return result


def _summed(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix.sum_duplicates()
    return matrix
