"""Model numbers inside text: "DSC-W120", "dsc w120" and "dscw120" are one."""

import re
from itertools import pairwise

import numpy as np

from matching.normalise import NormalisedColumn
from matching.profile import ColumnKind, ColumnProfile
from matching.values import DistinctPairs, NamedMeasures, Values, enough, in_chunks, padded, written_forms

SHORTEST = 4
MOST_CODES = 8
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")


def model_measures(column: NormalisedColumn, profile: ColumnProfile) -> NamedMeasures:
    """Yield `model_number` where a fifth of the rows hold a word of letters and digits."""
    is_text = profile.kind in (ColumnKind.NAME, ColumnKind.TEXT) and profile.mean_words > 1.3
    if not is_text or enough(["@" in text for text in written_forms(column)], column.counts):
        return
    known = {word for value in column.values for word in value.split() if is_model_number(word)}
    codes = [model_numbers(value, known) for value in column.values]
    if enough([bool(found) for found in codes], column.counts):
        yield "model_number", in_chunks(_ModelTable(codes).alike)


def model_numbers(plain: str, known: set[str]) -> list[str]:
    """Return the model numbers in a plain text; one may be parted into two words if it is known from elsewhere.

    >>> model_numbers("sony dsc w120 7 mp", {"w120", "dscw120"})
    ['w120', 'dscw120']
    """
    words = plain.split()
    joined = [one + two for one, two in pairwise(words)]
    return list(dict.fromkeys(word for word in (*words, *joined) if word in known))


def is_model_number(word: str) -> bool:
    """Whether a word has both letters and digits, SHORTEST characters, and is no ordinal number.

    >>> is_model_number("w120"), is_model_number("58th"), is_model_number("1080")
    (True, False, False)
    """
    return len(word) >= SHORTEST and not word.isdigit() and not word.isalpha() and not _ORDINAL.fullmatch(word)


class _ModelTable:
    """The rarest model numbers of each value, and how much each says: rare ones more."""

    def __init__(self, codes: list[list[str]]) -> None:
        known: dict[str, int] = {}
        rows = [[known.setdefault(code, len(known)) for code in found] for found in codes]
        counts = np.bincount([code for row in rows for code in row], minlength=max(1, len(known)))
        self.says = (1 - np.log(np.maximum(counts, 1)) / np.log(len(codes) + 1)).astype(np.float32)
        self.codes = padded([sorted(row, key=lambda code: (counts[code], code)) for row in rows], MOST_CODES)

    def alike(self, distinct: DistinctPairs) -> Values:
        """What the rarest shared model number says: near 1 for one that few share, 0 where none is shared."""
        left, right = self.codes[distinct.left], self.codes[distinct.right]
        shared = ((left[:, :, None] == right[:, None, :]) & (left >= 0)[:, :, None]).any(axis=2)
        says = np.where(shared, self.says[left], 0).max(axis=1)
        return np.where((left[:, 0] >= 0) & (right[:, 0] >= 0), says, np.nan).astype(np.float32)
