"""Stored files: what lies under a path, and reading it. Local paths and whatever fsspec has, s3:// first.

A listing is asked for each time, never remembered: a file that landed a second ago is seen.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from errors import FindMatchesError, InvalidInputError, StorageUnreachableError, closest
from storage.s3 import S3_ROUNDS, s3_objects, s3_options
from storage.url_secrets import check_no_secret, without_logins

READ_AHEAD = 8 * 2**20  # bytes fetched at once when a remote file is read through


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file: `path` is absolute or a URL, `size` in bytes, `version` changes whenever the content does.

    `written_on` says when, as the store has it; the same content that is put there again has another time.
    """

    path: str
    size: int
    version: str
    written_on: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


def is_remote(path: str) -> bool:
    """Whether `path` is a URL of another place than this machine's disks.

    >>> is_remote("s3://bucket/people.csv"), is_remote("data/people.csv"), is_remote("file:///data/people.csv")
    (True, False, False)
    """
    return "://" in path and not path.startswith("file://")


def local_path(path: str) -> Path:
    """The absolute form of a local `path`, links kept as they are."""
    return Path(os.path.abspath(Path(path.removeprefix("file://")).expanduser()))  # noqa: PTH100 resolve() would follow links


def filesystem_of(path: str) -> Any:
    """The fsspec filesystem a URL lies on; s3fs takes keys, profile, region and endpoint from the AWS_… variables."""
    import fsspec

    check_no_secret(path)
    options = s3_options() if _is_s3(path) else {}
    try:
        filesystem = fsspec.filesystem(path.partition("://")[0], use_listings_cache=False, **options)
    except (ImportError, ValueError) as error:
        raise InvalidInputError(f"Cannot reach '{path}': {error}. Give a local path or an s3:// URL.") from error
    if options:
        filesystem.retries = S3_ROUNDS
    return filesystem


def list_files(path: str) -> list[StoredFile]:
    """The files at `path`: itself, or every file below the folder or prefix, sorted by path.

    Names that start with . or _ are skipped at every level below `path` (markers, temporary files). An empty folder
    gives an empty list; a path where nothing is raises.
    """
    if not path.strip():
        raise InvalidInputError("No path given. Give a file, a folder or an s3:// prefix.")
    with reading(path):
        found = _list_remote(path) if is_remote(path) else _list_local(local_path(path))
    return sorted(found, key=lambda file: file.path)


def location_of(path: str, files: Sequence[StoredFile]) -> str:
    """The absolute form of `path`, under which `files` were found; that of a folder ends with /."""
    place = _full_url(filesystem_of(path), path) if is_remote(path) else str(local_path(path))
    return place if [file.path for file in files] == [place] else f"{place.rstrip('/')}/"


def folder_location(path: str) -> str:
    """The absolute form of the folder or prefix at `path`, ending with /; nothing is asked for."""
    return f"{_full_url(filesystem_of(path), path) if is_remote(path) else local_path(path)}".rstrip("/") + "/"


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes from the first to the last."""
    with reading(path), _open(path, block_size=READ_AHEAD) as file:
        yield file


def read_head(path: str, size: int) -> bytes:
    """The first `size` bytes; of a remote file no more than those are fetched."""
    with reading(path), _open(path, cache_type="none") as file:
        return file.read(size)


def read_bytes(path: str) -> bytes:
    """The whole file, in memory."""
    with opened(path) as file:
        return file.read()


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Say in one sentence why `path` cannot be read, when it cannot."""
    try:
        yield
    except FindMatchesError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidInputError(_nothing_at(path)) from error
    except Exception as error:
        if reason := reason_of(error):
            kind = StorageUnreachableError if may_pass(error) else InvalidInputError
            raise kind(f"Cannot read '{path}': {reason}.") from error
        raise


