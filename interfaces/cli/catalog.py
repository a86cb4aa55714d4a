"""tables, show, query: what the catalog holds."""

import csv
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from interfaces.cli.crawl import show_catalogued, show_tables
from interfaces.cli.options import Json
from interfaces.cli.present import plain, printable, say, show_facts, show_json, show_table
from storage.workspace import Workspace


class Format(StrEnum):
    """How `query` prints its rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


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
    name: Annotated[str, typer.Argument(metavar="D.T", help="The table, as database.table.")], json: Json = False
) -> None:
    """Show what the catalog knows about a table."""
    from catalog.database import Catalog
    from catalog.tables import get_table

    found = get_table(Catalog.of(Workspace.from_environment()), name)
    if json:
        return show_json(found)
    show_catalogued(found)
    say()
    return show_facts(found.parameters)


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help='For example: select * from "default"."people" limit 5')],
    format: Annotated[Format, typer.Option(help="How the rows are printed.")] = Format.TABLE,  # noqa: A002
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask the catalog and its tables in SQL.

    Tables are views "database"."table"; nothing can be changed this way.
    """
    from catalog.database import Catalog
    from catalog.views import run_query

    names, rows = run_query(Catalog.of(Workspace.from_environment()), sql)
    if json or format is Format.JSON:
        show_json([dict(zip(names, row, strict=True)) for row in rows])
    elif format is Format.CSV:
        _write_csv(names, rows)
    else:
        show_table(names, rows)


def _write_csv(names: Any, rows: Any) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: Any) -> Any:
    return printable(value) if value is None or isinstance(value, bool) else plain(value)
