"""Indexing as PyTorch and NumPy index: integers, slices, None, Ellipsis, masks, index tensors, and mixtures.

A key is taken apart in two steps.  Integers, slices, None and Ellipsis make a view; what is left, masks and
index tensors, then gathers from the view.  (NumPy treats an integer beside an index array as an array too,
and may put its axis elsewhere; PyTorch does not.)
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import array_like
from ..backend.devices import device_of, library, put
from ..engine import Variable, check_writable, defvjp
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from ..ops.declare import cast, primitive, sum_to
from .dims import axis_of
from .inplace import assign, assign_any

if TYPE_CHECKING:
    from ..tensor import Tensor


def getitem(self: Tensor, key: Any) -> Tensor:
    """`x[key]`: a view for integers, slices, None and Ellipsis; a copy where masks or index tensors choose."""
    basic, arrays = split_key(self, key)
    part = s.index(self, basic)
    return part if arrays is None else ix.take(part, arrays)


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`: write into the part, the value broadcast and converted."""
    check_writable(self)
    basic, arrays = split_key(self, key)
    part = s.index(self, basic)
    if arrays is None:
        assign_any(part, value)
        return
    if not isinstance(value, Variable):
        value = array_like(value, self.value)
    elif value.value.dtype != self.value.dtype:
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


defvjp(
    index_put,
    x=lambda g, key: index_put(g, e.zeros_like(ix.take(g, key)), key),
    value=lambda g, value_shape, key: sum_to(ix.take(g, key), value_shape),
)


def split_key(x: Any, key: Any) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """Return the key of a view, and the key of arrays that then chooses from it (None if there are none)."""
    parts = key if isinstance(key, tuple) else (key,)
    parts = tuple(_part(x, p) for p in parts)
    shape = x.value.shape
    used = sum(p.ndim if _is_mask(p) else 1 for p in parts if p is not None and p is not Ellipsis)
    if used > len(shape):
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
    return (*basic, Ellipsis), tuple(arrays)


def _is_mask(p: Any) -> bool:
    return hasattr(p, "dtype") and p.dtype.kind == "b"


def _add_array(p: Any, shape: tuple[int, ...], axis: int, basic: list[Any], arrays: list[Any]) -> int:
    """Add a mask, as the indices where it holds, or an array of indices; return the next axis."""
    if not _is_mask(p):
        _check_indices(p, shape[axis], axis)
        basic.append(slice(None))
        arrays.append(p)
        return axis + 1
    if p.ndim == 0:  # x[True] is x[None], x[False] is empty
        basic.append(None)
        arrays.append(library(p).nonzero(p.reshape(1))[0])
        return axis
    for i, n in enumerate(p.shape):
        if n != shape[axis + i]:
            raise IndexError(
                f"The shape of the mask {list(p.shape)} at index {i} does not match the shape of the indexed tensor "
                f"{list(shape)} at index {axis + i}"
            )
    basic.extend([slice(None)] * p.ndim)
    arrays.extend(library(p).nonzero(p))
    return axis + int(p.ndim)


def _part(x: Any, p: Any) -> Any:
    """Return one part of a key as None, Ellipsis, a slice, an int, or an array on the device of x."""
    if p is None or p is Ellipsis:
        return p
    if isinstance(p, (bool, np.bool_)):
        return array_like(bool(p), x.value, bool)
    if isinstance(p, slice):
        return _slice(p)
    if isinstance(p, Variable):
        p = p.value
        if p.ndim == 0 and p.dtype.kind in "iu":
            return int(p)
    elif isinstance(p, (list, range)):
        p = np.asarray([getattr(i, "value", i) for i in p])
        p = p.astype(np.int64) if p.size == 0 else p
    elif isinstance(p, numbers.Integral):
        return int(p)
    if not hasattr(p, "dtype") or p.dtype.kind not in "iub":
        kind = type(p).__name__ if not hasattr(p, "dtype") else f"an array of {p.dtype}"
        raise IndexError(
            f"tensors used as indices must be long, int, byte or bool tensors; only integers, slices (`:`), "
            f"ellipsis (`...`), "
            f"None and such tensors are valid indices (got {kind})"
        )
    return put(p, device_of(x.value))


