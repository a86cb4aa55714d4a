"""How words sound, so that "schapire" and "shapire" are one (Soundex, Russell 1918)."""

from collections.abc import Iterable

import numpy as np

from matching.values import NOTHING, Numbers

SHORTEST = 3
_CODES = {
    letter: digit
    for digit, letters in zip("123456", ("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), strict=True)
    for letter in letters
}


def sound_of(word: str) -> str:
    """Return how a word sounds: its first letter and three digits for the consonants after it.

    >>> sound_of("robert"), sound_of("rupert"), sound_of("smyth") == sound_of("smith")
    ('r163', 'r163', True)
    """
    heard = "".join(_CODES.get(letter, "" if letter in "hw" else " ") for letter in word)
    once = "".join(code for before, code in zip(" " + heard, heard, strict=False) if code != before)
    tail = once[1:] if word[0] in _CODES else once
    return (word[0] + tail.replace(" ", "") + "000")[:4]


def sound_numbers(words: Iterable[str]) -> Numbers:
    """Return a number for the sound of each word, NOTHING for what is short or no word.

    >>> sound_numbers(["smith", "smyth", "x1", "doe"]).tolist()
    [0, 0, -1, 1]
    """
    sounds: dict[str, int] = {}
    spoken = (sound_of(word) if len(word) >= SHORTEST and word.isalpha() else "" for word in words)
    return np.array([sounds.setdefault(s, len(sounds)) if s else NOTHING for s in spoken], dtype=np.int64)
