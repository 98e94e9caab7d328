"""Settings of the whole process that make large arrays faster.  Nothing here happens unasked.

They reach below NumPy and change what other libraries in the process see; so they are left to the program, which calls
them where it begins.
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def keep_freed_memory(size: int = 1 << 30) -> bool:
    """Let the C library keep up to so many bytes of freed memory, and take large arrays from there.

    Otherwise it gives the memory of large arrays back to the system when they die, and asks for new pages, which the system
    must clear, for the next.  The price: a process may hold on to the most memory that it ever used, up to `size`.

    Return whether that was possible: with glibc, on Linux.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, size) and mallopt(M_TRIM_THRESHOLD, size))
