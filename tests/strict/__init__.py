"""A strict stand-in for CuPy, with two devices, on a machine without a GPU.

`strict` is an array library with CuPy's names; its arrays are NumPy memory that behaves like device memory.  Code that
runs on it runs on a GPU, because it

* refuses what the GPU refuses: NumPy arrays as operands, NumPy functions on its arrays, names and keyword arguments
  that CuPy does not have (`cupy_api.json` lists those that it has), operands on different devices;
* returns what the GPU returns: arrays without dimensions where NumPy has scalars, C order, copies at the door;
* makes mistakes visible: fresh memory is full of nan, writes with repeated indices are refused, and every wait for the
  device is counted, or forbidden inside `no_sync()`.

It is stricter than CuPy in three places, on purpose: NumPy functions on a device array, NumPy arrays as indices and
operands on two devices may work in CuPy, by hidden copies.
"""

from minitorch.backend.devices import DeviceKind, register_device

from .array import ndarray
from .device import COUNT, Device, StrictError, counts, forbid, no_sync
from .library import strict

__all__ = ["COUNT", "Device", "StrictError", "counts", "forbid", "ndarray", "no_sync", "register", "strict"]


def register() -> None:
    """Make `strict`, `strict:0` and `strict:1` devices of minitorch."""
    register_device(DeviceKind("strict", lambda: strict, lambda: strict, lambda: COUNT))
