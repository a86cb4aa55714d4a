"""Values as the matcher sees them: one case, no accents, no punctuation.

The user's own columns never change; this is only what is compared.
"""

import html
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from numpy.typing import NDArray

NO_VALUE = -1
WORDS_FOR_NOTHING = frozenset({"", "na", "n a", "nan", "null", "none", "nil", "unknown", "not available"})
_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True)
class NormalisedColumn:
    """One column: its distinct plain texts, the distinct values as written, and for every row the index of its own.

    `codes` and `written_codes` have one entry a row; NO_VALUE (-1) where the row has no value.
    """

    name: str
    values: list[str]
    codes: NDArray[np.int64]
    written_values: list[str]
    written_codes: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows hold each of `values`."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def sample(self, rows: int) -> "NormalisedColumn":
        """The column of fewer rows: `rows` of those that have a value, evenly spread; itself if it has no more."""
        filled = np.flatnonzero(self.codes >= 0)
        if len(filled) <= rows:
            return self
        some = filled[np.linspace(0, len(filled) - 1, rows).astype(np.int64)]
        values, codes = np.unique(self.codes[some], return_inverse=True)
        written, written_codes = np.unique(self.written_codes[some], return_inverse=True)
        texts = [self.values[place] for place in values], [self.written_values[place] for place in written]
        return NormalisedColumn(self.name, texts[0], codes, texts[1], written_codes)


def bits_of_agreement(column: NormalisedColumn) -> NDArray[np.float32]:
    """Return how much it surprises that two rows agree on each value: -log2 of the share of rows with it.

    The last one, 0, is for rows without a value.
    """
    share = column.counts / max(1, column.counts.sum())
    return np.append(-np.log2(np.maximum(share, 1e-12)), 0.0).astype(np.float32)


def plain_text(value: str) -> str:
    """Return `value` in lower-case ASCII letters and digits, words parted by single blanks.

    HTML entities are resolved, other scripts are transliterated.  An apostrophe joins what it stands between.
    Words for "no value" become the empty text.

    >>> plain_text("Zoë O'Neill-Müller &amp; Co. (7)")
    'zoe oneill muller co 7'
    >>> plain_text("N/A")
    ''
    """
    text = html.unescape(value) if "&" in value else value
    text = (text if text.isascii() else anyascii(text)).lower().replace("'", "").replace("`", "")
    plain = " ".join(text.translate(_SEPARATORS).split())
    if plain in WORDS_FOR_NOTHING:
        return ""
    return value if plain == value else plain  # one text in memory, not two


def normalise_column(name: str, column: pa.ChunkedArray) -> NormalisedColumn:
    """Return a text column with its plain texts.  Work is done once a distinct value, not once a row."""
    written, written_codes = _distinct(column)
    seen: dict[str, int] = {}
    plain_codes = [_index(plain_text(value), seen) for value in written]
    codes = np.array([*plain_codes, NO_VALUE], dtype=np.int64)[written_codes]
    return NormalisedColumn(name, list(seen), codes, written, written_codes)


def joined_texts(columns: list[NormalisedColumn], separator: str = " ") -> list[str]:
    """Return for every row the plain texts of all its columns, in column order, as one text."""
    if not columns:
        return []
    spread = [np.array([*column.values, ""], dtype=object)[column.codes] for column in columns]
    return [separator.join(text for text in row if text) for row in zip(*spread, strict=True)]


def _distinct(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    encoded = pc.dictionary_encode(column.combine_chunks())
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = pc.fill_null(encoded.indices, NO_VALUE).to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), codes


def _index(plain: str, seen: dict[str, int]) -> int:
    return seen.setdefault(plain, len(seen)) if plain else NO_VALUE
