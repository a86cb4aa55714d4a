"""The tables of a database, and their columns with the catalog's types."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from errors import InvalidInputError
from storage.database_types import DatabaseColumn, described_column
from storage.database_urls import Login
from storage.databases import connected

if TYPE_CHECKING:
    from sqlalchemy import Connection

ANY = "%"  # Glue's only wildcard, for any number of letters
UNKNOWN = -1
SOURCE_TABLE = "findmatches.source"  # the parameter of a catalogued table that has TableName.json
SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "pg_toast")

Facts = tuple[tuple[str, ...], int]  # the columns of the primary key, and the server's estimate of the rows


@dataclass(frozen=True)
class TableName:
    """Where a table is: MySQL and MariaDB have no schemas, and `schema` is empty."""

    database: str
    schema: str
    table: str

    @property
    def location(self) -> str:
        """Glue's location of such a table: `database.schema.table`."""
        return ".".join(part for part in (self.database, self.schema, self.table) if part)

    @classmethod
    def of_json(cls, text: str) -> "TableName":
        """The name that `json` tells."""
        return cls(*json.loads(text))

    @property
    def json(self) -> str:
        """The three parts, which the location does not tell apart where a name has a dot in it."""
        return json.dumps([self.database, self.schema, self.table])

    @property
    def path(self) -> "IncludePath":
        """The path that leads to this table."""
        return IncludePath(self.database, self.schema, self.table)


@dataclass(frozen=True)
class DatabaseTable:
    """A table or view as its database describes it; `rows` is the server's estimate, -1 where it has none."""

    name: TableName
    columns: tuple[DatabaseColumn, ...]
    primary_key: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class IncludePath:
    """Which tables: Glue's include path `database/schema/table`, or `database/table` where there are no schemas.

    In the last two parts % stands for any letters.
    """

    database: str
    schema: str
    table: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.database, self.schema, self.table) if part)

    @property
    def location(self) -> str:
        """What the locations of all tables begin with that are under this path."""
        return str(self).partition(ANY)[0].replace("/", ".")

    def relative(self, name: TableName) -> str:
        """What exclusions are compared with: what follows the parts of the path that are without a wildcard."""
        if name.schema and ANY in self.schema:
            return f"{name.schema}/{name.table}"
        return name.table


def include_path(text: str, kind: str) -> IncludePath:
    """Read an include path for a kind of database.

    >>> include_path("shop/public/%", "postgresql")
    IncludePath(database='shop', schema='public', table='%')
    >>> include_path("shop/%", "mysql")
    IncludePath(database='shop', schema='', table='%')
    """
    has_schemas = kind == "postgresql"
    parts = text.strip().split("/", 2 if has_schemas else 1)
    if has_schemas and len(parts) == 2 and parts[1] == ANY:
        parts.append(ANY)
    if len(parts) != (3 if has_schemas else 2) or not all(parts):
        form = "DATABASE/SCHEMA/TABLE, or DATABASE/SCHEMA/% for all" if has_schemas else "DATABASE/TABLE, or DATABASE/%"
        raise InvalidInputError(f"'{text}' is no path of tables in {kind}. Write {form}.")
    if ANY in parts[0]:
        raise InvalidInputError(f"'{text}' names no database: % can stand for schemas and tables only.")
    return IncludePath(parts[0], parts[1] if has_schemas else "", parts[-1])


def find_tables(login: Login, path: IncludePath) -> list[DatabaseTable]:
    """Describe the tables and views under an include path that the login may read, by schema and name.

    Asks the server a few times, however many tables there are; no row is read.
    """
    with connected(login, path.database) as connection:
        return described_tables(connection, login.kind, path)


def described_tables(connection: "Connection", kind: str, path: IncludePath) -> list[DatabaseTable]:
    """The same on an open connection; a name without % in the path is taken as it is."""
    facts = (_postgresql_facts if _has_schemas(kind) else _mysql_facts)(connection, path)
    found = []
    for name, columns in _columns(connection, kind, path).items():
        primary_key, rows = facts.get((name.schema, name.table), ((), UNKNOWN))
        found.append(DatabaseTable(name, tuple(columns), primary_key, rows))
    return sorted(found, key=lambda table: (table.name.schema, table.name.table))


