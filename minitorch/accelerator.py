"""The accelerator of this machine, whatever it is: CUDA, or none."""

from __future__ import annotations

from . import cuda
from .backend.devices import device


def is_available() -> bool:
    """Tell whether there is an accelerator."""
    return cuda.is_available()


def current_accelerator(check_available: bool = False) -> device | None:
    """Return the kind of accelerator that can be used; None without one."""
    return device("cuda") if cuda.is_available() else None


def device_count() -> int:
    """Return how many there are."""
    return cuda.device_count()


def current_device_index() -> int:
    """Return the index of the current one."""
    return cuda.current_device()


def synchronize() -> None:
    """Wait until everything that was started on it is done; does nothing without one."""
    if cuda.is_available():
        cuda.synchronize()
