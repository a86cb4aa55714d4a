"""Precision over recall as a picture that stands in markdown by itself."""

from base64 import b64encode
from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, TOP, SIDE = 320, 320, 50, 20, 250
BLUE, GREY, INK = "#0072b2", "#d8d8d8", "#333333"


def as_markdown(points: Sequence[Sequence[float]], precision: float, recall: float) -> str:
    """Return the curve through points of recall and precision as an image; the matches themselves are a dot on it."""
    encoded = b64encode(picture(points, precision, recall).encode()).decode()
    return f"![Precision over recall](data:image/svg+xml;base64,{encoded})"


def picture(points: Sequence[Sequence[float]], precision: float, recall: float) -> str:
    """Return the picture as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"',
        'font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="12" role="img">',
        "<title>Precision over recall</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_axes(),
        f'<polyline fill="none" stroke="{BLUE}" stroke-width="2.5" points="{_path(points)}"/>',
        f'<circle cx="{_x(recall):.1f}" cy="{_y(precision):.1f}" r="5" fill="{BLUE}" stroke="white" stroke-width="2"/>',
        "</svg>",
    ]
    return "\n".join(lines)


def _axes() -> list[str]:
    lines = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _x(share), _y(share)
        lines += [
            f'<path d="M{LEFT} {y}H{LEFT + SIDE}M{x} {TOP}V{TOP + SIDE}" stroke="{GREY}"/>',
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="{INK}">{share:g}</text>',
            f'<text x="{x}" y="{TOP + SIDE + 18}" text-anchor="middle" fill="{INK}">{share:g}</text>',
        ]
    middle = TOP + SIDE / 2
    turned = f'transform="rotate(-90 14 {middle})"'
    return [
        *lines,
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 38}" text-anchor="middle" fill="{INK}">recall</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" fill="{INK}" {turned}>precision</text>',
    ]


def _path(points: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{_x(recall):.1f},{_y(precision):.1f}" for recall, precision in points)


def _x(share: float) -> float:
    return LEFT + SIDE * share


def _y(share: float) -> float:
    return TOP + SIDE * (1 - share)
