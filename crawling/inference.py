"""What one file holds, told from its beginning: the way into the readers of every format."""

from crawling.content import look_at_head
from crawling.file_schema import FileSchema
from crawling.rules import CrawlRules
from storage.files import StoredFile

HEAD_BYTES = 2**20  # Glue reads no more of a text


def file_schema(file: StoredFile, head: bytes, rules: CrawlRules) -> FileSchema:
    """Describe the records of a file whose first HEAD_BYTES are `head`.

    Parquet, ORC and Avro files longer than that are opened for their footer or first block. Raises InvalidInputError
    where the file holds no records that can be read.
    """
    content = look_at_head(file, head)
    if content.classification == "csv":
        from crawling.csv_schema import csv_schema

        return csv_schema(content, rules.csv, glue=rules.glue)
    if content.classification == "json":
        from crawling.json_schema import json_schema

        return json_schema(content, glue=rules.glue)
    from crawling.typed_schema import typed_schema

    return typed_schema(content, head)
