"""Every record of a table's files read, where their beginnings told its columns: types and counts that hold for all."""

from collections.abc import Iterable
from dataclasses import replace

from crawling.columns import CrawledColumn
from crawling.file_schema import FileSchema
from crawling.layouts import CrawledLayout, layouts_of, widened
from crawling.problems import Problem, problem_of
from crawling.rules import CsvRule
from crawling.table import CrawledTable, crawl_table
from errors import InvalidInputError
from storage.copies import Copies


def read_whole(layouts: Iterable[CrawledLayout], copies: Copies) -> tuple[list[CrawledLayout], list[Problem]]:
    """The layouts as all their records show them, and the files that do not hold what their beginnings promise."""
    found: list[CrawledLayout] = []
    problems: list[Problem] = []
    for layout in layouts:
        good, bad = _read(layout, copies)
        found += good
        problems += bad
    return found, problems


def checked_whole(layout: CrawledLayout, copies: Copies) -> CrawledLayout:
    """The layout as all its records show it; the first file that does not hold what it promises is an error."""
    files = [schema.file for schema in layout.schemas]
    kind = layout.schemas[0].classification
    rule = csv_rule(layout) if kind == "csv" else None
    table = crawl_table(files[0].path, files, name="checked", copies=copies, csv=rule)
    return replace(
        layout,
        columns=_wide_enough(layout.columns, table),
        parameters=layout.parameters | _ways_of_reading(table),
        count=int(table.parameters["recordCount"]),
        exact=True,
    )


def csv_rule(layout: CrawledLayout) -> CsvRule:
    """How the files of a layout are written, as a rule that lets nothing be found out anew."""
    told = layout.parameters
    return CsvRule(
        delimiter=told.get("delimiter", ","),
        quote=told.get("quoteChar", '"'),
        header="skip.header.line.count" in told,
        names=() if any(column.source_name for column in layout.columns) else tuple(c.name for c in layout.columns),
        allow_single_column=True,
    )


def _read(layout: CrawledLayout, copies: Copies) -> tuple[list[CrawledLayout], list[Problem]]:
    """Read all files at once; where some cannot be read, halve them until these stand alone."""
    try:
        return [checked_whole(layout, copies)], []
    except InvalidInputError as error:
        if len(layout.schemas) == 1:
            return [], [problem_of(layout.files[0], error)]
    half = len(layout.schemas) // 2
    parts = [layout_like(layout, schemas) for schemas in (layout.schemas[:half], layout.schemas[half:])]
    found, problems = read_whole(parts, copies)
    return found, problems


def layout_like(layout: CrawledLayout, schemas: tuple[FileSchema, ...]) -> CrawledLayout:
    """Some of the files of a layout."""
    (part,) = layouts_of(schemas)
    return replace(part, parameters=layout.parameters)


def _wide_enough(columns: tuple[CrawledColumn, ...], table: CrawledTable) -> tuple[CrawledColumn, ...]:
    """The columns, each as wide as all its values need; keys of JSON that come late are more columns."""
    return tuple(widened((*columns, *table.columns)))


def _ways_of_reading(table: CrawledTable) -> dict[str, str]:
    ways = ("areColumnsQuoted", "delimiter", "quoteChar", "skip.header.line.count", "avro.schema.literal")
    return {name: table.parameters[name] for name in ways if name in table.parameters}
