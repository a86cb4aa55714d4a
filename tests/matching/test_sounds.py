import pytest

from matching.sounds import sound_numbers, sound_of


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("robert", "r163"),
        ("rupert", "r163"),
        ("ashcraft", "a261"),
        ("tymczak", "t522"),
        ("pfister", "p236"),
        ("lee", "l000"),
    ],
)
def test_words_sound_as_soundex_says(word: str, sound: str) -> None:
    assert sound_of(word) == sound


def test_only_words_of_three_letters_and_more_have_a_sound() -> None:
    assert sound_numbers(["", "j", "li", "x11", "lee", "leigh"]).tolist() == [-1, -1, -1, -1, 0, 1]


def test_no_words_have_no_sounds() -> None:
    assert sound_numbers([]).tolist() == []
