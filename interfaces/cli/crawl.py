"""crawl: from files to tables of the catalog."""

from typing import TYPE_CHECKING, Annotated

import typer

from errors import InvalidInputError, counted
from interfaces.cli import dispatch
from interfaces.cli.options import Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from tasks.forecast import CRAWL

if TYPE_CHECKING:
    from catalog.tables import Table
    from tasks.crawl_catalog import CrawlSummary


def crawl(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder or an s3:// prefix.")],
    database: Annotated[str, typer.Option(metavar="D", help="Database that the tables go to.")] = "default",
    table: Annotated[str | None, typer.Option(metavar="T", help="Name of the table; else made from the path.")] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Whether the first line names the columns; else found out."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Files below PATH to leave out: 'old/**'. Repeatable.")
    ] = None,
    sample_size: Annotated[
        int | None, typer.Option(metavar="N", help="Files of each folder to look into, 1 to 249; else all.")
    ] = None,
    combine_compatible_schemas: Annotated[
        bool, typer.Option("--combine-compatible-schemas", help="One table of all files of one format.")
    ] = False,
    table_level: Annotated[
        int | None, typer.Option(metavar="N", help="Level of the folders that are tables; the bucket's are 1.")
    ] = None,
    table_threshold: Annotated[
        int | None, typer.Option(metavar="N", help="Write nothing when there are more tables than this.")
    ] = None,
    prefix: Annotated[str, typer.Option(metavar="P", help="What the tables' names begin with.")] = "",
    whole: Annotated[
        bool | None,
        typer.Option("--whole/--sampled", help="Read all records, or the files' beginnings; else as they are large."),
    ] = None,
    scan_rate: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Read capacity of a DynamoDB table to use, 0.1 to 1.5.")
    ] = None,
    glue_rules: Annotated[
        bool, typer.Option("--glue-rules", help="Find headers, types and tables exactly as Glue does.")
    ] = False,
    connection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Connection to a database; PATH is then DB/SCHEMA/TABLE, % for any."),
    ] = None,
    json: Json = False,
) -> None:
    """Catalog what files hold as tables.

    Files of a folder that are alike are one table, with the folders below as its partitions. Files that did not
    change since the last crawl are not read again.

    With --connection, catalog the tables of a database: db/schema/% or db/schema/table in PostgreSQL, db/% or
    db/table in MySQL and MariaDB. No row is read; the steps that need them read them as they are then. Of the other
    options these hold: --database, --table, --exclude, --table-threshold, --prefix.

    dynamodb://NAME is a table of DynamoDB; its items are scanned, with --sampled the first 1,000. Of the other options
    these hold: --database, --table, --prefix, --scan-rate.
    """
    if path.startswith("dynamodb://"):
        scan_all = whole is not False
        with working(f"crawl {path}"):
            made = dispatch.crawl_dynamodb(
                path, database=database, table=table, prefix=prefix, scan_rate=scan_rate, scan_all=scan_all
            )
        return show_crawl(made, json=json)
    if connection is not None:
        wanted = (combine_compatible_schemas, glue_rules)
        _refuse_options_of_files(header, sample_size, table_level, whole, *(each or None for each in wanted))
        return crawl_database(connection, path, database, table, exclude, table_threshold, prefix, json)
    from tasks.crawl import CrawlOptions

    options = CrawlOptions(
        database=database,
        table=table,
        header=header,
        exclusions=tuple(exclude or ()),
        sample_size=sample_size,
        combine_compatible_schemas=combine_compatible_schemas,
        table_level=table_level,
        table_threshold=table_threshold,
        prefix=prefix,
        whole=whole,
        glue_rules=glue_rules,
    )
    with working(f"crawl {path}", CRAWL):
        found = dispatch.crawl(path, options)
    return show_crawl(found, json=json)


def crawl_database(
    connection: str,
    path: str,
    database: str,
    table: str | None,
    exclude: list[str] | None,
    table_threshold: int | None,
    prefix: str,
    json: bool,
) -> None:
    """Catalog the tables of a database."""
    from tasks.crawl_database import DatabaseCrawlOptions

    options = DatabaseCrawlOptions(database, table, tuple(exclude or ()), table_threshold, prefix)
    with working(f"crawl {path}"):
        found = dispatch.crawl_database(connection, path, options)
    show_crawl(found, json=json)


def _refuse_options_of_files(*given: object) -> None:
    if any(value is not None for value in given):
        raise InvalidInputError(
            "--connection is for databases, and one of the other options for files. With --connection these hold: "
            "--database, --table, --exclude, --table-threshold, --prefix."
        )


def show_crawl(found: "CrawlSummary", *, json: bool) -> None:
    """Show what a crawl found: the one table, or a line for each; as JSON the table, or a list of them."""
    tables = found.tables
    if json:
        return show_json(tables[0] if len(tables) == 1 else tables)
    if len(tables) == 1:
        show_catalogued(tables[0])
    else:
        show_tables(tables)
    _show_left_out(found)
    if tables:
        name = tables[0].qualified_name
        say(f"\nNext: findmatches transform create NAME --table {name} --primary-key COLUMN")
    return None


def show_tables(tables: "tuple[Table, ...] | list[Table]") -> None:
    """Show one line for each table."""
    rows = [(each.database_name, each.name, each.classification, rows_of(each), each.location) for each in tables]
    show_table(("database", "table", "format", "rows", "location"), rows, right={"rows"})


def show_catalogued(table: "Table") -> None:
    """Show what the catalog knows of a table, and its columns."""
    facts = {
        "table": table.qualified_name,
        "location": table.location,
        "format": table.classification,
        "files": f"{len(table.files):,}" if table.parameters.get("typeOfData", "file") == "file" else None,
        "rows": rows_of(table),
        "version": str(table.version_id),
    }
    show_facts(facts)
    say()
    show_table(("column", "type"), [(column.name, column.type) for column in table.columns])
    if table.partition_keys:
        say()
        show_table(("partition key", "type"), [(key, "string") for key in table.partition_keys])


def rows_of(table: "Table") -> str | None:
    """Return how many rows the crawler counted, or reckoned from the beginnings of the files."""
    count = table.parameters.get("recordCount")
    estimated = "findmatches.sampled" in table.parameters or table.parameters.get("typeOfData") == "table"
    about = "about " if estimated else ""
    return None if count is None else f"{about}{int(count):,}"


def _show_left_out(found: "CrawlSummary") -> None:
    if found.problems:
        noun = "table" if any(table.parameters.get("typeOfData") == "table" for table in found.tables) else "file"
        say(f"\n{found.state}: {counted(len(found.problems), noun)} of {found.objects:,} could not be read.")
