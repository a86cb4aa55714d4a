"""How good matches are: all pairs of records, compared with the truth."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True)
class Quality:
    """Precision = right pairs / found pairs, recall = right pairs / true pairs, F1 their harmonic mean.

    No pair found makes all three 0.
    """

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class PairCounts:
    """Pairs that are in one cluster, that are truly one, and both."""

    found: int
    true: int
    right: int

    def without(self, other: "PairCounts") -> "PairCounts":
        """Return the counts of the pairs that the other does not count."""
        return PairCounts(self.found - other.found, self.true - other.true, self.right - other.right)

    @property
    def quality(self) -> Quality:
        """The shares that the counts come to."""
        precision = self.right / self.found if self.found else 0.0
        recall = self.right / self.true if self.true else 0.0
        return Quality(precision, recall, 2 * self.right / (self.found + self.true) if self.right else 0.0)


def count_pairs(
    cluster: Mapping[str, str], truth: Mapping[str, str], source: Mapping[str, str] | None = None
) -> PairCounts:
    """Count the pairs of all records in `truth`; with sources, only the pairs across them.

    >>> count_pairs({"a": "1", "b": "1", "c": "1"}, {"a": "x", "b": "x", "c": "y"})
    PairCounts(found=3, true=1, right=1)
    >>> count_pairs({"a": "1", "b": "1", "c": "1"}, {"a": "x", "b": "x", "c": "y"}, {"a": "s", "b": "s", "c": "t"})
    PairCounts(found=2, true=0, right=0)
    """
    source = source or {}
    found = _pairs((cluster[key], source.get(key)) for key in truth)
    true = _pairs((truth[key], source.get(key)) for key in truth)
    right = _pairs(((cluster[key], truth[key]), source.get(key)) for key in truth)
    return PairCounts(found, true, right)


def count_these(
    pairs: Iterable[Pair],
    cluster: Mapping[str, str],
    truth: Mapping[str, str],
    source: Mapping[str, str] | None = None,
) -> PairCounts:
    """Count as `count_pairs` does, but only these pairs."""
    kept = [(a, b) for a, b in pairs if not source or source[a] != source[b]]
    found = [cluster[a] == cluster[b] for a, b in kept]
    true = [truth[a] == truth[b] for a, b in kept]
    return PairCounts(sum(found), sum(true), sum(map(lambda one, other: one and other, found, true)))


def _pairs(grouped: Iterable[tuple[object, str | None]]) -> int:
    """Return how many pairs are in one group; members of one source (not None) do not pair."""
    of_source = Counter(grouped)
    groups: Counter[object] = Counter()
    for (group, _), size in of_source.items():
        groups[group] += size
    apart = sum(_of(size) for (_, source), size in of_source.items() if source is not None)
    return sum(map(_of, groups.values())) - apart


def _of(size: int) -> int:
    return size * (size - 1) // 2
