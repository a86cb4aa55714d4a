"""Results, one JSON line each, so that an interrupted run goes on where it stopped."""

import json
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import Field, asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from benchmarks.command import Cost
from benchmarks.quality import Quality

FINDMATCHES, SPLINK, DEDUPE = "findmatches", "splink", "dedupe"
OK = "ok"

Key = tuple[str, str, str, int, int, str]


@dataclass(frozen=True)
class Run:
    """What was asked of whom: `asked` are labeling files of findmatches, pairs of dedupe, 0 of Splink.

    `data` and `code` change with the records and with the program, and what is not of now is measured again.
    """

    dataset: str
    data: str
    system: str
    seed: int
    asked: int
    code: str

    @property
    def key(self) -> Key:
        """What tells this run apart from all others."""
        return (self.dataset, self.data, self.system, self.seed, self.asked, self.code)


@dataclass(frozen=True)
class Estimate:
    """What findmatches itself says about its F1: the number and the ends of its 95 % interval."""

    f1: float
    low: float
    high: float

    def error(self, true_f1: float) -> float:
        """Return by how much it is too high."""
        return self.f1 - true_f1

    def holds(self, true_f1: float) -> bool:
        """Return whether the interval contains the true F1."""
        return self.low <= true_f1 <= self.high


@dataclass(frozen=True)
class Result:
    """What came of a run.  `status` is "ok" or says in words why there is no quality.

    `answers` are the rows or pairs that were labelled; `unseen` is the quality over pairs that no question showed,
    None where no true pair is left.
    """

    run: Run
    commit: str
    date: str
    status: str
    cost: Cost
    answers: int = 0
    quality: Quality | None = None
    unseen: Quality | None = None
    estimate: Estimate | None = None


class Keyed(Protocol):
    """What is asked of whom."""

    @property
    def key(self) -> Hashable:
        """What tells this run apart from all others."""


class OfRun(Protocol):
    """What came of a run: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def run(self) -> Keyed:
        """What was asked of whom."""


R = TypeVar("R", bound=OfRun)


class LineFile(Generic[R]):
    """What came of this and of earlier runs; safe to use from several threads."""

    def __init__(self, path: Path, parse: Callable[[dict[str, Any]], R]) -> None:
        """`parse` makes of a line's JSON what was added."""
        self.path = path
        self._lock = threading.Lock()
        self._results = {result.run.key: result for result in map(parse, _read(path))}

    def get(self, run: Keyed) -> R | None:
        """Return what came of a run, or None when it was not measured yet."""
        return self._results.get(run.key)

    def add(self, result: R) -> None:
        """Keep what came of a run, in the file too."""
        with self._lock:
            self._results[result.run.key] = result
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")

    def __iter__(self) -> Iterator[R]:
        """Yield what came of every run once, the oldest first."""
        return iter(list(self._results.values()))


class ResultFile(LineFile[Result]):
    """The results of this and of earlier runs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _result)


def latest_code(results: Iterable[Result], system: str) -> str | None:
    """Return the program of the newest result of a system."""
    of_system = [result for result in results if result.run.system == system]
    return max(of_system, key=lambda result: result.date).run.code if of_system else None


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file; a last line that an interruption cut off is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(json.JSONDecodeError):
            yield json.loads(line)


def _result(found: dict[str, Any]) -> Result:
    quality, unseen, estimate = found.pop("quality"), found.pop("unseen"), found.pop("estimate")
    return Result(
        run=Run(**found.pop("run")),
        cost=Cost(**found.pop("cost")),
        quality=Quality(**quality) if quality else None,
        unseen=Quality(**unseen) if unseen else None,
        estimate=Estimate(**estimate) if estimate else None,
        **found,
    )
