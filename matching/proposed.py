"""How a pair came to be compared: which search found the one record among the nearest of the other, and how near."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from matching.matcher import PreparedRecords
from matching.pairs import Pairs
from matching.search import Search

SHARED_NEIGHBOUR, EARLIER_RUN = "shared neighbour", "earlier run"


@dataclass(frozen=True)
class Standing:
    """How a pair stands in one search: how many each record keeps, and the rank of each of the two with the other.

    Rank 1 is the nearest; None where the two share no term that is searched by.  `proposed`: one of them is kept.
    """

    by: str
    kept: int
    rank_of_right: int | None
    rank_of_left: int | None
    proposed: bool


@dataclass(frozen=True)
class SharedNeighbour:
    """A record that both records were compared with, and how likely it is the same as either."""

    record: int
    probability_left: float
    probability_right: float


@dataclass(frozen=True)
class _Place:
    """Where a record stands on another's list of its nearest, and whether the search keeps it."""

    rank: int
    is_kept: bool


def searches_for(prepared: PreparedRecords, left: int, right: int) -> tuple[Standing, ...]:
    """Return how the two records stand in each of the searches that propose candidate pairs.

    With sources a record's nearest are sought among the other sources: two of one source are on no list.
    """
    return tuple(_stand(search, (left, right), prepared.sources) for search in prepared.searches)


def strongest_shared_neighbour(
    pairs: Pairs, probability: NDArray[np.float64], left: int, right: int
) -> SharedNeighbour | None:
    """Return the record over which the way from one record to the other is likeliest; None if there is none."""
    of_left, of_right = (_partners(pairs, probability, record) for record in (left, right))
    shared = sorted(of_left.keys() & of_right.keys())
    if not shared:
        return None
    best = max(shared, key=lambda record: of_left[record] * of_right[record])
    return SharedNeighbour(best, of_left[best], of_right[best])


def _stand(search: Search, ends: tuple[int, int], sources: NDArray[np.int64] | None) -> Standing:
    left, right = ends
    index = search.vectors.T.tocsr()
    there = _place(search.sought[[left]], index, search.neighbours, ends, sources)
    back = _place(search.sought[[right]], index, search.neighbours, (right, left), sources)
    proposed = any(place is not None and place.is_kept for place in (there, back))
    return Standing(search.by, search.neighbours, there.rank if there else None, back.rank if back else None, proposed)


def _place(
    query: sp.csr_matrix, index: sp.csr_matrix, kept: int, ends: tuple[int, int], sources: NDArray[np.int64] | None
) -> _Place | None:
    """Return the place of the second record among the nearest of the first; the first row leads among equals."""
    (seeker, sought), records = ends, index.shape[1]
    found = sp_matmul_topn(query, index, top_n=records)
    score = np.zeros(records, dtype=np.float32)
    score[found.indices] = found.data
    score[seeker] = 0
    if sources is not None:
        score[sources == sources[seeker]] = 0
    if score[sought] <= 0:
        return None
    before = (score > score[sought]) | ((score == score[sought]) & (np.arange(records) < sought))
    return _Place(int(before.sum()) + 1, int(before.sum()) < kept)


def _partners(pairs: Pairs, probability: NDArray[np.float64], record: int) -> dict[int, float]:
    here = (pairs.left == record) | (pairs.right == record)
    other = np.where(pairs.left[here] == record, pairs.right[here], pairs.left[here])
    return dict(zip(other.tolist(), probability[here].tolist(), strict=True))
