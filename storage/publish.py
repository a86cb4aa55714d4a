"""Publishing: a file becomes visible whole or not at all, and what was there before stays until then."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from errors import FindMatchesError, InvalidInputError, StorageUnreachableError
from storage.files import filesystem_of, is_remote, local_path, may_pass, reason_of

FULL = {errno.ENOSPC, errno.EDQUOT}
TEMPORARY = ".findmatches-"
DAY = 24 * 60 * 60


@contextmanager
def publishing(path: str) -> Iterator[Path]:
    """Give a temporary file to write; when the block ends without an error, its content appears at `path` at once.

    The temporary file is there, empty, and has the ending of `path`. After an error it is gone and `path` is as it
    was. Folders are not made here; a link is followed, so that the file it points to is the one replaced.
    """
    with _temporary_file(path) as temporary:
        with _full_disk_named(path):
            yield temporary
        with _refusal_explained(path):
            _upload(temporary, path) if is_remote(path) else _replace(temporary, _target(path))


def check_writable(path: str) -> None:
    """Raise now, before hours of work, when `publishing` could not write to `path`."""
    with _temporary_file(path), _refusal_explained(path):
        if is_remote(path):
            _check_remote(path)


def make_folder_of(path: str) -> None:
    """Make the folder that `path` is to be written into; stores of objects need none."""
    if not is_remote(path):
        with _refusal_explained(path):
            local_path(path).parent.mkdir(parents=True, exist_ok=True)


def remove_leftovers(folder: Path, seconds: float = DAY) -> None:
    """Remove the temporary files of processes that were killed while they published into `folder`, so long ago."""
    for left in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):  # another process may be quicker
            if time.time() - left.stat().st_mtime > seconds:
                left.unlink()


@contextmanager
def _temporary_file(path: str) -> Iterator[Path]:
    """An empty file beside a local `path`, in the system's folder for a remote one; it is gone in the end."""
    with _refusal_explained(path):
        folder = Path(tempfile.gettempdir()) if is_remote(path) else _target(path).parent
        # hidden, so that a listing of the folder never shows half a file
        temporary = folder / f"{TEMPORARY}{uuid4().hex[:12]}{''.join(Path(path).suffixes[-2:])}"
        temporary.touch()
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _target(path: str) -> Path:
    """The file a local `path` stands for, when one may be there."""
    target = local_path(path).resolve()
    if target.is_dir():
        raise _cannot_write(path, "it is a folder", "Name a file in it.")
    if target.exists() and not target.is_file():
        raise _cannot_write(path, "it is not a regular file", "Name another file.")
    if target.exists() and not os.access(target, os.W_OK):
        raise _cannot_write(path, "it is read-only", "Name another file, or mend its permissions.")
    if not target.parent.is_dir():
        raise _cannot_write(path, f"there is no folder '{target.parent}'", "Make it, or name another file.")
    return target


def _replace(temporary: Path, target: Path) -> None:
    """Put the temporary file in the target's place, on disk before it is visible."""
    if target.exists():
        shutil.copymode(target, temporary)
    _flush(temporary)
    temporary.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _upload(temporary: Path, path: str) -> None:
    """One put: a store shows an object only when all of it has arrived."""
    filesystem_of(path).put_file(str(temporary), path)


def _check_remote(path: str) -> None:
    if path.endswith(("/", "://")):
        raise _cannot_write(path, "it names no file", "Give a file name, such as s3://bucket/folder/file.csv.")
    if path.startswith("s3://"):
        filesystem, (bucket, key) = filesystem_of(path), path.removeprefix("s3://").split("/", 1)
        _check_bucket(filesystem, path, bucket)
        _check_upload(filesystem, bucket, key)


def _check_bucket(filesystem: Any, path: str, bucket: str) -> None:
    try:
        filesystem.info(bucket)
    except FileNotFoundError as error:
        raise _cannot_write(path, f"there is no bucket '{bucket}'", "Make it, or name another one.") from error
    except PermissionError:
        return  # who may write need not be allowed to look


def _check_upload(filesystem: Any, bucket: str, key: str) -> None:
    """Begin an upload and give it up: it needs the same permission as writing, and nobody ever sees it."""
    upload = filesystem.call_s3("create_multipart_upload", Bucket=bucket, Key=key)
    with suppress(PermissionError):  # who may write need not be allowed to give up
        filesystem.call_s3("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=upload["UploadId"])


@contextmanager
def _full_disk_named(path: str) -> Iterator[None]:
    """Say that the disk is full in the words of the one who writes `path`."""
    try:
        yield
    except Exception as error:
        if not _is_full(error):
            raise
        raise InvalidInputError(
            f"Disk full while writing '{path}'; what was there before is unchanged. Free some space and run again."
        ) from error


@contextmanager
def _refusal_explained(path: str) -> Iterator[None]:
    """Say in one sentence why `path` cannot be written, when storage refuses."""
    try:
        with _full_disk_named(path):
            yield
    except FindMatchesError:
        raise
    except Exception as error:
        if not (reason := reason_of(error)):
            raise
        if may_pass(error):
            raise StorageUnreachableError(f"Cannot write '{path}': {reason}. Try again later.") from error
        raise _cannot_write(path, reason, "Choose a place you may write to.") from error


def _is_full(error: Exception) -> bool:
    """Whether the disk or quota is used up; DuckDB and Arrow say so in their own exceptions."""
    number = error.errno if isinstance(error, OSError) else None
    return number in FULL or any(os.strerror(code) in str(error) for code in FULL)


def _cannot_write(path: str, reason: str, advice: str) -> InvalidInputError:
    return InvalidInputError(f"Cannot write '{path}': {reason}. {advice}")
