"""Memory: large arrays kept in files instead, and how the process deals with what was freed.

An array in a file is a mapped file without a name: it reads like any other, and is gone with the process, however that
ends.  What was read of it stays in memory until `let_go` gives it back; the system's file cache keeps it while there is
room.
"""

import ctypes
import errno
import mmap
import os
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import DTypeLike, NDArray

from errors import InvalidInputError

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
NEVER, PAD, GIVEN_BACK = 2**31 - 1, 64 << 20, 32 << 20


@dataclass(frozen=True)
class Spill:
    """Where arrays of more than `most_bytes` are kept: in files in `folder`; in memory all the same without one."""

    folder: Path | None = None
    most_bytes: int = 64 << 20

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array as numpy.empty does; InvalidInputError where the disk has no room for it."""
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if self.folder is None or size <= self.most_bytes:
            return np.empty(shape, dtype=dtype)
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder) as file:
            _take_room(file.fileno(), size, self.folder)
            mapped = mmap.mmap(file.fileno(), size)
        return np.frombuffer(mapped, dtype=dtype).reshape(shape)


IN_MEMORY = Spill()


def let_go(*arrays: NDArray[Any] | sp.csr_matrix) -> None:
    """Give back the memory of arrays that are kept in files, until they are read again; others stay as they are."""
    for array in arrays:
        parts = (array.data, array.indices) if isinstance(array, sp.csr_matrix) else (array,)
        for mapped in filter(None, map(_mapped_by, parts)):
            if hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)


def is_in_file(matrix: sp.csr_matrix) -> bool:
    """Return whether the entries of a sparse matrix are kept in a file."""
    return _mapped_by(matrix.data) is not None


def _take_room(file: int, size: int, folder: Path) -> None:
    """Make the file so large; a disk that is full says so now, and does not end the process at a later write."""
    take = getattr(os, "posix_fallocate", lambda file, _, size: os.truncate(file, size))
    try:
        take(file, 0, size)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InvalidInputError(
            f"Disk full: '{folder}', where large arrays are kept, has no room for {size / 2**20:,.0f} MiB more. "
            "Free some space, raise --memory-limit, or put the workspace on another disk with FINDMATCHES_HOME."
        ) from error


def _mapped_by(array: NDArray[Any]) -> mmap.mmap | None:
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    owner = owner.obj if isinstance(owner, memoryview) else owner
    return owner if isinstance(owner, mmap.mmap) else None


@cache
def keep_freed_memory() -> None:
    """Tell the C library not to give freed memory back to the system at once, but for arrays of GIVEN_BACK bytes.

    Matching makes and frees arrays by the hundred.  Each fresh page has to be cleared by the system first, which was a
    sixth of the time at 100,000 rows.  Only glibc knows these settings (mallopt(3)); elsewhere nothing happens.
    """
    mallopt = _of_c_library("mallopt")
    if mallopt is not None:
        for setting, value in ((M_MMAP_THRESHOLD, GIVEN_BACK), (M_TRIM_THRESHOLD, NEVER), (M_TOP_PAD, PAD)):
            mallopt(setting, value)


def give_back_freed_memory() -> None:
    """Give the system what was freed until now: between steps that have little to do with each other."""
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c_library(name: str) -> Any:
    """Return a function of glibc, None where the C library is another one."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
