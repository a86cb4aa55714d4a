"""Which records are one thing: average linkage over the pair probabilities, never plain connected components.

Two clusters merge while the mean probability over all pairs between them is above the threshold.  A pair that was no
candidate counts UNSEEN, so a chain of likely pairs does not hold together what was never found alike.
"""

import heapq
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from matching.answers import AnsweredPairs
from matching.pairs import Pairs
from matching.progress import Stage, tell

UNSEEN = 0.1
Link = tuple[float, int]  # summed probability, number of candidate pairs


@dataclass(frozen=True)
class LinkRules:
    """What must or must not end in one cluster, whatever the probabilities say.

    `sources`: two records of one source never match.  `together` and `apart` are pairs of record indices.
    """

    sources: NDArray[np.int64] | None = None
    together: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()

    def among(self, records: NDArray[np.int64]) -> "LinkRules":
        """The rules about these records, ascending, in the numbers they have among themselves."""
        number = {record: place for place, record in enumerate(records.tolist())} if self.together or self.apart else {}
        together, apart = (
            tuple((number[one], number[other]) for one, other in pairs if one in number and other in number)
            for pairs in (self.together, self.apart)
        )
        return LinkRules(None if self.sources is None else self.sources[records], together, apart)


@dataclass
class _Linkage:
    """The state of the merging: every cluster is known by one of its records."""

    links: list[dict[int, Link]]
    size: list[int]
    parent: list[int]
    sources: list[set[int]] | None
    foes: dict[int, set[int]] = field(default_factory=dict)
    queue: list[tuple[float, int, int, int, int]] = field(default_factory=list)

    def mean(self, one: int, other: int) -> float:
        total, seen = self.links[one][other]
        possible = self.size[one] * self.size[other]
        return (total + UNSEEN * (possible - seen)) / possible

    def allowed(self, one: int, other: int) -> bool:
        if self.sources is not None and self.sources[one] & self.sources[other]:
            return False
        return other not in self.foes.get(one, ())

    def push(self, one: int, other: int, threshold: float) -> None:
        mean = self.mean(one, other)
        if mean > threshold:
            low, high = min(one, other), max(one, other)
            heapq.heappush(self.queue, (-mean, low, high, self.size[low], self.size[high]))

    def merge(self, one: int, other: int) -> int:
        """Merge two clusters into the one with more links, and return it."""
        kept, gone = (one, other) if len(self.links[one]) >= len(self.links[other]) else (other, one)
        self.parent[gone] = kept
        self.size[kept] += self.size[gone]
        self.links[kept].pop(gone, None)
        for neighbour, (total, seen) in self.links[gone].items():
            if neighbour != kept:
                old_total, old_seen = self.links[kept].get(neighbour, (0.0, 0))
                link = (old_total + total, old_seen + seen)
                self.links[kept][neighbour] = self.links[neighbour][kept] = link
                self.links[neighbour].pop(gone, None)
        self.links[gone] = {}
        if self.sources is not None:
            self.sources[kept] |= self.sources[gone]
        self._inherit_foes(kept, gone)
        return kept

    def _inherit_foes(self, kept: int, gone: int) -> None:
        for foe in self.foes.pop(gone, set()):
            self.foes[foe].discard(gone)
            self.foes[foe].add(kept)
            self.foes.setdefault(kept, set()).add(foe)

    def root(self, record: int) -> int:
        while self.parent[record] != record:
            record = self.parent[record]
        return record


def decision_threshold(precision_recall_tradeoff: float) -> float:
    """Return the probability from which on records match: 0.5 when balanced, about 0.01 at 0.0 and 0.99 at 1.0.

    >>> [round(decision_threshold(t), 3) for t in (0.0, 0.5, 0.9, 1.0)]
    [0.011, 0.5, 0.973, 0.989]
    """
    return float(1 / (1 + np.exp(-9 * (precision_recall_tradeoff - 0.5))))


