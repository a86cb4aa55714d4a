"""Parquet, ORC and Avro: the file says itself which columns it has, of which types, and how many records."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb

from crawling.columns import typed_columns
from crawling.content import FileContent
from crawling.file_schema import FileSchema, schema_of
from crawling.types import native_type
from errors import FindMatchesError, InvalidInputError
from storage.duck import opened_database
from storage.files import opened, reason_of

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_PARAMETER = 512_000  # letters, Glue's limit
_NAMES = {"parquet": "Parquet", "orc": "ORC", "avro": "Avro"}


def typed_schema(content: FileContent, head: bytes) -> FileSchema:
    """Describe a Parquet, ORC or Avro file from its footer or header; a whole `head` is not fetched again."""
    with _file(content, head) as file, _damage_named(content):
        schema, records, parameters = _READERS[content.classification](file, content)
    path = content.file.path
    types = dict(zip(schema.names, _hive_types(schema), strict=False))
    columns = typed_columns(schema.names, types, path)
    return replace(schema_of(content), columns=columns, parameters=parameters, records=records, whole=True)


def _parquet(file: BinaryIO, content: FileContent) -> tuple["pa.Schema", int, dict[str, str]]:  # noqa: ARG001
    from pyarrow.parquet import read_metadata

    footer = read_metadata(file)
    return footer.schema.to_arrow_schema(), footer.num_rows, {}


def _orc(file: BinaryIO, content: FileContent) -> tuple["pa.Schema", int, dict[str, str]]:  # noqa: ARG001
    from pyarrow.orc import ORCFile

    orc = ORCFile(file)
    return orc.schema, orc.nrows, {}


def _avro(file: BinaryIO, content: FileContent) -> tuple["pa.Schema", int, dict[str, str]]:
    """Avro does not tell how many records it has: those of a whole file are counted, those of a long one reckoned."""
    from fastavro import block_reader

    from storage.avro_files import avro_arrow_schema, avro_schema

    schema = avro_schema(file)
    file.seek(0)
    records = size = 0
    for block in block_reader(file):
        records, size = records + block.num_records, size + block.size
        if not content.whole:
            break
    count = records if content.whole or not size else round(records * content.file.size / size)
    text = json.dumps(schema, separators=(",", ":"))
    return avro_arrow_schema(schema), count, {"avro.schema.literal": text} if len(text) <= LONGEST_PARAMETER else {}


def _hive_types(schema: "pa.Schema") -> Iterator[str]:
    """The types in the catalog's words, which are those that DuckDB reads them as."""
    connection = opened_database()
    try:
        connection.register("empty", schema.empty_table())
        relation: Any = connection.sql("SELECT * FROM empty")
        yield from map(native_type, relation.types)
    except duckdb.Error as error:
        raise InvalidInputError(f"its types cannot be read: {error}") from error
    finally:
        connection.close()


@contextmanager
def _file(content: FileContent, head: bytes) -> Iterator[BinaryIO]:
    if content.whole:
        yield BytesIO(head)
        return
    with opened(content.file.path) as file:
        yield file


@contextmanager
def _damage_named(content: FileContent) -> Iterator[None]:
    """Say that the file is damaged, whatever its reader says; what storage says is another thing."""
    name, path = _NAMES[content.classification], content.file.path
    try:
        yield
    except FindMatchesError as error:
        raise InvalidInputError(f"'{path}' cannot be read as a table: {error}. Write it as Parquet.") from error
    except Exception as error:
        if reason_of(error) and not (isinstance(error, OSError) and error.errno is None):
            raise
        reason = " ".join(str(error).split()).rstrip(".")[:200] or "it ends too early"
        raise InvalidInputError(f"'{path}' is not a sound {name} file: {reason}. Write it again.") from error


_READERS = {"parquet": _parquet, "orc": _orc, "avro": _avro}
