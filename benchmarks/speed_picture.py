"""A picture of time against rows, both in powers of ten, written as SVG by hand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from benchmarks.picture import BLUE, GREEN, GREY, INK, ORANGE, circle, diamond, square, text
from benchmarks.speed_figures import Spread

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 74, 34, 62, 44  # around the axes

LOOKS: tuple[tuple[str, Callable[[float, float, str], str]], ...] = ((BLUE, circle), (GREEN, square), (ORANGE, diamond))


@dataclass(frozen=True)
class Line:
    """What is drawn of one program: seconds by rows, smallest first."""

    name: str
    points: Sequence[tuple[int, Spread]]


@dataclass(frozen=True)
class Axis:
    """Powers of ten from `low` to `high` laid from pixel `start` to pixel `end`."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> "Axis":
        """Return the axis on which values above 0 lie, from power to power, at least one power long."""
        low = floor(log10(min(values)))
        return cls(low, max(low + 1, ceil(log10(max(values)))), start, end)

    @property
    def ticks(self) -> list[float]:
        """The powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def draw(lines: Sequence[Line]) -> str:
    """Return the picture of at most three lines with a point each, and of nothing else."""
    points = [(rows, seconds) for line in lines for rows, spread in line.points for seconds in _ends(spread)]
    x = Axis.around([rows for rows, _ in points], LEFT, WIDTH - RIGHT)
    y = Axis.around([seconds for _, seconds in points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"',
        'font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="11" role="img">',
        "<title>Seconds against rows, both in powers of ten</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_axes(x, y),
        *_proportional(x, y),
    ]
    for number, (line, (colour, mark)) in enumerate(zip(lines, LOOKS, strict=False)):
        parts += [mark(20 + 210 * number, 18, colour), text(30 + 210 * number, 22, line.name, size=12)]
        parts += _series(line, x, y, colour, mark)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes(x: Axis, y: Axis) -> Iterator[str]:
    yield text(14, 44, "Up: seconds of the clock, median and range.  Right: rows.  Grey: in proportion to the rows.")
    for value in y.ticks:
        yield f'<line x1="{x.start}" y1="{y.at(value)}" x2="{x.end}" y2="{y.at(value)}" stroke="{GREY}"/>'
        yield text(LEFT - 8, y.at(value) + 4, f"{value:,g} s" if value < 1 else f"{value:,.0f} s", anchor="end")
    for value in x.ticks:
        yield f'<line x1="{x.at(value)}" y1="{y.start}" x2="{x.at(value)}" y2="{y.start + 4}" stroke="{INK}"/>'
        yield text(x.at(value), y.start + 18, f"{value:,.0f}", anchor="middle")


def _proportional(x: Axis, y: Axis) -> Iterator[str]:
    """Yield lines along which twice the rows take twice the time, one from each power of seconds."""
    for power in range(y.low - (x.high - x.low), y.high):
        begin, end = max(0, y.low - power), min(x.high - x.low, y.high - power)
        places = [(x.at(10.0 ** (x.low + step)), y.at(10.0 ** (power + step))) for step in (begin, end)]
        if begin < end:
            (left, low), (right, high) = places
            yield f'<line x1="{left}" y1="{low}" x2="{right}" y2="{high}" stroke="{GREY}" stroke-dasharray="2 4"/>'


def _series(line: Line, x: Axis, y: Axis, colour: str, mark: Callable[[float, float, str], str]) -> Iterator[str]:
    places = [(x.at(rows), y.at(spread.median)) for rows, spread in line.points]
    for (left, before), (right, after) in pairwise(places):
        yield f'<line x1="{left}" y1="{before}" x2="{right}" y2="{after}" stroke="{colour}" stroke-width="2"/>'
    for (at, middle), (_, spread) in zip(places, line.points, strict=True):
        low, high = (y.at(end) for end in _ends(spread))
        yield f'<line x1="{at}" x2="{at}" y1="{low}" y2="{high}" stroke="{colour}" stroke-width="2" opacity="0.5"/>'
        yield mark(at, middle, colour)


def _ends(spread: Spread) -> tuple[float, float]:
    return spread.low, spread.high
