"""The section Speed of docs/benchmarks.md and its picture, written from the timings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.command import Cost
from benchmarks.page_parts import SPEED, table, write_part
from benchmarks.results import DEDUPE, FINDMATCHES, OK, SPLINK
from benchmarks.speed_facts import facts
from benchmarks.speed_figures import Spread, exponent, spread_of
from benchmarks.speed_findmatches import CATALOG, RUN, RUN_AGAIN, asking, learning
from benchmarks.speed_peers import PROCESS, SPLINK_PHASES, THRESHOLD
from benchmarks.speed_picture import Line, draw
from benchmarks.speed_results import TOTAL, Scoring, Timing
from benchmarks.speed_words import ABOUT_RATIOS, ABOUT_SCORING, HOW_TO_READ, INTRODUCTION

PICTURE = "images/speed.svg"

Choice = tuple[str, str]  # the code of a system and its settings
Shown = tuple[str, str]  # a system and one of its phases

DRAWN: dict[Shown, str] = {
    (FINDMATCHES, RUN): "findmatches run, nothing kept",
    (FINDMATCHES, asking(1)): "findmatches labels generate, file 1",
    (SPLINK, TOTAL): "Splink, total",
}


@dataclass(frozen=True)
class ShownTimings:
    """What the section is about: the timings of these versions and settings, by system."""

    timings: Sequence[Timing]
    choices: Mapping[str, Choice]

    @cached_property
    def chosen(self) -> list[Timing]:
        """The timings that are shown, of each table as it was last."""
        of_choice = [each for each in self.timings if self.choices.get(each.run.system) == _choice(each)]
        newest = {each.run.table: each.run.data for each in sorted(of_choice, key=lambda each: each.date)}
        return [each for each in of_choice if each.run.data == newest[each.run.table]]

    @cached_property
    def tables(self) -> dict[str, int]:
        """The rows of each table, smallest first."""
        rows = {each.run.table: each.run.rows for each in self.chosen}
        return dict(sorted(rows.items(), key=lambda item: item[1]))

    def of(self, name: str, system: str) -> list[Timing]:
        """Return the timings of a system on a table."""
        return [each for each in self.chosen if (each.run.table, each.run.system) == (name, system)]

    def costs(self, name: str, shown: Shown) -> list[Cost]:
        """Return what a phase cost on a table, repeat by repeat."""
        system, phase = shown
        found = (each.measured.phases.get(phase) for each in self.of(name, system))
        return [cost for cost in found if cost is not None]

    def line(self, shown: Shown) -> list[tuple[int, Spread]]:
        """Return the seconds of a phase by rows."""
        found = {rows: self.costs(name, shown) for name, rows in self.tables.items()}
        return [(rows, spread_of(cost.wall_seconds for cost in costs)) for rows, costs in found.items() if costs]


def newest_choices(timings: Iterable[Timing]) -> dict[str, Choice]:
    """Return the version and settings of each system's newest timing."""
    return {each.run.system: _choice(each) for each in sorted(timings, key=lambda each: each.date)}


def write_section(path: Path, shown: ShownTimings) -> None:
    """Write the section and its picture; the other part of the page stays, and all of it where there is no timing.

    No picture is made where nothing was measured that it shows.
    """
    if not any(each.status == OK for each in shown.chosen):
        raise SystemExit("There is no timing to show yet.")
    if lines := [Line(words, line) for each, words in DRAWN.items() if (line := shown.line(each))]:
        picture = path.absolute().parent / PICTURE
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(draw(lines), encoding="utf-8")
    write_part(path, speed="\n\n".join(_section(shown, drawn=bool(lines))))


def _section(shown: ShownTimings, drawn: bool) -> Iterator[str]:
    yield from (SPEED, INTRODUCTION)
    if drawn:
        yield f"![Seconds against rows, both in powers of ten]({PICTURE})"
    yield from ("### Against Splink, and as tables grow", _ratios(shown), _growth(shown))
    for name, rows in shown.tables.items():
        yield f"### {rows:,} rows"
        yield table(["", "seconds", "CPU seconds", "memory MiB", "F1"], list(_phases(shown, name)))
    yield from ("### Scoring beside the bare kernel", ABOUT_SCORING, _scorings(shown))
    settings = {system: told for system, (_, told) in shown.choices.items()}
    yield from ("### How speed was measured", HOW_TO_READ, facts(shown.chosen, settings))


def _ratios(shown: ShownTimings) -> str:
    """Return findmatches' run as a multiple of Splink's total, by rows."""
    lines = []
    for name, rows in shown.tables.items():
        ours, theirs = shown.costs(name, (FINDMATCHES, RUN)), shown.costs(name, (SPLINK, TOTAL))
        if ours and theirs:
            lines.append([f"{rows:,}", *(f"{_median(of, ours) / _median(of, theirs):.2f}" for of in MEASURES)])
    if not lines:
        return "Splink was not measured."
    head = ["rows", "findmatches run, nothing kept / Splink: seconds", "CPU seconds", "memory"]
    return f"{ABOUT_RATIOS}\n\n{table(head, lines)}"


