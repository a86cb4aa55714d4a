import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairs import Pairs, distinct_pairs, positions_of, union_of_pairs

RECORDS = 8
ENDS = st.lists(st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)), max_size=20)


def pairs_of(ends: list[tuple[int, int]]) -> Pairs:
    both = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return distinct_pairs(both[:, 0], both[:, 1], RECORDS)


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


@settings(deadline=None)
@given(ENDS)
def test_no_pair_is_there_twice_and_left_is_before_right(ends: list[tuple[int, int]]) -> None:
    pairs = pairs_of(ends)
    assert as_set(pairs) == {(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]}
    assert len(pairs) == len(as_set(pairs))
    assert (np.diff(pairs.keys(RECORDS)) > 0).all()


@settings(deadline=None)
@given(ENDS, ENDS)
def test_a_union_holds_the_pairs_of_both(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    one, other = pairs_of(first), pairs_of(second)
    union = union_of_pairs(one, other, RECORDS)
    assert as_set(union) == as_set(one) | as_set(other)
    assert len(union) == len(as_set(union))


@settings(deadline=None)
@given(ENDS)
def test_a_union_with_itself_or_with_nothing_changes_nothing(ends: list[tuple[int, int]]) -> None:
    pairs = pairs_of(ends)
    for other in (pairs, pairs_of([])):
        union = union_of_pairs(pairs, other, RECORDS)
        assert (union.left.tolist(), union.right.tolist()) == (pairs.left.tolist(), pairs.right.tolist())


@settings(deadline=None)
@given(ENDS, ENDS)
def test_positions_find_each_pair_where_it_is(wanted: list[tuple[int, int]], within: list[tuple[int, int]]) -> None:
    sought, there = pairs_of(wanted), pairs_of(within)
    positions = positions_of(sought, there, RECORDS)
    found = positions >= 0
    assert as_set(sought.among(found)) == as_set(sought) & as_set(there)
    assert there.keys(RECORDS)[positions[found]].tolist() == sought.keys(RECORDS)[found].tolist()


def test_every_pair_is_at_its_own_position() -> None:
    pairs = pairs_of([(3, 1), (0, 7), (2, 5)])
    assert positions_of(pairs, pairs, RECORDS).tolist() == [0, 1, 2]


def test_among_keeps_the_chosen_pairs() -> None:
    assert as_set(pairs_of([(0, 1), (0, 2), (1, 2)]).among(np.array([True, False, True]))) == {(0, 1), (1, 2)}


def test_a_table_without_records_has_no_pairs() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    pairs = distinct_pairs(nothing, nothing, records=0)
    assert len(pairs) == 0
    assert positions_of(pairs, pairs, records=0).tolist() == []
