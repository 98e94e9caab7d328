"""Putting tensors together and taking them apart, by the names of NumPy; grids, diagonals, repetitions."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..backend.arrays import arange_like
from ..backend.devices import beside, library
from ..engine import Variable, make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from .dims import axes_of, axis_of, sizes_of
from .public import public
from .shape import cat, flip, repeat, split, stack
from .view import broadcast_tensors, expand, transpose

if TYPE_CHECKING:
    from ..tensor import Tensor


def _listed(tensors: Any) -> list[Any]:
    """Return tensors given one by one, or together in one sequence."""
    return list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Variable) else list(tensors)


def _each(function: Any, tensors: Any) -> Any:
    """Apply to one tensor, or to each of several."""
    if len(tensors) == 1 and isinstance(tensors[0], Variable):
        return function(tensors[0])
    return tuple(function(x) for x in _listed(tensors))


def atleast_1d(*tensors: Any) -> Any:
    """Tensors with a dimension at least."""
    return _each(lambda x: x if x.value.ndim else s.reshape(x, (1,)), tensors)


def atleast_2d(*tensors: Any) -> Any:
    """Tensors with two dimensions at least; of a vector, a row."""
    return _each(lambda x: x if x.value.ndim > 1 else s.reshape(x, (1, -1)), tensors)


def atleast_3d(*tensors: Any) -> Any:
    """Tensors with three dimensions at least; of a vector (1, n, 1), of a matrix (n, m, 1)."""
    return _each(
        lambda x: s.reshape(x, (1, -1, 1)) if x.value.ndim < 2 else s.unsqueeze(x, 2) if x.value.ndim == 2 else x,
        tensors,
    )


@public
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join side by side: along the second dimension, vectors along their only one."""
    xs = atleast_1d(*tensors) if len(tensors) > 1 else [atleast_1d(x) for x in tensors]
    return cat(xs, 0 if xs and xs[0].value.ndim == 1 else 1)


@public
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join one below the other: along the first dimension, vectors as rows."""
    return cat([atleast_2d(x) for x in tensors], 0)


@public
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the third dimension."""
    return cat([atleast_3d(x) for x in tensors], 2)


@public
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the second dimension, vectors as columns."""
    return cat([x if x.value.ndim > 1 else s.reshape(x, (x.value.size, 1)) for x in tensors], 1)


row_stack = vstack


@public
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into so many parts of nearly equal size (the first ones are larger), or before each of some indices; views."""
    if input.value.ndim == 0:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = axis_of(dim, input.value.ndim)
    n = input.value.shape[axis]
    cuts = indices_or_sections.value.tolist() if isinstance(indices_or_sections, Variable) else indices_or_sections
    if isinstance(cuts, int):
        if cuts < 1:
            raise RuntimeError(f"number of sections must be larger than 0, got {cuts}")
        return split(input, [n // cuts + (i < n % cuts) for i in range(cuts)], axis)
    inner = (slice(None),) * axis
    ends = [0, *cuts, n]
    return tuple(
        s.index(input, (*inner, slice(a, b if k < len(cuts) else None)))
        for k, (a, b) in enumerate(itertools.pairwise(ends))
    )


@public
def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut side by side: along the second dimension, a vector along its only one."""
    if input.value.ndim == 0:
        raise RuntimeError(
            "torch.hsplit requires a tensor with at least 1 dimension, but got a tensor with 0 dimensions!"
        )
    return _exact_split("hsplit", input, indices_or_sections, int(input.value.ndim > 1))


@public
def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut one below the other: along the first dimension."""
    if input.value.ndim < 2:
        raise RuntimeError(
            f"torch.vsplit requires a tensor with at least 2 dimension, but got a tensor with {input.value.ndim} dimensions!"
        )
    return _exact_split("vsplit", input, indices_or_sections, 0)


def _exact_split(name: str, input: Any, parts: Any, axis: int) -> Any:
    n = input.value.shape[axis]
    if isinstance(parts, int) and (parts < 1 or n % parts):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {n} is not divisible by "
            f"the split_size {parts}!"
        )
    return tensor_split(input, parts, axis)


@public
def tile(input: Tensor, *dims: Any) -> Tensor:
    """Repeat the whole tensor so many times along its last dimensions (`repeat` wants a number for every one)."""
    times = sizes_of(dims)
    return repeat(input, *(1,) * (input.value.ndim - len(times)), *times)


@public
def fliplr(input: Tensor) -> Tensor:
    """Left and right exchanged."""
    if input.value.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


@public
def flipud(input: Tensor) -> Tensor:
    """Up and down exchanged."""
    if input.value.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


@public
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turn k times by a quarter, from the first of two dimensions towards the second."""
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    a, b = axes_of(dims, input.value.ndim)
    if k % 4 == 0:
        return s.copy(input)
    if k % 4 == 2:
        return s.flip(input, (a, b))
    return transpose(flip(input, b), a, b) if k % 4 == 1 else flip(transpose(input, a, b), b)


# ---- diagonals -------------------------------------------------------------------------------------------------------


@public
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Of a vector, the matrix with it on a diagonal; of a matrix, its diagonal."""
    if input.value.ndim == 1:
        return diag_embed(input, diagonal)
    if input.value.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.value.ndim}D")
    return s.copy(s.diagonal(input, diagonal))


