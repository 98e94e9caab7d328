"""Between types, devices, and what is not a tensor: `to`, `float`, `cpu`, `numpy`, `item`, `tolist`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend import dtypes
from ..backend.devices import KINDS, device, device_of, put
from ..backend.dtypes import DTYPES, dtype
from ..engine import Variable, defvjp
from ..ops import shape as s
from ..ops.declare import cast, primitive
from ..ops.refusals import type_word

if TYPE_CHECKING:
    from ..tensor import Tensor

LEGACY = {
    "FloatTensor": dtypes.float32, "DoubleTensor": dtypes.float64, "HalfTensor": dtypes.float16, "LongTensor":
    dtypes.int64, "IntTensor": dtypes.int32, "ShortTensor": dtypes.int16, "ByteTensor": dtypes.uint8, "CharTensor":
    dtypes.int8, "BoolTensor": dtypes.bool,
}  # fmt: skip

PYTHON = {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool, complex: dtypes.complex128}


@primitive
def move(x: Any, source: device, target: device) -> Any:
    r"""The same numbers on another device; the gradient travels back."""
    return put(x, target)


defvjp(move, x=lambda g, source, target: move(g, target, source))


def to_device(where: Any) -> device:
    """Return the device that a string, a number or a device names; None is the current CUDA device."""
    found = device("cuda") if where is None else where if isinstance(where, device) else device(where)
    if found.type != "cpu" and found.index is None:
        return device(found.type, int(KINDS[found.type].module().cuda.Device().id))
    return found


def to(self: Tensor, *args: Any, **options: Any) -> Tensor:
    """Return the tensor with another type, on another device, or both; itself if nothing changes.

    `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other)`; `copy=True` copies in any case.
    """
    where, kind, copy = _parse(args, options)
    out: Any = self
    if kind is not None and kind.numpy != out.value.dtype:
        out = cast(out, kind.numpy)
    if where is not None and (target := to_device(where)) != device_of(out.value):
        out = move(out, device_of(out.value), target)
    return s.copy(out) if copy and out is self else out


def _parse(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, dtype | None, bool]:
    """Return (device, dtype, copy) from the many ways to call `to`."""
    unknown = set(options) - {"device", "dtype", "copy", "non_blocking", "memory_format"}
    if unknown:
        raise TypeError(f"to() got an unexpected keyword argument {sorted(unknown)[0]!r}")
    where, kind, copy = options.get("device"), options.get("dtype"), bool(options.get("copy", False))
    for a in args:
        if isinstance(a, Variable):
            where, kind = device_of(a.value), DTYPES[a.value.dtype]
        elif isinstance(a, dtype) or (isinstance(a, type) and a in PYTHON):
            kind = a
        elif isinstance(a, (str, device)) or (type(a) is int and where is None):
            where = a
        elif a is not None and not isinstance(a, bool):  # a bool is PyTorch's positional non_blocking
            raise TypeError(f"to(): expected a device, a dtype or a tensor, got {type(a).__name__}")
    return where, as_dtype(kind), copy


def as_dtype(kind: Any) -> dtype | None:
    """Return the dtype that is meant: a dtype, or one of Python's float, int, bool, complex; None for None."""
    if kind is None or isinstance(kind, dtype):
        return kind
    if isinstance(kind, type) and kind in PYTHON:
        return PYTHON[kind]
    if isinstance(getattr(kind, "kind", None), dtype):  # torch.LongTensor and the like
        return kind.kind
    raise TypeError(f"dtype: expected a torch.dtype such as torch.float32, got {kind!r}")


def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the name of the type, `torch.FloatTensor`; or the tensor converted to a type."""
    if dtype is None:
        kind = device_of(self.value).type
        return f"torch.{'' if kind == 'cpu' else kind + '.'}{type_word(DTYPES[self.value.dtype])}Tensor"
    if isinstance(dtype, str):
        name = dtype.rpartition(".")[2]
        if name not in LEGACY:
            raise ValueError(f"invalid type: {dtype!r}")
        dtype = LEGACY[name]
    return to(self, as_dtype(dtype))


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the tensor in the type of another."""
    return to(self, DTYPES[other.value.dtype])


def cpu(self: Tensor) -> Tensor:
    """Return the tensor in host memory."""
    return to(self, "cpu")


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False) -> Tensor:
    """Return the tensor on a CUDA device."""
    return to(self, to_device(device))


def float_(self: Tensor) -> Tensor:
    """Return the tensor as float32."""
    return to(self, dtypes.float32)


def double(self: Tensor) -> Tensor:
    """Return the tensor as float64."""
    return to(self, dtypes.float64)


def half(self: Tensor) -> Tensor:
    """Return the tensor as float16."""
    return to(self, dtypes.float16)


def int_(self: Tensor) -> Tensor:
    """Return the tensor as int32."""
    return to(self, dtypes.int32)


def long(self: Tensor) -> Tensor:
    """Return the tensor as int64."""
    return to(self, dtypes.int64)


def short(self: Tensor) -> Tensor:
    """Return the tensor as int16."""
    return to(self, dtypes.int16)


def byte(self: Tensor) -> Tensor:
    """Return the tensor as uint8."""
    return to(self, dtypes.uint8)


def char(self: Tensor) -> Tensor:
    """Return the tensor as int8."""
    return to(self, dtypes.int8)


def bool_(self: Tensor) -> Tensor:
    """Return the tensor as booleans: whether each number is not zero."""
    return to(self, dtypes.bool)


def cfloat(self: Tensor) -> Tensor:
    """Return the tensor as complex64."""
    return to(self, dtypes.complex64)


def cdouble(self: Tensor) -> Tensor:
    """Return the tensor as complex128."""
    return to(self, dtypes.complex128)


def item(self: Tensor) -> Any:
    """Return the one number of the tensor as a Python number."""
    if self.value.size != 1:
        raise RuntimeError(f"a Tensor with {self.value.size} elements cannot be converted to Scalar")
    return self.value.item()


def tolist(self: Tensor) -> Any:
    """Return the numbers as Python numbers, in nested lists."""
    return self.value.tolist()


def numpy(self: Tensor, *, force: bool = False) -> np.ndarray[Any, Any]:
    """Return the NumPy array that shares this tensor's memory; with `force`, a copy where that is impossible."""
    if force:
        return put(self.value, device("cpu"))
    if self.requires_grad:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if device_of(self.value).type != "cpu":
        raise TypeError(
            f"can't convert {device_of(self.value)} device type tensor to numpy. "
            "Use Tensor.cpu() to copy the tensor to host memory first."
        )
    return self.value


def numel(input: Tensor) -> int:
    """Return the number of elements."""
    return int(input.value.size)


def is_floating_point(input: Tensor) -> bool:
    """Tell whether the type is float16, float32 or float64."""
    return bool(input.value.dtype.kind == "f")


def is_complex(input: Tensor) -> bool:
    """Tell whether the type is complex."""
    return bool(input.value.dtype.kind == "c")


def is_signed(input: Tensor) -> bool:
    """Tell whether the type has negative numbers."""
    return bool(input.value.dtype.kind in "ifc")


def is_nonzero(input: Tensor) -> bool:
    """Tell whether the one number of the tensor is not zero."""
    if input.value.size != 1:
        raise RuntimeError(
            f"Boolean value of Tensor with {'no values' if input.value.size == 0 else 'more than one value'} is "
            f"ambiguous"
        )
    return bool(input.value.item())


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors have one shape."""
    return bool(input.value.shape == other.value.shape)
