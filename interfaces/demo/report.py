"""The demo's numbers as one small HTML page."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from storage.publish import publishing

if TYPE_CHECKING:
    from interfaces.demo.story import DemoResult

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.25rem 1.5rem .25rem 0;border-bottom:1px solid #ccc}"
    "td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}tbody th{font-weight:normal}.number{text-align:right}"
)


def write_report(result: "DemoResult") -> None:
    """Write the page to the place the result names."""
    with publishing(str(result.report)) as part:
        part.write_text(report_html(result), encoding="utf-8")


def report_html(result: "DemoResult") -> str:
    """Return the page; every value is escaped."""
    counts = [
        ("rows in the table", f"{result.rows:,}"),
        ("candidate pairs, near enough to be compared", f"{result.candidate_pairs:,}"),
        ("clusters, each one person", f"{result.clusters:,}"),
    ]
    places = [
        ("every row with its match_id", str(result.output)),
        ("catalog: tables, labels, runs", str(result.catalog)),
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><title>findmatches demo</title>"
        f"<style>{STYLE}</style></head><body>\n<h1>findmatches demo</h1>\n"
        "<p>Made-up persons, many of them more than once. The labels came from the truth file, which played the "
        "person who is asked.</p>\n"
        f"<h2>What was found</h2>\n{_table((), counts, 'number')}"
        "<h2>How good it is</h2>\n<p>Precision is the share of the matched pairs of rows that are right, recall the "
        "share of the right pairs that were matched. With data of your own there is only the estimate.</p>\n"
        f"{_table(('over all pairs of rows', 'estimated from the labels', 'true'), quality_rows(result), 'number')}"
        f"<h2>Where things are</h2>\n{_table((), places, 'place')}</body></html>\n"
    )


def quality_rows(result: "DemoResult") -> list[tuple[str, str, str]]:
    """Return precision, recall and F1, as estimated from the labels and as they are."""
    actual = result.actual
    return [
        (name, f"{result.estimated[name]:.3f}", f"{true:.3f}")
        for name, true in (("Precision", actual.precision), ("Recall", actual.recall), ("F1", actual.f1))
    ]


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], kind: str) -> str:
    """Return a table whose first column names the rows; the other cells are of the CSS class `kind`."""
    head = f"<thead>{_row('th', kind, headings)}</thead>\n" if headings else ""
    return f"<table>{head}<tbody>\n{''.join(_row('td', kind, row) for row in rows)}</tbody></table>\n"


def _row(tag: str, kind: str, cells: tuple[str, ...]) -> str:
    name, *others = map(escape, cells)
    return f"<tr><th>{name}</th>{''.join(f'<{tag} class={kind!r}>{cell}</{tag}>' for cell in others)}</tr>\n"
