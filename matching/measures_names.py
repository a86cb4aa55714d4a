"""Names of persons: initials ("j smith", "john smith"), nicknames ("bob", "robert"), spellings that sound alike.

Nicknames are English ones, from the package `nicknames`; a column in which few values hold an initial or a name with
a nickname is left alone.
"""

from collections import defaultdict
from functools import cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.normalise import NormalisedColumn
from matching.profile import ColumnKind, ColumnProfile
from matching.sounds import sound_numbers
from matching.values import (
    DistinctPairs,
    NamedMeasures,
    Numbers,
    Values,
    enough,
    found_of_shorter,
    in_chunks,
    padded,
    written_forms,
)

MOST_WORDS = 6
MOST_MEAN_WORDS = 4.0
MOST_OTHERS = 0.1
SAME, NICKNAME, SOUND, INITIAL = np.uint8(100), np.uint8(90), np.uint8(80), np.uint8(70)  # hundredths


def name_measures(column: NormalisedColumn, profile: ColumnProfile) -> NamedMeasures:
    """Yield `name_words` where the values look like names of persons."""
    if profile.kind == ColumnKind.NAME and profile.mean_words <= MOST_MEAN_WORDS and _are_names(column):
        yield "name_words", in_chunks(_NameWords(column.values).alike)


def _are_names(column: NormalisedColumn) -> bool:
    """A fifth of all words are initials or first names with nicknames, and few values hold a digit or an @."""
    known = nickname_groups()
    words = [[len(word) == 1 or word in known for word in value.split()] for value in column.values]
    counts = np.repeat(column.counts, [len(flags) for flags in words])
    others = [any(c.isdigit() or c == "@" for c in text) for text in written_forms(column)]
    has_names = enough([flag for flags in words for flag in flags], counts)
    return has_names and not enough(others, column.counts, MOST_OTHERS)


class _NameWords:
    """Names as tables of word numbers, and of each word what it may stand for."""

    def __init__(self, values: list[str]) -> None:
        vocabulary: dict[str, int] = defaultdict(lambda: len(vocabulary))
        self.words = padded([[vocabulary[word] for word in value.split()] for value in values], MOST_WORDS)
        self.count = (self.words >= 0).sum(axis=1)
        known = list(vocabulary)
        self.first = np.array([ord(word[0]) for word in known] or [0])
        self.is_initial = np.array([len(word) == 1 and word.isalpha() for word in known] or [False])
        self.sound = sound_numbers(known or [""])
        self.nickname, self.related = _nickname_relation(known)

    def alike(self, distinct: DistinctPairs) -> Values:
        """How many words of the shorter name agree with one of the other: fully, by nickname, sound or initial."""
        left, right = self.words[distinct.left], self.words[distinct.right]
        equal = (left[:, :, None] == right[:, None, :]) & (left >= 0)[:, :, None]
        taken = equal.any(axis=2)[:, :, None] | equal.any(axis=1)[:, None, :]
        absent = (left < 0)[:, :, None] | (right < 0)[:, None, :]
        likeness = np.where(taken | absent, np.uint8(0), self._likeness(left, right))
        scores = np.maximum(equal * SAME, likeness)
        return found_of_shorter(scores, self.count[distinct.left], self.count[distinct.right]) / np.float32(100)

    def _likeness(self, left: Numbers, right: Numbers) -> NDArray[np.uint8]:
        same_first = self.first[left][:, :, None] == self.first[right][:, None, :]
        initial = same_first & (self.is_initial[left][:, :, None] | self.is_initial[right][:, None, :])
        one, other = self.sound[left][:, :, None], self.sound[right][:, None, :]
        sound = (one == other) & (one >= 0)
        related = self.related[self.nickname[left][:, :, None], self.nickname[right][:, None, :]]
        likeness: NDArray[np.uint8] = np.maximum(initial * INITIAL, sound * SOUND)
        return np.maximum(likeness, related * NICKNAME)


def _nickname_relation(words: list[str]) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return of each word its row in the relation, and which rows are names of one person; row 0 is all others."""
    groups = nickname_groups()
    named = [number for number, word in enumerate(words) if word in groups]
    row_of = np.zeros(max(1, len(words)), dtype=np.int64)
    row_of[named] = np.arange(1, len(named) + 1)
    rows = [row for row, number in enumerate(named, start=1) for _ in groups[words[number]]]
    columns = [group for number in named for group in groups[words[number]]]
    shape = (len(named) + 1, max(columns, default=0) + 1)
    member = sp.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
    return row_of, np.asarray((member @ member.T).toarray() > 0)


@cache
def nickname_groups() -> dict[str, tuple[int, ...]]:
    """Return for each name the groups it is in: one group for each full name, with all its nicknames."""
    from nicknames import NickNamer

    groups: dict[str, list[int]] = defaultdict(list)
    for number, (full, short) in enumerate(sorted(NickNamer.default_lookup().items())):
        for name in sorted({full, *short}):
            groups[name].append(number)
    return {name: tuple(numbers) for name, numbers in groups.items()}
