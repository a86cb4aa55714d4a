"""Packed text: what is crawled is what was packed, and what cannot be unpacked is named."""

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.content import SAMPLE_BYTES
from crawling.table import CrawledTable
from errors import InvalidInputError
from storage import packed
from tests.crawling.packing import PACK, zipped, zstd

Write = Callable[[str, str | bytes], Path]
Crawl = Callable[..., CrawledTable]

TABLE = b"id,name\n" + b"".join(b"%d,name %d\n" % (n, n * n) for n in range(1000))
FRAMES = [TABLE[:5], TABLE[5:5000], TABLE[5000:]]


def encrypted(content: bytes) -> bytes:
    """A zip whose only file says that it has a password."""
    archive = bytearray(zipped(content))
    archive[6] |= 1
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    return bytes(archive)


def workbook() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("[Content_Types].xml", "<Types/>")
        members.writestr("xl/workbook.xml", "<workbook/>")
    return archive.getvalue()


def damaged(content: bytes) -> bytes:
    """The same with 20 bytes in its middle turned over."""
    middle = len(content) // 2
    return content[:middle] + bytes(255 - byte for byte in content[middle : middle + 20]) + content[middle + 20 :]


@pytest.mark.parametrize("compression", PACK)
def test_csv_is_read_out_of_every_compression(write: Write, crawl: Crawl, compression: str) -> None:
    path = write("x.csv", PACK[compression](TABLE))
    table = crawl(path)
    assert [(column.name, column.type) for column in table.columns] == [("id", "bigint"), ("name", "string")]
    told = {name: table.parameters[name] for name in ("classification", "compressionType", "recordCount", "sizeKey")}
    size = str(path.stat().st_size)
    expected = {"classification": "csv", "compressionType": compression, "recordCount": "1000", "sizeKey": size}
    assert told == expected
    assert table.files == (str(path),)


@pytest.mark.parametrize("compression", PACK)
@pytest.mark.parametrize("text", [b'[{"a": 1}, {"a": 2}]', b'{"a": 1}\n{"a": 2}\n'], ids=["array", "lines"])
def test_json_is_read_out_of_every_compression(write: Write, crawl: Crawl, compression: str, text: bytes) -> None:
    table = crawl(write("x.json", PACK[compression](text)))
    assert (table.classification, table.parameters["recordCount"]) == ("json", "2")
    assert [(column.name, column.type) for column in table.columns] == [("a", "bigint")]


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "zstd"])
def test_a_file_packed_in_several_parts_is_read_to_its_end(write: Write, crawl: Crawl, compression: str) -> None:
    table = crawl(write("x.csv", b"".join(map(PACK[compression], FRAMES))))
    assert table.parameters["recordCount"] == "1000"


@pytest.mark.parametrize("compression", PACK)
def test_a_type_holds_for_the_last_record_of_a_large_packed_file(write: Write, crawl: Crawl, compression: str) -> None:
    text = b"id,name\n" + b"1,x\n" * (SAMPLE_BYTES // 2) + b"one,x\n"
    assert crawl(write("x.csv", PACK[compression](text)), header=True).columns[0].type == "string"


def test_folders_and_hidden_files_in_a_zip_do_not_count(write: Write, crawl: Crawl) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as members:
        members.mkdir("data")
        members.writestr("data/x.csv", TABLE)
        members.writestr("__MACOSX/data/._x.csv", b"\0\0")
    assert crawl(write("x.zip", archive.getvalue())).parameters["recordCount"] == "1000"


def test_files_of_one_table_have_one_compression(write: Write, crawl: Crawl) -> None:
    write("a.csv", gzip.compress(TABLE))
    folder = write("b.csv", bz2.compress(TABLE)).parent
    with pytest.raises(InvalidInputError, match=r"'.*b\.csv' .*its compression is bzip2, not gzip\. Crawl it from"):
        crawl(folder)


@pytest.mark.parametrize("compression", PACK)
@pytest.mark.parametrize("harm", [lambda packed: packed[:-30], damaged], ids=["cut short", "damaged"])
def test_what_cannot_be_unpacked_is_refused(
    write: Write, crawl: Crawl, compression: str, harm: Callable[[bytes], bytes]
) -> None:
    path = write("x.csv", harm(PACK[compression](TABLE)))
    message = rf"^'.*x\.csv' is cut short or damaged: [^\n]+\. Pack it with {compression} again\.$"
    with pytest.raises(InvalidInputError, match=message):
        crawl(path)


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "zstd"])
def test_a_large_file_that_is_cut_short_is_refused(write: Write, crawl: Crawl, compression: str) -> None:
    """Its first megabyte is sound."""
    import random

    text = b"id,name\n" + b"\n".join(b"%d,%x" % (n, random.Random(n).getrandbits(400)) for n in range(30_000))
    whole = PACK[compression](text)
    assert len(whole) > 1.2 * SAMPLE_BYTES
    with pytest.raises(InvalidInputError, match=r"is cut short or damaged"):
        crawl(write("x.csv", whole[:-100_000]))