def _slice(p: slice) -> slice:
    if p.step is not None and int(p.step) <= 0:
        raise ValueError("step must be greater than zero: use flip() to reverse a tensor")
    return slice(*(None if n is None else int(n) for n in (p.start, p.stop, p.step)))


def _check_index(i: int, n: int, axis: int) -> None:
    if not -n <= i < n:
        raise IndexError(f"index {i} is out of bounds for dimension {axis} with size {n}")


def _check_indices(indices: Any, n: int, axis: int) -> None:
    """Refuse indices outside: NumPy raises late and in other words, CuPy wraps around silently."""
    if indices.size == 0:
        return
    low, high = int(indices.min()), int(indices.max())
    if low < -n or high >= n:
        raise IndexError(f"index {low if low < -n else high} is out of bounds for dimension {axis} with size {n}")


def require_indices(name: str, index: Any) -> None:
    """Refuse an index tensor that is not of type int64 or int32."""
    if index.value.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, got {index.dtype}: convert it with .long()")


def _check_gather(name: str, input: Any, axis: int, index: Any, bound: Any) -> None:
    require_indices(name, index)
    if index.value.ndim != input.value.ndim:
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as input tensor: {list(index.shape)} and "
            f"{list(input.shape)}"
        )
    for i, (n, m) in enumerate(zip(index.value.shape, bound, strict=True)):
        if i != axis and n > m:
            raise RuntimeError(
                f"Size does not match at dimension {i} expected index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {axis}"
            )
    _check_indices(index.value, input.value.shape[axis] if input.value.ndim else 1, axis)
    if index.value.size and int(index.value.min()) < 0:
        raise RuntimeError(
            f"{name}(): index {int(index.value.min())} is out of bounds for dimension {axis} with size "
            f"{input.value.shape[axis]}"
        )


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    r"""$y_{ij} = x_{t_{ij} j}$ for dim 0, $x_{i t_{ij}}$ for dim 1, …: one index for every number of the result."""
    axis = axis_of(dim, input.value.ndim)
    _check_gather("gather", input, axis, index, input.value.shape)
    return ix.gather(input, index.value, axis)


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    r"""$y = x$, then $y_{t_{ij} j} = s_{ij}$ for dim 0: the reverse of `gather`."""
    if reduce == "add":
        return scatter_add(input, dim, index, src)
    if reduce is not None:
        raise NotImplementedError(f"scatter: reduce={reduce!r} is not supported; use 'add', or scatter_reduce")
    axis = axis_of(dim, input.value.ndim)
    _check_gather("scatter", input, axis, index, input.value.shape)
    source = value if src is None else src
    if isinstance(source, Variable):
        if source.value.dtype != input.value.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        source = s.index(source, tuple(slice(0, n) for n in index.value.shape))
    return ix.scatter(input, index.value, source, axis)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    r"""$y = x$, then $y_{t_{ij} j} \mathrel{+}= s_{ij}$ for dim 0; equal indices add up."""
    axis = axis_of(dim, input.value.ndim)
    _check_gather("scatter_add", input, axis, index, input.value.shape)
    if src.value.dtype != input.value.dtype:
        raise RuntimeError("scatter_add(): Expected self.dtype to be equal to src.dtype")
    src = s.index(src, tuple(slice(0, n) for n in index.value.shape))
    return ix.scatter_add(input, index.value, src, axis)


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The parts at some indices of a dimension, in their order (a copy)."""
    axis = axis_of(dim, input.value.ndim)
    require_indices("index_select", index)
    if index.value.ndim > 1:
        raise IndexError(f"index_select(): Index is supposed to be a vector, got shape {list(index.shape)}")
    _check_indices(index.value, input.value.shape[axis], axis)
    return ix.take(input, (slice(None),) * axis + (index.value.reshape(-1),))


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """x with one value written where the mask holds."""
    if mask.value.dtype != bool:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if isinstance(value, Variable):
        if value.value.ndim:
            raise RuntimeError(
                f"masked_fill only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.value.ndim} dimension(s)."
            )
        value = cast(value, input.value.dtype) if value.value.dtype != input.value.dtype else value
    return e.where(mask, value, input)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The numbers where the mask holds, as a vector."""
    shape = np.broadcast_shapes(input.value.shape, mask.value.shape)
    wide = library(mask.value).broadcast_to(mask.value, shape)
    return ix.take(s.broadcast_to(input, shape), tuple(library(wide).nonzero(wide)))
