import logging
import os
from pathlib import Path

import pytest

from errors import InvalidInputError
from tasks import memory_budget as module
from tasks.memory_budget import (
    LIMIT,
    MemoryBudget,
    bytes_of,
    check_enough,
    database_memory,
    limited_to,
    machine_memory,
    memory_budget,
)

GIB = 2**30


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIMIT, raising=False)


@pytest.mark.parametrize(
    ("size", "expected"),
    [("8GiB", 8 * GIB), ("8 GB", 8 * 10**9), ("512MiB", 512 * 2**20), ("0.5g", 5 * 10**8), ("1TiB", 2**40)],
)
def test_sizes_are_read_with_their_units(size: str, expected: int) -> None:
    assert bytes_of(size) == expected


@pytest.mark.parametrize("size", ["8", "GiB", "-1GiB", "0GiB", "8 gigs", "", "8GiB!"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(InvalidInputError, match="is no size for --memory-limit"):
        bytes_of(size)


def test_a_stated_limit_counts_whatever_the_workers_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "2GiB")
    assert memory_budget(worker_gib=1) == MemoryBudget(2 * GIB, stated=True)


@pytest.mark.parametrize(("worker_gib", "expected"), [(4, 4 * GIB), (64, 6 * GIB)])
def test_else_it_is_the_workers_memory_or_a_share_of_the_machine(
    worker_gib: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "machine_memory", lambda: 10 * GIB)
    assert memory_budget(worker_gib) == MemoryBudget(expected, stated=False)


@pytest.mark.parametrize(("told", "expected"), [("1048576\n", 2**20), ("max\n", None)])
def test_a_container_may_have_less_than_the_machine(
    told: str, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONTAINER", ())
    machine = machine_memory()
    (tmp_path / "memory.max").write_text(told)
    monkeypatch.setattr(module, "_CONTAINER", (str(tmp_path / "memory.max"), str(tmp_path / "missing")))
    assert machine_memory() == (expected or machine)


@pytest.mark.parametrize("rows", [10_000, 1_234_567, 9_876_543, 23_456_789])
def test_too_small_a_limit_is_refused_with_the_least_that_works(rows: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_enough(MemoryBudget(100 << 20, stated=True), rows=rows, values=9 * rows, text_bytes=2**20)
    assert f"A memory limit of 100 MiB is too little: {rows:,} rows with 1 MiB of text need about" in str(refused.value)
    told = str(refused.value).partition("about ")[2].partition(" at least")[0].replace(",", "").replace(" ", "")
    check_enough(MemoryBudget(bytes_of(told), stated=True), rows=rows, values=9 * rows, text_bytes=2**20)


def test_a_wrong_size_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "lots")
    with pytest.raises(InvalidInputError, match="'lots' is no size for FINDMATCHES_MEMORY_LIMIT"):
        memory_budget(worker_gib=1)


def test_the_limit_is_duckdbs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "2GiB")
    assert database_memory() == "2048MiB"


def test_a_small_machine_is_warned_of_and_tried(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "findmatches"):
        check_enough(MemoryBudget(100 << 20, stated=False), rows=10_000, values=90_000, text_bytes=2**20)
    assert "is what a step may take here" in caplog.text


def test_a_limit_holds_inside_and_not_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "4GiB")
    with limited_to("2GiB"):
        assert memory_budget(64).size == 2 * GIB
    assert memory_budget(64).size == 4 * GIB
    with limited_to(None):
        assert memory_budget(64).size == 4 * GIB


def test_a_limit_that_is_no_size_changes_nothing() -> None:
    with pytest.raises(InvalidInputError), limited_to("much"):
        pass
    assert LIMIT not in os.environ


def test_the_largest_array_in_memory_is_a_small_part_of_the_limit() -> None:
    assert MemoryBudget(GIB, stated=True).largest_array == 16 << 20
    assert MemoryBudget(1000 * GIB, stated=True).largest_array == 256 << 20
