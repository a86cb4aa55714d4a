"""Timings, one JSON line for every turn of a system at a table."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.command import Cost
from benchmarks.results import LineFile

TOTAL = "total"


@dataclass(frozen=True)
class Turn:
    """One turn of a system at a table; `repeat` counts from 0.

    `data`, `code` and `settings` change with the table, the program and the options, and what is not of now is
    measured again.
    """

    table: str
    rows: int
    data: str
    system: str
    repeat: int
    code: str
    settings: str

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this turn apart from all others."""
        return astuple(self)


@dataclass(frozen=True)
class Scoring:
    """Seconds of the clock to score the same `pairs`: by rapidfuzz's bare kernel, and as findmatches does.

    The kernel gives `kernel_numbers` numbers a pair.  findmatches prepares the values of the table once
    (`prepare_seconds`), gives `similarities` numbers a pair and asks the model about each.
    """

    pairs: int
    kernel_numbers: int
    kernel_seconds: float
    similarities: int
    prepare_seconds: float
    compare_seconds: float
    model_seconds: float


@dataclass(frozen=True)
class Measured:
    """What one turn cost, phase by phase, and how good its matches are, by threshold or other choice."""

    phases: Mapping[str, Cost]
    f1: Mapping[str, float]
    scoring: Scoring | None = None


@dataclass(frozen=True)
class Timing:
    """What came of a turn.  `status` is "ok" or says in words why nothing was measured.

    `machine` is what it was measured on, `command` what was typed for it; both are empty where the file does not have
    them, since earlier timings were kept without.
    """

    run: Turn
    commit: str
    date: str
    status: str
    measured: Measured = field(default_factory=lambda: Measured({}, {}))
    machine: str = ""
    command: str = ""


class TimingFile(LineFile[Timing]):
    """The timings of this and of earlier runs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _timing)


def _timing(found: dict[str, Any]) -> Timing:
    measured = found.pop("measured")
    phases = {name: Cost(**cost) for name, cost in measured["phases"].items()}
    scoring = Scoring(**measured["scoring"]) if measured["scoring"] else None
    return Timing(Turn(**found.pop("run")), measured=Measured(phases, measured["f1"], scoring), **found)
