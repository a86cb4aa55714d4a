"""A waterfall as text: each step a bar that begins where the one before ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console

from interfaces.cli.present import printable, say, show_facts, show_table

if TYPE_CHECKING:
    from matching.explain import Waterfall

LONGEST_NAME = 28
LONGEST_BAR, SHORTEST_BAR = 40, 8
TOO_SMALL = {"probability": 0.0005, "log-odds": 0.005}
MEANINGS = {
    "start": "what holds for any pair that is compared",
    "whole row": "how alike the two are over all columns together",
    "standing among neighbours": "how high the two stand among each other's neighbours",
    "model before labels": "what the model says that knows no labels",
    "consistency of groups": "where the line is drawn so that most groups hold together",
    "third records": "what rows say that are surely the same as one of the two",
}


@dataclass(frozen=True)
class _Line:
    """What one line is about, the height before and after it, and the probability that comes to."""

    name: str
    before: float
    after: float
    probability: float


def show_waterfall(waterfall: "Waterfall") -> None:
    """Print the way from the start over all contributions, then what the words mean.

    On a terminal █ adds and ░ takes away, in a pipe + and - do.
    """
    of_probability = waterfall.unit == "probability"
    lines = list(_lines(waterfall))
    adds, digits = ("adds", 3) if of_probability else (f"adds {waterfall.unit}", 2)
    changes = [None, *(f"{round(line.after - line.before, digits) + 0.0:+.{digits}f}" for line in lines[1:])]
    names = [_shortened(printable(line.name)) for line in lines]
    taken = max(map(len, names)) + len(adds) + len("probability") + 10
    pictures = _pictures(lines, _bar_width(taken), (0.0, 1.0) if of_probability else ())
    shares = [f"{line.probability:.3f}" for line in lines]
    rows = list(zip(names, changes, shares, pictures, strict=True))
    show_table(("what", adds, "probability", ""), rows, right={adds, "probability"})
    say()
    show_facts({name: MEANINGS[name] for name in names if name in MEANINGS})


def _lines(waterfall: "Waterfall") -> Iterator[_Line]:
    """Yield the start and the steps; columns in a row that would be printed as nothing are one line."""
    yield _Line("start", waterfall.start, waterfall.start, waterfall.start_probability)
    least = TOO_SMALL[waterfall.unit]
    told = [step for step in waterfall.steps if step.column != "*" or abs(step.contribution) >= least]
    for is_small, group in groupby(told, lambda step: abs(step.contribution) < least):
        steps = list(group)
        if is_small:
            change, last = sum(step.contribution for step in steps), steps[-1]
            name = steps[0].subject if len(steps) == 1 else f"{len(steps)} other columns"
            yield _Line(name, last.after - change, last.after, last.probability)
        else:
            yield from (_Line(s.subject, s.after - s.contribution, s.after, s.probability) for s in steps)


def _pictures(lines: Sequence[_Line], width: int, scale: Sequence[float]) -> Iterator[str]:
    """Yield the bar of each line, `scale` giving heights that have to fit in too; the start is a mark."""
    console = Console()
    adds, takes = "█░" if console.is_terminal and not console.options.ascii_only else "+-"
    heights = [*scale, *(line.after for line in lines)]
    low, span = min(heights), (max(heights) - min(heights)) or 1.0
    for line in lines:
        first, last = sorted(round((height - low) / span * (width - 1)) for height in (line.before, line.after))
        mark = "|" if line.before == line.after else adds if line.after > line.before else takes
        yield " " * first + mark * max(1, last - first)


def _bar_width(taken: int) -> int:
    console = Console()
    room = console.width - taken if console.is_terminal else LONGEST_BAR
    return max(SHORTEST_BAR, min(LONGEST_BAR, room))


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
