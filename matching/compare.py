"""How alike the two records of each pair are, column by column.

Every similarity is between 0 (nothing in common) and 1 (the same), NaN where one of the two has no value or the measure
has nothing to say; `rarity` is in bits.  Of PAIRS_AT_ONCE pairs a similarity is computed once for each two values.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler, Levenshtein

from matching.measures_codes import code_measures
from matching.measures_dates import date_measures
from matching.measures_lists import list_measures
from matching.measures_models import model_measures
from matching.measures_names import name_measures
from matching.measures_numbers import number_measures
from matching.measures_scales import scale_measures
from matching.memory import IN_MEMORY, Spill, let_go
from matching.normalise import NormalisedColumn, bits_of_agreement
from matching.pairs import Pairs, distinct_with_places
from matching.profile import ColumnKind, ColumnProfile
from matching.progress import Stage, told
from matching.swaps import confusable_columns, crosswise, crosswise_names
from matching.tfidf import cosines, counted_words, gram_counts, weighted
from matching.values import DistinctPairs, Measure, NamedMeasures, Values, beginnings

WHOLE_RECORD = "*"
EXACT, RARITY = "exact", "rarity"
# How alike two values are as texts or numbers: what the first pass goes by.  All other measures see one thing only.
GRADED = frozenset(
    ("nearness", "levenshtein", "jaro_winkler", "sorted_words", "shared_words", "grams", "words", "code_words")
)

# Measures for values of one sort.  Of a large column a sample tells whether they are of that sort.
SPECIAL_MEASURES = (
    name_measures,
    date_measures,
    number_measures,
    scale_measures,
    model_measures,
    list_measures,
)
ROWS_SEEN = 10_000
PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Similarities:
    """`values` (pairs, features) float32; feature i compares column `columns[i]` by `measures[i]`."""

    columns: tuple[str, ...]
    measures: tuple[str, ...]
    values: NDArray[np.float32]

    def of(self, column: str) -> dict[str, Values]:
        """The similarities of one column by measure."""
        named = zip(self.columns, self.measures, self.values.T, strict=True)
        return {measure: values for name, measure, values in named if name == column}


@dataclass(frozen=True)
class _Told:
    """A column with all that can be told of two of its values."""

    column: NormalisedColumn
    is_number: bool
    measures: tuple[tuple[str, Measure], ...]

    @property
    def names(self) -> list[str]:
        return [EXACT, RARITY, *(["nearness"] if self.is_number else []), *(name for name, _ in self.measures)]

    def compared(self, pairs: Pairs) -> Iterator[Values]:
        """Yield one similarity of all pairs after the other, in the order of the names."""
        left, right = self.column.codes[pairs.left], self.column.codes[pairs.right]
        present = (left >= 0) & (right >= 0)
        yield _where(present, (left == right).astype(np.float32))
        yield _where(present, np.where(left == right, self._bits[left], 0).astype(np.float32))
        if self.is_number:
            yield _where(present, self._nearness(pairs))
        width = max(1, len(self.column.values))
        keys, spread = distinct_with_places((left * width + right)[present])
        distinct = DistinctPairs(keys // width, keys % width)
        for _, measure in self.measures:
            values = np.full(len(pairs), np.nan, dtype=np.float32)
            values[present] = measure(distinct)[spread]
            yield values

    @cached_property
    def _bits(self) -> NDArray[np.float32]:
        """How much an agreement on each value surprises."""
        return bits_of_agreement(self.column)

    @cached_property
    def _numbers(self) -> NDArray[np.float64]:
        """The number that each written value is; the last one is that of a missing value."""
        return np.array([*map(_number, self.column.written_values), np.nan])

    def _nearness(self, pairs: Pairs) -> Values:
        """One minus the difference relative to the larger of the two numbers; 0 from a difference of 100 % on."""
        codes = self.column.written_codes
        left, right = self._numbers[codes[pairs.left]], self._numbers[codes[pairs.right]]
        larger = np.maximum(np.maximum(np.abs(left), np.abs(right)), 1e-9)
        near: NDArray[np.float64] = 1 - np.abs(left - right) / larger
        return near.clip(0, 1).astype(np.float32)


class Comparer:
    """Compares pairs of a table's records; made once, so that each value is prepared once."""

    def __init__(
        self,
        columns: list[NormalisedColumn],
        profiles: list[ColumnProfile],
        whole: dict[str, sp.csr_matrix],
        threads: int,
        spill: Spill = IN_MEMORY,
    ) -> None:
        """`whole` maps a name to unit vectors of whole records."""
        self._whole, self._threads, self._spill = whole, threads, spill
        self._told = [
            _Told(column, profile.kind == ColumnKind.NUMBER, tuple(_measures(column, profile, threads)))
            for column, profile in told(Stage.PREPARE, zip(columns, profiles, strict=True), len(columns))
            if profile.kind != ColumnKind.EMPTY
        ]
        self._confusable = confusable_columns(columns, profiles)
        self._names = [
            *((one.column.name, measure) for one in self._told for measure in one.names),
            *(named for one, other in self._confusable for named in crosswise_names(one, other)),
            *((WHOLE_RECORD, name) for name in whole),
        ]

    def compare(self, pairs: Pairs) -> Similarities:
        """Return the similarities of all pairs."""
        values = self._spill.empty((len(self._names), len(pairs)), np.float32)

        def fill(start: int, first: int, measured: Callable[[Pairs], Iterable[Values]]) -> None:
            part = slice(start, start + PAIRS_AT_ONCE)
            for place, found in enumerate(measured(Pairs(pairs.left[part], pairs.right[part])), start=first):
                values[place, part] = found
            let_go(values)

        starts = range(0, max(1, len(pairs)), PAIRS_AT_ONCE)
        tasks = [(start, *teller) for start in starts for teller in self._tellers()]
        with ThreadPoolExecutor(self._threads) as pool:
            for _ in told(Stage.COMPARE, pool.map(lambda task: fill(*task), tasks), len(tasks)):
                pass  # an exception of a thread is raised here
        columns, measures = zip(*self._names, strict=True) if self._names else ((), ())
        return Similarities(columns, measures, values.T)

    def _tellers(self) -> Iterator[tuple[int, Callable[[Pairs], Iterable[Values]]]]:
        """Yield what yields some of the similarities of pairs, and the place of the first of them."""
        place = 0
        for column in self._told:
            yield place, column.compared
            place += len(column.names)
        for one, other in self._confusable:
            yield place, partial(crosswise, one, other, threads=self._threads)
            place += len(list(crosswise_names(one, other)))
        for matrix in self._whole.values():
            yield place, partial(_whole_cosines, matrix)
            place += 1


