"""Avro: as Parquet, and with the schema that its readers in Glue look for."""

import json
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from crawling.columns import CrawledRecords
from crawling.content import FileContent
from crawling.parquet_records import crawl_parquet
from storage.avro_files import avro_schema
from storage.files import opened

LONGEST_PARAMETER = 512_000  # letters, Glue's limit


def crawl_avro(connection: duckdb.DuckDBPyConnection, contents: Sequence[FileContent]) -> CrawledRecords:
    """Find the columns, types and number of the records of Avro files, copied as Parquet, that make one table.

    The parameter avro.schema.literal is the first file's schema, as Glue writes it, unless it is too long for Glue.
    """
    records = crawl_parquet(connection, contents)
    with opened(contents[0].file.path) as file:
        schema = json.dumps(avro_schema(file), separators=(",", ":"))
    return replace(records, parameters={"avro.schema.literal": schema} if len(schema) <= LONGEST_PARAMETER else {})
