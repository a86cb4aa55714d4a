"""The catalog's type names (Hive's, as AWS Glue writes them) in DuckDB's words."""

from collections.abc import Iterator

from storage.duck import quoted

_SCALARS = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "decimal": "DECIMAL(10, 0)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "binary": "BLOB",
}


def duck_type(hive_type: str) -> str:
    """Return DuckDB's name for a catalogued type; what has no name there (string, char, varchar, …) is VARCHAR.

    >>> duck_type("bigint"), duck_type("decimal(10,2)"), duck_type("varchar(20)")
    ('BIGINT', 'DECIMAL(10,2)', 'VARCHAR')
    >>> duck_type("array<struct<name:string,tags:map<string,int>>>")
    'STRUCT("name" VARCHAR, "tags" MAP(VARCHAR, INTEGER))[]'
    """
    name, _, rest = hive_type.strip().partition("<")
    inside = rest.removesuffix(">")
    match name.strip().lower():
        case "array":
            return f"{duck_type(inside)}[]"
        case "map":
            return f"MAP({', '.join(map(duck_type, _split(inside)))})"
        case "struct":
            return f"STRUCT({', '.join(map(_field, _split(inside)))})"
        case scalar:
            return scalar.upper() if scalar.startswith("decimal(") else _SCALARS.get(scalar, "VARCHAR")


def is_nested(hive_type: str) -> bool:
    """Whether the type holds other types: array, map or struct.

    >>> is_nested("array<int>"), is_nested("int")
    (True, False)
    """
    return "<" in hive_type


def _field(text: str) -> str:
    name, _, hive_type = text.partition(":")
    return f"{quoted(name.strip())} {duck_type(hive_type)}"


def _split(text: str) -> Iterator[str]:
    """Split at the commas that stand outside all brackets."""
    depth = start = 0
    for position, sign in enumerate(text):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and not depth:
            yield text[start:position]
            start = position + 1
    yield text[start:]
