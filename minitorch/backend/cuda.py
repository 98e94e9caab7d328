"""Finding CuPy and a CUDA device: lazily, without raising, and with one sentence that says what to do.

`import minitorch` never imports CuPy.  `is_available()` never raises.  `module()` returns CuPy, or raises
`CUDAUnavailable` with the reason: no driver, no CuPy, several CuPys, too old, libraries missing, no device.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import importlib.util
from typing import Any

OLDEST = (14, 0)  # NumPy 2's promotion rules


class CUDAUnavailable(RuntimeError):
    """CUDA was asked for and cannot be used; the message says why and what to install."""


def driver_version() -> tuple[int, int] | None:
    """Return the newest CUDA version that the NVIDIA driver supports, or None without a driver."""
    version = ctypes.c_int()
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            failed = ctypes.CDLL(name).cuDriverGetVersion(ctypes.byref(version))
        except (OSError, AttributeError):  # no such library, or an empty stand-in for it
            continue
        if not failed and version.value:
            return version.value // 1000, version.value % 1000 // 10
    return None


def real(module: Any) -> Any:
    """Return the module if it is CuPy; None for nothing, and for a stray folder named `cupy` on the path."""
    return module if hasattr(module, "ndarray") else None


def installed() -> list[str]:
    """Return the names of the installed CuPy packages (`cupy-cuda12x`, …)."""
    names = {str(d.name or "").lower().replace("_", "-") for d in importlib.metadata.distributions()}
    return sorted(name for name in names if name == "cupy" or name.startswith(("cupy-cuda", "cupy-rocm")))


def _found() -> bool:
    """Tell whether a CuPy could be imported; a namespace package (a folder without code) is none."""
    spec = importlib.util.find_spec("cupy")
    return spec is not None and spec.origin is not None


@functools.cache
def why_not() -> str:
    """Return '' when CUDA can be used, else one sentence that says why not and what to do."""
    extra = "cuda13"
    try:
        driver = driver_version()
        if driver is None:
            prefix = "CuPy is installed, but no" if _found() else "no"
            return f"{prefix} NVIDIA driver was found (libcuda.so.1), so tensors stay on the CPU"
        extra = "cuda12" if driver[0] < 13 else "cuda13"
        return _try_packages(driver, extra)
    except ImportError as error:
        return f'a CUDA library is missing ({_first_line(error)}): pip install "cupy-{extra}x[ctk]" brings them'
    except Exception as error:  # whatever CuPy raises, asking must not
        return f"CuPy cannot use the device: {type(error).__name__}: {_first_line(error)}"


def _try_packages(driver: tuple[int, int], extra: str) -> str:
    """Look for exactly one CuPy, then try it."""
    if driver[0] < 12:
        return f"the NVIDIA driver supports CUDA {driver[0]}.{driver[1]} only: update it to one for CUDA 12 or newer"
    if not _found():
        supported = f"{driver[0]}.{driver[1]}"
        return f'CuPy is not installed; the driver supports CUDA {supported}: pip install "cupy-{extra}x[ctk]"'
    packages = installed()
    if len(packages) > 1:
        return (
            f"several CuPy packages are installed ({', '.join(packages)}) and overwrite each other: "
            f'uninstall them all, then pip install "cupy-{extra}x[ctk]"'
        )
    return _try_device(packages[0] if packages else "cupy", driver, extra)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def _try_device(package: str, driver: tuple[int, int], extra: str) -> str:
    """Import CuPy and multiply two small matrices, so that its compiler and cuBLAS are really loaded."""
    import cupy

    if tuple(int(part) for part in cupy.__version__.split(".")[:2]) < OLDEST:
        return (
            f"CuPy {cupy.__version__} is too old, {OLDEST[0]}.{OLDEST[1]} or newer is needed: "
            f'pip install -U "cupy-{extra}x[ctk]"'
        )
    runtime = cupy.cuda.runtime
    built_for = runtime.runtimeGetVersion() // 1000
    if driver[0] < built_for:
        return (
            f"{package} needs a CUDA {built_for} driver, this one supports {driver[0]}.{driver[1]}: "
            f'pip uninstall {package}, then pip install "cupy-{extra}x[ctk]"'
        )
    if runtime.getDeviceCount() == 0:
        return "the driver reports no CUDA device (is CUDA_VISIBLE_DEVICES empty?)"
    square = cupy.ones((2, 2), cupy.float32)
    (square @ square).get()
    return ""


def is_available() -> bool:
    """Tell whether tensors can live on a CUDA device.  Never raises; `why_not()` tells the reason."""
    return not why_not()


def device_count() -> int:
    """Return the number of CUDA devices that can be used; 0 without CuPy or a driver."""
    return int(module().cuda.runtime.getDeviceCount()) if is_available() else 0


def module() -> Any:
    """Return CuPy, or raise `CUDAUnavailable` with the reason."""
    if why_not():
        raise CUDAUnavailable(f'device "cuda" cannot be used: {why_not()}')
    import cupy

    return cupy
