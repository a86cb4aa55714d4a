"""Copies: made once for each version of a file, whole or not at all, and again when they are gone."""

import bz2
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import orc

from errors import InvalidInputError
from storage import copies as copies_module
from storage.copies import Copies
from storage.duck import connect, literal
from storage.files import StoredFile, list_files
from storage.packed import unpacked
from storage.publish import DAY


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path / "copies")


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv.bz2"
    path.write_bytes(bz2.compress(b"id\n1\n"))
    return path


def stored(path: Path | str) -> StoredFile:
    return list_files(str(path))[0]


def text(copy: str) -> bytes:
    return b"".join(unpacked(copy, "zstd"))


def test_a_file_that_duckdb_reads_is_not_copied(copies: Copies, packed: Path) -> None:
    assert copies.readable(stored(packed), "csv", "gzip") == str(packed)
    assert copies.readable_files(str(packed), ["a", "b"], "parquet", "none") == ("a", "b")
    assert not copies.folder.exists()


def test_a_copy_holds_the_text_and_is_made_once(copies: Copies, packed: Path) -> None:
    copy = copies.readable(stored(packed), "csv", "bzip2")
    assert text(copy) == b"id\n1\n"
    before = Path(copy).stat()
    assert copies.readable(stored(packed), "csv", "bzip2") == copy
    assert Path(copy).stat() == before


def test_a_copy_that_is_gone_is_made_again(copies: Copies, packed: Path) -> None:
    copy = copies.readable(stored(packed), "csv", "bzip2")
    Path(copy).unlink()
    assert text(copies.readable(stored(packed), "csv", "bzip2")) == b"id\n1\n"


def test_a_file_that_changed_is_copied_anew_and_its_old_copy_goes(copies: Copies, packed: Path) -> None:
    old = copies.readable(stored(packed), "csv", "bzip2")
    packed.write_bytes(bz2.compress(b"id\n2\n"))
    os.utime(packed, ns=(1, 1))
    new = copies.readable(stored(packed), "csv", "bzip2")
    assert text(new) == b"id\n2\n"
    assert [str(path) for path in copies.folder.iterdir()] == [new] != [old]


def test_files_of_one_name_in_two_folders_have_two_copies(copies: Copies, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "x.bz2").write_bytes(bz2.compress(b"%d" % number))
        os.utime(tmp_path / f"{number}" / "x.bz2", ns=(1, 1))
    found = [text(copies.readable(stored(tmp_path / f"{number}" / "x.bz2"), "csv", "bzip2")) for number in (1, 2)]
    assert found == [b"1", b"2"]


def test_a_file_without_a_version_is_copied_each_time(copies: Copies, packed: Path) -> None:
    file = StoredFile(str(packed), 1, "")
    copies.readable(file, "csv", "bzip2")
    packed.write_bytes(bz2.compress(b"id\n3\n"))
    assert text(copies.readable(file, "csv", "bzip2")) == b"id\n3\n"


def test_nothing_is_left_of_a_copy_that_fails(copies: Copies, packed: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:-5])
    with pytest.raises(InvalidInputError, match=r"x\.csv\.bz2' is cut short or damaged"):
        copies.readable(stored(packed), "csv", "bzip2")
    assert list(copies.folder.iterdir()) == []


