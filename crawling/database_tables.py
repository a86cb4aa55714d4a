"""Tables of a database: from what the server says of them to the descriptions that the catalog keeps."""

import logging
from collections.abc import Sequence

from crawling.columns import typed_columns
from crawling.exclude import is_excluded
from crawling.problems import Problem, problem_of
from crawling.table import CrawledTable
from crawling.table_names import table_names
from crawling.tables import Found, Names
from errors import FindMatchesError, InvalidInputError, closest, counted
from storage.database_tables import (
    ANY,
    SOURCE_TABLE,
    UNKNOWN,
    DatabaseTable,
    IncludePath,
    find_tables,
)
from storage.database_urls import Login

log = logging.getLogger("findmatches.crawling")


def find_database_tables(login: Login, path: IncludePath, exclusions: Sequence[str], names: Names) -> Found:
    """Describe the tables and views under an include path; no row is read.

    `exclusions` are globs: of tables below `database/schema`, of schema/table where the path leaves the schema open.
    Of a table that the catalog cannot hold the problem is told.
    """
    there = [table for table in find_tables(login, path) if not is_excluded(path.relative(table.name), exclusions)]
    known = {_folded(location): name for location, name in (names.known or {}).items()}
    called = table_names([_folded(table.name.location) for table in there], names.prefix, known, names.taken)
    tables: list[CrawledTable] = []
    problems: list[Problem] = []
    for table, name in zip(there, called, strict=True):
        try:
            tables.append(_crawled(login, table, name))
        except FindMatchesError as error:
            problems.append(problem_of(table.name.location, error))
    log.info("crawl: %s in '%s' of connection '%s'", counted(len(there), "table"), path.database, login.name)
    return Found(tuple(tables), tuple(problems), (), (), len(there))


def refuse_no_table(login: Login, path: IncludePath, found: Found) -> None:
    """Raise when a path has no table at all, and say why."""
    if found.tables:
        return
    if found.problems:
        raise found.problems[0].error or InvalidInputError(found.problems[0].message)
    where = f"Connection '{login.name}': no table under '{path}' that the user may read and that is not excluded."
    if ANY in path.table:
        raise InvalidInputError(f"{where} Check the path; its letters are large or small as in the database.")
    others = find_tables(login, IncludePath(path.database, path.schema, ANY))
    raise InvalidInputError(f"{where}{closest(path.table, [other.name.table for other in others])}")


def _crawled(login: Login, table: DatabaseTable, name: str) -> CrawledTable:
    location = table.name.location
    types = {column.name: column.type for column in table.columns}
    columns = typed_columns(list(types), types, location)
    return CrawledTable(name, location, login.kind, columns, _parameters(login, table), (location,))


def _parameters(login: Login, table: DatabaseTable) -> dict[str, str]:
    """Glue's parameters of a JDBC table; the number of records is the server's estimate, where it has one."""
    parameters = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": login.kind,
        "compressionType": "none",
        "connectionName": login.name,
        "typeOfData": "table",
        SOURCE_TABLE: table.name.json,
    }
    return parameters if table.rows == UNKNOWN else parameters | {"recordCount": str(table.rows)}


def _folded(location: str) -> str:
    """What a table is named after: a / in its name is no folder."""
    return location.replace("/", "_")
