"""docs/benchmarks.md in its two parts, each written by its own script, and what both use to write it."""

import os
from collections.abc import Sequence
from pathlib import Path

SPEED = "## Speed"  # begins the part about speed, which is the rest of the page


def write_part(path: Path, accuracy: str | None = None, speed: str | None = None) -> None:
    """Write one part of the page, or both; the other one stays as it is.  Each ends with its last line."""
    earlier_accuracy, earlier_speed = parts_of(path.read_text(encoding="utf-8") if path.exists() else "")
    parts = (earlier_accuracy if accuracy is None else accuracy, earlier_speed if speed is None else speed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(part.strip() for part in parts if part.strip()) + "\n", encoding="utf-8")


def parts_of(page: str) -> tuple[str, str]:
    r"""Return the part about accuracy and the one about speed, empty where there is none.

    >>> parts_of("# Benchmarks\n\n## Speed\n\nfast\n")
    ('# Benchmarks\n\n', '## Speed\n\nfast\n')
    """
    lines = page.splitlines(keepends=True)
    begin = next((number for number, line in enumerate(lines) if line.rstrip() == SPEED), len(lines))
    return "".join(lines[:begin]), "".join(lines[begin:])


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table; numbers stand to the right, the first column and those with words in them to the left."""
    right = ["---" if _is_text(number, lines) else "---:" for number in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, right, *lines))


def machine() -> str:
    """Return what this machine has."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, shared with other work"


def _is_text(number: int, lines: Sequence[Sequence[str]]) -> bool:
    return number == 0 or any(line[number][:1].isalpha() for line in lines)
