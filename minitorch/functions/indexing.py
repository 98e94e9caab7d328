"""Indexing as PyTorch and NumPy index: integers, slices, None, Ellipsis, masks, index tensors, and mixtures.

A key is taken apart in two steps.  Integers, slices, None and Ellipsis make a view; what is left, masks and
index tensors, then gathers from the view.  (NumPy treats an integer beside an index array as an array too,
and may put its axis elsewhere; PyTorch does not.)
"""

from __future__ import annotations

import numbers
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import array_like, extremes, nonzero
from ..backend.devices import beside, device_of, put
from ..backend.dtypes import DTYPES, from_numpy
from ..engine import Variable, check_writable, defvjp
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from ..ops.declare import cast, primitive, sum_to
from ..ops.refusals import NUMBERS, clash, type_word
from .fits import as_number
from .inplace import assign, assign_any

if TYPE_CHECKING:
    from ..tensor import Tensor


INDEX_TYPES = (np.int64, np.int32, np.uint8, np.bool_)


def getitem(self: Tensor, key: Any) -> Tensor:
    """`x[key]`: a view for integers, slices, None and Ellipsis; a copy where masks or index tensors choose."""
    basic, arrays = split_key(self, key)
    part = s.index(self, basic)
    return part if arrays is None else ix.take(part, arrays)


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`: write into the part, the value broadcast and converted."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, (Variable, *NUMBERS)):
        raise TypeError(
            f"can't assign a {type(value).__name__} to a torch.{type_word(self.dtype)}Tensor: use torch.tensor(...)"
        )
    basic, arrays = split_key(self, key)
    part = s.index(self, basic)
    check_writable(part if arrays is None else self)
    if arrays is None:
        assign_any(part, value)
        return
    if not isinstance(value, Variable):
        value = array_like(as_number(value, self.dtype), self.value)
    elif value.value.dtype != self.value.dtype:
        if value.value.ndim:
            raise RuntimeError(
                f"Index put requires the source and destination dtypes match, got {type_word(self.dtype)} for the "
                f"destination and {type_word(DTYPES[value.value.dtype])} for the source: convert it with .to({self.dtype})"
            )
        value = cast(value, self.value.dtype)
    assign(part, index_put(part, value, arrays))


@primitive
def index_put(x: Any, value: Any, key: tuple[Any, ...]) -> Any:
    r"""x with a value written where arrays of indices say;  $\bar x$ is $\bar y$ with zeros there."""
    y = x.copy()
    place = y[key].shape
    try:
        y[key] = value if value.ndim <= len(place) else value.reshape(value.shape[value.ndim - len(place) :])
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to indexing result "
            f"of shape {list(place)}"
        ) from None
    return y


def index_put_dvalue(g: Any, value_shape: tuple[int, ...], key: tuple[Any, ...]) -> Any:
    """Return the gradient of what was written, summed over where it was broadcast; it may have leading sizes of 1."""
    part = ix.take(g, key)
    extra = max(len(value_shape) - len(part.shape), 0)
    return s.reshape(sum_to(part, value_shape[extra:]), value_shape)


defvjp(
    index_put,
    x=lambda g, key: index_put(g, e.zeros_like(ix.take(g, key)), key),
    value=index_put_dvalue,
)


def split_key(x: Any, key: Any) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """Return the key of a view, and the key of arrays that then chooses from it (None if there are none)."""
    parts = key if isinstance(key, tuple) else tuple(key) if _means_tuple(key) else (key,)
    parts = tuple(_part(x, p) for p in parts)
    shape = x.value.shape
    used = sum(p.ndim if _is_mask(p) else 1 for p in parts if p is not None and p is not Ellipsis)
    if used > len(shape):
        if not shape and isinstance(parts[0], slice):
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        if not shape and type(parts[0]) is int and parts[0] == 0:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    if sum(p is Ellipsis for p in parts) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    basic: list[Any] = []
    arrays: list[Any] = []
    axis = 0
    for p in parts:
        if p is Ellipsis:
            width = len(shape) - used
            basic += [slice(None)] * width
            arrays += [slice(None)] * width
            axis += width
        elif p is None:
            basic.append(None)
            arrays.append(slice(None))
        elif isinstance(p, slice):
            basic.append(p)
            arrays.append(slice(None))
            axis += 1
        elif isinstance(p, int):
            _check_index(p, shape[axis], axis)
            basic.append(p)
            axis += 1
        else:
            axis = _add_array(p, shape, axis, basic, arrays)
    if not any(hasattr(a, "dtype") for a in arrays):
        return (*basic, Ellipsis), None
    _check_broadcast([a.shape for a in arrays if hasattr(a, "dtype")])
    return (*basic, Ellipsis), tuple(arrays)


def _means_tuple(key: Any) -> bool:
    """Tell whether a list stands for a tuple of indices, as in old NumPy: `x[[[0, 1], [1, 0]]]` is `x[[0, 1], [1, 0]]`."""
    kinds = (list, tuple, range, slice, Variable, np.ndarray)
    return (
        isinstance(key, list) and len(key) < 32 and any(p is None or p is Ellipsis or isinstance(p, kinds) for p in key)
    )


def _check_broadcast(shapes: list[tuple[int, ...]]) -> None:
    if clash(shapes) is not None:
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes "
            f"{', '.join(str(list(shape)) for shape in shapes)}"
        )


def _is_mask(p: Any) -> bool:
    return hasattr(p, "dtype") and p.dtype.kind == "b"


def _add_array(p: Any, shape: tuple[int, ...], axis: int, basic: list[Any], arrays: list[Any]) -> int:
    """Add a mask, as the indices where it holds, or an array of indices; return the next axis."""
    if not _is_mask(p):
        check_indices(p, shape[axis], axis)
        basic.append(slice(None))
        arrays.append(p)
        return axis + 1
    if p.ndim == 0:  # x[True] is x[None], x[False] is empty
        basic.append(None)
        arrays.append(nonzero(p)[0])
        return axis
    for i, n in enumerate(p.shape):
        if n != shape[axis + i]:
            raise IndexError(
                f"The shape of the mask {list(p.shape)} at index {i} does not match the shape of the indexed tensor "
                f"{list(shape)} at index {axis + i}"
            )
    basic.extend([slice(None)] * p.ndim)
    arrays.extend(nonzero(p))
    return axis + int(p.ndim)


def _part(x: Any, p: Any) -> Any:
    """Return one part of a key as None, Ellipsis, a slice, an int, or an array on the device of x."""
    if p is None or p is Ellipsis:
        return p
    if isinstance(p, (bool, np.bool_)):
        return array_like(bool(p), x.value, bool)
    if isinstance(p, slice):
        return _slice(p)
    if isinstance(p, numbers.Integral):
        return int(p)
    if isinstance(p, (list, tuple, range)):
        p = np.asarray([getattr(i, "value", i) for i in p])
        p = p.astype(np.int64) if p.size == 0 else p
    p = getattr(p, "value", p)
    kind = getattr(p, "dtype", None)
    if isinstance(p, str):
        raise TypeError(f"a tensor cannot be indexed with the string {p!r}: use integers, slices, None, ... or tensors")
    if kind is None:
        raise IndexError(
            f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(p).__name__})"
        )
    if kind not in INDEX_TYPES:
        raise IndexError(f"tensors used as indices must be long, int, byte or bool tensors, got {from_numpy(kind)}")
    if kind == np.uint8:  # PyTorch's masks of old
        with beside(p):
            p = p != 0
    if p.ndim == 0 and p.dtype.kind == "i":
        return int(p)
    return put(p, device_of(x.value))


def _slice(p: slice) -> slice:
    start, stop, step = (None if n is None else operator.index(n) for n in (p.start, p.stop, p.step))
    if step is not None and step <= 0:
        raise ValueError(
            "slice step cannot be zero"
            if step == 0
            else "step must be greater than zero: use flip() to reverse a tensor"
        )
    return slice(start, stop, step)


def _check_index(i: int, n: int, axis: int) -> None:
    if not -n <= i < n:
        raise IndexError(f"index {i} is out of bounds for dimension {axis} with size {n}")


def check_indices(indices: Any, n: int, axis: int, negative: bool = True) -> None:
    """Refuse indices outside: NumPy raises late and in other words, CuPy wraps around silently."""
    if indices.size == 0:
        return
    low, high = extremes(indices)
    if low < (-n if negative else 0) or high >= n:
        raise IndexError(f"index {high if high >= n else low} is out of bounds for dimension {axis} with size {n}")
