"""Which records to ask a person about next: labeling sets that teach the most per row.

A set grows from a seed pair whose answer is worth having; records join while they form further pairs worth asking with
those already there, so one set answers many pairs; what room is left goes to further seeds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs, positions_of

SETS = 10
ROWS_PER_SET = 10
WORTH_JOINING = 0.3

# Log-odds at which seeds are sought, taken in turn: the whole range on the first file, around "unsure" later.
RANGE_TARGETS = (-3.0, 0.0, 3.0, -1.5, 1.5, -0.5, 0.5, -2.0, 2.0, -1.0, 1.0, 4.0)
UNSURE_TARGETS = (0.0, -1.0, 1.0, 0.2, -0.2, 0.5, -0.5, 0.0, 2.0, -2.0)


@dataclass(frozen=True)
class ChosenSet:
    """Records to show together, and the seed pairs they were chosen for with the probability they had then."""

    records: tuple[int, ...]
    seeds: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class Neighbourhood:
    """Every record's candidate pairs: those of record r lie at starts[r]:starts[r + 1] of the other two."""

    starts: NDArray[np.int64]
    others: NDArray[np.int64]
    positions: NDArray[np.int64]

    def of(self, record: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The records paired with `record`, and the positions of those pairs."""
        part = slice(self.starts[record], self.starts[record + 1])
        return self.others[part], self.positions[part]


def choose_labeling_sets(
    pairs: Pairs,
    probability: NDArray[np.float64],
    records: int,
    answered: Pairs,
    cover_range: bool,
    seed: int,
    sets: int = SETS,
    rows: int = ROWS_PER_SET,
) -> list[ChosenSet]:
    """Return up to `sets` labeling sets of up to `rows` records; no record is in two of them.

    `answered` pairs seed no set and add nothing to one.  `cover_range` asks over the whole range of probabilities
    (first file), else around one half.  Fewer sets come back where there is too little left to ask.
    """
    open_pairs = np.ones(len(pairs), dtype=bool)
    known = positions_of(answered, pairs, records)
    open_pairs[known[known >= 0]] = False
    chooser = _Chooser(pairs, probability, records, open_pairs, cover_range, seed)
    chosen = [chooser.next_set(rows) for _ in range(sets)]
    return [one for one in chosen if len(one.records) > 1]


class _Chooser:
    """Picks sets one after another; remembers which records and pairs are spoken for."""

    def __init__(
        self,
        pairs: Pairs,
        probability: NDArray[np.float64],
        records: int,
        open_pairs: NDArray[np.bool_],
        cover_range: bool,
        seed: int,
    ) -> None:
        self.pairs, self.probability, self.free = pairs, probability, open_pairs
        self.worth = np.where(open_pairs, 4 * probability * (1 - probability), 0.0)
        self.taken = np.zeros(records, dtype=bool)
        self.neighbourhood = _neighbourhood(pairs, records)
        clipped = np.clip(probability, 1e-6, 1 - 1e-6)
        jitter = np.random.default_rng(seed).random(len(pairs)) * 0.3
        self.log_odds = np.log(clipped / (1 - clipped)) + jitter
        self.targets = RANGE_TARGETS if cover_range else UNSURE_TARGETS
        self.seeds_picked = 0

    def next_set(self, rows: int) -> ChosenSet:
        members: list[int] = []
        seeds: list[tuple[int, int, float]] = []
        while len(members) < rows:
            joining = self._best_joining(members)
            if joining is None and len(members) <= rows - 2:
                seed = self._next_seed()
                if seed is None:
                    break
                seeds.append(seed)
                members += seed[:2]
                self.taken[list(seed[:2])] = True
            elif joining is None:
                break
            else:
                members.append(joining)
                self.taken[joining] = True
        return ChosenSet(tuple(members), tuple(seeds))

    def _best_joining(self, members: list[int]) -> int | None:
        """The free record that forms the pairs most worth asking with the members; None if none is worth it."""
        gains: dict[int, float] = {}
        for member in members:
            others, positions = self.neighbourhood.of(member)
            for other, worth in zip(others.tolist(), self.worth[positions].tolist(), strict=True):
                if worth > 0 and not self.taken[other]:
                    gains[other] = gains.get(other, 0.0) + worth
        best = max(gains, key=lambda record: (gains[record], -record), default=None)
        return best if best is not None and gains[best] > WORTH_JOINING else None

    def _next_seed(self) -> tuple[int, int, float] | None:
        """The free pair nearest to the next target, of two records not yet in a set."""
        target = self.targets[self.seeds_picked % len(self.targets)]
        usable = self.free & ~self.taken[self.pairs.left] & ~self.taken[self.pairs.right]
        if not usable.any():
            return None
        self.seeds_picked += 1
        position = int(np.argmin(np.where(usable, np.abs(self.log_odds - target), np.inf)))
        self.free[position] = False
        left, right = int(self.pairs.left[position]), int(self.pairs.right[position])
        return left, right, float(self.probability[position])


def _neighbourhood(pairs: Pairs, records: int) -> Neighbourhood:
    one, other = np.r_[pairs.left, pairs.right], np.r_[pairs.right, pairs.left]
    positions = np.tile(np.arange(len(pairs)), 2)
    order = np.argsort(one, kind="stable")
    starts = np.searchsorted(one[order], np.arange(records + 1))
    return Neighbourhood(starts, other[order], positions[order])
