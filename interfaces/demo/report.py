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
)


def write_report(result: "DemoResult") -> None:
    """Write the page to the place the result names."""
    with publishing(str(result.report)) as part:
        part.write_text(report_html(result), encoding="utf-8")


def report_html(result: "DemoResult") -> str:
    """Return the page; every value is escaped."""
    counts = [
        ("rows", f"{result.rows:,}"),
        ("candidate pairs", f"{result.candidate_pairs:,}"),
        ("clusters", f"{result.clusters:,}"),
    ]
    places = [("matches", str(result.output)), ("catalog", str(result.catalog))]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>findmatches demo</title>"
        f"<style>{STYLE}</style></head><body>\n<h1>findmatches demo</h1>\n"
        "<p>Labels came from the truth file, which played the person.</p>\n"
        f"{_table(('', ''), counts)}<h2>Quality over all pairs of rows</h2>\n"
        f"{_table(('', 'estimated from labels', 'true'), quality_rows(result))}"
        f"<h2>Where things are</h2>\n{_table(('', ''), places)}</body></html>\n"
    )


def quality_rows(result: "DemoResult") -> list[tuple[str, str, str]]:
    """Return precision, recall and F1, as estimated from the labels and as they are."""
    actual = result.actual
    return [
        (name, f"{result.estimated[name]:.3f}", f"{true:.3f}")
        for name, true in (("Precision", actual.precision), ("Recall", actual.recall), ("F1", actual.f1))
    ]


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>\n"
