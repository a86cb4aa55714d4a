"""Markdown for the pages of runs, whatever the values are that it shows."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

LONGEST = 200

_MEANT_FOR_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


def words(value: Any) -> str:
    r"""Return a value as text that stands for itself, on one line, cut where it is long.

    >>> words("a|b\n*c* <script>")
    'a\\|b \\*c\\* &lt;script&gt;'
    """
    text = " ".join(str("" if value is None else value).split())
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return _MEANT_FOR_MARKDOWN.sub(r"\\\1", escape(text, quote=False))


def code(value: Any) -> str:
    """Return a path or a name as code, which may be copied as it stands.

    >>> code("s3://bucket/a`b.csv")
    '`` s3://bucket/a`b.csv ``'
    """
    text = " ".join(str(value).split())
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", text))))  # a row of as many within would end it
    return f"{fence} {text} {fence}"


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; numbers stand on the right."""
    rows = [list(row) for row in rows]
    right = [all(isinstance(row[place], int | float) for row in rows) and bool(rows) for place in range(len(headings))]
    rule = ["---:" if is_number else "---" for is_number in right]
    lines = [[words(each) for each in headings], rule, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, float) else words(value)
