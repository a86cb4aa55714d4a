"""Phone numbers by their digits, e-mail addresses by what stands before and after the @.

A column is taken for one of them by its values alone.
"""

import re

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from matching.normalise import NormalisedColumn
from matching.profile import ColumnKind, ColumnProfile
from matching.values import DistinctPairs, Flags, Measure, NamedMeasures, Numbers, Values, enough, written_forms

PHONE_DIGITS = 15
SHORTEST, COMPARED = 7, 9
_PHONE = re.compile(
    r"(?:tel|ph|phone|fax)?[.:]?\s*([+(]?\d[\d\s()/.\-]{5,}\d)\s*(?:,?\s*(?:x|ext|extension)\.?:?\s*\d+)?"
)
_IN_GROUPS = re.compile(r"[+()/]|\d[ .\-]+\d")
_DATE_LIKE = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?.*|\d\d?[-/.]\d\d?[-/.]\d{4}.*|[-+]?\d+\.\d+")
_EMAIL = re.compile(r"(?:mailto:)?([^@\s<>,;]+)@([^@\s<>,;]+)")


def code_measures(column: NormalisedColumn, profile: ColumnProfile, threads: int) -> NamedMeasures:
    """Yield `phone_digits` where a fifth of the rows are phone numbers, `email_…` where a fifth are addresses."""
    written = [text.strip().lower() for text in written_forms(column)]
    if profile.kind not in (ColumnKind.DATE, ColumnKind.TEXT):
        yield from _phone_measures(written, column.counts)
    emails = [email_parts(text) for text in written]
    if enough([bool(local) for local, _ in emails], column.counts):
        yield "email_local", _similarity([local for local, _ in emails], threads)
        yield "email_domain", _similarity([domain for _, domain in emails], threads)


def phone_digits(text: str) -> str:
    """Return the digits of a phone number without its extension; "" for what does not look like one.

    >>> phone_digits("+1 (415) 555-0132 ext. 7"), phone_digits("1999-01-02"), phone_digits("12.5")
    ('14155550132', '', '')
    """
    match = _PHONE.fullmatch(text)
    digits = "".join(c for c in match[1] if c.isdigit()) if match and not _DATE_LIKE.fullmatch(text) else ""
    return digits if SHORTEST <= len(digits) <= PHONE_DIGITS else ""


def email_parts(text: str) -> tuple[str, str]:
    """Return what stands before and after the @ of an e-mail address; two empty texts for what is none.

    A tag after a plus sign is left out, as are dots before the @.

    >>> email_parts("Ann.Lee+news@mail.example".lower())
    ('annlee', 'mail.example')
    """
    match = _EMAIL.fullmatch(text)
    if not match:
        return "", ""
    local = match[1].split("+")[0].replace(".", "") or match[1]
    return local, match[2].strip(".")


def _phone_measures(written: list[str], counts: Numbers) -> NamedMeasures:
    """Numbers all of one length and without separators are any code: nothing but their letters can be compared."""
    digits = [phone_digits(text) for text in written]
    in_groups = [bool(d) and bool(_IN_GROUPS.search(text)) for d, text in zip(digits, written, strict=True)]
    if enough(in_groups, counts):
        yield "phone_digits", _PhoneTable(digits).alike


class _PhoneTable:
    """Phone numbers as tables of digits, the last one first."""

    def __init__(self, digits: list[str]) -> None:
        self.digits = np.full((len(digits), PHONE_DIGITS), -1, dtype=np.int8)
        for row, number in enumerate(digits):
            self.digits[row, : len(number)] = [int(c) for c in reversed(number)]
        self.length: Numbers = np.array([len(number) for number in digits], dtype=np.int64)

    def alike(self, distinct: DistinctPairs) -> Values:
        """The share of the last digits that agree, as many as the shorter number has and COMPARED at most.

        So neither an extension nor a country code counts, nor an area code that only one of the two has.
        """
        left, right = self.digits[distinct.left, :COMPARED], self.digits[distinct.right, :COMPARED]
        both: Flags = (left >= 0) & (right >= 0)
        compared = both.sum(axis=1)
        same = (both & (left == right)).sum(axis=1) / np.maximum(compared, 1)
        return np.where(compared > 0, same, np.nan).astype(np.float32)


def _similarity(parts: list[str], threads: int) -> Measure:
    texts = np.array(parts, dtype=object)
    present = np.array([bool(part) for part in parts])

    def measure(distinct: DistinctPairs) -> Values:
        left, right = texts[distinct.left].tolist(), texts[distinct.right].tolist()
        alike = process.cpdist(left, right, scorer=Levenshtein.normalized_similarity, workers=threads, dtype=np.float32)
        return np.where(present[distinct.left] & present[distinct.right], alike, np.nan).astype(np.float32)

    return measure
