"""Values in the wrong column: given name and surname swapped, a name that stands in the field beside its own.

Which columns can be confused is seen from the values they share, never from their names.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from matching.normalise import NormalisedColumn
from matching.pairs import Pairs, distinct_with_places
from matching.profile import ColumnKind, ColumnProfile
from matching.values import Flags, Numbers, Values, beginnings

SHARED_ROWS = 0.08
SHARED_VALUES = 10
REPEATED_ROWS = 0.02
MOST_PAIRS_OF_COLUMNS = 6


def crosswise_names(one: NormalisedColumn, other: NormalisedColumn) -> list[tuple[str, str]]:
    """Return the column and the measure of both similarities of `crosswise`."""
    return [(one.name, f"swapped_with_{other.name}"), (one.name, f"found_in_{other.name}")]


def crosswise(one: NormalisedColumn, other: NormalisedColumn, pairs: Pairs, threads: int) -> tuple[Values, Values]:
    """Return how well the values of two columns that can be confused agree crosswise.

    First: both values agree crosswise, and better than straight; 0 where straight is as good, NaN unless all four are
    there.  Second: one of the two agrees crosswise; NaN where neither can.
    """
    there, back = _across(one, other, pairs, threads), _across(other, one, pairs, threads)
    straight = _across(one, one, pairs, threads) + _across(other, other, pairs, threads)
    return _swapped(there, back, straight), np.fmax(there, back)


def confusable_columns(
    columns: list[NormalisedColumn], profiles: list[ColumnProfile]
) -> list[tuple[NormalisedColumn, NormalisedColumn]]:
    """Return each two columns of one kind whose values are the same things, those that share most first.

    In both at least SHARED_ROWS of the rows hold a value that the other has too, and they share SHARED_VALUES values.
    Two columns that often say the same in one row repeat each other and are not meant, nor are numbers.
    At most MOST_PAIRS_OF_COLUMNS are returned.
    """
    names = [c for c, p in enumerate(profiles) if p.kind not in (ColumnKind.EMPTY, ColumnKind.NUMBER)]
    rows, values = _shared([columns[c] for c in names])
    mutual = np.minimum(rows, rows.T)
    kinds = np.array([profiles[c].kind for c in names])
    alike = kinds[:, None] == kinds[None, :]
    fits = np.triu(alike & (mutual >= SHARED_ROWS) & (values >= SHARED_VALUES), 1)
    ordered = sorted(np.argwhere(fits).tolist(), key=lambda two: (-mutual[two[0], two[1]], two))
    chosen = [(columns[names[a]], columns[names[b]]) for a, b in ordered]
    return [two for two in chosen if not _repeat(*two)][:MOST_PAIRS_OF_COLUMNS]


def _shared(columns: list[NormalisedColumn]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (columns, columns): the share of i's filled rows whose value is in j, and how many values both have."""
    known: dict[str, int] = {}
    ids = [np.array([known.setdefault(value, len(known)) for value in column.values], int) for column in columns]
    owner = np.repeat(np.arange(len(columns)), [len(i) for i in ids])
    places = (owner, np.concatenate([np.zeros(0, int), *ids]))
    shape = (len(columns), max(1, len(known)))
    weight = np.concatenate([np.zeros(0), *(c.counts / max(1, c.counts.sum()) for c in columns)])
    holds = sp.csr_matrix((np.ones(len(owner), dtype=np.int64), places), shape=shape)
    rows = sp.csr_matrix((weight, places), shape=shape)
    return (rows @ holds.T).toarray(), (holds @ holds.T).toarray()


def _repeat(one: NormalisedColumn, other: NormalisedColumn) -> bool:
    same = _equal_values(one, other)[one.codes] == other.codes
    both = (one.codes >= 0) & (other.codes >= 0)
    return bool(both.any()) and float(same[both].mean()) > REPEATED_ROWS


def _equal_values(one: NormalisedColumn, other: NormalisedColumn) -> Numbers:
    """Return for each value of the one column its place among the other's values; -2 where the other lacks it."""
    place = {value: number for number, value in enumerate(other.values)}
    return np.array([*(place.get(value, -2) for value in one.values), -2], dtype=np.int64)


def _across(one: NormalisedColumn, other: NormalisedColumn, pairs: Pairs, threads: int) -> Values:
    """How alike the left record's value of the one column is to the right record's of the other; NaN without both."""
    left, right = one.codes[pairs.left], other.codes[pairs.right]
    present: Flags = (left >= 0) & (right >= 0)
    width = max(1, len(other.values))
    keys, spread = distinct_with_places((left * width + right)[present])
    result = np.full(len(pairs), np.nan, dtype=np.float32)
    result[present] = _alike(one.values, other.values, keys // width, keys % width, threads)[spread]
    return result


def _alike(ours: list[str], theirs: list[str], left: Numbers, right: Numbers, threads: int) -> Values:
    one, other = beginnings([ours[i] for i in left.tolist()]), beginnings([theirs[i] for i in right.tolist()])
    scorer = Levenshtein.normalized_similarity
    alike: Values = process.cpdist(one, other, scorer=scorer, workers=threads, dtype=np.float32)
    return alike


def _swapped(there: Values, back: Values, straight: Values) -> Values:
    crosswise = there + back
    better = np.where(crosswise > straight, crosswise / 2, np.float32(0))
    return np.where(np.isnan(crosswise + straight), np.nan, better).astype(np.float32)
