"""Long texts on a terminal: broken to fit its width, never cut off; in a pipe left whole."""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from interfaces.cli.present import printable, say, show_table


def show_side_by_side(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table whose columns stay beside one another on a terminal: long values go on in the next line."""
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        return show_table(headings, rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(printable(heading), overflow="fold")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    return console.print(table)


def say_wrapped(text: str, indent: int = 0) -> None:
    """Print a paragraph whose lines after the first begin with `indent` blanks."""
    console = Console()
    lines = wrap(text, console.width, subsequent_indent=" " * indent) if console.is_terminal else [text]
    say("\n".join(lines))
