import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.cluster import UNSEEN
from matching.connection import Between, Link, between_clusters, strongest_chain
from matching.pairs import Pairs

RECORDS = 6
Likely = dict[tuple[int, int], float]


def pairs_of(likely: Likely) -> tuple[Pairs, np.ndarray]:
    ends = np.array(sorted(likely), dtype=np.int64).reshape(-1, 2)
    return Pairs(ends[:, 0], ends[:, 1]), np.array([likely[pair] for pair in sorted(likely)])


def one_cluster() -> np.ndarray:
    return np.zeros(RECORDS, dtype=np.int64)


def strength(likely: Likely, one: int, other: int) -> float:
    """The weakest link of the strongest chain, by trying every record in between."""
    best = np.zeros((RECORDS, RECORDS))
    for (a, b), probability in likely.items():
        best[a, b] = best[b, a] = probability
    for between in range(RECORDS):
        best = np.maximum(best, np.minimum(best[:, [between]], best[[between], :]))
    return float(best[one, other])


def test_a_chain_goes_where_its_weakest_link_is_strongest() -> None:
    likely = {(0, 1): 0.2, (0, 2): 0.9, (1, 2): 0.8, (0, 3): 1.0, (1, 3): 0.7}
    assert strongest_chain(one_cluster(), *pairs_of(likely), (0, 1)) == (
        Link(0, 2, 0.9, False),
        Link(2, 1, 0.8, False),
    )


def test_of_chains_equally_strong_a_shortest_is_taken() -> None:
    likely = {(0, 1): 0.9, (1, 2): 0.9, (2, 3): 0.5, (1, 3): 0.5, (0, 2): 0.95}
    assert [link.right for link in strongest_chain(one_cluster(), *pairs_of(likely), (0, 3))] in ([1, 3], [2, 3])


def test_a_label_holds_as_firmly_as_can_be() -> None:
    likely = {(0, 1): 0.3, (0, 2): 0.9}
    chain = strongest_chain(one_cluster(), *pairs_of(likely), (0, 1), together=[(2, 1)])
    assert chain == (Link(0, 2, 0.9, False), Link(2, 1, 1.0, True))


def test_pairs_that_leave_the_cluster_are_no_part_of_a_chain() -> None:
    cluster = np.array([0, 0, 0, 3, 3, 3])
    likely = {(0, 2): 0.3, (1, 2): 0.4, (0, 3): 1.0, (1, 3): 1.0}
    assert [link.probability for link in strongest_chain(cluster, *pairs_of(likely), (0, 1))] == [0.3, 0.4]


def test_without_pairs_there_is_no_chain() -> None:
    assert strongest_chain(one_cluster(), *pairs_of({}), (0, 1)) == ()
    assert strongest_chain(one_cluster(), *pairs_of({(0, 2): 0.9}), (0, 1)) == ()


@given(
    st.dictionaries(
        st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)).filter(lambda two: two[0] < two[1]),
        st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
    )
)
def test_no_chain_is_stronger_than_the_one_found(likely: Likely) -> None:
    chain = strongest_chain(one_cluster(), *pairs_of(likely), (0, 1))
    assert min((link.probability for link in chain), default=0.0) == strength(likely, 0, 1)
    if chain:
        assert [chain[0].left, *(link.right for link in chain)] == [*(link.left for link in chain), 1]
        assert chain[0].left == 0


def test_pairs_between_clusters_that_were_not_compared_count_as_unseen() -> None:
    cluster = np.array([0, 0, 2, 2, 2, 5])
    likely = {(0, 1): 0.9, (0, 2): 0.6, (1, 3): 0.4, (2, 3): 0.9, (1, 5): 0.8}
    found = between_clusters(cluster, *pairs_of(likely), (3, 0))
    assert found == Between(6, 2, pytest.approx((0.6 + 0.4 + 4 * UNSEEN) / 6))