@pytest.mark.parametrize("compression", ["bzip2", "zstd"])
def test_what_stands_after_the_packed_text_is_not_passed_over(write: Write, crawl: Crawl, compression: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is cut short or damaged"):
        crawl(write("x.csv", PACK[compression](TABLE) + b"garbage that is no part"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(TABLE, TABLE), r"is a zip archive with 2 files: 'part0\.csv', 'part1\.csv'\. One with a single file"),
        (zipped(*[TABLE] * 7), r"is a zip archive with 7 files: 'part0.*'part4\.csv' …\. One with a single file can"),
        (zipped(b"")[-22:-12] + bytes(12), r"is a zip archive with no file\. One with a single file can be read\."),
        (encrypted(TABLE), r"is a zip archive with a password\. Pack it again without one\."),
        (workbook(), r"is an Excel workbook or another Office file\. Save it as CSV\."),
        (zipped(gzip.compress(TABLE)), r"is packed with zip and inside is compressed with gzip\. Give CSV"),
        (gzip.compress(b"PAR1\0\0PAR1"), r"is packed with gzip and inside is a Parquet file\. Give CSV"),
        (gzip.compress(b"id,name\n1,a\n2,\0\n" * 2), r"is packed with gzip and inside is a binary file"),
        (bz2.compress(b"id,name\n1,caf\xe9\n"), r"Line 2 of '.*x\.csv' is not UTF-8: b'1,caf\\xe9'\. Save it as UTF-8"),
        (zstd.compress(b""), r"'.*x\.csv' is empty\. Give CSV"),
        (zstd.compress(b"id,name\n1,a\n2,b,c\n"), r"^Line 3 of '.*x\.csv' has 3 values where 2 are expected"),
    ],
    ids=[
        "two files",
        "seven files",
        "no file",
        "password",
        "workbook",
        "gzip in zip",
        "Parquet in gzip",
        "NUL in gzip",
        "cp1252 in bzip2",
        "nothing",
        "ragged in zstd",
    ],
)
def test_what_no_table_can_be_read_from_is_named(write: Write, crawl: Crawl, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        crawl(write("x.csv", content))
    assert "findmatches-" not in str(refusal.value)  # the file, not its copy


@pytest.mark.parametrize("compression", PACK)
def test_a_zip_bomb_is_refused_with_what_was_found(
    write: Write, crawl: Crawl, compression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "BOMB_BYTES", 2**22)
    bomb = PACK[compression](b"id,name\n" + b"1,x\n" * 2**22)
    path = write("x.csv", bomb)
    message = (
        r"^'.*x\.csv' looks like a zip bomb: [\d,]+ bytes unpack to [\d,]{9,} or more, over 200 times as many\. If"
    )
    with pytest.raises(InvalidInputError, match=message):
        crawl(path)


def test_a_large_file_that_packs_as_text_does_is_no_bomb(
    write: Write, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "BOMB_BYTES", 2**10)
    assert crawl(write("x.csv", bz2.compress(TABLE))).parameters["recordCount"] == "1000"
