"""Similarities that are known are taken over, and what is made of them is what comparing all anew makes."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from matching.known import KnownSimilarities
from matching.matcher import ComparedPairs, MatchingTask, compare_candidates, prepare_records
from matching.pairs import Pairs

PEOPLE = Path(__file__).parents[2] / "data" / "people" / "records.csv"


def columns_of_many_kinds() -> dict[str, list[str | None]]:
    """The demo's people, and beside what they have: dates, amounts, model numbers, several authors, missing values."""
    with PEOPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))[:300]
    columns: dict[str, list[str | None]] = {name: [row[name] or None for row in rows] for name in rows[0]}
    number = range(len(rows))
    columns["born"] = [f"19{n % 60 + 20}-0{n % 9 + 1}-1{n % 7}" if n % 5 else None for n in number]
    columns["amount"] = [f"{n % 40 * 12.5:.2f} EUR" for n in number]
    columns["model"] = [f"{['Lumo', 'Kiri', 'Vesta'][n % 3]} XR-{n % 25 * 7}{'ab'[n % 2]} 500 ml" for n in number]
    columns["authors"] = [f"Berg, A. and {'Kahn, Otto' if n % 3 else 'Otto Kahn'} and Voss, L{n % 6}" for n in number]
    return columns


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns_of_many_kinds().items()})


def compared(table: pa.Table, tradeoff: float, known: KnownSimilarities | None = None) -> ComparedPairs:
    task = MatchingTask(tuple(table.column_names[1:]), accuracy_cost_tradeoff=tradeoff)
    return compare_candidates(prepare_records(table, task, known))


@pytest.mark.parametrize(("before", "now"), [(0.2, 0.9), (0.9, 0.2), (0.5, 0.5)])
def test_with_what_another_reach_found_a_comparison_is_the_same_to_the_last_bit(
    table: pa.Table, before: float, now: float
) -> None:
    earlier = compared(table, before)
    fresh = compared(table, now)
    again = compared(table, now, KnownSimilarities(earlier.pairs, earlier.similarities))
    assert len(set(fresh.similarities.measures)) > 10
    assert again.feature_names == fresh.feature_names
    for one, other in [
        (again.pairs.left, fresh.pairs.left),
        (again.pairs.right, fresh.pairs.right),
        (again.similarities.values, fresh.similarities.values),
        (again.first.probability, fresh.first.probability),
    ]:
        assert one.tobytes() == other.tobytes()


def test_only_unknown_pairs_are_compared(table: pa.Table) -> None:
    task = MatchingTask(tuple(table.column_names[1:]))
    prepared = prepare_records(table, task)
    pairs = Pairs(np.array([0, 0, 3, 5]), np.array([1, 9, 4, 8]))
    whole, asked = prepared.compare(pairs), []

    def compare(others: Pairs):
        asked.append((others.left.tolist(), others.right.tolist()))
        return prepared.compare(others)

    some = np.array([True, False, True, False])
    known = KnownSimilarities(pairs.among(some), prepared.compare(pairs.among(some)))
    found = known.of(pairs, compare, prepared.records, task.spill)
    assert asked == [([0, 5], [9, 8])]
    assert found.values.tobytes() == whole.values.tobytes()
    assert known.of(pairs.among(some), compare, prepared.records, task.spill).measures == whole.measures
    assert len(asked) == 1
