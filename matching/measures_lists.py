"""Values that hold several: "Smith, J. and Doe, A." beside "John Smith; Alan Doe".

Items are parted, and each is known by a main word (of a person, the surname) and another one, whole or an initial.
"""

import html
import re
from itertools import groupby
from typing import NamedTuple

import numpy as np

from matching.normalise import NormalisedColumn, plain_text
from matching.profile import ColumnKind, ColumnProfile
from matching.sounds import sound_numbers
from matching.values import (
    NOTHING,
    DistinctPairs,
    NamedMeasures,
    Values,
    enough,
    found_of_longer,
    in_chunks,
    padded,
    written_forms,
)

MOST_ITEMS = 8
LONGEST_ITEM = 4.0
NO_WORD = 0
SAME, SOUND = np.uint8(100), np.uint8(85)
_COMMA, _BREAK = "x0comma0x", "x0break0x"
_MARKS = str.maketrans({",": f" {_COMMA} "} | dict.fromkeys(";|&\n", f" {_BREAK} "))
_BREAK_MARK = re.compile(r"[;|&]|\band\b|\bund\b|\bet\b", re.IGNORECASE)
_BREAKS = frozenset({_BREAK, "and", "und", "et"})


class Item(NamedTuple):
    """One of several: its main word and its other word, "" where there is none."""

    main: str
    other: str


def list_measures(column: NormalisedColumn, profile: ColumnProfile) -> NamedMeasures:
    """Yield `items` where a fifth of the rows hold several short items: lists, not sentences."""
    if profile.kind not in (ColumnKind.NAME, ColumnKind.TEXT) or profile.mean_words <= 1.3:
        return
    texts = written_forms(column)
    marked = [text.strip(" ,.;").count(",") > 1 or bool(_BREAK_MARK.search(text)) for text in texts]
    if not enough(marked, column.counts):
        return
    lists = [items_of(text) for text in texts]
    words = sum(value.count(" ") + 1 for value in column.values) / max(1, sum(map(len, lists)))
    several = [mark and len(items) > 1 for mark, items in zip(marked, lists, strict=True)]
    if enough(several, column.counts) and words <= LONGEST_ITEM:
        yield "items", in_chunks(_ItemTable(lists).alike)


def items_of(text: str) -> list[Item]:
    """Return the items that a written value holds.

    >>> [(item.main, item.other) for item in items_of("Smith, J., Doe, A. and Mary Ann Lee")]
    [('smith', 'j'), ('doe', 'a'), ('lee', 'mary')]
    """
    words = plain_text((html.unescape(text) if "&" in text else text).translate(_MARKS)).split()
    found: list[Item] = []
    for is_break, part in groupby(words, _BREAKS.__contains__):
        if not is_break:
            pieces = [list(piece) for is_comma, piece in groupby(part, _COMMA.__eq__) if not is_comma]
            found += _items_between_commas(pieces)
    return list(dict.fromkeys(found))


def _items_between_commas(pieces: list[list[str]]) -> list[Item]:
    """A piece before initials, or a single word before the only other piece, is a surname before its given name."""
    items: list[Item] = []
    place = 0
    while place < len(pieces):
        here, after = pieces[place], pieces[place + 1] if place + 1 < len(pieces) else []
        if after and _is_surname_before(here, after, only=len(pieces) == 2):
            items.append(Item(here[-1], after[0]))
            place += 2
        else:
            items.append(_item(here))
            place += 1
    return items


def _item(words: list[str]) -> Item:
    """The main word is the last one that is no initial; the other is the first of the rest."""
    full = [number for number, word in enumerate(words) if len(word) > 1]
    main = full[-1] if full else len(words) - 1
    rest = words[:main] + words[main + 1 :]
    return Item(words[main], rest[0] if rest else "")


def _is_surname_before(here: list[str], after: list[str], only: bool) -> bool:
    return not _only_initials(here) and (_only_initials(after) or (only and len(here) == 1))


def _only_initials(words: list[str]) -> bool:
    return all(len(word) == 1 and word.isalpha() for word in words)


class _ItemTable:
    """The items of a column's values: numbers of their main and of their other words, and those' first letters."""

    def __init__(self, lists: list[list[Item]]) -> None:
        words: dict[str, int] = {"": NO_WORD}
        numbered = [[(_number(i.main, words), _number(i.other, words)) for i in items] for items in lists]
        self.main = padded([[main for main, _ in items] for items in numbered], MOST_ITEMS)
        self.other = padded([[other for _, other in items] for items in numbered], MOST_ITEMS)
        self.first = np.array([ord(word[0]) if word else 0 for word in words])[self.other]
        self.initial = np.array([len(word) == 1 for word in words])[self.other]
        self.sound = np.append(sound_numbers(words), NOTHING)[self.main]
        self.count = (self.main >= 0).sum(axis=1)

    def alike(self, distinct: DistinctPairs) -> Values:
        """How many items of the longer list are in the other, in whichever order their words stand.

        The other word may be missing in one of the two, or be an initial.  A main word that only sounds the same
        counts SOUND hundredths.
        """
        a, b = self.main[distinct.left][:, :, None], self.main[distinct.right][:, None, :]
        one, two = self.other[distinct.left][:, :, None], self.other[distinct.right][:, None, :]
        same_first = self.first[distinct.left][:, :, None] == self.first[distinct.right][:, None, :]
        initial = self.initial[distinct.left][:, :, None] | self.initial[distinct.right][:, None, :]
        fits = (one == two) | (one == NO_WORD) | (two == NO_WORD) | (same_first & initial)
        same = (((a == b) & fits) | ((a == two) & (one == b))) & (a >= 0) & (b >= 0)
        left, right = self.sound[distinct.left][:, :, None], self.sound[distinct.right][:, None, :]
        scores = np.where(same, SAME, ((left == right) & (left >= 0) & fits) * SOUND)
        return found_of_longer(scores, self.count[distinct.left], self.count[distinct.right]) / np.float32(SAME)


def _number(word: str, words: dict[str, int]) -> int:
    return words.setdefault(word, len(words))
