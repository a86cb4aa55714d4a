"""JSON: one object a record, on a line of its own, in an array, or one after the other."""

from collections.abc import Sequence

import duckdb

from crawling.columns import CrawledRecords, typed_columns
from crawling.content import FileContent
from crawling.types import STRING, all_values_are, native_type, possible_types
from errors import InvalidInputError
from storage.copies import compression_read
from storage.duck import quoted
from storage.duck_errors import in_plain_words
from storage.sources import json_objects, json_source, json_values

SAMPLE_RECORDS = 1000
HUGE = "decimal(38,0)"
TEXT_TYPES = ("date", "timestamp")  # what a text can be; numbers and booleans say themselves what they are


def crawl_json(connection: duckdb.DuckDBPyConnection, contents: Sequence[FileContent]) -> CrawledRecords:
    """Find the keys, types and number of the records of JSON files that make one table.

    Records may lack keys; the columns are all keys, in the order in which they first appear.
    """
    path = contents[0].file.path
    paths = [content.readable for content in contents]
    compression = compression_read(contents[0].compression)
    with in_plain_words():
        count = _count(connection, json_objects(paths, compression=compression), path)
        keys = _keys(connection, json_objects(paths, compression=compression))
        typed_columns(keys, {}, path)
        types = _value_types(connection, json_values(paths, compression=compression))
        types = _checked_types(connection, json_source(paths, keys, compression=compression), keys, types)
    return CrawledRecords(typed_columns(keys, types, path), count)


def _count(connection: duckdb.DuckDBPyConnection, records: str, path: str) -> int:
    is_object = "json_type(json) = 'OBJECT'"
    query = f"SELECT count(*), coalesce(bool_and({is_object}), true) FROM {records}"
    ((count, only_objects),) = connection.execute(query).fetchall()
    if not count:
        raise InvalidInputError(f"'{path}' holds no records. Give JSON with at least one object.")
    if not only_objects:
        raise InvalidInputError(f"'{path}' holds JSON values that are no objects. Each record is one {{…}}.")
    return int(count)


def _keys(connection: duckdb.DuckDBPyConnection, records: str) -> list[str]:
    query = f"""
        WITH numbered AS (SELECT json_keys(json) AS keys, row_number() OVER () AS position FROM {records}),
        placed AS (SELECT unnest(keys) AS key, unnest(range(len(keys))) AS place, position FROM numbered)
        SELECT key FROM placed GROUP BY key ORDER BY min(position), arg_min(place, position)
    """
    return [key for (key,) in connection.execute(query).fetchall()]


def _value_types(connection: duckdb.DuckDBPyConnection, values: str) -> dict[str, str]:
    """The types of JSON values: what a number, boolean, array or object is; for texts and whole numbers a guess."""
    relation = connection.sql(f"SELECT * FROM {values}")
    return {name: native_type(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}


def _checked_types(
    connection: duckdb.DuckDBPyConnection, source: str, keys: Sequence[str], guesses: dict[str, str]
) -> dict[str, str]:
    """The types after reading all values: a guess that does not hold gives way to the next, in the end to string."""
    sample = connection.execute(f"SELECT * FROM {source} LIMIT {SAMPLE_RECORDS}").fetchall()
    columns = dict(zip(keys, zip(*sample, strict=True), strict=True))
    candidates = {key: _candidates(guesses.get(key, STRING), columns[key]) for key in keys}
    checks = [f"count({quoted(key)})" for key in keys]  # reads every value, so that a key given twice comes to light
    checks += [_check(type_name, quoted(key)) for key in keys for type_name in candidates[key][:-1]]
    (row,) = connection.execute(f"SELECT {', '.join(checks)} FROM {source}").fetchall()
    filled, answers = row[: len(keys)], iter(row[len(keys) :])
    held = [[name for name in candidates[key][:-1] if next(answers)] + [candidates[key][-1]] for key in keys]
    return {key: types[0] if values else STRING for key, types, values in zip(keys, held, filled, strict=True)}


def _candidates(guess: str, sample: Sequence[str | None]) -> list[str]:
    """The types to try in turn; the last needs no check.

    DuckDB guesses HUGEINT where whole numbers have both signs, and has its own idea of dates.
    """
    if guess == HUGE:
        return ["bigint", HUGE]
    if guess not in {STRING, *TEXT_TYPES}:
        return [guess]
    possible = possible_types(value or "" for value in sample)
    return [*(name for name in TEXT_TYPES if name in possible), STRING]


def _check(type_name: str, column: str) -> str:
    if type_name == "bigint":
        return f"coalesce(bool_and(TRY_CAST({column} AS BIGINT) IS NOT NULL) FILTER ({column} IS NOT NULL), true)"
    return all_values_are(type_name, column)
