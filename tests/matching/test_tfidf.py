from collections import Counter

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.tfidf import cosines, dots, gram_counts, gram_text, weighted, without_unused, word_counts

PLAIN_TEXTS = st.lists(st.text("ab1 ", max_size=8).map(lambda text: " ".join(text.split())), max_size=8)


def counted(counts: sp.csr_matrix, text: int, length: int) -> dict[str, int]:
    row = counts[text]
    grams = [gram_text(int(column), length) for column in row.indices]
    return dict(zip(grams, row.data.tolist(), strict=True))


def lengths(matrix: sp.csr_matrix) -> np.ndarray:
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())


@settings(deadline=None)
@given(PLAIN_TEXTS)
def test_every_text_is_a_unit_vector_and_an_empty_one_is_zero(texts: list[str]) -> None:
    for counts in (gram_counts(texts), word_counts(texts)):
        wanted = [1.0 if text else 0.0 for text in texts]
        assert lengths(weighted(counts)).tolist() == pytest.approx(wanted, abs=1e-6)


def test_two_texts_of_three_share_a_common_word() -> None:
    # ln(4/2) for the word in two of three texts, ln(4/1) for the others: 0.693² / (0.693² + 1.386²) = 1 / 5
    matrix = weighted(word_counts(["anna berg", "anna kahn", "otto"]))
    assert cosines(matrix, np.array([0, 0, 1]), np.array([1, 2, 1])).tolist() == pytest.approx([0.2, 0, 1])


def test_a_word_twice_weighs_more_but_not_twice_as_much() -> None:
    # (1 + ln 2)·ln 4 beside ln 4, and ln 4 alone
    matrix = weighted(word_counts(["a a b", "b", "c"]))
    rare, common = (1 + np.log(2)) * np.log(4), np.log(2)
    assert cosines(matrix, np.array([0]), np.array([1])).item() == pytest.approx(common / np.hypot(rare, common))


def test_a_word_in_every_text_weighs_less_than_one_in_a_single_text() -> None:
    matrix = weighted(word_counts(["gmbh anna", "gmbh otto", "gmbh lena"])).toarray()
    assert matrix[0, 0] < 0.3 < matrix[0, 1]


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("a", 1, id="one letter"),
        pytest.param("ab", 2, id="two letters"),
        pytest.param("ab cd", 5, id="two words"),
        pytest.param("aaaa", 4, id="repeats"),
    ],
)
def test_a_text_has_as_many_grams_as_letters(text: str, grams: int) -> None:
    assert gram_counts([text, "xyz"])[0].sum() == grams


@pytest.mark.parametrize("length", [3, 4, 5])
@settings(deadline=None)
@given(texts=PLAIN_TEXTS)
def test_grams_are_counted_as_they_stand_in_each_text(texts: list[str], length: int) -> None:
    counts = gram_counts(texts, length)
    for place, text in enumerate(texts):
        padded = f" {text} "
        grams = Counter(padded[start : start + length] for start in range(len(padded) - length + 1))
        assert counted(counts, place, length) == grams


@pytest.mark.parametrize("gram", ["abc", "a 7", "z09", "a 7z", "z0 9a", "99999"])
def test_a_gram_is_told_as_it_was_counted(gram: str) -> None:
    assert gram in counted(gram_counts([gram], len(gram)), 0, len(gram))


@settings(deadline=None)
@given(PLAIN_TEXTS)
def test_without_unused_columns_the_counts_stay(texts: list[str]) -> None:
    counts = gram_counts(texts)
    used, numbers = without_unused(counts)
    assert numbers.tolist() == sorted(set(counts.indices.tolist()))
    assert used.shape == (len(texts), max(1, len(numbers)))
    assert (used[:, : len(numbers)] != counts[:, numbers]).nnz == 0


def test_grams_do_not_run_from_one_text_into_the_next() -> None:
    together, alone = gram_counts(["ab", "cd"]), gram_counts(["ab"])
    assert (together[0] != alone[0]).nnz == 0


def test_the_order_of_letters_counts_for_grams_and_that_of_words_does_not_for_words() -> None:
    texts = ["anna berg", "berg anna", "gren abna"]
    pair = np.array([0, 0]), np.array([1, 2])
    assert cosines(weighted(word_counts(texts)), *pair).tolist() == pytest.approx([1, 0])
    assert 0.5 < cosines(weighted(gram_counts(texts)), *pair)[0] < 1


@settings(deadline=None)
@given(PLAIN_TEXTS.filter(bool), st.integers(1, 5))
def test_dot_products_do_not_depend_on_the_size_of_a_chunk(texts: list[str], chunk: int) -> None:
    matrix = weighted(gram_counts(texts))
    left = np.repeat(np.arange(len(texts)), len(texts))
    right = np.tile(np.arange(len(texts)), len(texts))
    assert dots(matrix, matrix, left, right, chunk).tolist() == cosines(matrix, left, right).tolist()


def test_a_dot_product_is_that_of_a_row_of_one_with_a_row_of_the_other() -> None:
    one, other = sp.csr_matrix([[1, 2], [0, 3]]), sp.csr_matrix([[4, 0], [5, 6]])
    assert dots(one, other, np.array([0, 0, 1]), np.array([0, 1, 0])).tolist() == [4, 17, 0]


@pytest.mark.parametrize("texts", [[], [""], ["", ""]], ids=["no texts", "one empty text", "all empty"])
def test_texts_without_terms_are_all_zero(texts: list[str]) -> None:
    for counts in (gram_counts(texts), word_counts(texts)):
        assert weighted(counts).shape[0] == len(texts)
        assert weighted(counts).sum() == 0