def enforced_rules(answers: AnsweredPairs, sources: NDArray[np.int64] | None) -> tuple[LinkRules, int]:
    """Return rules that make the clusters agree with every answer, and how many answers cannot be kept.

    Answers hold across labeling sets: what is the same as the same thing is the same.  A pair answered as different
    that others make the same cannot be kept.
    """
    pairs = list(zip(answers.pairs.left.tolist(), answers.pairs.right.tolist(), strict=True))
    together = tuple(pair for pair, same in zip(pairs, answers.is_match, strict=True) if same)
    group = _joined(together)
    different = [pair for pair, same in zip(pairs, answers.is_match, strict=True) if not same]
    apart = tuple((a, b) for a, b in different if group.get(a, a) != group.get(b, b))
    return LinkRules(sources, together, apart), len(different) - len(apart)


def match_ids(cluster: NDArray[np.int64], keys: list[str]) -> NDArray[np.int64]:
    """Return a positive 64-bit integer for every record: within a cluster the same hash of its first record's key."""
    first, home = np.unique(cluster, return_inverse=True)
    hashes = [blake2b(keys[record].encode(), digest_size=8).digest() for record in first.tolist()]
    return np.array([int.from_bytes(digest) >> 1 for digest in hashes], dtype=np.int64)[home]


def cluster_records(
    records: int, pairs: Pairs, probability: NDArray[np.float64], threshold: float, rules: LinkRules | None = None
) -> NDArray[np.int64]:
    """Return for every record the smallest record index of its cluster.

    Ties go to the smaller indices, so the same pairs give the same clusters.
    """
    rules = rules or LinkRules()
    component = _components(records, pairs, probability, threshold, rules)
    inside = component[pairs.left] == component[pairs.right]
    pairs, probability = pairs.among(inside), probability[inside]
    clear = _is_one_cluster(component, pairs, probability, threshold, rules)
    root = np.where(clear, _first_of(component), np.arange(records))
    unclear = np.flatnonzero(~clear)
    among_these = ~clear[pairs.left]
    few = _renumbered(pairs.among(among_these), unclear)
    tell(Stage.CLUSTER, 0.5)
    root[unclear] = unclear[_linked(len(unclear), few, probability[among_these], threshold, rules.among(unclear))]
    tell(Stage.CLUSTER, 1)
    return root


def within_reach(
    records: int, pairs: Pairs, probability: NDArray[np.float64], threshold: float, of: Pairs
) -> NDArray[np.bool_]:
    """Return which pairs could have a say in how the records of the pairs `of` are clustered.

    These are the pairs between records that a chain of pairs above UNSEEN links to one of theirs, below that threshold
    a chain of any pairs.
    """
    component = _components(records, pairs, probability, min(threshold, UNSEEN), LinkRules())
    is_reached = np.zeros(records, dtype=bool)
    is_reached[component[np.r_[of.left, of.right]]] = True
    return np.asarray(is_reached[component[pairs.left]] & is_reached[component[pairs.right]])


