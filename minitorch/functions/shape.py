"""Parts and wholes: cutting, joining, repeating, turning around.  What they do to gradients is in `ops/shape.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..backend.arrays import arange_like
from ..backend.dtypes import DTYPES, promote_types
from ..engine import Variable
from ..ops import elementwise as e
from ..ops import shape as s
from ..ops.declare import cast
from .dims import axes_of, axis_of, sizes_of
from .public import public
from .view import reshape

if TYPE_CHECKING:
    from ..tensor import Tensor


@public
def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """Repeat the whole tensor so many times along every dimension (a copy)."""
    times, shape = sizes_of(repeats), input.value.shape
    if any(n < 0 for n in times):
        raise RuntimeError(f"Trying to create tensor with negative dimension: repeat({list(times)})")
    if len(times) < len(shape):
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    shape = (1,) * (len(times) - len(shape)) + shape
    paired = tuple(n for pair in zip(times, shape, strict=True) for n in pair)
    spread = s.broadcast_to(s.reshape(input, tuple(n for size in shape for n in (1, size))), paired)
    return s.copy(s.reshape(spread, tuple(k * n for k, n in zip(times, shape, strict=True))))


def _to_common_type(name: str, tensors: Sequence[Any]) -> list[Any]:
    if isinstance(tensors, Variable):
        raise TypeError(f"{name}(): argument 'tensors' must be tuple of Tensors, not Tensor")
    for i, x in enumerate(tensors):
        if not isinstance(x, Variable):
            raise TypeError(f"{name}(): expected Tensor as element {i} in argument 0, but got {type(x).__name__}")
    if not tensors:
        if name == "cat":
            raise ValueError("torch.cat(): expected a non-empty list of Tensors")
        raise RuntimeError("stack expects a non-empty TensorList")
    kinds = {x.value.dtype for x in tensors}
    if len(kinds) > 1:
        target = DTYPES[tensors[0].value.dtype]
        for x in tensors[1:]:
            target = promote_types(target, DTYPES[x.value.dtype])
        return [x if x.value.dtype == target.numpy else cast(x, target.numpy) for x in tensors]
    return list(tensors)


@public
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join along a dimension that is there.  The other sizes must agree."""
    xs = _to_common_type("cat", tensors)
    xs = [x for x in xs if x.value.shape != (0,)] or xs[:1]  # PyTorch lets empty vectors pass
    shape = xs[0].value.shape
    axis = axis_of(dim, len(shape))
    for i, x in enumerate(xs):
        if x.value.ndim != len(shape):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(shape)} and {x.value.ndim}")
        if not shape:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        for a, (n, m) in enumerate(zip(shape, x.value.shape, strict=True)):
            if a != axis and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size {n} but got size {m} "
                    f"for tensor number {i} in the list."
                )
    return s.cat(*xs, axis=axis)


concat = concatenate = cat


@public
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join along a new dimension.  All sizes must agree."""
    xs = _to_common_type("stack", tensors)
    for i, x in enumerate(xs):
        if x.value.shape != xs[0].value.shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(xs[0].shape)} at entry 0 and "
                f"{list(x.shape)} at entry {i}"
            )
    return s.stack(*xs, axis=axis_of(dim, xs[0].value.ndim + 1))


@public
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The part of `length` from `start` along a dimension; a view."""
    axis = axis_of(dim, input.value.ndim)
    size = input.value.shape[axis] if input.value.ndim else 0
    start = int(start)
    start = start + size if start < 0 else start
    if length < 0 or start < 0 or start + length > size:
        if length < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return s.index(input, (slice(None),) * axis + (slice(start, start + length), Ellipsis))


@public
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The part at one index of a dimension, which goes away; a view."""
    axis = axis_of(dim, input.value.ndim)
    if input.value.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    size = input.value.shape[axis]
    if not -size <= index < size:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {axis}"
        )
    return s.index(input, (slice(None),) * axis + (int(index), Ellipsis))


@public
def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into parts of one size (the last may be smaller), or of given sizes; views."""
    if tensor.value.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    axis = axis_of(dim, tensor.value.ndim)
    size = tensor.value.shape[axis]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0:
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
        if step == 0 and size:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
        lengths = [min(step, size - i) for i in range(0, size, step)] if size else [0]
    else:
        lengths = list(split_size_or_sections)
        if any(n < 0 for n in lengths):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}"
            )
        if sum(lengths) != size:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at "
                f"dimension {axis}), "
                f"but got split_sizes={lengths}"
            )
    return s.split(tensor, tuple(lengths), axis)


@public
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into at most so many parts of equal size (the last may be smaller); views."""
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    if input.value.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    size = input.value.shape[axis_of(dim, input.value.ndim)]
    return split(input, [0] * chunks if size == 0 else -(-size // chunks), dim)


@public
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All parts along a dimension, which goes away; views."""
    if input.value.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    axis = axis_of(dim, input.value.ndim)
    return s.unbind(input, axis)


@public
def flip(input: Tensor, *dims: Any) -> Tensor:
    """Reverse the order along dimensions (a copy)."""
    axes = sizes_of(dims)
    return s.flip(input, axes_of(axes, input.value.ndim) if axes else ())


@public
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own, differentiable."""
    return s.copy(input)


@public
def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its memory is in row-major order without gaps, else a copy that is."""
    return input if input.value.flags.c_contiguous else s.copy(input)


def _triangle(input: Any, diagonal: int, lower: bool) -> Any:
    if input.value.ndim < 2:
        raise RuntimeError(f"{'tril' if lower else 'triu'}: input tensor must have at least 2 dimensions")
    rows, columns = input.value.shape[-2:]
    below = arange_like(columns, input.value)[None, :] - arange_like(rows, input.value)[:, None]
    return e.where(below <= diagonal if lower else below >= diagonal, input, False if input.value.dtype == bool else 0)


@public
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with zeros above a diagonal."""
    return _triangle(input, diagonal, lower=True)


@public
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with zeros below a diagonal."""
    return _triangle(input, diagonal, lower=False)


@public
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift along dimensions; what falls off comes back at the other end."""
    if dims is None:
        return reshape(roll(reshape(input, -1), shifts, 0), *input.value.shape)
    shifts, axes = (shifts,) if isinstance(shifts, int) else shifts, axes_of(dims, input.value.ndim)
    if len(shifts) != len(axes):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(axes)}")
    y = input
    for shift, axis in zip(shifts, axes, strict=True):
        n = y.value.shape[axis]
        if n and shift % n:
            y = cat([narrow(y, axis, n - shift % n, shift % n), narrow(y, axis, 0, n - shift % n)], axis)
    return s.copy(y) if y is input else y
