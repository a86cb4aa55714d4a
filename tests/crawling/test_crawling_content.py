import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.content import SAMPLE_BYTES, FileContent, look_into
from errors import InvalidInputError
from storage.files import list_files


def look(path: Path) -> FileContent:
    return look_into(list_files(str(path))[0])


@pytest.mark.parametrize(
    ("name", "content", "classification"),
    [
        ("x.csv", "id,name\n1,Ada\n", "csv"),
        ("x.json", "id,name\n1,Ada\n", "csv"),
        ("x", '\ufeff\n {"id": 1}\n', "json"),
        ("x.csv", '[\n {"id": 1}]', "json"),
        ("x.txt", "{}", "json"),
        ("x.json", "[1, 2]", "json"),
        ("x.csv", "[1;2]\n", "csv"),
        ("x.csv", "{curly},2\n", "csv"),
        ("x.csv", b"PAR1 and so on", "parquet"),
    ],
)
def test_the_content_tells_the_format(
    write: Callable[..., Path], name: str, content: str | bytes, classification: str
) -> None:
    assert look(write(name, content)).classification == classification


def test_gzip_is_told_by_its_bytes_and_may_have_several_parts(write: Callable[..., Path]) -> None:
    found = look(write("x.csv", gzip.compress(b"id,name\n") + gzip.compress(b"1,Ada\n")))
    assert (found.compression, found.sample, found.whole) == ("gzip", "id,name\n1,Ada\n", True)


def test_a_plain_file_called_gz_is_plain(write: Callable[..., Path]) -> None:
    assert look(write("x.csv.gz", "id,name\n1,Ada\n")).compression == "none"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_sample_of_a_large_file_is_its_beginning(write: Callable[..., Path], pack: type[bytes]) -> None:
    text = "1,é\n".encode() * (SAMPLE_BYTES // 5 + 1)
    found = look(write("x.csv", pack(text)))
    assert not found.whole
    assert text.decode().startswith(found.sample)
    assert SAMPLE_BYTES - 3 < len(found.sample.encode()) <= SAMPLE_BYTES


def test_a_byte_order_mark_is_no_content(write: Callable[..., Path]) -> None:
    assert look(write("x.csv", b"\xef\xbb\xbfid,name\n1,x\n")).sample.startswith("id")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n \n", r"'.*x\.csv' is empty\. Give CSV, JSON, Parquet, ORC or Avro\."),
        (gzip.compress(b""), r"'.*x\.csv' is empty\."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"'.*x\.csv' is a PNG image\. Give CSV"),
        (b"PK\x03\x04\x14\0\x06\0", r"'.*x\.csv' is cut short or damaged: File is not a zip file\. Pack it with zip"),
        (bytes(range(256)), "is a binary file"),
        (bytes(range(1, 256)), "is a binary file"),
        ("id,name\n1,x\n".encode("utf-16"), r"is text in UTF-16\. Save it as UTF-8 and crawl again\."),
        (b"id,name\n1,x\n2,caf\xe9\n3,y\n", r"^Line 3 of '.*x\.csv' is not UTF-8: b'2,caf\\xe9'\. Save it as UTF-8"),
        (b"id,name\n1,x\n2,caf\xc3", r"^Line 3 of '.*x\.csv' is not UTF-8"),
        (b"ORCID,x\n" * 200_000 + b"1,\0\n", r"^Line 200001 of '.*x\.csv' holds a NUL byte\. Remove it"),
        (b"id,x\n" * 300_000 + b"1,\xe9\n", r"^Line 300001 of '.*x\.csv' is not UTF-8"),
        (gzip.compress(b"id,x\n" * 9999)[:-20], r"'.*x\.csv' is cut short or damaged: .*\. Pack it with gzip again"),
        (gzip.compress(b"id,x\n") + b"garbage", r"is cut short or damaged: Not a gzipped file"),
    ],
    ids=[
        "blank",
        "gzip of nothing",
        "picture",
        "cut zip",
        "binary",
        "binary without NUL",
        "UTF-16",
        "cp1252",
        "ends inside a letter",
        "NUL far down",
        "cp1252 far down",
        "cut gzip",
        "gzip with a tail",
    ],
)
def test_what_is_no_sound_text_is_refused(write: Callable[..., Path], content: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        look(write("x.csv", content))