def test_a_process_that_dies_while_copying_leaves_no_copy(
    copies: Copies, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(path: str, compression: str) -> Iterator[bytes]:
        yield b"id\n"
        seen.extend(copies.folder.glob("[!.]*"))
        raise KeyboardInterrupt

    seen: list[Path] = []
    monkeypatch.setattr(copies_module, "unpacked", dies)
    with pytest.raises(KeyboardInterrupt):
        copies.readable(stored(packed), "csv", "bzip2")
    assert seen == list(copies.folder.iterdir()) == []


@pytest.fixture
def remote() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    filesystem.rm("/copied", recursive=True)


def test_remote_files_are_copied_to_this_machine(copies: Copies, remote: Any, tmp_path: Path) -> None:
    orc.write_table(pa.table({"id": [1, 2]}), tmp_path / "x.orc")
    remote.pipe("/copied/x.orc", (tmp_path / "x.orc").read_bytes())
    (copy,) = copies.readable_files("memory:///copied/", ["memory:///copied/x.orc"], "orc", "none")
    with closing(connect()) as connection:
        assert connection.execute(f"FROM {literal(copy)}").fetchall() == [(1,), (2,)]


def test_a_file_that_is_gone_is_named(copies: Copies, packed: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^No file at '.*gone\.bz2'\. Put it back, or crawl again if it moved"):
        copies.readable_files(str(tmp_path), [str(packed), str(tmp_path / "gone.bz2")], "csv", "bzip2")


def test_a_file_that_cannot_be_read_is_not_called_damaged(copies: Copies, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^No file at '.*gone\.orc'"):
        copies.readable(StoredFile(str(tmp_path / "gone.orc"), 1, "1"), "orc", "none")


def test_errors_name_the_file_and_not_its_copy(copies: Copies, packed: Path) -> None:
    copy = copies.readable(stored(packed), "csv", "bzip2")
    with pytest.raises(InvalidInputError, match=rf"^Line 2 of '{packed}' is odd\.$"), copies.named():
        raise InvalidInputError(f"Line 2 of '{copy}' is odd.")


def test_a_type_that_parquet_lacks_is_named(copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    monkeypatch.setitem(copies_module._READERS, "orc", lambda file: iter([pa.table({"u": union})]))
    (tmp_path / "x.orc").write_bytes(b"ORC")
    with pytest.raises(InvalidInputError, match=r"x\.orc' cannot be read as a table: .*union.*\. Write it as Parquet"):
        copies.readable(stored(tmp_path / "x.orc"), "orc", "none")
    assert list(copies.folder.iterdir()) == []


def rows_written(text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(text)

    return write


def test_a_snapshot_of_the_same_rows_is_the_same_file(copies: Copies) -> None:
    first = copies.snapshot("shop:people", rows_written("one"))
    changed = Path(first).stat().st_mtime_ns
    assert copies.snapshot("shop:people", rows_written("one")) == first
    assert Path(first).stat().st_mtime_ns == changed
    assert [path.name for path in copies.folder.iterdir()] == [Path(first).name]


def test_a_reader_keeps_its_snapshot_while_later_ones_come(copies: Copies) -> None:
    first = copies.snapshot("shop:people", rows_written("one"))
    second = copies.snapshot("shop:people", rows_written("two"))
    assert [Path(path).read_text() for path in (first, second)] == ["one", "two"]


def test_a_snapshot_that_nobody_asked_for_since_a_day_goes(copies: Copies) -> None:
    first, other = (copies.snapshot(source, rows_written("one")) for source in ("shop:people", "shop:orders"))
    two_days_ago = time.time() - 2 * DAY
    for path in (first, other):
        os.utime(path, (two_days_ago, two_days_ago))
    second = copies.snapshot("shop:people", rows_written("two"))
    assert {str(path) for path in copies.folder.iterdir()} == {other, second}


def test_a_snapshot_that_was_asked_for_today_stays_however_old_it_is(copies: Copies) -> None:
    first = copies.snapshot("shop:people", rows_written("one"))
    two_days_ago = time.time() - 2 * DAY
    os.utime(first, (two_days_ago, two_days_ago))
    copies.snapshot("shop:people", rows_written("one"))
    copies.snapshot("shop:people", rows_written("two"))
    assert Path(first).read_text() == "one"


def test_nothing_is_left_of_a_snapshot_that_fails(copies: Copies) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise InvalidInputError("the server went away")

    with pytest.raises(InvalidInputError, match="went away"):
        copies.snapshot("shop:people", fail)
    assert list(copies.folder.iterdir()) == []


def test_errors_name_the_source_and_not_its_snapshot(copies: Copies) -> None:
    copy = copies.snapshot("shop:people", rows_written("one"))
    with pytest.raises(InvalidInputError, match=r"^'shop:people' is bad$"), copies.named():
        raise InvalidInputError(f"'{copy}' is bad")
