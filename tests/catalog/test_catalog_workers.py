"""Glue's workers on a machine."""

import pytest

from catalog.transforms import TaskRunProperties
from catalog.workers import WORKER_SIZES, Workers, workers_for


@pytest.mark.parametrize(
    ("worker_type", "count", "expected"),
    [
        ("Standard", 1, Workers(4, 16, clamped=False)),
        ("G.1X", 2, Workers(8, 32, clamped=False)),
        ("G.2X", 3, Workers(24, 96, clamped=False)),
        ("G.2X", 5, Workers(32, 128, clamped=True)),
        ("R.2X", 3, Workers(24, 128, clamped=True)),
    ],
    ids=["Standard", "G.1X", "G.2X", "both clamped", "memory clamped"],
)
def test_workers_become_threads_and_memory_up_to_what_the_machine_has(
    worker_type: str, count: int, expected: Workers
) -> None:
    assert workers_for(TaskRunProperties(worker_type, count), cpu_count=32, memory_gib=128) == expected


@pytest.mark.parametrize("worker_type", WORKER_SIZES)
def test_every_worker_type_fits_on_a_small_machine(worker_type: str) -> None:
    assert workers_for(TaskRunProperties(worker_type, 1), cpu_count=1, memory_gib=2) == Workers(1, 2, clamped=True)
