"""How much memory a step may take: what the person says, else what the transform's workers have on this machine."""

import logging
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from errors import InvalidInputError

LIMIT = "FINDMATCHES_MEMORY_LIMIT"
SHARE_OF_MACHINE = 0.6
KEPT_IN_MEMORY, MOST_KEPT = 1 / 64, 256 << 20  # the largest single array, as a share of all and in bytes

# What a step takes at least, with every large array in a file, and for the part of the rows that is worked on at once:
# on tables of 10,000 to 5,000,000 people it comes within a tenth of what was measured, mapped files aside.
PROGRAM, BYTES_A_ROW, BYTES_A_VALUE, TIMES_THE_TEXT = 400 << 20, 500, 50, 4
BYTES_AT_ONCE, ROWS_AT_ONCE = 2560, 100_000

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

logger = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class MemoryBudget:
    """So many bytes; `stated` says that a person set them."""

    size: int
    stated: bool

    @property
    def largest_array(self) -> int:
        """How large one array may be; larger ones are kept in files."""
        return min(int(self.size * KEPT_IN_MEMORY), MOST_KEPT)


def memory_budget(worker_gib: float) -> MemoryBudget:
    """Return the limit that FINDMATCHES_MEMORY_LIMIT states, else what the workers have, at most SHARE_OF_MACHINE."""
    stated = os.environ.get(LIMIT)
    if stated:
        return MemoryBudget(bytes_of(stated, LIMIT), stated=True)
    return MemoryBudget(min(int(worker_gib * 2**30), int(machine_memory() * SHARE_OF_MACHINE)), stated=False)


def database_memory() -> str:
    """Return what DuckDB may take in a step, as it writes sizes: the stated limit, else SHARE_OF_MACHINE."""
    return f"{memory_budget(machine_memory() / 2**30).size >> 20}MiB"


def machine_memory() -> int:
    """Return the bytes of memory that this machine has, or its container may use."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for place in _CONTAINER:
        with suppress(OSError, ValueError):  # no such file, or "max"
            memory = min(memory, int(Path(place).read_text(encoding="ascii")))
    return memory


def bytes_of(size: str, setting: str = "--memory-limit") -> int:
    """Return the bytes of a size: a number with KB, MB, GB (powers of 1,000) or KiB, MiB, GiB (powers of 1,024).

    >>> bytes_of("8GiB"), bytes_of("1.5 GB"), bytes_of("512m")
    (8589934592, 1500000000, 512000000)
    """
    found = _SIZE.fullmatch(size.strip())
    if not found or float(found[1]) <= 0 or not found[2]:
        raise InvalidInputError(
            f"'{size}' is no size for {setting}. Write a number with a unit, such as 8GiB or 500MB."
        )
    return int(float(found[1]) * (1024 if found[3] else 1000) ** " kmgt".index(found[2].lower()))


def check_enough(budget: MemoryBudget, rows: int, values: int, text_bytes: int) -> None:
    """Stop at a stated limit that a table cannot be matched in, and say the least; warn where the machine has less.

    `values` are those of all columns; `text_bytes` what they take as text.
    """
    kept = BYTES_A_ROW * rows + BYTES_A_VALUE * values + TIMES_THE_TEXT * text_bytes
    least = PROGRAM + kept + BYTES_AT_ONCE * min(rows, ROWS_AT_ONCE)
    if budget.size >= least:
        return
    told = f"{rows:,} rows with {_in_words(text_bytes)} of text need about {_in_words(least)} at least"
    if budget.stated:
        raise InvalidInputError(
            f"A memory limit of {_in_words(budget.size)} is too little: {told}. Raise or leave out --memory-limit, "
            f"or {LIMIT} in the environment."
        )
    logger.warning("memory: %s, and %s is what a step may take here", told, _in_words(budget.size))


@contextmanager
def limited_to(size: str | None) -> Iterator[None]:
    """State the limit for all steps in the body; None leaves it as it is."""
    if size is None:
        yield
        return
    bytes_of(size)
    before = os.environ.get(LIMIT)
    os.environ[LIMIT] = size
    try:
        yield
    finally:
        os.environ.pop(LIMIT)
        if before is not None:
            os.environ[LIMIT] = before


def _in_words(size: int) -> str:
    mib = -(-size // 2**20)
    return f"{mib:,} MiB" if mib < 10 * 1024 else f"{math.ceil(size / 2**30 * 10) / 10:.1f} GiB"