def server_version(login: Login) -> str:
    """Open the login's own database, and return the version that its server says it has."""
    from sqlalchemy import make_url, text

    with connected(login, make_url(login.url).database or "") as connection:
        return str(connection.execute(text("SELECT version()")).scalar_one())


def _has_schemas(kind: str) -> bool:
    return kind == "postgresql"


def _fits(name: str, pattern: str) -> bool:
    """Whether a name is the pattern's, in which % stands for any letters.

    >>> _fits("orders_2024", "orders%"), _fits("Orders", "orders"), _fits("a_b", "a.b")
    (True, False, False)
    """
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split(ANY))), name, re.DOTALL))


def _columns(connection: "Connection", kind: str, path: IncludePath) -> dict[TableName, list[DatabaseColumn]]:
    from sqlalchemy import column, select, table

    own_type = "udt_name" if _has_schemas(kind) else "column_type"
    facts = ("column_name", "data_type", own_type, "numeric_precision", "numeric_scale")
    names = ("table_schema", "table_name", *facts)
    columns = table("columns", *map(column, (*names, "ordinal_position")), schema="information_schema")
    order = (columns.c.table_schema, columns.c.table_name, columns.c.ordinal_position)
    query = select(*(columns.c[name] for name in names)).where(*_wanted(connection, kind, path, columns.c))
    found: dict[TableName, list[DatabaseColumn]] = {}
    for schema, name, *told in connection.execute(query.order_by(*order)):
        place = TableName(path.database, schema if _has_schemas(kind) else "", name)
        if _fits(place.schema, path.schema) and _fits(place.table, path.table):
            found.setdefault(place, []).append(described_column(kind, *told))
    return found


def _wanted(connection: "Connection", kind: str, path: IncludePath, columns: Any) -> list[Any]:
    """Conditions that leave out most of what is not under a path; the server may take large for small letters."""
    from sqlalchemy import text

    if not _has_schemas(kind):
        conditions = [columns.table_schema == connection.execute(text("SELECT database()")).scalar_one()]
    elif ANY in path.schema:
        conditions = [columns.table_schema.not_in(SYSTEM_SCHEMAS)]
    else:
        conditions = [columns.table_schema == path.schema]
    return conditions if ANY in path.table else [*conditions, columns.table_name == path.table]


def _postgresql_facts(connection: "Connection", path: IncludePath) -> dict[tuple[str, str], Facts]:
    from sqlalchemy import text

    query = text("""
        SELECT n.nspname, c.relname, CASE WHEN c.relkind = 'v' THEN -1 ELSE c.reltuples END, a.attname
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
        LEFT JOIN LATERAL unnest(i.indkey\\:\\:int2[]) WITH ORDINALITY AS k (number, place) ON true
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE c.relkind IN ('r', 'p', 'v', 'f') AND (:table = '' OR c.relname = :table)
        ORDER BY n.nspname, c.relname, k.place
    """)
    return _facts(connection.execute(query, {"table": "" if ANY in path.table else path.table}))


def _mysql_facts(connection: "Connection", path: IncludePath) -> dict[tuple[str, str], Facts]:
    from sqlalchemy import text

    query = text("""
        SELECT '', t.table_name, COALESCE(t.table_rows, -1), s.column_name
        FROM information_schema.tables t
        LEFT JOIN information_schema.statistics s
          ON s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.index_name = 'PRIMARY'
        WHERE t.table_schema = database() AND (:table = '' OR t.table_name = :table)
        ORDER BY t.table_name, s.seq_in_index
    """)
    return _facts(connection.execute(query, {"table": "" if ANY in path.table else path.table}))


def _facts(rows: Iterable[Any]) -> dict[tuple[str, str], Facts]:
    found: dict[tuple[str, str], Facts] = {}
    for schema, table, count, column in rows:
        keys, _ = found.get((schema, table), ((), UNKNOWN))
        found[schema, table] = ((*keys, column) if column is not None else keys, int(count))
    return found
