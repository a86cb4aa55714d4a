"""What a file holds, told by its bytes: the format, the compression, and whether its text is sound.

The ending of the name only breaks a tie; a binary file called .csv is found out here.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO

from errors import InvalidInputError
from storage.files import StoredFile, read_head
from storage.packed import compression_of, unpacked, unpacked_stream

SAMPLE_BYTES = 2**20  # Glue's sample of a file
LONGEST_LINE = 2**21  # bytes; DuckDB reads no longer record of CSV
READABLE = "Give CSV, JSON, Parquet, ORC or Avro."

_BINARY_KINDS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "compressed with gzip",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x7fELF": "a program",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"\x04\x22\x4d\x18": "compressed with lz4",
    b"SQLite format 3": "an SQLite database",
    b"PAR1": "a Parquet file",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_JSON_START = re.compile(r"\s*(\[\s*)?\{\s*[\"}]|\s*\[\s*\]\s*$")
_JSON_NAME = re.compile(r"\.(json|jsonl|ndjson)(\.(gz|bz2|zst|zip))?$", re.IGNORECASE)
_FORMATS = {b"PAR1": "parquet", b"Obj\x01": "avro", b"ORC": "orc"}


@dataclass(frozen=True)
class FileContent:
    """What a file turned out to be: `classification` csv, json, parquet, orc or avro.

    `compression` is none, gzip, bzip2, zstd or zip. `sample` is how a text begins, and `whole` says that it is all of
    it. `lines` counts the lines of a text that are not empty. `copy` is what DuckDB reads instead, where it must.
    `head_bytes` is how much of the file as it is stored the sample comes from.
    """

    file: StoredFile
    classification: str
    compression: str = "none"
    sample: str = ""
    whole: bool = False
    lines: int = 0
    copy: str = ""
    head_bytes: int = 0

    @property
    def readable(self) -> str:
        """The path that DuckDB reads."""
        return self.copy or self.file.path


def look_into(file: StoredFile) -> FileContent:
    """Tell what a file holds; a text is read through once, and refused when it is not sound UTF-8."""
    found = look_at_head(file, read_head(file.path, SAMPLE_BYTES), checked=False)
    if found.classification in _FORMATS.values():
        return found
    return replace(found, lines=_check_text(file, unpacked(file.path, found.compression), _longest(found)))


def look_at_head(file: StoredFile, head: bytes, *, checked: bool = True) -> FileContent:
    """Tell what a file holds from its first bytes, as many as SAMPLE_BYTES where it has them; no more is read.

    The beginning of a text is refused when it is not sound UTF-8, unless that is `checked` elsewhere. `lines` are
    those of the sample. Only a zip archive that is longer than its head is read further.
    """
    if classification := _binary_format(head):
        return FileContent(file, classification, whole=len(head) == file.size)
    compression = compression_of(head)
    text = _unpacked_head(file, head, compression)
    _refuse_binary(text, file.path, compression)
    classification = "json" if _is_json(text.decode("utf-8-sig", "replace"), file.path) else "csv"
    whole = len(head) == file.size and len(text) < SAMPLE_BYTES
    found = FileContent(file, classification, compression, whole=whole, head_bytes=len(head))
    lines = _check_text(file, iter([text]), _longest(found), whole=whole) if checked else 0
    sample = codecs.getincrementaldecoder("utf-8-sig")("strict" if checked else "replace").decode(text)
    if not sample.strip():
        raise InvalidInputError(f"'{file.path}' is empty. {READABLE}")
    return replace(found, sample=sample, lines=lines)


def _longest(content: FileContent) -> int | None:
    return LONGEST_LINE if content.classification == "csv" else None


def _binary_format(head: bytes) -> str | None:
    """The format that says its name in its first bytes; a text may begin with ORC too, but not with what follows."""
    found = next((name for magic, name in _FORMATS.items() if head.startswith(magic)), None)
    return found if found != "orc" or _is_binary(head) else None


def _is_json(sample: str, path: str) -> bool:
    looks_like_it = sample.lstrip().startswith(("{", "[")) and _JSON_NAME.search(path)
    return bool(_JSON_START.match(sample) or looks_like_it)


def _refuse_binary(head: bytes, path: str, compression: str) -> None:
    if not _is_binary(head):
        return
    is_ = "is" if compression == "none" else f"is packed with {compression} and inside is"
    kind = next((kind for magic, kind in _BINARY_KINDS.items() if head.startswith(magic)), "a binary file")
    advice = "Save it as UTF-8 and crawl again." if "UTF-16" in kind else READABLE
    raise InvalidInputError(f"'{path}' {is_} {kind}. {advice}")


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text in any encoding with one byte a letter: a NUL, or bad UTF-8 full of control signs."""
    if b"\0" in head:
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        control_signs = sum(head.count(sign) for sign in range(0x20) if sign not in b"\x01\t\n\r")
        return control_signs > len(head) / 50
    return False


