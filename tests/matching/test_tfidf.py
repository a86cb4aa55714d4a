from collections import Counter

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.tfidf import (
    cosines,
    dots,
    gram_counts,
    gram_text,
    product,
    row_parts,
    stacked,
    unit_rows,
    weighted,
    without_unused,
    word_counts,
)

PLAIN_TEXTS = st.lists(st.text("ab1 ", max_size=8).map(lambda text: " ".join(text.split())), max_size=8)

NUMBERS = st.lists(st.lists(st.sampled_from([0, 0, 1, 2, 3]), min_size=4, max_size=4), min_size=1, max_size=6)


def with_stored_zeros(rows: list[list[int]]) -> sp.csr_matrix:
    """A sparse matrix in which the zeros are written down too."""
    dense = np.array(rows, dtype=np.float32)
    places = np.tile(np.arange(dense.shape[1]), len(dense))
    return sp.csr_matrix((dense.ravel(), places, np.arange(len(dense) + 1) * dense.shape[1]), shape=dense.shape)


def random_rows(rows: int, columns: int, seed: int) -> sp.csr_matrix:
    """Rows of unequal length, every fifth of them empty."""
    generator = np.random.default_rng(seed)
    shares = np.where(np.arange(rows) % 5 == 0, 0.0, generator.random(rows))
    dense = generator.random((rows, columns)) * (generator.random((rows, columns)) < shares[:, None])
    return sp.csr_matrix(dense.astype(np.float32))


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


@settings(deadline=None)
@given(NUMBERS, st.lists(st.lists(st.sampled_from([0, 1, 2]), min_size=3, max_size=3), min_size=4, max_size=4))
@pytest.mark.parametrize("threads", [1, 2])
def test_a_product_is_that_of_the_dense_matrices_though_zeros_are_stored(
    threads: int, rows: list[list[int]], columns: list[list[int]]
) -> None:
    found = product(with_stored_zeros(rows), with_stored_zeros(columns), threads)
    assert found.toarray().tolist() == (np.array(rows) @ np.array(columns)).tolist()


def test_several_threads_make_the_same_product() -> None:
    one, other = random_rows(300, 80, seed=1), random_rows(80, 120, seed=2)
    alone, together = product(one, other, threads=1), product(one, other, threads=2)
    assert np.array_equal(alone.toarray(), together.toarray())
    assert alone.toarray() == pytest.approx((one @ other).toarray(), rel=1e-5)


@pytest.mark.parametrize(("rows", "inner", "columns"), [(0, 3, 2), (2, 0, 3), (2, 3, 0)])
def test_a_product_of_nothing_is_empty(rows: int, inner: int, columns: int) -> None:
    one, other = sp.csr_matrix((rows, inner), dtype=np.float32), sp.csr_matrix((inner, columns), dtype=np.float32)
    assert product(one, other, threads=2).shape == (rows, columns)
    assert product(one, other, threads=2).nnz == 0


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("is_sorted", [True, False], ids=["sorted", "unsorted"])
def test_dot_products_of_rows_of_any_length_are_those_of_dense_rows(threads: int, is_sorted: bool) -> None:
    one, other = random_rows(40, 30, seed=3), random_rows(50, 30, seed=4)
    if not is_sorted:
        one, other = (product(matrix, sp.identity(30, np.float32, "csr"), threads=1) for matrix in (one, other))
    left, right = np.repeat(np.arange(40), 50), np.tile(np.arange(50), 40)
    wanted = (one.toarray() @ other.toarray().T).ravel()
    assert (wanted == 0).any()
    assert dots(one, other, left, right, chunk=70, threads=threads) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_cosine_with_an_empty_row_is_zero_and_with_itself_one(threads: int) -> None:
    matrix = unit_rows(random_rows(20, 30, seed=5))
    everyone = np.arange(20)
    wanted = [0.0 if record % 5 == 0 else 1.0 for record in everyone]
    assert cosines(matrix, everyone, everyone, threads).tolist() == pytest.approx(wanted, abs=1e-6)
    assert cosines(matrix, everyone, np.zeros(20, np.int64), threads).tolist() == [0] * 20


def test_of_no_pairs_there_are_no_cosines() -> None:
    nobody = np.zeros(0, dtype=np.int64)
    assert cosines(random_rows(5, 4, seed=6), nobody, nobody).tolist() == []


@pytest.mark.parametrize("at_once", [1, 3, 20, 100])
def test_parts_one_below_the_other_are_the_whole(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.tfidf.ROWS_AT_ONCE", at_once)
    whole = random_rows(20, 30, seed=7)
    again = stacked(row_parts(whole), whole.nnz, whole.shape)
    assert np.array_equal(again.toarray(), whole.toarray())
    assert [part.shape[0] for part in row_parts(whole)] == [min(at_once, 20 - n) for n in range(0, 20, at_once)]


@pytest.mark.parametrize("length", [3, 5])
def test_how_many_texts_are_counted_at_once_does_not_change_the_counts(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["anna berg", "", "otto", "x", "", "anna kahn", "ute"]
    whole = gram_counts(texts, length)
    monkeypatch.setattr("matching.tfidf.ROWS_AT_ONCE", 2)
    assert (gram_counts(texts, length) != whole).nnz == 0
