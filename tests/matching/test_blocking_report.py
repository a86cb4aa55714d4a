from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from matching.answers import Answer, AnsweredPairs, answered_pairs
from matching.blocking_report import BlockingFacts, FoundBy, blocking_facts
from matching.matcher import MatchingTask, PreparedRecords, compare_candidates, prepare_records

LETTERS = np.random.default_rng(3).choice(list("abcdeinrst"), (60, 9))
NAMES = ["".join(row[:4]) + " " + "".join(row[4:]) for row in LETTERS]


def prepared_with(names: list[str], tradeoff: float = 0.5, sources: list[str] | None = None) -> PreparedRecords:
    columns = {"name": names} | ({"source": sources} if sources else {})
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return prepare_records(table, MatchingTask(("name",), "source" if sources else None, tradeoff))


def facts_of(prepared: PreparedRecords, answers: AnsweredPairs | None = None) -> BlockingFacts:
    return blocking_facts(prepared, compare_candidates(prepared), answers or answered_pairs([]), seed=0)


def recall_by(facts: BlockingFacts) -> dict[str, float]:
    return {each.by: each.recall for each in facts.recall}


@pytest.mark.parametrize("names", [[], ["anna berg"], ["", "", ""], ["anna", "otto"]])
def test_without_pairs_there_is_nothing_to_tell_of_recall(names: list[str]) -> None:
    facts = facts_of(prepared_with(names))
    assert (facts.records, facts.pairs, facts.most_candidates) == (len(names), 0, 0)
    assert (facts.recall, facts.dropped, facts.most_compared) == ((), (), ())
    assert facts.found_by == (FoundBy("3-grams", 0, 0), FoundBy("words", 0, 0), FoundBy("shared neighbour", 0, 0))


def test_candidates_are_counted_at_both_records() -> None:
    facts = facts_of(prepared_with(["anna berg", "anna bergg", "otto kahn", "ottokar kahn", "zzz"]))
    assert facts.pairs == 2
    assert (facts.mean_candidates, facts.median_candidates, facts.most_candidates) == (0.4, 1.0, 1)
    assert facts.most_compared == ((0, 1), (1, 1), (2, 1), (3, 1))


def test_a_pair_that_one_search_finds_alone_is_told_of_it() -> None:
    """The first two share letters and no word; the next two share a word."""
    facts = facts_of(prepared_with(["abcdefgh", "abcdefgx", "mno pqr", "mno stu", "xyz"]))
    assert facts.found_by[:2] == (FoundBy("3-grams", 2, 1), FoundBy("words", 1, 0))


def test_the_ways_of_finding_pairs_add_up() -> None:
    facts = facts_of(prepared_with([*NAMES, *(f"{name[:-1]}x" for name in NAMES)], tradeoff=0.0))
    grams, words, shared = facts.found_by
    both = grams.pairs - grams.only
    assert words.pairs - words.only == both
    assert both + grams.only + words.only + shared.only == facts.pairs


def test_labelled_matches_that_are_not_compared_count_against_recall() -> None:
    prepared = prepared_with(["anna berg", "anna bergg", "otto kahn", "zzz"])
    answers = answered_pairs([Answer("s", record, "A" if record != 2 else "B") for record in (0, 1, 2, 3)])
    facts = facts_of(prepared, answers)
    assert recall_by(facts)["labels"] == pytest.approx(1 / 3)
    assert "1 of 3 labelled matches" in next(each.how for each in facts.recall if each.by == "labels")


def test_dropped_pairs_are_no_candidates_and_the_likeliest_lead() -> None:
    prepared = prepared_with([f"{first} {last}" for first in ("anna", "annas") for last in NAMES[:30]], tradeoff=0.0)
    pairs = compare_candidates(prepared).pairs
    candidates = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    facts = facts_of(prepared)
    assert len(facts.dropped) == 10
    assert not candidates & {(each.left, each.right) for each in facts.dropped}
    likeliest = [each.probability for each in facts.dropped]
    assert likeliest == sorted(likeliest, reverse=True)


def test_a_search_that_finds_all_that_a_wider_one_finds_has_full_recall() -> None:
    facts = facts_of(prepared_with(["anna berg", "anna bergg", "otto kahn", "ottokar kahn"]))
    assert recall_by(facts) == {"wider search": 1.0, "two searches": 1.0}
    assert facts.dropped == ()


def test_a_large_group_that_a_cheap_search_does_not_see_whole_lowers_the_recall() -> None:
    group = [f"{NAMES[0]} {letter}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    cheap, wide = (recall_by(facts_of(prepared_with([*group, *NAMES[1:]], t)))["wider search"] for t in (0.0, 1.0))
    assert cheap < wide == 1.0


def test_pairs_of_one_source_are_neither_found_nor_dropped() -> None:
    sources = ["a", "b"] * 30
    facts = facts_of(prepared_with(NAMES, 0.0, sources))
    assert facts.pairs
    assert all(sources[each.left] != sources[each.right] for each in facts.dropped)


def test_the_same_seed_tells_the_same() -> None:
    prepared = prepared_with(NAMES)
    assert facts_of(prepared) == facts_of(prepared)


def test_a_more_thorough_search_has_more_candidates_a_record() -> None:
    names = [*NAMES, *(f"{name[:-1]}x" for name in NAMES), *(f"x{name}" for name in NAMES)]
    mean = [len(compare_candidates(prepared_with(names, t)).pairs) / len(names) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(fewer < more for fewer, more in pairwise(mean))
    assert mean[0] <= 3.6
    assert mean[2] <= 12
    assert mean[4] <= 36
