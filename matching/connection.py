"""What holds two records in one cluster or keeps them in two: other pairs than their own."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.cluster import UNSEEN
from matching.pairs import Pairs

Edge = tuple[float, int, int]  # probability, and the two records


@dataclass(frozen=True)
class Link:
    """One step of a chain: two records and the probability of their pair; 1 where a label holds them together."""

    left: int
    right: int
    probability: float
    by_label: bool


@dataclass(frozen=True)
class Between:
    """All pairs between two clusters: how many there are, how many were compared, and their mean probability."""

    pairs: int
    compared: int
    mean_probability: float


def strongest_chain(
    cluster: NDArray[np.int64],
    pairs: Pairs,
    probability: NDArray[np.float64],
    ends: tuple[int, int],
    together: Iterable[tuple[int, int]] = (),
) -> tuple[Link, ...]:
    """Return the chain of compared pairs inside a cluster from one record to another whose weakest link is strongest.

    Of equally strong ones a shortest is taken.  `together` are pairs that labels hold together.  Empty if there is no
    chain.
    """
    inside = (cluster[pairs.left] == cluster[ends[0]]) & (cluster[pairs.right] == cluster[ends[0]])
    found = zip(pairs.left[inside].tolist(), pairs.right[inside].tolist(), probability[inside].tolist(), strict=True)
    labelled = {_in_order(*two) for two in together if cluster[two[0]] == cluster[two[1]] == cluster[ends[0]]}
    likely = {(left, right): p for left, right, p in found} | dict.fromkeys(labelled, 1.0)
    edges = sorted(((p, *two) for two, p in likely.items()), key=lambda edge: (-edge[0], edge[1:]))
    way = _shortest_way(_enough_to_join(edges, ends), ends)
    steps = [(two, _in_order(*two)) for two in pairwise(way)]
    return tuple(Link(*two, likely[ordered], ordered in labelled) for two, ordered in steps)


def _in_order(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def between_clusters(
    cluster: NDArray[np.int64], pairs: Pairs, probability: NDArray[np.float64], ends: tuple[int, int]
) -> Between:
    """Return what average linkage sees between the clusters of two records: a pair not compared counts UNSEEN."""
    one, other = (cluster == cluster[end] for end in ends)
    across = (one[pairs.left] & other[pairs.right]) | (other[pairs.left] & one[pairs.right])
    possible, compared = int(one.sum() * other.sum()), int(across.sum())
    total = float(probability[across].sum()) + UNSEEN * (possible - compared)
    return Between(possible, compared, total / possible)


def _enough_to_join(edges: list[Edge], ends: tuple[int, int]) -> list[Edge]:
    """Return the strongest edges, with all that are as strong as the last, that lead from one end to the other."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        while parent.setdefault(record, record) != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    for probability, one, other in edges:
        parent[root(one)] = root(other)
        if root(ends[0]) == root(ends[1]):
            return [edge for edge in edges if edge[0] >= probability]
    return []


def _shortest_way(edges: list[Edge], ends: tuple[int, int]) -> list[int]:
    """Return the records on a shortest way along the edges; the strongest edges are tried first."""
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    for _, one, other in edges:
        neighbours[one].append(other)
        neighbours[other].append(one)
    came_from, queue = {ends[0]: ends[0]}, deque([ends[0]])
    while queue and ends[1] not in came_from:
        record = queue.popleft()
        for neighbour in neighbours[record]:
            if neighbour not in came_from:
                came_from[neighbour] = record
                queue.append(neighbour)
    way = [ends[1]] if ends[1] in came_from else []
    while way and way[-1] != ends[0]:
        way.append(came_from[way[-1]])
    return way[::-1]
