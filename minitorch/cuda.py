"""CUDA devices, with PyTorch's names.  Nothing here imports CuPy until a device is really used."""

from __future__ import annotations

from typing import Any

from .backend import cuda as _cuda
from .backend import random
from .backend.cuda import device_count, is_available

__all__ = [
    "current_device", "device_count", "empty_cache", "get_device_name", "is_available", "manual_seed",
    "manual_seed_all", "memory_allocated", "set_device", "synchronize",
]  # fmt: skip


def manual_seed(seed: int) -> None:
    """Seed the default stream, from which the numbers for every device are drawn."""
    random.manual_seed(seed)


manual_seed_all = manual_seed


def current_device() -> int:
    """Return the index of the device on which `device("cuda")` allocates."""
    return int(_cuda.module().cuda.Device().id)


def set_device(device: Any) -> None:
    """Make a device, given by its index or as `cuda:1`, the current one."""
    index = device if isinstance(device, int) else int(str(device).partition(":")[2] or 0)
    _cuda.module().cuda.Device(index).use()


def get_device_name(device: Any = None) -> str:
    """Return the name of a device."""
    index = current_device() if device is None else int(str(device).rpartition(":")[2])
    name: bytes = _cuda.module().cuda.runtime.getDeviceProperties(index)["name"]
    return name.decode()


def synchronize(device: Any = None) -> None:
    """Wait until everything that was started on the current device is done."""
    _cuda.module().cuda.Device().synchronize()


def memory_allocated(device: Any = None) -> int:
    """Return the bytes that arrays take in the memory pool; 0 without CUDA."""
    return 0 if not is_available() else int(_cuda.module().get_default_memory_pool().used_bytes())


def empty_cache() -> None:
    """Give unused memory of the pool back to the device; does nothing without CUDA."""
    if is_available():
        _cuda.module().get_default_memory_pool().free_all_blocks()
