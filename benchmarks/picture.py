"""A picture of F1 against answers, one panel a data set, written as SVG by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import floor

BLUE, ORANGE, GREEN, GREY, INK = "#0072b2", "#d55e00", "#008060", "#d8d8d8", "#333333"
COLUMNS, WIDTH, HEIGHT = 4, 235, 190
LEFT, RIGHT, TOP, BOTTOM = 42, 16, 30, 30  # of a panel, around its axes
LEGEND = 56
MOST_ANSWERS = 320


@dataclass(frozen=True)
class Point:
    """F1 after a number of answers: the mean over the seeds, and the least and the most of them."""

    answers: float
    f1: float
    low: float
    high: float


@dataclass(frozen=True)
class Panel:
    """What is drawn of one data set; a peer without a result has no points."""

    title: str
    findmatches: Sequence[Point]
    splink: Sequence[Point]
    dedupe: Sequence[Point]

    @property
    def bottom(self) -> float:
        """Where the axis of F1 begins: the tenth below all points; it ends at 1."""
        values = [point.low for points in (self.findmatches, self.splink, self.dedupe) for point in points]
        return min(0.9, floor(10 * min(values, default=0.9) - 0.1) / 10) if min(values, default=1) > 0.1 else 0.0


def draw(panels: Sequence[Panel], spread: bool) -> str:
    """Return the picture; `spread` says that bars over several seeds are in it."""
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * WIDTH, LEGEND + rows * HEIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        'font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="11" role="img">',
        "<title>F1 over all pairs against the answers that a person gave, one panel a data set</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *_legend(spread),
    ]
    for number, panel in enumerate(panels):
        x, y = (number % COLUMNS) * WIDTH, LEGEND + (number // COLUMNS) * HEIGHT
        lines += [f'<g transform="translate({x} {y})">', *_panel(panel), "</g>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _panel(panel: Panel) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield text(LEFT, TOP - 10, panel.title, weight="bold")
    for share in (0, 0.5, 1):
        value = panel.bottom + share * (1 - panel.bottom)
        y = _y(value, panel)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="{GREY}"/>'
        yield text(LEFT - 5, y + 4, f"{value:.2f}", anchor="end")
    for answers in (0, 100, 200, 300):
        yield f'<line x1="{_x(answers)}" y1="{bottom}" x2="{_x(answers)}" y2="{bottom + 4}" stroke="{INK}"/>'
        yield text(_x(answers), bottom + 16, str(answers), anchor="middle")
    for point in panel.splink:
        y = _y(point.f1, panel)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="{ORANGE}" stroke-dasharray="5 4"/>'
        yield diamond(_x(point.answers), y, ORANGE)
    yield from _series(panel.dedupe, panel, GREEN, square)
    yield from _series(panel.findmatches, panel, BLUE, circle)
    if not panel.dedupe:
        yield text(right, bottom - 6, "dedupe: no result", anchor="end", colour=GREEN)


def _series(points: Sequence[Point], panel: Panel, colour: str, mark: object) -> Iterator[str]:
    places = [(_x(point.answers), _y(point.f1, panel)) for point in points]
    if len(places) > 1:
        path = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for (x, y), point in zip(places, points, strict=True):
        if point.low < point.high:
            ends = f'y1="{_y(point.low, panel)}" y2="{_y(point.high, panel)}"'
            yield f'<line x1="{x}" x2="{x}" {ends} stroke="{colour}" stroke-width="2" opacity="0.5"/>'
        yield mark(x, y, colour)  # type: ignore[operator]


def _legend(spread: bool) -> Iterator[str]:
    bars = ", mean and range of the seeds" if spread else ""
    entries = [
        (circle(22, 18, BLUE), f"findmatches, by labelled rows{bars}", 32),
        (diamond(462, 18, ORANGE), "Splink, which asks nothing", 472),
        (square(692, 18, GREEN), "dedupe, by labelled pairs", 702),
    ]
    for mark, words, x in entries:
        yield mark
        yield text(x, 22, words, size=12)
    yield text(
        14, 44, "Up: F1 over all pairs; each panel has its own axis, which ends at 1.  Right: answers given.", size=12
    )


def _x(answers: float) -> float:
    return round(LEFT + min(answers, MOST_ANSWERS) / MOST_ANSWERS * (WIDTH - LEFT - RIGHT), 1)


def _y(f1: float, panel: Panel) -> float:
    share = (f1 - panel.bottom) / (1 - panel.bottom)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def circle(x: float, y: float, colour: str) -> str:
    """Return a dot around a point."""
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def square(x: float, y: float, colour: str) -> str:
    """Return a square around a point."""
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'


def diamond(x: float, y: float, colour: str) -> str:
    """Return a square on its corner around a point."""
    return f'<path d="M{x} {y - 5:.1f} l5 5 l-5 5 l-5 -5 z" fill="{colour}"/>'


def text(
    x: float, y: float, words: str, anchor: str = "start", weight: str = "normal", colour: str = INK, size: int = 11
) -> str:
    """Return words whose base line begins, has its middle or ends at a point."""
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{colour}" font-size="{size}"'
    return f'<text x="{x}" y="{y:.1f}" {style}>{escape(words)}</text>'
