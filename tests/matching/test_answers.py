from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.answers import Answer, AnsweredPairs, answered_pairs

ANSWERS = st.lists(
    st.builds(Answer, st.sampled_from(["s", "t"]), st.integers(0, 5), st.sampled_from("AB")),
    max_size=10,
    unique_by=lambda answer: (answer.labeling_set_id, answer.record),
)


def verdicts(answered: AnsweredPairs) -> dict[tuple[int, int], bool]:
    pairs = zip(answered.pairs.left.tolist(), answered.pairs.right.tolist(), strict=True)
    return dict(zip(pairs, answered.is_match.tolist(), strict=True))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param([], {}, id="no answers"),
        pytest.param([Answer("s", 0, "A")], {}, id="one row"),
        pytest.param([Answer("s", 0, "A"), Answer("t", 1, "A")], {}, id="same label in different sets"),
        pytest.param([Answer("s", 1, "A"), Answer("s", 0, "A")], {(0, 1): True}, id="same label"),
        pytest.param([Answer("s", 1, "A"), Answer("s", 0, "a")], {(0, 1): False}, id="different label"),
        pytest.param(
            [Answer("s", 0, "A"), Answer("s", 1, "A"), Answer("s", 2, "B"), Answer("s", 3, "C")],
            {(0, 1): True, (0, 2): False, (0, 3): False, (1, 2): False, (1, 3): False, (2, 3): False},
            id="all pairs of a set",
        ),
    ],
)
def test_labels_say_which_pairs_match(answers: list[Answer], said: dict[tuple[int, int], bool]) -> None:
    assert verdicts(answered_pairs(answers)) == said
    assert len(answered_pairs(answers)) == len(said)


@pytest.mark.parametrize("ids", ["st", "ts"])
def test_of_two_sets_that_disagree_one_is_believed_whatever_its_id_and_the_pair_is_named(ids: str) -> None:
    same = [Answer(ids[0], 0, "A"), Answer(ids[0], 1, "A")]
    different = [Answer(ids[1], 0, "A"), Answer(ids[1], 1, "B"), Answer(ids[1], 2, "B")]
    answered = answered_pairs(sorted([*same, *different], key=lambda answer: answer.labeling_set_id))
    assert verdicts(answered) == {(0, 1): False, (0, 2): False, (1, 2): True}
    assert answered.contradictions == ((0, 1),)
    assert len(set(answered.labeling_set.tolist())) == 1


def test_of_two_sets_over_the_same_records_the_ids_do_not_decide() -> None:
    said = {"same": "AA", "different": "AB"}
    orders = [
        answered_pairs(Answer(each, record, label) for each in sets for record, label in enumerate(said[each]))
        for sets in (("same", "different"), ("different", "same"))
    ]
    assert verdicts(orders[0]) == verdicts(orders[1])
    assert all(answered.contradictions == ((0, 1),) for answered in orders)


def test_two_sets_that_agree_do_not_contradict() -> None:
    answered = answered_pairs(Answer(each, record, "A") for each in "st" for record in (0, 1))
    assert (verdicts(answered), answered.contradictions) == ({(0, 1): True}, ())


def test_answers_of_one_set_have_one_number_and_those_of_two_have_two() -> None:
    answers = [Answer(each, record, "A") for each, records in (("s", (4, 5, 6)), ("t", (0, 1))) for record in records]
    answered = answered_pairs(answers)
    number = dict(zip(verdicts(answered), answered.labeling_set.tolist(), strict=True))
    assert number[4, 5] == number[4, 6] == number[5, 6] != number[0, 1]


@settings(deadline=None)
@given(ANSWERS)
def test_pairs_are_sorted_and_none_is_there_twice(answers: list[Answer]) -> None:
    keys = answered_pairs(answers).pairs.keys(6).tolist()
    assert keys == sorted(set(keys))


@settings(deadline=None)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_within_a_set_says_nothing(answers: list[Answer], random: Random) -> None:
    by_set = sorted(answers, key=lambda answer: answer.labeling_set_id)
    shuffled = sorted(
        random.sample(answers, len(answers)),
        key=lambda answer: answer.labeling_set_id,
    )
    assert verdicts(answered_pairs(by_set)) == verdicts(answered_pairs(shuffled))
