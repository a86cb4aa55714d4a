"""What the beginning of one file tells of its records: Glue's first 1,000 records or first megabyte."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crawling.columns import CrawledColumn
from crawling.content import FileContent
from storage.files import StoredFile


@dataclass(frozen=True, slots=True)
class FileSchema:
    """The records of a file as far as they were read.

    A column's type is "" where no value was seen. `parameters` say how the text is read (delimiter, lines above the
    records …). `records` is their number, an estimate unless `whole`, which says that all of them were read.
    `first_record` is there where it may be a header or a record, for all that one file of CSV can tell: it counts as
    a record until `crawling.headers` settles that; `blank_lines` stand above it.
    """

    file: StoredFile
    classification: str
    compression: str
    columns: tuple[CrawledColumn, ...]
    parameters: dict[str, str] = field(default_factory=dict)
    records: int = 0
    whole: bool = False
    first_record: tuple[str, ...] = ()
    blank_lines: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the catalog, in the file's order."""
        return tuple(column.name for column in self.columns)

    @property
    def kind(self) -> tuple[str, str, str]:
        """What files of one table share: the format, the compression, and for CSV the delimiter."""
        return self.classification, self.compression, self.parameters.get("delimiter", "")

    @property
    def has_header(self) -> bool:
        """Whether the columns' names come from the file."""
        return any(column.source_name for column in self.columns)


def schema_of(content: FileContent) -> FileSchema:
    """An empty description of a file whose content is known, to be filled."""
    return FileSchema(content.file, content.classification, content.compression, (), whole=content.whole)


def as_text(schema: FileSchema) -> str:
    """Write a schema as JSON, without the file; `from_text` reads it."""
    told = asdict(replace(schema, file=StoredFile("", 0, "")))
    del told["file"], told["records"]
    return json.dumps(told, sort_keys=True)


def from_text(text: str, file: StoredFile, records: int) -> FileSchema:
    """Read back the schema that `as_text` wrote, for a file."""
    told: dict[str, Any] = json.loads(text)
    columns: Sequence[dict[str, str]] = told.pop("columns")
    first = tuple(told.pop("first_record"))
    return FileSchema(
        file, columns=tuple(CrawledColumn(**column) for column in columns), records=records, first_record=first, **told
    )
