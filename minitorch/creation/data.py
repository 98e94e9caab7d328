"""Tensors from data: numbers, nested lists, arrays of NumPy and of other libraries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..backend import dtypes
from ..backend.arrays import quiet
from ..backend.devices import CPU, KINDS, beside, device_of, library
from ..backend.dtypes import DTYPES, dtype, promote_types
from ..engine import Variable
from ..functions.convert import as_dtype
from ..functions.fits import as_number
from ..functions.history import requires_grad_
from ..tensor import Tensor
from .place import finish

PYTHON = {bool, int, float, complex}


def tensor(
    data: Any, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists, an array or a tensor.

    Python floats give float32, integers int64, truth values bool; arrays keep their type.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    kind = as_dtype(dtype)
    if not isinstance(data, Variable) and not is_array(data):
        return finish(_from_python(data, kind), device, requires_grad)
    source = data.value if isinstance(data, Variable) else data
    where = device_of(source) if device is None and source is not data else _home(source, device)
    with beside(source):
        array = library(source).array(_checked_array(source), copy=True)
        array = array if kind is None else array.astype(kind.numpy, copy=False)
    return finish(array, where, requires_grad)


def _home(array: Any, device: Any) -> Any:
    """Return where a tensor of an array is made: on the device asked for, or the array's own; None for host arrays."""
    return device_of(array) if device is None and device_of(array) != CPU else device


def is_array(data: Any) -> bool:
    """Tell whether data is an array, of NumPy or another library, and not a single number."""
    return hasattr(data, "dtype") and hasattr(data, "shape") and not isinstance(data, (np.generic, Variable))


def _checked_array(array: Any) -> Any:
    """Refuse arrays of types, and of byte orders, that tensors cannot have."""
    dtypes.from_numpy(array.dtype)
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion is needed: "
            "array.astype(array.dtype.newbyteorder('='))"
        )
    return array


@quiet
def _from_python(data: Any, kind: dtype | None) -> np.ndarray[Any, Any]:
    """Return nested sequences of numbers as an array; its type is inferred unless one is given."""
    plain, kinds = _scan(data)
    found = dtypes.get_default_dtype() if kinds is None else kinds
    target = found if kind is None else kind
    if found.is_complex and not target.is_complex:
        raise TypeError(f"must be real number, not complex: the data is complex and dtype is {target}")
    try:
        array = np.array(plain)
    except ValueError:
        raise _ragged(plain) from None
    if array.dtype.kind in "Ou" and target.rank < 2:  # NumPy's types for integers beyond int64
        raise ValueError("Overflow when unpacking long long: an integer is beyond the limits of int64")
    if target.rank == 1 and array.size and array.dtype.kind in "if":
        for extreme in (array.min().item(), array.max().item()):
            _check_limits(extreme, target)
    return array.astype(target.numpy)


def _check_limits(number: float, target: dtype) -> None:
    try:
        as_number(number, target)
    except RuntimeError:
        raise RuntimeError(f"value cannot be converted to type {target.name} without overflow: {number}") from None


def _scan(data: Any) -> tuple[Any, dtype | None]:
    """Return data with tensors replaced by their numbers, and the type that all numbers together have."""
    if isinstance(data, Variable):
        if data.value.size != 1:
            raise ValueError(
                "only one element tensors can be converted to Python scalars: join tensors by stack() or cat()"
            )
        return data.value.item(), DTYPES[data.value.dtype]
    if isinstance(data, (np.ndarray, np.generic)):
        return data, dtypes.from_numpy(data.dtype)
    if type(data) in PYTHON or isinstance(data, (bool, int, float, complex)):
        return data, dtypes.scalar_type(type(data) if type(data) in PYTHON else type(data).__mro__[-2])
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    if not isinstance(data, Sequence):
        raise RuntimeError(
            f"Could not infer dtype of {type(data).__name__}: expected numbers, sequences of them, or arrays"
        )
    parts, wide = list(data), None
    kinds = set(map(type, parts))
    if kinds <= PYTHON:
        found = [dtypes.scalar_type(k) for k in kinds]
    else:
        if str in kinds:
            raise ValueError("too many dimensions 'str'")
        scanned = [_scan(part) for part in parts]
        parts, found = [part for part, _ in scanned], [kind for _, kind in scanned if kind is not None]
    for kind in found:
        wide = kind if wide is None else promote_types(wide, kind)
    return parts, wide


