"""What the benchmark counts, and the answers that its oracle gives."""

import csv
import doctest
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmarks.quality
from benchmarks.oracle import answer
from benchmarks.quality import PairCounts, Quality, count_pairs, count_these

TRUTH = {"1": "x", "2": "x", "3": "x", "4": "y"}
clusters = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("st")), min_size=2)


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(benchmarks.quality).failed == 0


@given(rows=clusters, linked=st.booleans())
def test_all_pairs_counted_by_groups_are_those_counted_one_by_one(
    rows: list[tuple[str, str, str]], linked: bool
) -> None:
    cluster, truth, source = ({str(n): row[place] for n, row in enumerate(rows)} for place in range(3))
    pairs = list(itertools.combinations(truth, 2))
    across = source if linked else None
    assert count_pairs(cluster, truth, across) == count_these(pairs, cluster, truth, across)


@pytest.mark.parametrize(
    ("cluster", "quality"),
    [
        pytest.param("aaab", Quality(1, 1, 1), id="without a fault"),
        pytest.param("aaaa", Quality(0.5, 1, 2 / 3), id="all in one"),
        pytest.param("abcd", Quality(0, 0, 0), id="nothing found"),
        pytest.param("aabb", Quality(0.5, 1 / 3, 0.4), id="half right"),
    ],
)
def test_precision_recall_and_f1_are_those_of_pairs(cluster: str, quality: Quality) -> None:
    assert count_pairs(dict(zip("1234", cluster, strict=True)), TRUTH).quality == quality


def test_pairs_that_a_question_showed_earn_nothing() -> None:
    cluster = dict(zip("1234", "aaba", strict=True))
    shown = count_these([("1", "2"), ("1", "4")], cluster, TRUTH)
    assert shown == PairCounts(found=2, true=1, right=1)
    assert count_pairs(cluster, TRUTH).without(shown) == PairCounts(found=1, true=2, right=0)


def test_the_oracle_gives_rows_of_one_thing_one_label_within_a_set(tmp_path: Path) -> None:
    to_label, labelled = tmp_path / "to_label.csv", tmp_path / "labelled.csv"
    to_label.write_text("labeling_set_id,label,id,name\ns1,,1,ann\ns1,,4,bob\ns1,,2,an\ns2,,4,bob\ns2,,3,anne\n")
    rows, shown = answer(to_label, TRUTH, labelled)
    with labelled.open(newline="") as file:
        labels = [(row["labeling_set_id"], row["label"], row["id"]) for row in csv.DictReader(file)]
    assert labels == [("s1", "L1", "1"), ("s1", "L2", "4"), ("s1", "L1", "2"), ("s2", "L1", "4"), ("s2", "L2", "3")]
    assert (rows, shown) == (5, {("1", "2"), ("1", "4"), ("2", "4"), ("3", "4")})