def reason_of(error: BaseException) -> str | None:
    """Why storage refused, on one line; None when `error` does not come from storage.

    >>> reason_of(PermissionError(13, "Permission denied", "/data")), reason_of(KeyError("x"))
    ('Permission denied', None)
    """
    if isinstance(error, OSError):
        return _one_line(error.strerror or str(error) or type(error).__name__)
    if type(error).__name__ == "NoCredentialsError":
        return "no AWS credentials found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if type(error).__module__.partition(".")[0] in {"botocore", "aiobotocore", "aiohttp"}:
        return _one_line(str(error))
    return None


def _one_line(words: str) -> str:
    return " ".join(without_logins(words).split()).rstrip(".")


def may_pass(error: BaseException) -> bool:
    """Whether storage may answer another time: the network failed, or the store is busy or down.

    >>> may_pass(ConnectionResetError()), may_pass(PermissionError())
    (True, False)
    """
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(map(_is_passing, causes))


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return status >= 500 or status == 429
    is_of_network = type(error).__module__.partition(".")[0] in {"botocore", "aiobotocore", "aiohttp"}
    return is_of_network and any(word in type(error).__name__ for word in ("Connect", "Timeout", "Incomplete"))


def _open(path: str, **remote_options: Any) -> BinaryIO:
    if not is_remote(path):
        return local_path(path).open("rb")
    file: BinaryIO = filesystem_of(path).open(path, "rb", **remote_options)
    return file


def _list_local(path: Path) -> list[StoredFile]:
    if path.is_dir():
        return [_local_file(file) for file in _visible_files(path)]
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"'{path}' is neither a file nor a folder. Give a file, a folder or an s3:// prefix.")
    return [_local_file(path)]


def _local_file(path: Path) -> StoredFile:
    status = path.stat()
    return StoredFile(str(path), status.st_size, str(status.st_mtime_ns))


def _visible_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        visible = (Path(parent, name) for name in names if not _is_hidden(name))
        yield from (file for file in visible if file.is_file())


def _list_remote(path: str) -> list[StoredFile]:
    filesystem = filesystem_of(path)
    root = filesystem._strip_protocol(path)  # noqa: SLF001 fsspec has no public name
    if not path.endswith("/") and filesystem.isfile(root):
        return [_remote_file(filesystem, root, filesystem.info(root))]
    entries = s3_objects(filesystem, root) if _is_s3(path) else filesystem.find(root, detail=True).items()
    found = [_remote_file(filesystem, name, info) for name, info in entries if _is_record_file(name, root, info)]
    if not found and not filesystem.isdir(root):
        raise FileNotFoundError(path)
    return found


def _is_s3(path: str) -> bool:
    return path.partition("://")[0] in {"s3", "s3a"}


def _full_url(filesystem: Any, path: str) -> str:
    """A remote path in the one spelling that listings use."""
    url: str = filesystem.unstrip_protocol(filesystem._strip_protocol(path))  # noqa: SLF001 fsspec has no public name
    return url


def _is_record_file(name: str, root: str, info: dict[str, Any]) -> bool:
    """Whether a remote entry is a visible file; stores keep folders as empty objects whose name ends with /."""
    parts = name.removeprefix(root).strip("/").split("/")
    return info["type"] == "file" and not name.endswith("/") and not any(map(_is_hidden, parts))


def _remote_file(filesystem: Any, name: str, info: dict[str, Any]) -> StoredFile:
    version = info.get("ETag") or info.get("mtime") or info.get("LastModified") or info.get("created") or ""
    written_on = str(info.get("LastModified") or "")
    return StoredFile(filesystem.unstrip_protocol(name), int(info["size"]), str(version).strip('"'), written_on)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _nothing_at(path: str) -> str:
    if is_remote(path):
        return f"No file at '{path}'. Check the bucket, the prefix and AWS_ENDPOINT_URL."
    local = local_path(path)
    siblings = [file.name for file in local.parent.iterdir()] if local.parent.is_dir() else []
    return f"No file at '{path}'.{closest(local.name, siblings)} Give a file, a folder or an s3:// prefix."


def _raise(error: OSError) -> None:
    raise error