def _ragged(data: Any) -> Exception:
    """Return the exception for nested sequences of unequal lengths or depths."""
    shape: list[int] = []
    first = data
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None

    def look(part: Any, dim: int) -> Exception | None:
        if dim == len(shape):
            return (
                TypeError(f"a number was expected at depth {dim}, but got a sequence")
                if isinstance(part, list)
                else None
            )
        if not isinstance(part, list):
            return TypeError(f"not a sequence: expected one of length {shape[dim]} at dim {dim}, got {part!r}")
        if len(part) != shape[dim]:
            return ValueError(f"expected sequence of length {shape[dim]} at dim {dim} (got {len(part)})")
        return next((found for p in part if (found := look(p, dim + 1)) is not None), None)

    return look(data, 0) or ValueError("tensor(): the arrays among the data have unequal shapes")


@quiet
def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """A tensor of the data, sharing its memory if nothing must be changed."""
    if isinstance(data, Tensor):
        return data.to(device=data.device if device is None else device, dtype=dtype)
    if not is_array(data):
        return tensor(data, dtype=dtype, device=device)
    kind = as_dtype(dtype)
    array = _checked_array(data)
    if kind is not None:
        with beside(array):
            array = array.astype(kind.numpy, copy=False)
    return finish(array, _home(array, device))


def asarray(
    obj: Any, *, dtype: dtype | None = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of the data; with `copy=True` always a copy, with `copy=False` never."""
    if copy:
        return tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    out = as_tensor(obj, dtype=dtype, device=device)
    if copy is False and not (isinstance(obj, Tensor) or is_array(obj)):
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    if copy is False and not library(out.value).may_share_memory(out.value, getattr(obj, "value", obj)):
        raise ValueError("can't alias tensor with another dtype or device: copy=False")
    return requires_grad_(out) if requires_grad else out


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """A tensor that shares its memory with a NumPy array: a write to one is seen in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return Tensor.wrap(_checked_array(ndarray))


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares memory with an array of another library, through DLPack.

    With `copy=True`, or on another `device`, a copy; with `copy=False` never one.
    """
    if isinstance(ext_tensor, Tensor):
        shared = ext_tensor.detach()
    else:
        kind = "cpu" if ext_tensor.__dlpack_device__()[0] == 1 else "cuda"  # DLPack's number for host memory
        shared = Tensor.wrap(KINDS[kind].module().from_dlpack(ext_tensor))
    out = shared.to(device=device, copy=bool(copy))
    if copy is False and out is not shared:
        raise ValueError(
            f"from_dlpack(): the numbers are on {shared.device}, on {out.device} they are a copy: copy=False"
        )
    return out


class _OldType(type):
    """The type of PyTorch's oldest constructors: `FloatTensor(2, 3)`, `LongTensor([1, 2])`, `isinstance(x, FloatTensor)`."""

    kind: dtype

    def __call__(cls, *data: Any) -> Any:
        return Tensor.wrap(Tensor.old_array(data, cls.kind.numpy))

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.kind and instance.device.type == "cpu"


def _old(name: str, kind: dtype) -> Any:
    return _OldType(
        name, (), {"kind": kind, "__doc__": f"Tensors of type {kind.name} on the CPU, by their oldest name."}
    )


FloatTensor, DoubleTensor = _old("FloatTensor", dtypes.float32), _old("DoubleTensor", dtypes.float64)
HalfTensor, LongTensor = _old("HalfTensor", dtypes.float16), _old("LongTensor", dtypes.int64)
IntTensor, ShortTensor = _old("IntTensor", dtypes.int32), _old("ShortTensor", dtypes.int16)
ByteTensor, CharTensor = _old("ByteTensor", dtypes.uint8), _old("CharTensor", dtypes.int8)
BoolTensor = _old("BoolTensor", dtypes.bool)
