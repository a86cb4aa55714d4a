"""What a gate found, in words for people and in numbers for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_NAMED = 10


@dataclass(frozen=True)
class GateResult:
    """Whether a gate lets its data through.

    `problems` are phrases that name rows and columns, in the order of the rows. `checks` holds every expectation that
    was tried, also the ones that held: `name`, `success`, `unexpected_count`.
    """

    passed: bool
    problems: tuple[str, ...]
    checks: tuple[dict[str, Any], ...]

    @property
    def message(self) -> str:
        """The problems in one line, at most the first ten."""
        return enumerated(self.problems)


def enumerated(problems: Sequence[str]) -> str:
    """Return the first ten problems in one line, and how many more there are.

    >>> enumerated(["line 2: no key", "line 5: no key"])
    'line 2: no key; line 5: no key'
    >>> enumerated([f"line {line}" for line in range(13)])[-18:]
    'line 9; and 3 more'
    """
    more = len(problems) - MOST_NAMED
    return "; ".join([*problems[:MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])])


def shortened(names: Sequence[object], count: int, mark: str = "") -> str:
    """Return the named things in one phrase when there are `count` of them, of which `names` are the first.

    >>> shortened([3, 9], count=2), shortened([3, 9], count=5)
    ('3, 9', '3, 9 and 3 more')
    """
    phrase = ", ".join(f"{mark}{name}{mark}" for name in names)
    return phrase + (f" and {count - len(names):,} more" if count > len(names) else "")
