"""Ids that stay: a cluster keeps the id of the earlier cluster it shares most rows with.

Rows are known by their index; what an earlier run said of each is given beside them, NONE where it said nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from matching.cluster import match_ids

NONE = 0  # no match_id is 0
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Moved:
    """An id that came or went while its rows stayed: `rows` of them are shared with the cluster `other_match_id`."""

    match_id: int
    other_match_id: int
    rows: int


@dataclass(frozen=True)
class IdChanges:
    """What became of the ids of an earlier run.

    Every earlier id is kept, merged into another or removed with all its rows; every id of now is kept, new (none of
    its rows was there before) or split from another.
    """

    kept: int
    new: int
    removed: int
    merged: tuple[Moved, ...]
    split: tuple[Moved, ...]


@dataclass(frozen=True)
class _Overlaps:
    """How many rows each earlier id shares with each id of now: one entry for each two that share any."""

    earlier: Ids
    now: Ids
    rows: Ids


def stable_match_ids(cluster: Ids, keys: list[str], earlier: Ids, taken: Ids) -> Ids:
    """Return a match_id for every row, positive and one a cluster.

    `cluster` holds the index of the first row of each row's cluster, `keys` the primary keys, `earlier` the ids that
    the rows had.  Of a cluster and an earlier id that share rows, those with most rows in common find each other
    first; equals in the order of the earlier clusters' first rows, then of the new ones'.  Who finds no id gets a
    hash of its first key that is not in `taken`, the ids of all earlier rows.
    """
    first, home = np.unique(cluster, return_inverse=True)
    ids = _inherited(home, earlier, len(first))
    fresh = np.flatnonzero(ids == NONE)
    ids[fresh] = _fresh([keys[row] for row in first[fresh].tolist()], taken.tolist())
    return ids[home]


def id_changes(earlier: Ids, now: Ids, taken: Ids) -> IdChanges:
    """Return what became of the ids `taken` of all earlier rows, of which the rows of `now` had those of `earlier`."""
    overlaps = _overlaps(earlier, now)
    before, after = _distinct(taken), _distinct(now)
    gone, came = ~_is_among(overlaps.earlier, after), ~_is_among(overlaps.now, before)
    merged = _largest_of(overlaps.earlier[gone], overlaps.now[gone], overlaps.rows[gone])
    split = _largest_of(overlaps.now[came], overlaps.earlier[came], overlaps.rows[came])
    kept = int(_is_among(after, before).sum())
    return IdChanges(kept, len(after) - kept - len(split), len(before) - kept - len(merged), merged, split)


def _inherited(home: Ids, earlier: Ids, clusters: int) -> Ids:
    """Return the earlier id that each cluster keeps, NONE where it keeps none."""
    overlaps = _overlaps(earlier, home)
    names, first_row = np.unique(earlier, return_index=True)
    first_of = first_row[np.searchsorted(names, overlaps.earlier)]
    order = np.lexsort((overlaps.now, first_of, -overlaps.rows))
    ids, given = np.full(clusters, NONE, dtype=np.int64), set()
    for match_id, cluster in zip(overlaps.earlier[order].tolist(), overlaps.now[order].tolist(), strict=True):
        if ids[cluster] == NONE and match_id not in given:
            ids[cluster] = match_id
            given.add(match_id)
    return ids


def _fresh(keys: list[str], taken: Iterable[int]) -> Ids:
    """Return an id of its own for each key: its hash or, while that is taken, the hash of the key with a number."""
    used = {NONE, *taken}
    ids = match_ids(np.arange(len(keys)), keys)
    for place, first_choice in enumerate(ids.tolist()):
        ids[place] = next(each for each in _choices(first_choice, keys[place]) if each not in used)
        used.add(int(ids[place]))
    return ids


def _choices(first_choice: int, key: str) -> Iterator[int]:
    yield first_choice
    for number in count(1):
        yield int(match_ids(np.zeros(1, dtype=np.int64), [f"{key}\0{number}"])[0])


def _overlaps(earlier: Ids, now: Ids) -> _Overlaps:
    known = earlier != NONE
    old, old_place = np.unique(earlier[known], return_inverse=True)
    new, new_place = np.unique(now[known], return_inverse=True)
    both, rows = np.unique(old_place * max(1, len(new)) + new_place, return_counts=True)
    return _Overlaps(old[both // max(1, len(new))], new[both % max(1, len(new))], rows)


def _largest_of(ids: Ids, others: Ids, rows: Ids) -> tuple[Moved, ...]:
    """Return for each id, ascending, the other with which it shares most rows; of equals the smaller."""
    order = np.lexsort((others, -rows, ids))
    _, first = np.unique(ids[order], return_index=True)
    chosen = order[first]
    triples = zip(ids[chosen].tolist(), others[chosen].tolist(), rows[chosen].tolist(), strict=True)
    return tuple(Moved(*each) for each in triples)


def _distinct(ids: Ids) -> Ids:
    """Return the different ids, ascending; on millions of random integers NumPy's own way takes seconds."""
    ordered = np.sort(ids)
    distinct: Ids = ordered[np.diff(ordered, prepend=NONE - 1) != 0]
    return distinct


def _is_among(ids: Ids, ascending: Ids) -> NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(ids), dtype=bool)
    at = np.minimum(np.searchsorted(ascending, ids), len(ascending) - 1)
    return np.asarray(ascending[at] == ids)
