"""Devices, and the array libraries that own their memory.

A tensor's payload is a Python float, a NumPy array, or an array of another library with NumPy's
functions (CuPy).  Two questions are answered here, by two small tables:

* which library computes on this value?  `library(x)` looks at the *type* of x, so that no library is
  ever imported by asking;
* which library owns this device?  `KINDS["cuda"]`, filled by `register_device`.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import cuda, floats

Array = Any  # an array of whichever library

LIBRARY: dict[type, Any] = {float: floats, int: floats, bool: floats, complex: np, np.ndarray: np}
LIBRARY.update(dict.fromkeys(set(np.sctypeDict.values()), np))


def library(*values: Any) -> Any:
    """Return the module whose functions compute on these values: `floats`, `numpy`, `cupy`, …

    Numbers go along with anything: `library(2.0, array)`, and `library(np.float32(2), array)`, is the array's library.

    >>> library(2.0).__name__, library(2.0, np.ones(3)).__name__
    ('minitorch.backend.floats', 'numpy')
    """
    found: Any = floats
    for value in values:
        lib = LIBRARY.get(type(value)) or _adopt(value)
        if lib is np:
            found = np
        elif lib is not floats:
            return lib
    return found


def _adopt(value: Any) -> Any:
    """Register the library of an array seen for the first time, if one of the device kinds owns it."""
    for kind in KINDS.values():
        module = kind.loaded()
        if module is not None and isinstance(value, module.ndarray):
            LIBRARY[type(value)] = module
            return module
    raise TypeError(f"expected a number, an array or a tensor, got {type(value).__name__}")


@dataclass(frozen=True)
class DeviceKind:
    """What minitorch needs to know about one kind of device.

    `module` imports the array library (and raises one clear sentence if it cannot); `loaded` returns
    it only if it is imported already; `count` is the number of devices, without ever raising.
    """

    name: str
    module: Callable[[], Any]
    loaded: Callable[[], Any]
    count: Callable[[], int]


class device:
    """Where a tensor lives: `device("cpu")`, `device("cuda")`, `device("cuda:1")`, `device("cuda", 1)`, `device(1)`.

    Raises:  RuntimeError for a kind or an index that does not exist, TypeError for anything but a string or a number.

    >>> device("cuda:1")
    device(type='cuda', index=1)
    >>> str(device("cpu"))
    'cpu'
    """

    __slots__ = ("index", "type")
    type: str
    index: int | None

    def __init__(self, type: str | int | device, index: int | None = None) -> None:
        if isinstance(type, device) and index is None:
            self.type, self.index = type.type, type.index
        elif isinstance(type, int) and not isinstance(type, bool) and index is None:
            self.type, self.index = "cuda", type
        elif isinstance(type, str):
            self.type, self.index = _parse(type, index)
        else:
            raise TypeError(f"device: expected a string such as 'cuda:0', got {type!r}")
        if self.type not in KINDS:
            raise RuntimeError(f"Expected one of {', '.join(KINDS)} device type at start of device string: {self.type}")
        if self.index is not None and self.index < 0:
            raise RuntimeError(f"device: Device index must not be negative, got {self.index}")

    def __repr__(self) -> str:
        return f"device(type={self.type!r}" + (")" if self.index is None else f", index={self.index})")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (str(self),)


def _parse(text: str, index: int | None) -> tuple[str, int | None]:
    """Split 'cuda:1' into a kind and an index."""
    kind, colon, number = text.partition(":")
    if not colon:
        return kind, index
    if index is not None:
        raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {text}")
    if not (number.isascii() and number.isdigit()) or str(int(number)) != number:
        raise RuntimeError(f"Invalid device string: '{text}' (write 'cpu', 'cuda' or 'cuda:1')")
    return kind, int(number)


def type_name(value: object) -> str:
    """Return the name of the type of a value, for error messages where `type` means something else."""
    return type(value).__name__


KINDS: dict[str, DeviceKind] = {}


def register_device(kind: DeviceKind) -> None:
    """Add a kind of device; its arrays then work everywhere (the tests add a strict stand-in for CUDA)."""
    KINDS[kind.name] = kind


register_device(DeviceKind("cpu", lambda: np, lambda: np, lambda: 1))
register_device(DeviceKind("cuda", cuda.module, lambda: cuda.real(sys.modules.get("cupy")), cuda.device_count))

CPU = device("cpu")
_seen: dict[tuple[Any, int], device] = {}  # library and index -> the device; the same object each time


def device_of(array: Array) -> device:
    """Return the device that an array, or a number, lives on."""
    module = LIBRARY.get(type(array)) or _adopt(array)
    if module is np or module is floats:
        return CPU
    key = (module, int(array.device.id))
    if key not in _seen:
        name = next(kind.name for kind in KINDS.values() if kind.loaded() is module)
        _seen[key] = device(name, key[1])
    return _seen[key]


def _on(where: device) -> Any:
    """Return a context in which the library of a device allocates on just that device."""
    if where.type == "cpu" or where.index is None:
        return contextlib.nullcontext()
    count = KINDS[where.type].count()
    if where.index >= count:
        raise RuntimeError(
            f"device '{where}': invalid device ordinal, there {'is' if count == 1 else 'are'} {count} of its kind"
        )
    return KINDS[where.type].module().cuda.Device(where.index)


def beside(array: Array) -> Any:
    """Return a context in which an array's library allocates and computes on the device of that array.

    CuPy makes results on the *current* device, wherever the operands are: a second one needs this around everything.
    """
    module = LIBRARY.get(type(array)) or _adopt(array)
    return contextlib.nullcontext() if module is np or module is floats else array.device


def put(array: Array, where: device) -> Array:
    """Return the array on a device; the same array, if it is there already.

    A device without an index means the current one of its kind, as in PyTorch.
    """
    here = device_of(array)
    if here == where or here.type == where.type == "cpu":
        return array
    if where.type == "cpu":
        return array.get()
    module = KINDS[where.type].module()
    with _on(where):
        return module.asarray(array if here.type in ("cpu", where.type) else array.get())


def on_device(where: device, function: str, *args: Any, **options: Any) -> Array:
    """Call a creation function (`zeros`, `full`, …) of the library of a device, on that device."""
    module = KINDS[where.type].module()
    with _on(where):
        return getattr(module, function)(*args, **options)