def _growth(shown: ShownTimings) -> str:
    told = [f"{words} {power}" for each, words in DRAWN.items() if (power := _power(shown.line(each)))]
    if not told:
        return "One size does not tell how time grows."
    return f"Seconds grow with the rows to the power of (least squares in log–log): {'; '.join(told)}."


def _power(line: Sequence[tuple[int, Spread]]) -> str:
    """Return the power that a line grows with and the sizes that tell it, nothing where they tell none."""
    rows = [number for number, _ in line]
    power = exponent(rows, [spread.median for _, spread in line])
    return "" if power is None else f"{power:.2f} ({rows[0]:,} to {rows[-1]:,} rows)"


def _phases(shown: ShownTimings, name: str) -> Iterator[list[str]]:
    for (system, phase), words in _rows(shown, name).items():
        if costs := shown.costs(name, (system, phase)):
            f1 = _f1(shown.of(name, system)) if phase in (RUN, TOTAL) else ""
            yield [words, *_numbers(costs), f1]
    for system in shown.choices:
        if failures := [each.status for each in shown.of(name, system) if each.status != OK]:
            yield [system, failures[-1], "", "", ""]


def _rows(shown: ShownTimings, name: str) -> dict[Shown, str]:
    """Return what has a row in the table of one size, in the order of the page."""
    files = max((_files(each) for each in shown.of(name, FINDMATCHES)), default=0)
    asked = [phase for file in range(1, files + 1) for phase in (asking(file), learning(file))]
    ours = {(FINDMATCHES, phase): f"findmatches {phase}" for phase in (RUN, RUN_AGAIN, CATALOG, *asked)}
    splinks = {(SPLINK, phase): f"Splink, of it: {phase}" for phase in SPLINK_PHASES}
    whole: dict[Shown, str] = {(SPLINK, PROCESS): "Splink, whole process", (DEDUPE, TOTAL): "dedupe, whole process"}
    return ours | {(SPLINK, TOTAL): "Splink, total"} | splinks | whole


def _files(timing: Timing) -> int:
    return sum(asking(file) in timing.measured.phases for file in range(1, len(timing.measured.phases) + 1))


def _scorings(shown: ShownTimings) -> str:
    lines = []
    for name, rows in shown.tables.items():
        if found := [each.measured.scoring for each in shown.of(name, FINDMATCHES) if each.measured.scoring]:
            lines.append([f"{rows:,}", *_scoring(found)])
    head = [
        "rows",
        "pairs",
        "kernel: pairs a second",
        "numbers a pair",
        "similarities: pairs a second",
        "numbers a pair",
        "similarities and model: pairs a second",
        "share of the kernel's pairs a second",
        "numbers a second, share of the kernel's",
        "preparing: seconds",
    ]
    return table(head, lines) if lines else "Scoring was not measured."


def _scoring(found: Sequence[Scoring]) -> list[str]:
    first = found[0]
    kernel = spread_of(each.pairs / each.kernel_seconds for each in found)
    compare = spread_of(each.pairs / each.compare_seconds for each in found)
    both = spread_of(each.pairs / (each.compare_seconds + each.model_seconds) for each in found)
    numbers = both.median * first.similarities / (kernel.median * first.kernel_numbers)
    return [
        f"{first.pairs:,}",
        _told(kernel),
        str(first.kernel_numbers),
        _told(compare),
        str(first.similarities),
        _told(both),
        f"{both.median / kernel.median:.1%}",
        f"{numbers:.1%}",
        _told(spread_of(each.prepare_seconds for each in found)),
    ]


def _numbers(costs: Sequence[Cost]) -> list[str]:
    return [_told(spread_of(of(cost) for cost in costs)) for of in MEASURES]


def _f1(timings: Sequence[Timing]) -> str:
    """Return the median F1; of a program with several thresholds that of the usual one, and the best."""
    good = [each.measured.f1 for each in timings if each.measured.f1]
    medians = {name: spread_of(f1[name] for f1 in good).median for name in good[0]} if good else {}
    if len(medians) < 2:
        return "".join(f"{value:.4f}" for value in medians.values())
    best = max(medians, key=lambda name: medians[name])
    return f"{medians[THRESHOLD]:.4f} at {THRESHOLD}, {medians[best]:.4f} at {best}"


def _told(spread: Spread) -> str:
    low, middle, high = (_number(value) for value in (spread.low, spread.median, spread.high))
    return middle if low == high else f"{middle} ({low} – {high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _median(of: Callable[[Cost], float], costs: Sequence[Cost]) -> float:
    return spread_of(of(cost) for cost in costs).median


def _wall(cost: Cost) -> float:
    return cost.wall_seconds


def _cpu(cost: Cost) -> float:
    return cost.cpu_seconds


def _memory(cost: Cost) -> float:
    return cost.peak_mib


def _choice(timing: Timing) -> Choice:
    return timing.run.code, timing.run.settings


MEASURES: tuple[Callable[[Cost], float], ...] = (_wall, _cpu, _memory)
