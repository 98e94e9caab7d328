"""Grids, combinations, repetitions and windows."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any

from ..backend.arrays import arange_like
from ..backend.devices import beside, library
from ..engine import make
from ..ops import indexing as ix
from ..ops import shape as s
from .assemble import atleast_1d, listed
from .dims import axis_of
from .public import public
from .shape import stack
from .view import expand

if TYPE_CHECKING:
    from ..tensor import Tensor


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: one tensor for every vector, of the shape of all; "xy" exchanges the first two."""
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=2
        )
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    xs = [atleast_1d(x) for x in listed(tensors)]
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
    xs = listed(tensors)
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
