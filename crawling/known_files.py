"""What earlier crawls found in files that have not changed since, so that these are not read again.

One Parquet file for each crawled place; whoever deletes it loses nothing but time.
"""

import hashlib
import logging
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from crawling.file_schema import FileSchema, as_text, from_text
from crawling.rules import CrawlRules
from storage.files import StoredFile
from storage.publish import publishing

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 10_000
READ_AS = 1  # another number when the same file would be described differently: all are then read again

log = logging.getLogger("findmatches.crawling")


@dataclass(frozen=True)
class KnownFiles:
    """The files that were described before, by path."""

    schemas: Mapping[str, FileSchema]

    def unchanged(self, file: StoredFile) -> FileSchema | None:
        """The description of a file that has the size and version it had; a file without a version is never known."""
        known = self.schemas.get(file.path)
        return known if known and file.version and known.file == file else None


def known_place(folder: Path, root: str, rules: CrawlRules) -> Path:
    """Where what is known of the files under `root`, read by such rules, is kept."""
    told = repr((READ_AS, root, rules.csv, rules.glue))
    return folder / f"{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.parquet"


def read_known(place: Path) -> KnownFiles:
    """Read what is known; nothing where there is no such file, or it is damaged."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    if not place.exists():
        return KnownFiles({})
    try:
        with ParquetFile(place, read_dictionary=["schema"]) as parquet:
            batches = parquet.iter_batches(ROWS_AT_ONCE)
            return KnownFiles(dict(chain.from_iterable(map(_schemas, batches))))
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        log.warning("'%s' cannot be read (%s): all files are read again.", place, " ".join(str(error).split()))
        return KnownFiles({})


def write_known(place: Path, schemas: Iterable[FileSchema]) -> None:
    """Remember the descriptions of files, in place of what was remembered."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    place.parent.mkdir(parents=True, exist_ok=True)
    texts: dict[Hashable, str] = {}
    with publishing(str(place)) as temporary, ParquetWriter(temporary, _columns(), compression="zstd") as parquet:
        for rows in _batches(schemas):
            described = pa.array([_text(row, texts) for row in rows], pa.string()).dictionary_encode()
            told = [[getattr(row.file, name) for row in rows] for name in ("path", "size", "version")]
            columns = [*told, [row.records for row in rows], described]
            parquet.write_table(pa.table(columns, schema=_columns()))


def _columns() -> "pa.Schema":
    import pyarrow as pa

    fields = {"path": pa.string(), "size": pa.int64(), "version": pa.string(), "records": pa.int64()}
    return pa.schema([*fields.items(), ("schema", pa.dictionary(pa.int32(), pa.string()))])


def _batches(schemas: Iterable[FileSchema]) -> Iterator[list[FileSchema]]:
    waiting = iter(schemas)
    while rows := list(islice(waiting, ROWS_AT_ONCE)):
        yield rows


def _text(schema: FileSchema, texts: dict[Hashable, str]) -> str:
    """The description as JSON; files that share their columns share the text, too."""
    shared = (id(schema.columns), id(schema.parameters), schema.kind, schema.whole, schema.first_record)
    key = (*shared, schema.blank_lines)
    if key not in texts:
        texts[key] = as_text(schema)
    return texts[key]


def _schemas(batch: "pa.RecordBatch") -> Iterator[tuple[str, FileSchema]]:
    models = [from_text(text, StoredFile("", 0, ""), 0) for text in batch["schema"].dictionary.to_pylist()]
    columns = [batch[name].to_pylist() for name in ("path", "size", "version", "records")]
    for path, size, version, records, model in zip(*columns, batch["schema"].indices.to_pylist(), strict=True):
        yield path, replace(models[model], file=StoredFile(path, size, version), records=records)
