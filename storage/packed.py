"""Packed files: gzip, bzip2, zstd, and zip with one file in it, read as the bytes that were packed.

Nothing is unpacked to disk here, and no more than a block is held in memory.
"""

import bz2
import gzip
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from errors import InvalidInputError
from storage.files import opened

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 2**20
BOMB_BYTES = (
    2**30
)  # what unpacks to more than this, and to more than BOMB_RATIO times its size, is taken for a zip bomb
BOMB_RATIO = 200

_READ_BYTES = 2**16
_MAGIC = {
    "gzip": rb"\x1f\x8b",
    "bzip2": rb"BZh[1-9](1AY&SY|\x17rE8P\x90)",
    "zstd": rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18",
    "zip": rb"PK(\x03\x04|\x05\x06)",
}
_DAMAGES = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, zstd.ZstdError)


def compression_of(head: bytes) -> str:
    r"""Tell by its first bytes how a file is packed: gzip, bzip2, zstd, zip or none.

    >>> compression_of(b"\x1f\x8b\x08"), compression_of(b"id,name")
    ('gzip', 'none')
    """
    return next((name for name, magic in _MAGIC.items() if re.match(magic, head)), "none")


def unpacked(path: str, compression: str) -> Iterator[bytes]:
    """Read what is packed in the file at `path`, in blocks of at most 1 MB; a zip bomb is refused on the way."""
    with opened(path) as packed:
        yield from unpacked_stream(packed, path, compression)


def pack(path: Path, blocks: Iterable[bytes]) -> None:
    """Write `blocks` one after the other, packed with zstd, to a local file."""
    with zstd.ZstdFile(path, "w") as text:
        for block in blocks:
            text.write(block)


def unpacked_stream(packed: BinaryIO, path: str, compression: str) -> Iterator[bytes]:
    """Read what is packed in an open file, called `path` where it is damaged."""
    if compression == "none":
        yield from iter(lambda: packed.read(BLOCK_BYTES), b"")
        return
    size = packed.seek(0, os.SEEK_END)
    packed.seek(0)
    read = 0
    with _damage_named(path, compression):
        for block in _READERS[compression](packed, path):
            read += len(block)
            _refuse_bomb(path, size, read)
            yield block


def _gzip_blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:  # noqa: ARG001 - as every reader
    with gzip.GzipFile(fileobj=packed) as text:
        yield from iter(lambda: text.read(BLOCK_BYTES), b"")


def _bzip2_blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:  # noqa: ARG001 - as every reader
    return _frames(packed, bz2.BZ2Decompressor)


def _zstd_blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:  # noqa: ARG001 - as every reader
    return _frames(packed, zstd.ZstdDecompressor)


def _frames(packed: BinaryIO, new_decompressor: Callable[[], Any]) -> Iterator[bytes]:
    """Unpack frame after frame; Python's own readers pass over a broken second frame without a word."""
    frame, rest = new_decompressor(), b""
    while block := rest or packed.read(_READ_BYTES):
        frame = new_decompressor() if frame.eof else frame
        yield _decompressed(frame, block)
        while not frame.eof and not frame.needs_input:
            yield _decompressed(frame, b"")
        rest = frame.unused_data
    if not frame.eof:
        raise EOFError("it ends before the packed data does")


def _decompressed(frame: Any, block: bytes) -> bytes:
    try:
        unpacked_block: bytes = frame.decompress(block, BLOCK_BYTES)
    except OSError as error:  # bzip2's word for damage; that of reading the file is another
        raise EOFError(str(error)) from error
    return unpacked_block


def _zip_blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:
    with zipfile.ZipFile(packed) as archive:
        member = _only_member(archive, path)
        _refuse_bomb(path, member.compress_size, member.file_size)
        with _packing_known(path), archive.open(member) as text:
            yield from iter(lambda: text.read(BLOCK_BYTES), b"")


def _only_member(archive: zipfile.ZipFile, path: str) -> zipfile.ZipInfo:
    """The one file in a zip; folders and names that begin with . or _ (macOS adds such) do not count."""
    names = {member.filename: member for member in archive.infolist() if not _is_extra(member)}
    if "[Content_Types].xml" in names:
        raise InvalidInputError(f"'{path}' is an Excel workbook or another Office file. Save it as CSV.")
    if len(names) != 1:
        shown = ", ".join(map(repr, list(names)[:5])) + " …" * (len(names) > 5)
        found = f"{len(names):,} files: {shown}" if names else "no file"
        raise InvalidInputError(f"'{path}' is a zip archive with {found}. One with a single file can be read.")
    (member,) = names.values()
    if member.flag_bits & 1:
        raise InvalidInputError(f"'{path}' is a zip archive with a password. Pack it again without one.")
    return member


def _is_extra(member: zipfile.ZipInfo) -> bool:
    return member.is_dir() or any(part.startswith((".", "_")) for part in member.filename.split("/"))


@contextmanager
def _packing_known(path: str) -> Iterator[None]:
    try:
        yield
    except NotImplementedError as error:
        raise InvalidInputError(f"'{path}' is packed in a rare way ({error}). Pack it with gzip instead.") from error


def _refuse_bomb(path: str, packed_bytes: int, unpacked_bytes: int) -> None:
    if unpacked_bytes > BOMB_BYTES and unpacked_bytes > BOMB_RATIO * packed_bytes:
        raise InvalidInputError(
            f"'{path}' looks like a zip bomb: {packed_bytes:,} bytes unpack to {unpacked_bytes:,} or more, over "
            f"{BOMB_RATIO} times as many. If it is wanted, unpack it and crawl the text."
        )


@contextmanager
def _damage_named(path: str, compression: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGES as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise InvalidInputError(
            f"'{path}' is cut short or damaged: {reason}. Pack it with {compression} again."
        ) from error


_READERS: dict[str, Callable[[BinaryIO, str], Iterator[bytes]]] = {
    "gzip": _gzip_blocks,
    "bzip2": _bzip2_blocks,
    "zstd": _zstd_blocks,
    "zip": _zip_blocks,
}
