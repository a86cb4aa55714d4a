import ctypes
import errno
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from errors import InvalidInputError
from matching import memory
from matching.memory import Spill, give_back_freed_memory, keep_freed_memory, let_go

SMALL, LARGE = (10,), (4, 5000)


@pytest.fixture
def spill(tmp_path: Path) -> Spill:
    return Spill(tmp_path / "runs", most_bytes=1000)


def mapped_kib(path: Path) -> int:
    """How much of files in a folder this process has in memory, by what the kernel says."""
    lines = Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines()
    found, inside = 0, False
    for line in lines:
        if "-" in line.split()[0]:
            inside = str(path) in line
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1])
    return found


def test_a_large_array_is_kept_in_a_file_and_reads_like_any_other(spill: Spill) -> None:
    array = spill.empty(LARGE, np.float32)
    array[:] = np.arange(20_000).reshape(LARGE)
    let_go(array)
    assert array.T[7].tolist() == [7, 5007, 10_007, 15_007]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what of a file is in memory")
def test_what_was_let_go_takes_no_memory_until_it_is_read_again(spill: Spill) -> None:
    array = spill.empty(LARGE, np.float32)
    array[:] = 1
    assert mapped_kib(spill.folder) >= 78
    let_go(array[1:].T)
    assert mapped_kib(spill.folder) == 0
    assert array.sum() == 20_000


def test_no_file_is_left_to_clean_up(spill: Spill) -> None:
    array = spill.empty(LARGE, np.float32)
    assert list(spill.folder.iterdir()) == []
    assert array.shape == LARGE


def test_a_small_array_makes_no_folder(spill: Spill) -> None:
    assert spill.empty(SMALL, np.int32).shape == SMALL
    assert not spill.folder.exists()


def test_without_a_folder_all_is_in_memory() -> None:
    array = Spill(most_bytes=1).empty(LARGE, np.float64)
    array[:] = 2
    let_go(array)
    assert array.sum() == 40_000


def test_the_vectors_of_a_sparse_matrix_are_let_go_too(spill: Spill) -> None:
    data, indices = spill.empty((20_000,), np.float32), spill.empty((20_000,), np.int32)
    data[:], indices[:] = 1, np.arange(20_000)
    matrix = sp.csr_matrix((data, indices, np.array([0, 20_000])), shape=(1, 20_000))
    let_go(matrix)
    assert matrix.sum() == 20_000


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system cannot take room beforehand")
def test_a_full_disk_says_so_before_anything_is_written(spill: Spill, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(InvalidInputError, match=r"Disk full: .*has no room for 0 MiB more"):
        spill.empty(LARGE, np.float32)


def test_only_glibc_is_told_how_to_deal_with_freed_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", never)
    keep_freed_memory.cache_clear()
    keep_freed_memory()
    give_back_freed_memory()


def test_freed_memory_is_dealt_with_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(memory, "_of_c_library", lambda name: lambda *setting: calls.append((name, *setting)))
    keep_freed_memory.cache_clear()
    keep_freed_memory()
    keep_freed_memory()
    assert [name for name, *_ in calls] == ["mallopt"] * 3
    keep_freed_memory.cache_clear()
