import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest

from errors import InvalidInputError
from storage import publish
from storage.publish import check_writable, publishing

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A file with old content, alone in its folder."""
    path = tmp_path / "out" / "matches.csv"
    path.parent.mkdir()
    path.write_text("old")
    return path


def is_untouched(output: Path) -> bool:
    return output.read_text() == "old" and list(output.parent.iterdir()) == [output]


def write(path: Path, error: BaseException | None = None) -> None:
    """Publish "new" at a path, failing half-way with `error`."""
    with publishing(str(path)) as temporary:
        temporary.write_text("new")
        if error:
            raise error


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_what_was_written_is_there_afterwards_and_nothing_else(output: Path) -> None:
    with publishing(str(output)) as temporary:
        temporary.write_text("new")
        assert output.read_text() == "old"
    assert output.read_text() == "new"
    assert list(output.parent.iterdir()) == [output]


def test_the_temporary_file_is_hidden_and_ends_like_the_output(tmp_path: Path) -> None:
    with publishing(str(tmp_path / "matches.csv.gz")) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.name.endswith(".csv.gz")


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()], ids=["a bug", "ctrl-c"])
def test_an_error_while_writing_leaves_the_old_whole_and_stays_what_it_is(output: Path, error: BaseException) -> None:
    with pytest.raises(type(error), match=str(error) or r"^$"):
        write(output, error)
    assert is_untouched(output)


def duckdb_full() -> duckdb.IOException:
    return duckdb.IOException('Could not write file "x": No space left on device')


@pytest.mark.parametrize(
    "error", [FULL, OSError(errno.EDQUOT, "quota"), duckdb_full()], ids=["disk", "quota", "as DuckDB says it"]
)
def test_a_full_disk_while_writing_is_named_and_leaves_the_old_whole(output: Path, error: Exception) -> None:
    message = r"^Disk full while writing '.*matches\.csv'; what was there before is unchanged"
    with pytest.raises(InvalidInputError, match=message):
        write(output, error)
    assert is_untouched(output)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_is_really_full_is_named(output: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^Disk full"), publishing(str(output)):
        Path("/dev/full").write_text("half")
    assert is_untouched(output)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_at_the_last_step_leaves_the_old_whole(
    output: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(os, step, failing(FULL))
    with pytest.raises(InvalidInputError, match=r"^Disk full"):
        write(output)
    assert is_untouched(output)


def test_permissions_of_the_old_file_stay(output: Path) -> None:
    output.chmod(0o640)
    write(output)
    assert stat.S_IMODE(output.stat().st_mode) == 0o640


def test_a_link_stays_and_the_file_behind_it_is_replaced(output: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest.csv"
    link.symlink_to(output)
    write(link)
    assert link.is_symlink()
    assert output.read_text() == "new"


@pytest.mark.parametrize(
    "try_it", [check_writable, lambda path: publishing(path).__enter__()], ids=["check", "publish"]
)
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    output: Path, try_it: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, reason in (
        (output.parent, "it is a folder"),
        (output.parent / "none" / "x.csv", r"there is no folder '.*none'\. Make it"),
        (output / "x.csv", "there is no folder"),
        (Path("/dev/null"), "it is not a regular file"),
        (output.parent / ("long" * 100), "File name too long"),
    ):
        with pytest.raises(InvalidInputError, match=rf"^Cannot write '{path}': {reason}"):
            try_it(str(path))
    monkeypatch.setattr(Path, "touch", failing(PermissionError(errno.EACCES, "Permission denied")))
    with pytest.raises(InvalidInputError, match=r"^Cannot write '.*matches\.csv': Permission denied\. Choose a place"):
        try_it(str(output))
    assert is_untouched(output)


def test_a_read_only_file_is_not_replaced(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write everything
    with pytest.raises(InvalidInputError, match="it is read-only"):
        check_writable(str(output))


def test_a_check_changes_nothing(output: Path) -> None:
    check_writable(str(output))
    check_writable(str(output.parent / "new.csv"))
    assert is_untouched(output)


def test_a_remote_file_appears_in_one_put_after_the_block(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(publish.tempfile, "gettempdir", lambda: str(tmp_path))
    memory = fsspec.filesystem("memory", use_listings_cache=False)
    memory.pipe("/bucket/matches.csv", b"old")
    check_writable("memory://bucket/matches.csv")
    with publishing("memory://bucket/matches.csv") as temporary:
        temporary.write_text("new")
        assert memory.cat("/bucket/matches.csv") == b"old"
    assert memory.cat("/bucket/matches.csv") == b"new"
    assert list(tmp_path.iterdir()) == []
    memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(FileNotFoundError("The specified bucket does not exist"), "Cannot write .*bucket does not exist"),
        pytest.param(PermissionError("Access Denied"), r"Cannot write .*: Access Denied\. Choose", id="denied"),
    ],
)
def test_a_put_that_is_refused_says_why(monkeypatch: pytest.MonkeyPatch, error: OSError, message: str) -> None:
    memory = fsspec.filesystem("memory", use_listings_cache=False)
    monkeypatch.setattr(memory, "put_file", failing(error), raising=False)
    with pytest.raises(InvalidInputError, match=f"^{message}"), publishing("memory://bucket/x.csv") as temporary:
        temporary.write_text("new")
    assert not memory.exists("/bucket/x.csv")


class Bucket:
    """Stands for an S3 filesystem that knows no bucket, or forbids to look."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def info(self, _: str) -> None:
        raise self.error

    def call_s3(self, method: str, **_: str) -> dict[str, str]:
        return {"UploadId": method}


def test_a_bucket_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "filesystem_of", lambda _: Bucket(FileNotFoundError("none")))
    with pytest.raises(InvalidInputError, match=r"^Cannot write 's3://none/x\.csv': there is no bucket 'none'"):
        check_writable("s3://none/x.csv")


def test_who_may_only_write_passes_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "filesystem_of", lambda _: Bucket(PermissionError("Forbidden")))
    check_writable("s3://bucket/x.csv")


def test_a_remote_folder_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError, match="it names no file"):
        check_writable("s3://bucket/folder/")