def _whole_cosines(matrix: sp.csr_matrix, pairs: Pairs) -> Iterator[Values]:
    yield cosines(matrix, pairs.left, pairs.right)


def _measures(column: NormalisedColumn, profile: ColumnProfile, threads: int) -> NamedMeasures:
    """Yield the measures that suit the kind of the column."""
    if profile.kind == ColumnKind.CATEGORY:
        return
    yield from _text_measures(column, profile, threads)
    sample = column.sample(ROWS_SEEN)
    for measures in (*SPECIAL_MEASURES, partial(code_measures, threads=threads)):
        if sample is column or any(measures(sample, profile)):
            yield from measures(column, profile)


def _text_measures(column: NormalisedColumn, profile: ColumnProfile, threads: int) -> NamedMeasures:
    kind = profile.kind
    yield "levenshtein", _text_measure(column.values, Levenshtein.normalized_similarity, 1.0, threads)
    if kind in (ColumnKind.NAME, ColumnKind.CODE, ColumnKind.DATE):
        yield "jaro_winkler", _text_measure(column.values, JaroWinkler.similarity, 1.0, threads)
    if kind in (ColumnKind.NAME, ColumnKind.TEXT):
        yield "sorted_words", _text_measure(column.values, fuzz.token_sort_ratio, 0.01, threads)
        yield "shared_words", _text_measure(column.values, fuzz.token_set_ratio, 0.01, threads)
        yield "grams", _cosine_measure(gram_counts(column.values))
        if profile.mean_words > 1.3:
            counts, words = counted_words(column.values)
            yield "words", _cosine_measure(counts)
            yield from _code_words_measure(counts, words)


def _text_measure(values: list[str], scorer: Callable[..., float], scale: float, threads: int) -> Measure:
    texts = np.array(beginnings(values), dtype=object)

    def measure(distinct: DistinctPairs) -> Values:
        left, right = texts[distinct.left].tolist(), texts[distinct.right].tolist()
        raw: Values = process.cpdist(left, right, scorer=scorer, workers=threads, dtype=np.float32)
        return raw * np.float32(scale)

    return measure


def _cosine_measure(counts: sp.csr_matrix) -> Measure:
    matrix = weighted(counts)
    return lambda distinct: cosines(matrix, distinct.left, distinct.right)


def _code_words_measure(counts: sp.csr_matrix, words: pa.Array) -> NamedMeasures:
    """Words with a digit in them (model numbers, sizes, years) on their own, where a fifth of the values have one."""
    is_code = pc.match_substring_regex(words, "[0-9]").to_numpy(zero_copy_only=False)
    codes = counts[:, np.flatnonzero(is_code)]
    has_code = codes.getnnz(axis=1) > 0
    if has_code.mean() <= 0.2:
        return
    cosine = _cosine_measure(codes)
    yield "code_words", lambda d: _where(has_code[d.left] & has_code[d.right], cosine(d))


def _number(written: str) -> float:
    try:
        number = float("".join(c for c in written if c.isdigit() or c in ".-"))
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _where(present: NDArray[np.bool_], values: NDArray[np.float32]) -> Values:
    return np.where(present, values, np.float32(np.nan)).astype(np.float32)
