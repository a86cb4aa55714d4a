"""What earlier crawls found in files that have not changed since, so that these are not read again.

One Parquet file for each crawled place; whoever deletes it loses nothing but time.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawling.file_schema import FileSchema, as_text, from_text
from crawling.rules import CrawlRules
from storage.files import StoredFile
from storage.publish import publishing

if TYPE_CHECKING:
    import pyarrow as pa

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
    from pyarrow.parquet import read_table

    if not place.exists():
        return KnownFiles({})
    try:
        table = read_table(place)
        return KnownFiles(dict(_schemas(table)))
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        log.warning("'%s' cannot be read (%s): all files are read again.", place, " ".join(str(error).split()))
        return KnownFiles({})


def write_known(place: Path, schemas: Iterable[FileSchema]) -> None:
    """Remember the descriptions of files, in place of what was remembered."""
    import pyarrow as pa
    from pyarrow.parquet import write_table

    rows = list(schemas)
    columns = {
        "path": [row.file.path for row in rows],
        "size": [row.file.size for row in rows],
        "version": [row.file.version for row in rows],
        "records": [row.records for row in rows],
        "schema": pa.array([as_text(row) for row in rows], pa.string()).dictionary_encode(),
    }
    place.parent.mkdir(parents=True, exist_ok=True)
    with publishing(str(place)) as temporary:
        write_table(pa.table(columns), temporary, compression="zstd")


def _schemas(table: "pa.Table") -> Iterable[tuple[str, FileSchema]]:
    dictionary = table["schema"].combine_chunks().dictionary_encode()
    models = [from_text(text, StoredFile("", 0, ""), 0) for text in dictionary.dictionary.to_pylist()]
    columns = [table[name].to_pylist() for name in ("path", "size", "version", "records")]
    for path, size, version, records, model in zip(*columns, dictionary.indices.to_pylist(), strict=True):
        yield path, replace(models[model], file=StoredFile(path, size, version), records=records)