def _check_text(file: StoredFile, blocks: Iterator[bytes], longest: int | None, *, whole: bool = True) -> int:
    """Read a text, or no more than its beginning, and count its lines that are not empty.

    Names the first line that is not UTF-8, has a NUL, or goes on for more than `longest` bytes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    filled, line, begun, before = 0, 1, 0, b"\n"
    try:
        for block in blocks:
            if b"\0" in block:
                line += block[: block.index(0)].count(b"\n")
                raise InvalidInputError(f"Line {line} of '{file.path}' holds a NUL byte. Remove it and crawl again.")
            decoder.decode(block)
            line += block.count(b"\n")
            begun = _bytes_begun(block, begun)
            if longest is not None and begun > longest:
                raise InvalidInputError(f"Line {line} of '{file.path}' is longer than 2 MB. Mend it and crawl again.")
            filled += _filled_lines(block, before)
            before = block
        decoder.decode(b"", final=whole)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
        raise InvalidInputError(
            f"Line {line} of '{file.path}' is not UTF-8: {_surroundings(error)}. Save it as UTF-8 and crawl again."
        ) from error
    return filled


def _bytes_begun(block: bytes, before: int) -> int:
    """How long the line is so far in which a block ends, when `before` bytes of its first line were read already."""
    end = max(block.rfind(b"\n"), block.rfind(b"\r"))
    return len(block) - 1 - end if end >= 0 else before + len(block)


def _filled_lines(block: bytes, before: bytes) -> int:
    """How many lines that are not empty begin in a block; one may go on from the block `before`."""
    goes_on = not before.endswith((b"\r", b"\n")) and not block.startswith((b"\r", b"\n"))
    return sum(map(bool, block.removeprefix(codecs.BOM_UTF8).splitlines())) - goes_on


def _surroundings(error: UnicodeDecodeError) -> str:
    """The bytes around the bad one in its line, as they are written in Python."""
    line_start = max(error.object.rfind(end, 0, error.start) for end in (b"\n", b"\r")) + 1
    return repr(error.object[max(line_start, error.start - 12) : error.start + 4].splitlines()[0])


def _unpacked_head(file: StoredFile, head: bytes, compression: str) -> bytes:
    """The first megabyte of what a file unpacks to, out of its `head` unless that does not tell (zip)."""
    if compression == "none":
        return head
    if compression == "zip" and len(head) < file.size:
        return _first_bytes(unpacked(file.path, compression))
    blocks = unpacked_stream(BytesIO(head), file.path, compression)
    return _first_bytes(blocks if len(head) == file.size else _until_cut(blocks))


def _first_bytes(blocks: Iterator[bytes]) -> bytes:
    text = bytearray()
    for block in blocks:
        text += block
        if len(text) >= SAMPLE_BYTES:
            break
    return bytes(text[:SAMPLE_BYTES])


def _until_cut(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks before the end that is missing because only the head was read, which is no error here."""
    with suppress(InvalidInputError):
        yield from blocks
