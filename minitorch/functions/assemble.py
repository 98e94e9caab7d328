"""Putting tensors together and taking them apart, by the names of NumPy; diagonals, and parts replaced."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..engine import Variable
from ..ops import elementwise as e
from ..ops import shape as s
from .dims import axes_of, axis_of, sizes_of
from .public import public
from .shape import cat, flip, repeat, split
from .view import transpose

if TYPE_CHECKING:
    from ..tensor import Tensor


def listed(tensors: Any) -> list[Any]:
    """Return tensors given one by one, or together in one sequence."""
    return list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Variable) else list(tensors)


def _each(function: Any, tensors: Any) -> Any:
    """Apply to one tensor, or to each of several."""
    if len(tensors) == 1 and isinstance(tensors[0], Variable):
        return function(tensors[0])
    return tuple(function(x) for x in listed(tensors))


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
    xs = [atleast_2d(x) for x in listed(tensors)]
    shape = tuple(sum(x.value.shape[i] for x in xs) for i in (0, 1))
    blocks, row, column = [], 0, 0
    for x in xs:
        n, m = x.value.shape
        blocks.append(s.among_zeros(x, shape, (slice(row, row + n), slice(column, column + m))))
        row, column = row + n, column + m
    return functools.reduce(e.add, blocks)


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
