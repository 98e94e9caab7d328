"""Settings of the whole process that make NumPy faster.  Nothing here happens unasked: call `tune()` where a program begins.

Both settings reach below NumPy, with `ctypes`, and change what other libraries in the process see; so they are left to the
program.  They do nothing where they do not apply: other systems than Linux, other C or BLAS libraries.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import numpy as np

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
AVX512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"}  # what OpenBLAS's SkylakeX needs


def tune() -> list[str]:
    """Keep freed memory, and let OpenBLAS use all of the processor; return what was changed, in words.

    Call it before other threads compute.  `OPENBLAS_CORETYPE` in the environment is respected.
    """
    return [change for change in (keep_freed_memory(), use_the_whole_processor()) if change]


def keep_freed_memory(size: int = 1 << 30) -> str:
    """Let the C library keep up to so many bytes of freed memory, and take large arrays from there.

    Otherwise it returns every array of 32 MB or more to the system when it dies, and asks for new pages, which the system
    must clear, for the next.  The price: a process holds on to the most memory that it ever used, up to `size`.
    """
    if not sys.platform.startswith("linux"):
        return ""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return ""
    done = mallopt(M_MMAP_THRESHOLD, size) and mallopt(M_TRIM_THRESHOLD, size)
    return f"malloc keeps up to {size >> 20} MB of freed memory" if done else ""


def use_the_whole_processor() -> str:
    """Let NumPy's OpenBLAS use AVX-512 on processors that have it but whose name OpenBLAS does not know.

    OpenBLAS chooses its kernels by the processor's name when it is loaded; of a name that is newer than itself it takes the
    oldest safe ones, of half the speed.  Chosen again, with the kernels named: 110 -> 215 GFLOP/s on one thread.
    """
    wanted = "SkylakeX"
    library = openblas()
    if library is None or core(library) not in ("Haswell", "Zen") or not flags() >= AVX512:
        return ""
    if "OPENBLAS_CORETYPE" in os.environ:
        return ""
    os.environ["OPENBLAS_CORETYPE"] = wanted  # OpenBLAS reads the C library's environment, which this changes too
    library.gotoblas_dynamic_quit()
    library.gotoblas_dynamic_init()
    return f"OpenBLAS uses its kernels for {core(library)} (AVX-512)"


def openblas() -> ctypes.CDLL | None:
    """Return the OpenBLAS that came with NumPy, if it is one that can choose its kernels again."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for path in sorted(folder.glob("libscipy_openblas*")):
        library = ctypes.CDLL(str(path))
        if all(hasattr(library, name) for name in ("gotoblas_dynamic_quit", "gotoblas_dynamic_init", NAME_OF_CORE)):
            return library
    return None


NAME_OF_CORE = "scipy_openblas_get_corename64_"


def core(library: ctypes.CDLL) -> str:
    """Return for which processor OpenBLAS's kernels are."""
    function = getattr(library, NAME_OF_CORE)
    function.restype = ctypes.c_char_p
    return str(function().decode())


def flags() -> set[str]:
    """Return what the processor can do, by Linux's names; nothing where that is not known."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    line = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return set(line.partition(":")[2].split())
