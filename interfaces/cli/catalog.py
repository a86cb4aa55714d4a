"""crawl, tables, show, query: what the catalog holds."""

import csv
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli import dispatch
from interfaces.cli.options import Json
from interfaces.cli.present import plain, printable, say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.tables import Table


class Format(StrEnum):
    """How `query` prints its rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def crawl(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder or an s3:// prefix.")],
    database: Annotated[str, typer.Option(metavar="D", help="Database that the table goes to.")] = "default",
    table: Annotated[str | None, typer.Option(metavar="T", help="Name of the table; else made from the path.")] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Whether the first line names the columns; else found out."),
    ] = None,
    json: Json = False,
) -> None:
    """Catalog what files hold as a table."""
    with working(f"crawl {path}"):
        made = dispatch.crawl(path, database, table, header)
    if json:
        return show_json(made)
    _show_table_of_catalog(made)
    say(f"\nNext: findmatches transform create NAME --table {made.qualified_name} --primary-key COLUMN")
    return None


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
    rows = [(each.database_name, each.name, each.classification, _rows(each), each.location) for each in found]
    return show_table(("database", "table", "format", "rows", "location"), rows, right={"rows"})


def show(
    name: Annotated[str, typer.Argument(metavar="D.T", help="The table, as database.table.")], json: Json = False
) -> None:
    """Show what the catalog knows about a table."""
    from catalog.database import Catalog
    from catalog.tables import get_table

    found = get_table(Catalog.of(Workspace.from_environment()), name)
    if json:
        return show_json(found)
    _show_table_of_catalog(found)
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


def _show_table_of_catalog(table: "Table") -> None:
    show_facts(
        {
            "table": table.qualified_name,
            "location": table.location,
            "format": table.classification,
            "files": f"{len(table.files):,}",
            "rows": _rows(table),
            "version": str(table.version_id),
        }
    )
    say()
    show_table(("column", "type"), [(column.name, column.type) for column in table.columns])


def _rows(table: "Table") -> str | None:
    """Return how many rows the crawler counted; the table's parameters are text."""
    count = table.parameters.get("recordCount")
    return None if count is None else f"{int(count):,}"
