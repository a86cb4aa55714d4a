"""JSON: keys and types from the beginning of a file."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from crawling.columns import typed_columns
from crawling.content import FileContent
from crawling.dialect import SAMPLE_RECORDS
from crawling.file_schema import FileSchema, schema_of
from crawling.types import STRING, narrowest_type
from crawling.widen import UNSEEN, widest
from errors import InvalidInputError

_TEXT_TYPES = ("date", "timestamp")
_BIGGEST = 2**63
_HUGE = "decimal(38,0)"
_BLANKS = " \t\r\n"


def json_schema(content: FileContent, *, glue: bool = False) -> FileSchema:
    """Describe a JSON file; columns are the keys of its first records, in the order in which they appear."""
    records, end = _first_records(content)
    path = content.file.path
    if not records:
        raise InvalidInputError(f"'{path}' holds no records. Give JSON with at least one object.")
    if not all(isinstance(record, dict) for record in records):
        raise InvalidInputError(f"'{path}' holds JSON values that are no objects. Each record is one {{…}}.")
    keys = list(dict.fromkeys(key for record in records for key in record))
    types = {key: _column_type((record.get(key) for record in records), glue=glue) for key in keys}
    whole = content.whole and end == len(content.sample)
    columns = tuple(replace(column, type=types[column.source_name]) for column in typed_columns(keys, {}, path))
    return replace(schema_of(content), columns=columns, records=_count(content, len(records), end), whole=whole)


def _first_records(content: FileContent) -> tuple[list[Any], int]:
    """The first records, one a line, in an array or one after the other, and where in the sample they end."""
    text = content.sample
    records: list[Any] = []
    place = _after(text, 0, _BLANKS)
    in_array = text.startswith("[", place)
    place = _after(text, place + in_array, _BLANKS)
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    while place < len(text) and len(records) < SAMPLE_RECORDS and not (in_array and text[place] == "]"):
        try:
            record, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError) as error:
            if records and _is_cut(content, place, error):
                return records, place
            raise _not_json(content.file.path, error, len(records)) from error
        records.append(record)
        place = _after(text, place, _BLANKS + "," if in_array else _BLANKS)
    if in_array and content.whole and place >= len(text):
        raise InvalidInputError(f"'{content.file.path}' is not valid JSON: its array is never closed. Mend it.")
    return records, len(text) if in_array and text[place : place + 1] == "]" else place


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise json.JSONDecodeError(f"duplicate key {twice!r}", "", 0)
    return found


def _is_cut(content: FileContent, start: int, error: Exception) -> bool:
    """Whether a record cannot be read only because the sample ends in it."""
    in_last_line = "\n{" not in content.sample[start:]
    return not content.whole and isinstance(error, json.JSONDecodeError) and in_last_line


def _not_json(path: str, error: Exception, records: int) -> InvalidInputError:
    if isinstance(error, json.JSONDecodeError) and error.doc:
        return InvalidInputError(f"Line {error.lineno} of '{path}' is not valid JSON: {error.msg}. Mend it.")
    reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deep"
    return InvalidInputError(f"Record {records + 1} of '{path}' is not valid JSON: {reason}. Mend it.")


def _after(text: str, place: int, signs: str) -> int:
    """The first place from `place` on where none of the signs stands."""
    while place < len(text) and text[place] in signs:
        place += 1
    return place


def _count(content: FileContent, records: int, end: int) -> int:
    """The number of records: counted when the sample holds all of them, else reckoned from their length."""
    if content.whole and end == len(content.sample):
        return records
    read = content.head_bytes * end / max(1, len(content.sample))
    return max(records, round(records * content.file.size / max(1.0, read)))


def _column_type(values: Iterable[Any], *, glue: bool) -> str:
    return widest(_value_types(values, texts=() if glue else _TEXT_TYPES))


def _value_types(values: Iterable[Any], texts: tuple[str, ...]) -> Iterator[str]:
    """The types of a column's values; texts, which can only be told together, last."""
    seen: list[str] = []
    for value in values:
        if isinstance(value, str):
            seen.append(value)
        else:
            yield _type(value)
    if seen:
        yield STRING if "" in seen else narrowest_type(seen, texts)


def _type(value: Any) -> str:
    match value:
        case None:
            return UNSEEN
        case bool():
            return "boolean"
        case int():
            return "bigint" if -_BIGGEST <= value < _BIGGEST else _HUGE
        case float():
            return "double"
        case str():
            return STRING
        case list():
            return f"array<{widest(map(_type, value))}>"
        case _:
            return _struct(value)


def _struct(value: dict[str, Any]) -> str:
    if not value or any(set(":,<>()").intersection(name) for name in value):
        return STRING
    return "struct<" + ",".join(f"{name}:{_type(inner) or STRING}" for name, inner in value.items()) + ">"
