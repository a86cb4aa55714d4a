import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairs import (
    Pairs,
    distinct,
    distinct_pairs,
    distinct_with_places,
    pair_keys,
    pairs_of_keys,
    positions_of,
    two_of_each,
    union_of_pairs,
)

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


@settings(deadline=None)
@given(st.lists(ENDS, max_size=4))
def test_the_pairs_of_several_parts_are_each_there_once(parts: list[list[tuple[int, int]]]) -> None:
    both = [np.array(ends, dtype=np.int64).reshape(-1, 2) for ends in parts]
    pairs = pairs_of_keys([pair_keys(ends[:, 0], ends[:, 1], RECORDS) for ends in both], RECORDS)
    wanted = {(min(pair), max(pair)) for ends in parts for pair in ends if pair[0] != pair[1]}
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == sorted(wanted)


def test_many_pairs_with_repeats_in_either_order_are_those_of_a_set() -> None:
    one, other = np.random.default_rng(1).integers(0, 100, (2, 20_000))
    pairs = distinct_pairs(one, other, records=100)
    wanted = {(min(pair), max(pair)) for pair in zip(one.tolist(), other.tolist(), strict=True) if pair[0] != pair[1]}
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == sorted(wanted)


def test_short_integers_do_not_overflow_in_the_keys_of_a_large_table() -> None:
    one, other = np.array([99_999, 0], np.int32), np.array([99_998, 99_999], np.int32)
    pairs = distinct_pairs(one, other, records=100_000)  # type: ignore[arg-type]  # a search's indices are as short
    assert (pairs.left.tolist(), pairs.right.tolist()) == ([0, 99_998], [99_999, 99_999])


NUMBERS = st.lists(st.integers(-5, 5) | st.integers(-(2**62), 2**62), max_size=20)


@given(NUMBERS)
def test_the_different_numbers_are_in_order(numbers: list[int]) -> None:
    assert distinct(np.array(numbers, dtype=np.int64)).tolist() == sorted(set(numbers))


@settings(deadline=None)
@given(NUMBERS)
def test_each_number_is_found_at_its_place_among_the_different_ones(numbers: list[int]) -> None:
    different, place = distinct_with_places(np.array(numbers, dtype=np.int64))
    assert different.tolist() == list(dict.fromkeys(numbers))
    assert different[place].tolist() == numbers


@given(st.lists(st.integers(0, 4), max_size=12).map(sorted))
def test_every_two_entries_of_an_owner_meet_once(owner: list[int]) -> None:
    first, second = two_of_each(np.array(owner, dtype=np.int64))
    wanted = [(a, b) for a in range(len(owner)) for b in range(a + 1, len(owner)) if owner[a] == owner[b]]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == wanted