def cluster_confidence(
    cluster: NDArray[np.int64], pairs: Pairs, probability: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for every record the mean probability over all pairs of its cluster; 1 for a record on its own."""
    records = len(cluster)
    inside = cluster[pairs.left] == cluster[pairs.right]
    home = cluster[pairs.left[inside]]
    total = np.bincount(home, weights=probability[inside], minlength=records)
    seen = np.bincount(home, minlength=records)
    size = np.bincount(cluster, minlength=records)
    possible = size * (size - 1) // 2
    mean = (total + UNSEEN * (possible - seen)) / np.maximum(possible, 1)
    return np.where(possible > 0, mean, 1.0)[cluster]


def _joined(together: tuple[tuple[int, int], ...]) -> dict[int, int]:
    """Return the smallest record of the group that each record of the pairs belongs to."""
    group: dict[int, int] = {}

    def root(record: int) -> int:
        while group.setdefault(record, record) != record:
            record = group[record]
        return record

    for one, other in together:
        low, high = sorted((root(one), root(other)))
        group[high] = low
    return {record: root(record) for record in group}


def _linked(
    records: int, pairs: Pairs, probability: NDArray[np.float64], threshold: float, rules: LinkRules
) -> NDArray[np.int64]:
    """Return for every record the smallest of its cluster, by merging one pair of clusters after the other."""
    state = _start(records, pairs, probability, rules)
    for one, other in rules.together:
        if state.root(one) != state.root(other):
            state.merge(state.root(one), state.root(other))
    for one in range(records):
        for other in state.links[one]:
            if one < other:
                state.push(one, other, threshold)
    _merge_all(state, threshold)
    return _first_of(np.array([state.root(record) for record in range(records)], dtype=np.int64))


def _is_one_cluster(
    component: NDArray[np.int64],
    pairs: Pairs,
    probability: NDArray[np.float64],
    threshold: float,
    rules: LinkRules,
) -> NDArray[np.bool_]:
    """Return for every record whether its whole component is one cluster beyond doubt, as most are.

    That is so where every two of its records are a pair above the threshold and no rule has a say.
    """
    likely = probability > threshold
    if rules.sources is not None:
        likely = likely & (rules.sources[pairs.left] != rules.sources[pairs.right])
    size = np.bincount(component)
    clear = np.bincount(component[pairs.left[likely]], minlength=len(size)) == size * (size - 1) // 2
    clear[component[np.array([*rules.together, *rules.apart], dtype=np.int64).ravel()]] = False
    return np.asarray(clear[component])


def _renumbered(pairs: Pairs, records: NDArray[np.int64]) -> Pairs:
    return Pairs(np.searchsorted(records, pairs.left), np.searchsorted(records, pairs.right))


def _components(
    records: int, pairs: Pairs, probability: NDArray[np.float64], threshold: float, rules: LinkRules
) -> NDArray[np.int64]:
    """Return for every record the number of its component: what pairs above the threshold hold together.

    A mean is above it only if one of its pairs is, unless pairs that were never seen are above it as well.
    """
    likely = probability > (threshold if threshold >= UNSEEN else -1.0)
    together = np.array(rules.together, dtype=np.int64).reshape(-1, 2)
    one, other = np.r_[pairs.left[likely], together[:, 0]], np.r_[pairs.right[likely], together[:, 1]]
    graph = sp.csr_matrix((np.ones(len(one), dtype=bool), (one, other)), shape=(records, records))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component, dtype=np.int64)


def _start(records: int, pairs: Pairs, probability: NDArray[np.float64], rules: LinkRules) -> _Linkage:
    links: list[dict[int, Link]] = [{} for _ in range(records)]
    for one, other, p in zip(pairs.left.tolist(), pairs.right.tolist(), probability.tolist(), strict=True):
        links[one][other] = links[other][one] = (p, 1)
    sources = None if rules.sources is None else [{int(source)} for source in rules.sources]
    state = _Linkage(links, [1] * records, list(range(records)), sources)
    for one, other in rules.apart:
        state.foes.setdefault(one, set()).add(other)
        state.foes.setdefault(other, set()).add(one)
    return state


def _merge_all(state: _Linkage, threshold: float) -> None:
    while state.queue:
        _, one, other, size_one, size_other = heapq.heappop(state.queue)
        gone = state.parent[one] != one or state.parent[other] != other
        if gone or state.size[one] != size_one or state.size[other] != size_other or not state.allowed(one, other):
            continue
        kept = state.merge(one, other)
        for neighbour in state.links[kept]:
            state.push(kept, neighbour, threshold)


def _first_of(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for every record the first one of its group; groups are numbers below the number of records."""
    first = np.full(len(group), len(group), dtype=np.int64)
    np.minimum.at(first, group, np.arange(len(group)))
    return first[group]
