from dataclasses import replace

import pytest

from matching.connection import Between
from tasks.explanation import ChainLink, ExplainedRow, Explanation, PairLabel, Relation, sentences

LEFT = ExplainedRow("a", None, 11, 0.8, 3, ("a", "b", "c"))
RIGHT = replace(LEFT, primary_key="b")
MATCH = Explanation(
    summary=(),
    transform="people",
    relation=Relation.COMPARED,
    same_cluster=True,
    probability=0.9,
    threshold=0.5,
    model="unsupervised",
    labels_enforced=False,
    labels=(),
    left=LEFT,
    right=RIGHT,
    columns=(),
    waterfall=None,
    before_labels=None,
    chain=(),
    between=None,
    kept_apart_by=None,
    blocking=None,
    similarities=(),
)
APART = replace(
    MATCH,
    same_cluster=False,
    right=replace(RIGHT, match_id=12, cluster_rows=1, cluster_keys=("b",)),
    between=Between(3, 2, 0.4),
)
SAME, DIFFERENT = PairLabel("s1", "x", "x", True), PairLabel("s2", "x", "y", False)


@pytest.mark.parametrize(
    ("explanation", "said"),
    [
        pytest.param(
            MATCH,
            "Rows a and b match: the probability of this pair, 0.900, is above the threshold 0.500.",
            id="a match",
        ),
        pytest.param(
            replace(APART, probability=0.013),
            "Rows a and b do not match: the probability of this pair, 0.013, is not above the threshold 0.500.",
            id="no match",
        ),
        pytest.param(
            replace(APART, probability=0.5),
            "Rows a and b do not match: the probability of this pair, 0.500000000, is not above the threshold "
            "0.500000000.",
            id="as likely as the threshold",
        ),
        pytest.param(
            replace(MATCH, relation=Relation.ONE_RECORD, probability=None),
            "Rows a and b say the same in every column; they are one record.",
            id="one record",
        ),
        pytest.param(
            replace(APART, relation=Relation.NOT_COMPARED, probability=None),
            "Rows a and b do not match: the two were not compared, as no search proposed the pair.",
            id="not compared",
        ),
        pytest.param(
            replace(APART, relation=Relation.ONE_SOURCE, probability=None, left=replace(LEFT, source="crm")),
            "Rows a and b do not match: both are of source 'crm', and rows of one source never match.",
            id="one source",
        ),
        pytest.param(
            replace(APART, relation=Relation.ONE_SOURCE, probability=None),
            "Rows a and b do not match: both are without a source, and rows of one source never match.",
            id="no source",
        ),
        pytest.param(
            replace(MATCH, probability=0.2),
            "Rows a and b are in one cluster, although the probability of this pair, 0.200, is not above the threshold "
            "0.500. Other pairs connect them: clusters merge while the mean probability between them is above the "
            "threshold. Over all pairs of this cluster it is 0.800; a pair that was not compared counts 0.1.",
            id="in one cluster by way of others",
        ),
        pytest.param(
            replace(
                MATCH,
                relation=Relation.NOT_COMPARED,
                probability=None,
                chain=(ChainLink("a", "c", 0.9, False), ChainLink("c", "b", 1.0, True)),
            ),
            "Rows a and b are in one cluster, although the two were not compared, as no search proposed the pair. "
            "Labels, which this transform enforces, hold them together.",
            id="in one cluster by labels",
        ),
        pytest.param(
            APART,
            "Rows a and b do not match, although the probability of this pair, 0.900, is above the threshold 0.500. "
            "Clusters merge while the mean probability between them is above the threshold: between the cluster of a "
            "(3 rows) and that of b (1 row) it is 0.400 over 3 pairs, 1 not compared and counting 0.1.",
            id="apart because of others",
        ),
        pytest.param(
            replace(APART, kept_apart_by="sources"),
            "Rows a and b do not match, although the probability of this pair, 0.900, is above the threshold 0.500. "
            "Both clusters hold a row of one source, and rows of one source never match.",
            id="apart because of sources",
        ),
        pytest.param(
            replace(APART, kept_apart_by="labels"),
            "Rows a and b do not match, although the probability of this pair, 0.900, is above the threshold 0.500. "
            "A label, which this transform enforces, says that rows of the two clusters are different.",
            id="apart because of labels",
        ),
    ],
)
def test_the_answer_comes_with_its_reason(explanation: Explanation, said: str) -> None:
    assert " ".join(sentences(explanation)) == said


def test_a_label_is_told() -> None:
    told = list(sentences(replace(MATCH, labels=(SAME,))))
    assert told[1:] == ["A person labelled them as the same (labeling set s1)."]


def test_a_label_that_the_clusters_do_not_obey_comes_with_the_way_to_enforce_it() -> None:
    told = list(sentences(replace(MATCH, labels=(DIFFERENT,))))
    assert told[1] == "A person labelled them as different (labeling set s2)."
    assert told[2].endswith("findmatches transform update people --enforce-labels")


def test_labels_that_contradict_each_other_are_both_told() -> None:
    told = list(sentences(replace(MATCH, labels=(SAME, DIFFERENT))))
    assert [line.split(" (")[0] for line in told[1:]] == [
        "A person labelled them as the same",
        "A person labelled them as different",
    ]
