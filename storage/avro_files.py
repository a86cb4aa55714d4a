"""Avro files as Arrow: the schema and the records, some at a time.

Types become those that Hive has: an enum or a uuid is a text, a union of numbers the wider number, any other union of
several types a text (JSON where it is no text already). A time without a date is a text.
"""

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from errors import InvalidInputError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_RECORDS = 10_000
SYNC_BYTES = 16  # every sound file ends with the mark that ends its header

Schema = Any  # a name, a union (list), or a type (dict): Avro's own JSON
_NUMBERS = ("int", "long", "float", "double")


def avro_schema(file: BinaryIO) -> dict[str, Any]:
    """Read the schema of the records from an Avro file's header."""
    from fastavro import reader

    return cast("dict[str, Any]", reader(file).writer_schema)


def avro_arrow_schema(schema: dict[str, Any]) -> "pa.Schema":
    """The columns that records of an Avro schema have as Arrow."""
    import pyarrow as pa
    from fastavro.schema import expand_schema

    whole = expand_schema(schema)
    if not isinstance(whole, dict) or whole.get("type") != "record":
        raise InvalidInputError("its values are no records")
    return pa.schema([(field["name"], _arrow_type(field["type"])) for field in whole["fields"]])


def avro_tables(file: BinaryIO) -> Iterator["pa.Table"]:
    """Read an Avro file record after record, first an empty table that tells the columns.

    Raises what fastavro and Arrow raise where the file is damaged, EOFError where its end is missing.
    """
    import pyarrow as pa
    from fastavro import reader
    from fastavro.schema import expand_schema

    records = reader(file)
    _check_end(file)
    arrow = avro_arrow_schema(cast("dict[str, Any]", records.writer_schema))
    schema = cast("dict[str, Any]", expand_schema(records.writer_schema))
    fields = {field["name"]: field["type"] for field in schema["fields"]}
    writers = {name: _writer(type_) for name, type_ in fields.items()}
    yield arrow.empty_table()
    values: Iterator[Any] = iter(records)
    while batch := list(islice(values, BATCH_RECORDS)):
        columns = [[write(record[name]) for record in batch] for name, write in writers.items()]
        yield pa.table([pa.array(column, type_) for column, type_ in zip(columns, arrow.types, strict=True)], arrow)


def _check_end(file: BinaryIO) -> None:
    """Raise when the file does not end with a whole block; fastavro takes some such ends for the last record."""
    start = file.tell()
    file.seek(start - SYNC_BYTES)
    mark = file.read(SYNC_BYTES)
    file.seek(-SYNC_BYTES, os.SEEK_END)
    if file.read() != mark:
        raise EOFError("its end is missing")
    file.seek(start)


def _arrow_type(schema: Schema) -> "pa.DataType":
    import pyarrow as pa

    schema = _without_null(schema)
    if isinstance(schema, list):
        return pa.string()
    if isinstance(schema, dict):
        return _logical_type(schema) or _complex_type(schema)
    simple = {
        "null": pa.string(),
        "boolean": pa.bool_(),
        "int": pa.int32(),
        "long": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "bytes": pa.binary(),
        "string": pa.string(),
    }
    if schema not in simple:
        raise InvalidInputError(f"its type '{schema}' holds itself, which no table can")
    return simple[schema]


def _complex_type(schema: dict[str, Any]) -> "pa.DataType":
    import pyarrow as pa

    match schema["type"]:
        case "array":
            return pa.list_(_arrow_type(schema["items"]))
        case "map":
            return pa.map_(pa.string(), _arrow_type(schema["values"]))
        case "record" | "error":
            return pa.struct([(field["name"], _arrow_type(field["type"])) for field in schema["fields"]])
        case "enum":
            return pa.string()
        case "fixed":
            return pa.binary()
        case simple:
            return _arrow_type(simple)


def _logical_type(schema: dict[str, Any]) -> "pa.DataType | None":
    import pyarrow as pa

    match schema.get("logicalType"):
        case "decimal" if schema["precision"] <= 38:
            return pa.decimal128(schema["precision"], schema.get("scale", 0))
        case "date":
            return pa.date32()
        case "timestamp-millis" | "timestamp-micros":
            return pa.timestamp("us", "UTC")
        case "local-timestamp-millis" | "local-timestamp-micros":
            return pa.timestamp("us")
        case "decimal" | "uuid" | "time-millis" | "time-micros":
            return pa.string()
        case _:
            return None


def _writer(schema: Schema) -> Callable[[Any], Any]:
    """How a value of this type is handed to Arrow."""
    schema = _without_null(schema)
    if isinstance(schema, list):
        return _as_text
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "array":
        write = _writer(schema["items"])
        return lambda values: values if values is None else [write(value) for value in values]
    if kind == "map":
        write = _writer(schema["values"])
        return lambda values: values if values is None else [(key, write(value)) for key, value in values.items()]
    if kind == "record":
        writers = {field["name"]: _writer(field["type"]) for field in schema["fields"]}
        return lambda value: value if value is None else {name: write(value[name]) for name, write in writers.items()}
    return _as_text if str(_arrow_type(schema)) == "string" else _itself


def _without_null(schema: Schema) -> Schema:
    """A union without null, or the one type that holds all of it; other types as they are."""
    if not isinstance(schema, list):
        return schema
    types = [type_ for type_ in schema if type_ != "null"] or ["null"]
    if len(types) == 1:
        return _without_null(types[0])
    if all(isinstance(type_, str) and type_ in _NUMBERS for type_ in types):
        exact = set(types) <= {"int", "long"}
        return "long" if exact else "double"
    return types


def _itself(value: Any) -> Any:
    return value


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
