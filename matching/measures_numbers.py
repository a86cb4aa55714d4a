"""Numbers set in text: amounts with their units ("12 oz", "355 ml"), and the numbers that both or only one states."""

import re

import numpy as np

from matching.normalise import NormalisedColumn
from matching.profile import ColumnKind, ColumnProfile
from matching.units import Amount, amounts
from matching.values import (
    NOTHING,
    DistinctPairs,
    NamedMeasures,
    Values,
    enough,
    found_of_shorter,
    in_chunks,
    padded,
    written_forms,
)

MOST_AMOUNTS, MOST_NUMBERS = 6, 8
SAME_AMOUNT = 0.03
NUMBERS = "numbers"
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


def number_measures(column: NormalisedColumn, profile: ColumnProfile) -> NamedMeasures:
    """Yield `amounts` where a fifth of the rows state a number with a unit, `numbers` where a fifth hold numbers.

    A column of numbers alone or of e-mail addresses has neither.
    """
    texts = [text.lower() for text in written_forms(column)]
    if profile.kind in (ColumnKind.DATE, ColumnKind.CODE) or enough(["@" in text for text in texts], column.counts):
        return
    stated = [amounts(text) for text in texts]
    if enough([bool(found) for found in stated], column.counts):
        yield "amounts", in_chunks(_AmountTable(stated).alike)
    if profile.kind not in (ColumnKind.NUMBER, ColumnKind.CATEGORY) and profile.mean_words > 1.3:
        numbers = [numbers_in(text) for text in texts]
        if enough([bool(found) for found in numbers], column.counts):
            yield NUMBERS, in_chunks(_NumberTable(numbers).alike)


def numbers_in(text: str) -> list[str]:
    """Return the different numbers in a text, as short as they can be written.

    >>> numbers_in("no. 07, 1,200 and 3.50 of 7")
    ['7', '1200', '3.5']
    """
    found = (number.replace(",", "").lstrip("0") for number in _NUMBER.findall(text))
    return list(dict.fromkeys((n.rstrip("0").rstrip(".") if "." in n else n) or "0" for n in found))


class _AmountTable:
    """The amounts of a column's values: what they measure and the logarithm of how much."""

    def __init__(self, stated: list[list[Amount]]) -> None:
        self.measured = padded([[amount.measured for amount in found] for found in stated], MOST_AMOUNTS)
        self.size = np.zeros(self.measured.shape)
        self.size[self.measured >= 0] = [amount.size for found in stated for amount in found[:MOST_AMOUNTS]]

    def alike(self, distinct: DistinctPairs) -> Values:
        """How many amounts of the shorter list the other states too, of those that measure what the other measures.

        Two amounts are one when they differ by less than SAME_AMOUNT of themselves.
        """
        left, right = self.measured[distinct.left], self.measured[distinct.right]
        comparable = (left[:, :, None] == right[:, None, :]) & (left != NOTHING)[:, :, None]
        apart = np.abs(self.size[distinct.left][:, :, None] - self.size[distinct.right][:, None, :])
        same = comparable & (apart < SAME_AMOUNT)
        return found_of_shorter(same, comparable.any(axis=2).sum(axis=1), comparable.any(axis=1).sum(axis=1))


class _NumberTable:
    """The numbers in a column's values as rows of numbers of numbers."""

    def __init__(self, numbers: list[list[str]]) -> None:
        known: dict[str, int] = {}
        rows = [[known.setdefault(number, len(known)) for number in found] for found in numbers]
        self.numbers = padded(rows, MOST_NUMBERS)
        self.count = (self.numbers >= 0).sum(axis=1)

    def alike(self, distinct: DistinctPairs) -> Values:
        """How many numbers of the one with fewer the other holds too: 0 where each has numbers the other lacks."""
        left, right = self.numbers[distinct.left], self.numbers[distinct.right]
        same = (left[:, :, None] == right[:, None, :]) & (left >= 0)[:, :, None]
        return found_of_shorter(same, self.count[distinct.left], self.count[distinct.right])
