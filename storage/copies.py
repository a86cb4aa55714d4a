"""Copies of files that DuckDB cannot read by itself, in a form that it can: docs/adr/0017.

ORC and Avro become Parquet; text packed with bzip2 or zip becomes text packed with zstd. So does text packed with zstd,
because DuckDB 2.0 reads one that is cut short up to the cut without a word; a copy was unpacked to its end.

A copy is named by the path and the version of its file, so that a file that changed is copied anew. It is made block
by block, appears whole, and may be deleted at any time: the next reader makes it again.

A table that is no file (one of a database, say) is read as a snapshot: a Parquet file with its rows as they are now.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from errors import FindMatchesError, InvalidInputError
from storage.avro_files import avro_tables
from storage.files import StoredFile, list_files, opened, reason_of
from storage.orc_files import orc_tables
from storage.packed import pack, unpacked
from storage.publish import DAY, publishing, remove_leftovers

if TYPE_CHECKING:
    import pyarrow as pa

COPIED_FORMATS = frozenset({"orc", "avro"})
COPIED_COMPRESSIONS = frozenset({"bzip2", "zip", "zstd"})
LAYOUT = "1"  # another number when the same file would be copied differently: old copies are then made anew

log = logging.getLogger("findmatches.storage")


@dataclass(frozen=True)
class Copies:
    """The copies in `folder`, which is made with the first of them; `originals` maps those asked for to their files."""

    folder: Path
    originals: dict[str, str] = field(default_factory=dict)

    def readable(self, file: StoredFile, classification: str, compression: str, *, made: bool = True) -> str:
        """The path that DuckDB reads for `file`: its own, or that of its copy, `made` now if it is not there."""
        if not needs_copy(classification, compression):
            return file.path
        copy = self._place(file, classification, compression)
        if made and not (copy.exists() and file.version):
            self._make(copy, file, classification, compression)
        self.originals[str(copy)] = file.path
        return str(copy)

    def readable_files(
        self,
        location: str,
        paths: Iterable[str],
        classification: str,
        compression: str,
        made: Collection[str] | None = None,
    ) -> tuple[str, ...]:
        """The paths that DuckDB reads for `paths` below `location`, in the same order, as their files are now.

        Missing copies are made of those in `made`, None of all.
        """
        if not needs_copy(classification, compression):
            return tuple(paths)
        files = {file.path: file for file in list_files(location)}
        found = (_there(files, path) for path in paths)
        return tuple(
            self.readable(file, classification, compression, made=made is None or file.path in made) for file in found
        )

    def snapshot(self, source: str, write: Callable[[Path], None]) -> str:
        """The path of a Parquet file with the rows of `source` as they are now; `write` writes it to the path given.

        It is named by what it holds, so that a reader keeps its rows while others make later snapshots, and the same
        rows have the same file. One that nobody asked for since a day goes when another of its source comes.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self.folder)
        log.info("reading '%s'", source)
        new = self.folder / f"{_digest(source)}-{uuid4().hex}.parquet"
        with publishing(str(new)) as temporary:
            write(temporary)
        copy = _named_by_content(new, _digest(source))
        _remove_unasked(set(self.folder.glob(f"{_digest(source)}-*")) - {copy})
        self.originals[str(copy)] = source
        return str(copy)

    @contextmanager
    def named(self) -> Iterator[None]:
        """Call files by their own names, not by those of their copies, in the errors of this block."""
        try:
            yield
        except FindMatchesError as error:
            text = str(error)
            for copy, original in self.originals.items():
                text = text.replace(copy, original)
            if text == str(error):
                raise
            raise type(error)(text) from error

    def _place(self, file: StoredFile, classification: str, compression: str) -> Path:
        ending = "parquet" if classification in COPIED_FORMATS else f"{classification}.zst"
        version = _digest(LAYOUT, file.version, str(file.size), classification, compression)[:16]
        return self.folder / f"{_digest(file.path)}-{version}.{ending}"

    def _make(self, copy: Path, file: StoredFile, classification: str, compression: str) -> None:
        log.info("copying '%s', which DuckDB cannot read by itself", file.path)
        self.folder.mkdir(parents=True, exist_ok=True)
        with publishing(str(copy)) as temporary:
            if classification in COPIED_FORMATS:
                _write_parquet(temporary, file.path, classification)
            else:
                pack(temporary, unpacked(file.path, compression))
        for old in set(self.folder.glob(f"{_digest(file.path)}-*")) - {copy}:
            old.unlink(missing_ok=True)


