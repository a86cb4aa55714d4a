"""How this process deals with memory: what was freed is kept for the next table of numbers."""

import ctypes
import sys
from functools import cache

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
LARGEST, PAD = 2**31 - 1, 256 << 20


@cache
def keep_freed_memory() -> None:
    """Tell the C library not to give freed memory back to the system at once.

    Matching makes and frees large arrays by the hundred.  Each fresh page has to be cleared by the system first, which
    was a sixth of the time at 100,000 rows.  Only glibc knows these settings (mallopt(3)); elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for setting, value in ((M_MMAP_THRESHOLD, LARGEST), (M_TRIM_THRESHOLD, LARGEST), (M_TOP_PAD, PAD)):
            mallopt(setting, value)
