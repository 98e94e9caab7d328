"""On which device, of which type, and of what size a new tensor is."""

from __future__ import annotations

from typing import Any

from ..backend import dtypes
from ..backend.devices import CPU, device, put
from ..backend.dtypes import dtype
from ..engine import current
from ..functions.convert import as_dtype, to_device
from ..functions.dims import sizes_of
from ..functions.history import requires_grad_
from ..tensor import Tensor

_default_device: list[device] = [CPU]


def set_default_device(where: Any) -> None:
    """Set the device on which new tensors are made; None is the CPU."""
    _default_device[0] = CPU if where is None else to_device(where)


def get_default_device() -> device:
    """Return the device on which new tensors are made."""
    return _default_device[0]


def finish(array: Any, where: Any, requires_grad: bool = False) -> Tensor:
    """Put an array on its device and wrap it."""
    target = _default_device[0] if where is None else to_device(where)
    out = Tensor.wrap(put(array, target))
    if current.mode.inference:
        out.inference = True
    return requires_grad_(out) if requires_grad else out


def number_type(kind: Any, otherwise: dtype | None = None) -> dtype:
    """Return the dtype that is meant by an argument; for None `otherwise`, or the default floating type."""
    return as_dtype(kind) or otherwise or dtypes.get_default_dtype()


def checked(size: Any) -> tuple[int, ...]:
    """Return sizes given one by one or together; refuse negative ones."""
    sizes = sizes_of(size if isinstance(size, tuple) else (size,))
    if any(n < 0 for n in sizes):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}")
    return sizes


def like(input: Any, dtype: Any, device: Any) -> dict[str, Any]:
    """Return the type and device of a tensor, unless others are given."""
    if not isinstance(input, Tensor):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return {"dtype": dtype or input.dtype, "device": input.device if device is None else device}
