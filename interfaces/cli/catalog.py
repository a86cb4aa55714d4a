"""tables, show, query: what the catalog holds."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from errors import InvalidInputError, counted
from interfaces.cli.crawl import show_catalogued, show_tables
from interfaces.cli.options import Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.database import Catalog
    from catalog.tables import Table


class Format(StrEnum):
    """How `query` prints its rows, or writes them."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


def tables(
    database: Annotated[str | None, typer.Argument(metavar="D", help="Only the tables of this database.")] = None,
    json: Json = False,
) -> None:
    """List the tables of the catalog."""
    from catalog.database import Catalog
    from catalog.tables import list_tables

    found = list_tables(Catalog.of(Workspace.from_environment()), database)
    if json:
        return show_json(found)
    if not found:
        return say("The catalog holds no table yet. Make one: findmatches crawl PATH")
    return show_tables(found)


def show(
    name: Annotated[str, typer.Argument(metavar="D.T", help="The table, as database.table.")],
    partitions: Annotated[bool, typer.Option("--partitions", help="List its partitions instead.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="List what it was, and is, instead.")] = False,
    json: Json = False,
) -> None:
    """Show what the catalog knows about a table."""
    from catalog.database import Catalog
    from catalog.tables import get_table

    catalog = Catalog.of(Workspace.from_environment())
    found = get_table(catalog, name)
    if partitions:
        return _show_partitions(catalog, found, json)
    if versions:
        return _show_versions(catalog, found, json)
    if json:
        return show_json(found)
    show_catalogued(found)
    say()
    return show_facts(found.parameters)


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help='For example: select * from "default"."people" limit 5')],
    format: Annotated[Format | None, typer.Option(help="How the rows are printed, or written.")] = None,  # noqa: A002
    output: Annotated[
        str | None, typer.Option(metavar="PATH", help="Write them there, as the ending or --format says.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask the catalog and its tables in SQL.

    Tables are views "database"."table"; nothing can be changed this way.
    """
    from catalog.database import Catalog
    from catalog.query_output import stream_query, write_query
    from catalog.views import run_query
    from interfaces.cli.answers import write_text

    catalog = Catalog.of(Workspace.from_environment())
    form = Format.JSON if json else format or _form_of(output)
    if form is Format.TABLE:
        if output is not None:
            raise InvalidInputError("A table is for reading. Files are csv, json, jsonl or parquet: say --format.")
        return show_table(*run_query(catalog, sql))
    if output is None:
        return _print(catalog, sql, form)
    if form in (Format.CSV, Format.PARQUET):
        count = write_query(catalog, sql, output, form)
    else:
        count = write_text(_json(stream_query(catalog, sql), form), output) - (form is Format.JSON)  # its last bracket
    return say(f"{counted(count, 'row')}: {output}")


def _print(catalog: "Catalog", sql: str, form: Format) -> None:
    from catalog.query_output import stream_query
    from interfaces.cli.answers import csv_text, print_text

    if form is Format.PARQUET:
        raise InvalidInputError("Parquet goes to a file: add --output PATH.")
    if form is Format.CSV:
        return print_text(csv_text(stream_query(catalog, sql, as_text=True)))
    return print_text(_json(stream_query(catalog, sql), form))


def _json(rows: Iterator[tuple[Any, ...]], form: Format) -> Iterator[str]:
    """Rows as JSON: one piece for each, and for an array one more."""
    from interfaces.cli.answers import json_lines, json_text

    return json_text(rows) if form is Format.JSON else json_lines(rows)


def _form_of(output: str | None) -> Format:
    """The form that the ending of a file names; a table where there is no file."""
    if output is None:
        return Format.TABLE
    endings = {f".{form}": form for form in Format if form is not Format.TABLE}
    form = next((form for ending, form in endings.items() if output.lower().endswith(ending)), None)
    if form is None:
        raise InvalidInputError(f"'{output}' does not end with {', '.join(endings)}. Say which it is with --format.")
    return form


def _show_partitions(catalog: "Catalog", table: "Table", as_json: bool) -> None:
    from catalog.partitions import list_partitions

    found = list_partitions(catalog, table)
    if as_json:
        return show_json(found)
    if not found:
        return say(f"Table {table.qualified_name} has no partitions.")
    rows = [(*each.values, int(each.parameters["recordCount"]), each.location) for each in found]
    return show_table((*table.partition_keys, "rows", "location"), rows)


def _show_versions(catalog: "Catalog", table: "Table", as_json: bool) -> None:
    from catalog.tables import list_versions

    found = list_versions(catalog, table)
    if as_json:
        return show_json(found)
    rows = [
        (each.version_id, each.update_time, ", ".join(f"{column.name} {column.type}" for column in each.all_columns))
        for each in found
    ]
    return show_table(("version", "since", "columns"), rows)
