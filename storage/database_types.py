"""Types of PostgreSQL, MySQL and MariaDB: under the catalog's names, and how their values are asked for as texts.

Every value comes as the text that its server writes, hexadecimal for bytes, and becomes its type here: so the driver
changes nothing on the way. What the catalog has no type for stays that text.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

STRING = "string"
MOST_DIGITS = 38  # of a decimal

_POSTGRESQL = {
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "oid": "bigint",
    "real": "float",
    "double precision": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "bytea": "binary",
}
_MYSQL = {
    "tinyint": "tinyint",
    "smallint": "smallint",
    "mediumint": "int",
    "int": "int",
    "bigint": "bigint",
    "year": "smallint",
    "float": "float",
    "double": "double",
    "date": "date",
    "datetime": "timestamp",
    "timestamp": "timestamp",
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"), "binary"),
}
_UNSIGNED = {"tinyint": "smallint", "smallint": "int", "mediumint": "int", "int": "bigint", "bigint": "decimal(20,0)"}
_SHAPES = {"geometry", "point", "linestring", "polygon", "geometrycollection", "geomcollection"}
_SHAPES |= {"multipoint", "multilinestring", "multipolygon"}


@dataclass(frozen=True)
class DatabaseColumn:
    """A column: its name in the database, the catalog's type, and the database's own name of its type."""

    name: str
    type: str
    own_type: str


def described_column(
    kind: str, name: str, data_type: str, own_type: str, precision: int | None, scale: int | None
) -> DatabaseColumn:
    """A column as information_schema tells it.

    >>> described_column("postgresql", "price", "numeric", "numeric", 10, 2).type
    'decimal(10,2)'
    >>> described_column("mysql", "id", "int", "int(10) unsigned", 10, 0).type
    'bigint'
    """
    data_type = data_type.lower()
    if data_type in {"numeric", "decimal"}:
        return DatabaseColumn(name, _decimal(precision, scale), data_type)
    if kind == "postgresql":
        return DatabaseColumn(name, _POSTGRESQL.get(data_type, STRING), data_type)
    if data_type == "bit":
        return DatabaseColumn(name, "boolean" if precision == 1 else _bits(precision), data_type)
    unsigned = "unsigned" in own_type.lower()
    known = _UNSIGNED.get(data_type) if unsigned else None
    return DatabaseColumn(name, known or _MYSQL.get(data_type, STRING), data_type)


def _decimal(precision: int | None, scale: int | None) -> str:
    """A number of unlimited length, as PostgreSQL has it, is a text: no decimal holds all of them."""
    if precision is None or scale is None or not 0 <= scale <= precision <= MOST_DIGITS:
        return STRING
    return f"decimal({precision},{scale})"


def _bits(number: int | None) -> str:
    return "bigint" if number is not None and number < 64 else "decimal(20,0)"


def as_text(kind: str, column: "ColumnElement[Any]", own_type: str) -> "ColumnElement[Any]":
    """SQL for a column's values as texts that `from_text` takes."""
    from sqlalchemy import Numeric, String, cast, func, literal_column

    if kind == "postgresql":
        if own_type == "inet":  # as a text, the server would add /32 to an address
            return func.abbrev(column)
        return func.encode(column, "hex") if own_type == "bytea" else cast(column, String)
    if _MYSQL.get(own_type) == "binary":
        return func.hex(column)
    if own_type in _SHAPES:
        return func.st_astext(column)
    if own_type == "float":  # else only six of its digits are shown
        return cast(column * literal_column("1e0"), String)
    if own_type == "bit":
        return cast(cast(column, Numeric(20, 0)), String)
    return cast(column, String)


def from_text(text: str, duck_type: str) -> str:
    """SQL of DuckDB for a text (quoted already) as its type; NULL where the type has no such value.

    PostgreSQL's infinite dates, those before Christ and NaN in a decimal, and MySQL's 0000-00-00, are such.
    """
    if duck_type == "BLOB":
        return f"from_hex({text})"
    value = f"TRY_CAST({text} AS {duck_type})"
    if duck_type not in {"DATE", "TIMESTAMP"}:
        return value
    return f"CASE WHEN isfinite({value}) AND NOT ends_with({text}, 'BC') THEN {value} END"  # DuckDB ignores BC
