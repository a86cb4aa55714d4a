"""How good the matches really are: every pair of records, compared with the truth."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrueQuality:
    """Precision = right pairs / found pairs, recall = right pairs / true pairs, F1 their harmonic mean."""

    precision: float
    recall: float
    f1: float


def read_column(path: Path, key: str, value: str) -> dict[str, str]:
    """Return one column of a CSV file by the key of its row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}


def true_quality(found: Mapping[str, str], truth: Mapping[str, str]) -> TrueQuality:
    """Return the quality over all pairs of the records in `truth`; no pair found and none to find counts as right.

    >>> true_quality({"a": "1", "b": "1", "c": "1"}, {"a": "x", "b": "x", "c": "y"})
    TrueQuality(precision=0.3333333333333333, recall=1.0, f1=0.5)
    """
    right = _pairs((found[key], entity) for key, entity in truth.items())
    predicted, actual = _pairs(found[key] for key in truth), _pairs(truth.values())
    precision = right / predicted if predicted else 1.0
    recall = right / actual if actual else 1.0
    return TrueQuality(precision, recall, 2 * right / (predicted + actual) if predicted + actual else 1.0)


def _pairs(groups: Iterable[object]) -> int:
    """Return how many pairs of records are in one group."""
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
