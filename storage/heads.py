"""The beginnings of many files, many fetched at once."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from errors import FindMatchesError
from storage.files import StoredFile, filesystem_of, is_remote, local_path, reading

AT_ONCE = 32  # files


def read_heads(
    files: Iterable[StoredFile], size: int, at_once: int = AT_ONCE
) -> Iterator[tuple[StoredFile, bytes | FindMatchesError]]:
    """The first `size` bytes of each file, in the order of `files`; of one that cannot be read, why.

    A remote file costs one GET and nothing beside it. No more than `at_once` heads are in memory.
    """
    waiting = iter(files)
    with ThreadPoolExecutor(at_once) as pool:
        fetched: deque[tuple[StoredFile, Future[bytes | FindMatchesError]]] = deque()
        try:
            for file in islice(waiting, at_once):
                fetched.append((file, pool.submit(_head, file, size)))
            while fetched:
                file, future = fetched.popleft()
                yield file, future.result()
                for following in islice(waiting, 1):
                    fetched.append((following, pool.submit(_head, following, size)))
        finally:
            for _, future in fetched:
                future.cancel()


def _head(file: StoredFile, size: int) -> bytes | FindMatchesError:
    try:
        with reading(file.path):
            return _fetched(file, size)
    except FindMatchesError as error:
        return error


def _fetched(file: StoredFile, size: int) -> bytes:
    if not is_remote(file.path):
        with local_path(file.path).open("rb") as opened:
            return opened.read(size)
    wanted = min(size, file.size)
    if not wanted:
        return b""
    head: bytes = filesystem_of(file.path).cat_file(file.path, start=0, end=wanted)
    return head
