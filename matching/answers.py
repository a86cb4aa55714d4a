"""What labels say about pairs: within a labeling set the same label is a match, a different one is none.

Records of different sets say nothing about each other.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matching.pairs import Pairs


@dataclass(frozen=True)
class Answer:
    """One labelled row: the set it stood in, the index of its record, its label."""

    labeling_set_id: str
    record: int
    label: str


@dataclass(frozen=True)
class AnsweredPairs:
    """Pairs with a known answer: whether they match, and the number of the labeling set that says so.

    Sets are numbered by their records and labels, whatever their ids.  `contradictions` holds the pairs on which two
    sets disagree; the one with the higher number was believed.
    """

    pairs: Pairs
    is_match: NDArray[np.bool_]
    labeling_set: NDArray[np.int64]
    contradictions: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.pairs)


def answered_pairs(answers: Iterable[Answer]) -> AnsweredPairs:
    """Return every pair of records that some labeling set answers.

    >>> a = answered_pairs([Answer("s", 4, "A"), Answer("s", 2, "A"), Answer("s", 3, "B"), Answer("t", 1, "A")])
    >>> list(zip(a.pairs.left.tolist(), a.pairs.right.tolist(), a.is_match.tolist()))
    [(2, 3, False), (2, 4, True), (3, 4, False)]
    """
    sets: dict[str, dict[int, str]] = defaultdict(dict)
    for answer in answers:
        sets[answer.labeling_set_id][answer.record] = answer.label
    verdicts: dict[tuple[int, int], tuple[bool, int]] = {}
    contradictions = []
    for number, labels in enumerate(sorted(sets.values(), key=lambda labels: sorted(labels.items()))):
        for one, other in combinations(sorted(labels), 2):
            verdict = labels[one] == labels[other]
            if verdicts.get((one, other), (verdict, 0))[0] != verdict:
                contradictions.append((one, other))
            verdicts[one, other] = (verdict, number)
    return _as_arrays(verdicts, tuple(contradictions))


def _as_arrays(
    verdicts: dict[tuple[int, int], tuple[bool, int]], contradictions: tuple[tuple[int, int], ...]
) -> AnsweredPairs:
    order = sorted(verdicts)
    ends = np.array(order, dtype=np.int64).reshape(-1, 2)
    is_match = np.array([verdicts[pair][0] for pair in order], dtype=bool)
    number = np.array([verdicts[pair][1] for pair in order], dtype=np.int64)
    return AnsweredPairs(Pairs(ends[:, 0], ends[:, 1]), is_match, number, contradictions)
