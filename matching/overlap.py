"""Which columns repeat each other: a full name beside its parts, a description that begins with the title.

What is said twice must not count twice.
"""

import numpy as np
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn

SAMPLE_ROWS = 2000
REPEATED = 0.95


def overlaps(columns: list[NormalisedColumn], seed: int = 0) -> NDArray[np.float64]:
    """Return (columns, columns): which share of the words of column i stands in column j of the same row; diagonal 0.

    Measured on at most SAMPLE_ROWS rows.  A column without values overlaps none.
    """
    rows = len(columns[0].codes) if columns else 0
    sample = np.random.default_rng(seed).permutation(rows)[:SAMPLE_ROWS]
    words = [_words_of_rows(column, sample) for column in columns]
    shares = np.zeros((len(columns), len(columns)))
    for i, mine in enumerate(words):
        total = sum(map(len, mine))
        for j, theirs in enumerate(words):
            if i != j and total:
                shares[i, j] = sum(len(a & b) for a, b in zip(mine, theirs, strict=True)) / total
    return shares


def own_share(columns: list[NormalisedColumn]) -> dict[str, float]:
    """Return for each column how much of its evidence is its own: 1 when no other column repeats its words.

    A column whose every word stands in two others has a third.
    """
    repeated = overlaps(columns).sum(axis=1)
    return {column.name: float(1 / (1 + times)) for column, times in zip(columns, repeated, strict=True)}


def without_repeats(columns: list[NormalisedColumn]) -> list[NormalisedColumn]:
    """Return the columns without those whose words nearly all (REPEATED) stand in another one that is kept.

    Of two that repeat each other the earlier is kept.
    """
    shares = overlaps(columns)
    kept = list(range(len(columns)))
    for i in np.argsort([-len(column.values) for column in columns], kind="stable")[::-1].tolist():
        if any(shares[i, j] >= REPEATED for j in kept if j != i):
            kept.remove(i)
    return [columns[i] for i in kept]


def _words_of_rows(column: NormalisedColumn, rows: NDArray[np.int64]) -> list[set[str]]:
    texts = [*column.values, ""]
    return [set(texts[code].split()) for code in column.codes[rows].tolist()]
