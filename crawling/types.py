r"""Types of columns, under Glue's names: bigint, double, boolean, date, timestamp, string.

A text has the type that is written the way the type's pattern says and that DuckDB can read; everything else is
string. The patterns are narrow on purpose, so that a value that passes is never changed by its type:

- bigint has at most 18 digits, double at most 15 before the point: longer ones lose digits, so they are string.
- timestamps with an offset (+02:00) are string, because the catalog's timestamp has none; Z is taken as UTC.
- 0 and 1 are bigint, not boolean.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

STRING = "string"

# From narrow to wide: a column has the first type that all its values have.
PATTERNS = {
    "boolean": r"(?i:true|false)",
    "bigint": r" *[+-]?[0-9]{1,18} *",
    "double": r" *[+-]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})? *",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?Z?)?",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}

_READABLE = {
    "double": "isfinite(TRY_CAST({value} AS DOUBLE))",
    "date": "TRY_CAST({value} AS DATE) IS NOT NULL",
    "timestamp": "TRY_CAST({value} AS TIMESTAMP) IS NOT NULL",
}

_NATIVE = {
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "utinyint": "smallint",
    "usmallint": "int",
    "uinteger": "bigint",
    "ubigint": "decimal(20,0)",
    "hugeint": "decimal(38,0)",
    "float": "float",
    "double": "double",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "timestamp with time zone": "timestamp",
    "blob": "binary",
}


def possible_types(values: Iterable[str]) -> tuple[str, ...]:
    """The types that all `values` are written as, narrow ones first; empty values fit any type.

    >>> possible_types(["1", "", "-7"]), possible_types(["1.5", "2"]), possible_types(["1", "one"])
    (('bigint', 'double'), ('double',), ())
    """
    left = list(PATTERNS)
    for value in values:
        if value:
            left = [name for name in left if _COMPILED[name].fullmatch(value)]
    return tuple(left)


def narrowest_type(values: Iterable[str], among: Collection[str] = tuple(PATTERNS)) -> str:
    """The narrowest type among some that all `values` have and can be read as; "" where all of them are empty.

    >>> narrowest_type(["1", ""]), narrowest_type(["2024-02-30"]), narrowest_type(["", ""])
    ('bigint', 'string', '')
    """
    seen = {value for value in values if value}
    if not seen:
        return ""
    possible = (name for name in possible_types(seen) if name in among)
    return next((name for name in possible if all(map(_READS[name], seen))), STRING)


def _reads_as_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _reads_as_timestamp(text: str) -> bool:
    hour, minute, second = [*text[11:].removesuffix("Z").split(":"), "0", "0", "0"][:3]
    return _reads_as_date(text) and int(hour or 0) < 24 and int(minute) < 60 and float(second) < 60


def _reads_always(text: str) -> bool:  # noqa: ARG001 - as every reader
    return True


_READS: dict[str, Callable[[str], bool]] = {
    "boolean": _reads_always,
    "bigint": _reads_always,
    "double": lambda text: isfinite(float(text)),
    "date": _reads_as_date,
    "timestamp": _reads_as_timestamp,
}


def all_values_are(type_name: str, column: str) -> str:
    """SQL that is true when every text in `column` (quoted already) has the type; NULL, so empty, counts as yes.

    >>> print(all_values_are("bigint", '"age"'))
    coalesce(bool_and(regexp_full_match("age", ' *[+-]?[0-9]{1,18} *')) FILTER ("age" IS NOT NULL), true)
    """
    written = f"regexp_full_match({column}, '{PATTERNS[type_name]}')"
    readable = _READABLE.get(type_name)
    test = f"{written} AND {readable.format(value=column)}" if readable else written
    return f"coalesce(bool_and({test}) FILTER ({column} IS NOT NULL), true)"


def native_type(type_: "DuckDBPyType") -> str:
    """Glue's (Hive's) name of a type that a file declares itself; what Hive lacks (uuid, time, enum) is string.

    Field names inside a struct keep their spelling; a struct with a name that the notation cannot hold is string.
    """
    if type_.id in {"list", "array"}:
        return f"array<{native_type(_parts(type_)[0][1])}>"
    if type_.id == "struct":
        if any(set(":,<>()").intersection(name) for name, _ in _parts(type_)):
            return STRING
        return "struct<" + ",".join(f"{name}:{native_type(part)}" for name, part in _parts(type_)) + ">"
    if type_.id == "map":
        return "map<" + ",".join(native_type(part) for _, part in _parts(type_)) + ">"
    if type_.id == "decimal":
        return "decimal({},{})".format(*(number for _, number in _parts(type_)))
    return _NATIVE.get(type_.id, STRING)


def _parts(type_: "DuckDBPyType") -> list[tuple[str, Any]]:
    """What a type is made of; DuckDB raises for the types that have no parts."""
    return cast("list[tuple[str, Any]]", type_.children)