def needs_copy(classification: str, compression: str) -> bool:
    """Whether DuckDB reads such files only as copies.

    >>> needs_copy("orc", "none"), needs_copy("csv", "zip"), needs_copy("csv", "gzip")
    (True, True, False)
    """
    return classification in COPIED_FORMATS or compression in COPIED_COMPRESSIONS


def compression_read(compression: str) -> str:
    """The compression of what DuckDB reads for a text of this one.

    >>> compression_read("bzip2"), compression_read("gzip")
    ('zstd', 'gzip')
    """
    return "zstd" if compression in COPIED_COMPRESSIONS else compression


def _there(files: dict[str, StoredFile], path: str) -> StoredFile:
    if path not in files:
        raise InvalidInputError(f"No file at '{path}'. Put it back, or crawl again if it moved.")
    return files[path]


def _write_parquet(place: Path, path: str, classification: str) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    tables = _tables(path, classification)
    try:
        with ParquetWriter(place, next(tables).schema) as parquet:
            for table in tables:
                parquet.write_table(table)
    except pa.ArrowNotImplementedError as error:
        raise _no_table(path, error) from error


def _tables(path: str, classification: str) -> Iterator["pa.Table"]:
    """The records of an ORC or Avro file; what is wrong with it is said of `path`."""
    with opened(path) as file:
        try:
            yield from _READERS[classification](file)
        except InvalidInputError as error:
            raise _no_table(path, error) from error
        except Exception as error:
            if _is_of_storage(error):
                raise
            known = _no_table(path, error) if "out of range" in str(error) else _damaged(path, classification, error)
            raise known from error


def _is_of_storage(error: Exception) -> bool:
    """Whether bytes could not be fetched; what Arrow says of their meaning is an OSError too, but has no number."""
    return bool(reason_of(error)) and not (isinstance(error, OSError) and error.errno is None)


def _no_table(path: str, error: Exception) -> InvalidInputError:
    reason = " ".join(str(error).split()).rstrip(".")
    return InvalidInputError(f"'{path}' cannot be read as a table: {reason}. Write it as Parquet.")


def _damaged(path: str, classification: str, error: Exception) -> InvalidInputError:
    name = {"orc": "ORC", "avro": "Avro"}[classification]
    reason = " ".join(str(error).split()).rstrip(".")[:200] or "it ends too early"
    return InvalidInputError(f"'{path}' is not a sound {name} file: {reason}. Write it again.")


def _named_by_content(new: Path, prefix: str) -> Path:
    """Give a file the name of its content; one that is there already stays, as old as it is, and was asked for now."""
    with new.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    copy = new.with_name(f"{prefix}-{content[:32]}.parquet")
    try:
        os.utime(copy, ns=(time.time_ns(), copy.stat().st_mtime_ns))
        new.unlink()
    except FileNotFoundError:
        new.replace(copy)
    return copy


def _remove_unasked(copies: Iterable[Path]) -> None:
    for copy in copies:
        with suppress(OSError):  # another process may be quicker
            if time.time() - copy.stat().st_atime > DAY:
                copy.unlink()


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


_READERS: dict[str, Callable[[BinaryIO], Iterator["pa.Table"]]] = {"orc": orc_tables, "avro": avro_tables}