@public
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all numbers on a diagonal."""
    return diag_embed(s.reshape(input, (input.value.size,)), offset)


@public
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices, in two dimensions of the result, with the last dimension on a diagonal."""
    ndim = input.value.ndim + 1
    a, b = axis_of(dim1, ndim), axis_of(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    side = input.value.shape[-1] + abs(offset)
    shape = list(input.value.shape[:-1])
    for axis in sorted((a, b)):
        shape.insert(axis, side)
    return s.on_diagonal(input, tuple(shape), offset, a, b)


@public
def block_diag(*tensors: Any) -> Tensor:
    """The matrix with matrices along its diagonal, and zeros beside them."""
    xs = [atleast_2d(x) for x in _listed(tensors)]
    shape = tuple(sum(x.value.shape[i] for x in xs) for i in (0, 1))
    blocks, row, column = [], 0, 0
    for x in xs:
        n, m = x.value.shape
        blocks.append(s.among_zeros(x, shape, (slice(row, row + n), slice(column, column + m))))
        row, column = row + n, column + m
    return functools.reduce(e.add, blocks)


# ---- grids and repetitions -------------------------------------------------------------------------------------------


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: one tensor for every vector, of the shape of all; "xy" exchanges the first two."""
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=2
        )
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    xs = [atleast_1d(x) for x in _listed(tensors)]
    if any(x.value.ndim > 1 for x in xs):
        raise RuntimeError("torch.meshgrid: Expected 0D or 1D tensor in the tensor list")
    swapped = indexing == "xy" and len(xs) > 1
    order = [1, 0, *range(2, len(xs))] if swapped else list(range(len(xs)))
    shape = tuple(xs[i].value.size for i in order)
    places = [order.index(i) for i in range(len(xs))]
    wide = [
        s.reshape(x, tuple(n if k == at else 1 for k, n in enumerate(shape))) for x, at in zip(xs, places, strict=True)
    ]
    return tuple(expand(x, *shape) for x in wide)


def cartesian_prod(*tensors: Any) -> Tensor:
    """All combinations of one number from each vector, as rows."""
    xs = _listed(tensors)
    if len(xs) == 1:
        return xs[0]
    return stack([s.reshape(x, (-1,)) for x in meshgrid(*xs, indexing="ij")], 1)


@public
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r numbers of a vector, as rows."""
    if input.value.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.value.size), r))
    with beside(input.value):
        key = library(input.value).asarray(rows, dtype="int64").reshape(len(rows), r)
    return ix.take(input, (key,))


@public
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Repeat every number, or every part along `dim`, so many times one after the other.

    `repeat_interleave(repeats)` alone repeats 0, 1, 2, …
    """
    if repeats is None:
        input, repeats = make(input.result, arange_like(input.value.size, input.value)), input
    x = s.reshape(input, (-1,)) if dim is None or input.value.ndim == 0 else input
    axis = 0 if dim is None else axis_of(dim, x.value.ndim)
    times = repeats.value if hasattr(repeats, "value") else repeats
    if (isinstance(times, int) and times < 0) or (not isinstance(times, int) and bool((times < 0).any())):
        raise RuntimeError("repeats can not be negative")
    if not isinstance(times, int) and times.size not in (1, x.value.shape[axis]):
        raise RuntimeError("repeats must have the same size as input along dim, but got "
                           f"repeats.size(0) = {times.size} and input.size({axis}) = {x.value.shape[axis]}")  # fmt: skip
    with beside(x.value):
        places = library(x.value).repeat(arange_like(x.value.shape[axis], x.value), times)
    return ix.take(x, (slice(None),) * axis + (places,))


@public
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """All windows of a size along a dimension, `step` apart, in a new last dimension (a copy).

    Shapes:  (*, n, *) -> (*, (n - size) // step + 1, *, size).
    """
    axis = axis_of(dimension, input.value.ndim)
    x = input if input.value.ndim else s.reshape(input, (1,))
    n = x.value.shape[axis]
    if not 0 <= size <= n:
        raise RuntimeError(f"maximum size for tensor at dimension {axis} is {n} but size is {size}")
    if step < 1:
        raise RuntimeError(f"step is {step} but must be > 0")
    starts = arange_like((n - size) // step + 1, x.value) * step
    key = starts[:, None] + arange_like(size, x.value)
    windows = ix.take(x, (slice(None),) * axis + (key,))  # the windows' own axis stands behind their number
    order = [i for i in range(windows.value.ndim) if i != axis + 1]
    y = s.transpose(windows, (*order, axis + 1))
    return y if input.value.ndim else s.reshape(y, (size,))


# ---- a part replaced -------------------------------------------------------------------------------------------------


@public
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy with a slice of one dimension replaced."""
    return _replaced(input, src, dim, slice(start, end, step))


@public
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with the part at one index of a dimension replaced."""
    return _replaced(input, src, dim, index)


def _replaced(input: Any, src: Any, dim: int, part: Any) -> Any:
    y = s.copy(input)
    place = (slice(None),) * axis_of(dim, input.value.ndim) + (part,)
    if y[place].shape != src.shape:
        raise RuntimeError(f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, "
                           f"slice size = {list(y[place].shape)}")  # fmt: skip
    y[place] = src
    return y


@public
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy with a diagonal replaced."""
    y = s.copy(input)
    place = s.diagonal(y, offset, axis_of(dim1, y.value.ndim), axis_of(dim2, y.value.ndim))
    if place.shape != src.shape:
        raise RuntimeError(f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, "
                           f"slice size = {list(place.shape)}")  # fmt: skip
    place.copy_(src)
    return y


__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_tensors", "cartesian_prod", "column_stack",
    "combinations", "diag", "diag_embed", "diagflat", "diagonal_scatter", "dstack", "fliplr", "flipud", "hsplit", "hstack",
    "meshgrid", "repeat_interleave", "rot90", "row_stack", "select_scatter", "slice_scatter", "tensor_split", "tile",
    "unfold", "vsplit", "vstack",
]  # fmt: skip
