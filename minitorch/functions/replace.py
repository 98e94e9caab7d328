"""Writing into copies: by index vectors, by masks, and with a reduction where several numbers meet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..backend.arrays import array_like
from ..backend.devices import library
from ..engine import Variable, make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from ..ops.declare import cast, constant
from .dims import axis_of
from .gather import gather
from .indexing import check_indices
from .pointwise import floor_divide
from .public import public
from .view import broadcast_to, expand

if TYPE_CHECKING:
    from ..tensor import Tensor


def _key(name: str, input: Any, dim: int, index: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the input, with a dimension at least, and the key of a vector of indices along one of them."""
    if index.value.dtype.kind not in "iu" or index.value.ndim > 1:
        raise RuntimeError(
            f"{name}(): Expected dtype int32/int64 for index, a vector; got {index.dtype}, {list(index.shape)}"
        )
    x = input if input.value.ndim else s.reshape(input, (1,))
    axis = axis_of(dim, x.value.ndim)
    where = index.value.reshape(-1)
    check_indices(where, x.value.shape[axis], axis, negative=False)
    return x, (slice(None),) * axis + (where,)


def _check_source(name: str, x: Any, key: tuple[Any, ...], source: Any) -> None:
    wanted = list(x.value.shape)
    wanted[len(key) - 1] = key[-1].size
    if list(source.value.shape) != wanted:
        raise RuntimeError(
            f"{name}(): source tensor shape must match self tensor shape, excluding the specified dimension: "
            f"expected {wanted}, got {list(source.shape)}"
        )
    if source.value.dtype != x.value.dtype:
        raise RuntimeError(f"{name}(): self ({x.dtype}) and source ({source.dtype}) expected to have the same dtype")


@public
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    r"""$y = x$, then $y_{t_k} \mathrel{+}= \alpha\,s_k$ along a dimension; equal indices add up."""
    x, key = _key("index_add", input, dim, index)
    source = source if source.value.ndim else s.reshape(source, (1,))
    _check_source("index_add", x, key, source)
    y = e.add(x, ix.scatter_key(source if alpha == 1 else e.mul(source, alpha), x.value.shape, key))
    return y if input.value.ndim else s.reshape(y, ())


@public
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    r"""$y = x$, then $y_{t_k} = s_k$ along a dimension; the indices must differ."""
    x, key = _key("index_copy", input, dim, index)
    source = source if source.value.ndim else s.reshape(source, (1,))
    _check_source("index_copy", x, key, source)
    y = e.where(_written(x.value, key), ix.scatter_key(source, x.value.shape, key), x)
    return y if input.value.ndim else s.reshape(y, ())


@public
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    r"""$y = x$, then $y_{t_k}$ = value along a dimension."""
    x, key = _key("index_fill", input, dim, index)
    if isinstance(value, Variable) and value.value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got {value.value.ndim} dimension(s)."
        )
    if isinstance(value, Variable):
        value = cast(value, x.value.dtype)
    y = e.where(_written(x.value, key), value, x)
    return cast(y if input.value.ndim else s.reshape(y, ()), input.value.dtype)


@constant
def _written(x: Any, key: tuple[Any, ...]) -> Any:
    """Whether a place is one of those that a key selects."""
    mask = library(x).zeros(x.shape, dtype=bool)
    mask[key] = True
    return mask


@public
def index_put(input: Tensor, indices: tuple[Tensor, ...], values: Any, accumulate: bool = False) -> Tensor:
    r"""A copy with `y[indices] = values`; with `accumulate`, `+=`, where equal indices add up."""
    if not accumulate:
        y = s.copy(input)
        y[tuple(indices)] = values
        return y
    key = tuple(i.value for i in indices)
    part = ix.take(input, key)
    return e.add(input, ix.scatter_key(broadcast_to(values, part.value.shape), input.value.shape, key))


@public
def take(input: Tensor, index: Tensor) -> Tensor:
    """The numbers at places of the flattened tensor, in the shape of the index."""
    if index.value.dtype != "int64":
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype}")
    check_indices(index.value, input.value.size, 0, negative=True)
    return ix.take(s.reshape(input, (input.value.size,)), (index.value,))


@public
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Gather along a dimension, with the other dimensions broadcast; of the flattened tensor for `dim=None`."""
    if dim is None:
        return gather(s.reshape(input, (input.value.size,)), 0, s.reshape(indices, (indices.value.size,)))
    if input.value.ndim != indices.value.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.value.ndim} dimensions for input, and {indices.value.ndim} dimensions for indices"
        )
    axis = axis_of(dim, input.value.ndim)
    pairs = enumerate(zip(input.value.shape, indices.value.shape, strict=True))
    shape = [1 if i == axis else n if m == 1 else m for i, (n, m) in pairs]
    wide = [n if i != axis else input.value.shape[axis] for i, n in enumerate(shape)]
    places = [n if i != axis else indices.value.shape[axis] for i, n in enumerate(shape)]
    return gather(expand(input, *wide), axis, expand(indices, *places))


@public
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the numbers of `source`, one after the other, where the mask holds."""
    if mask.value.dtype != bool:
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if source.value.dtype != input.value.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and {source.dtype}"
        )
    wide = broadcast_to(mask, input.value.shape).value
    lib = library(wide)
    places = (lib.cumsum(wide.reshape(-1)) - 1).reshape(wide.shape)
    if int(wide.sum()) > source.value.size:
        raise RuntimeError("masked_scatter: expected self to have no more True in mask than numbers in source: "
                           f"{int(wide.sum())} and {source.value.size}")  # fmt: skip
    if source.value.size == 0:
        return s.copy(input)
    chosen = ix.take(s.reshape(source, (source.value.size,)), (lib.where(wide, places, 0),))
    return e.where(make(input.result, wide), chosen, input)


# ---- scatter_reduce --------------------------------------------------------------------------------------------------


@public
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    r"""Reduce to $y_{t_{ij} j}$ all $s_{ij}$ sent there: "sum", "mean", "amax" or "amin"; with x itself, or without.

    Equal largest numbers share the gradient.
    """
    if reduce not in ("sum", "mean", "amax", "amin"):
        if reduce == "prod":
            raise NotImplementedError("scatter_reduce: reduce='prod' is not supported; use sum, mean, amax or amin")
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}.")
    axis = axis_of(dim, input.value.ndim)
    src = s.index(src, tuple(slice(0, n) for n in index.value.shape))
    ones = array_like(1, input.value)
    reached = ix.scatter_add(e.zeros_like(input), index, e.add(e.zeros_like(src), ones), axis)
    base = input if include_self else e.where(e.gt(reached, 0), 0, input)
    if reduce in ("sum", "mean"):
        total = ix.scatter_add(base, index, src, axis)
        if reduce == "sum":
            return total
        count = e.add(reached, 1) if include_self else e.where(e.gt(reached, 0), reached, 1)
        return e.div(total, count) if input.value.dtype.kind in "fc" else floor_divide(total, count)
    best = _extreme(input, index, src, axis, reduce == "amax", include_self)
    from_src = cast(e.eq(src, ix.gather(best, index, axis)), input.value.dtype)
    from_self = cast(e.eq(input, best), input.value.dtype)
    if not include_self:
        from_self = e.where(e.gt(reached, 0), 0, from_self)
    winners = ix.scatter_add(from_self, index, from_src, axis)
    total = ix.scatter_add(e.mul(from_self, input), index, e.mul(from_src, src), axis)
    return cast(e.div(total, winners), input.value.dtype)


@constant
def _extreme(x: Any, index: Any, src: Any, axis: int, largest: bool, include_self: bool) -> Any:
    """The largest or smallest of all that is sent to a place."""
    lib, y, key = library(x), x.copy(), ix.along(index, axis)
    if not include_self:  # start from what every number beats
        low, high = (-math.inf, math.inf) if x.dtype.kind == "f" else (lib.iinfo(x.dtype).min, lib.iinfo(x.dtype).max)
        y[key] = low if largest else high
    (lib.maximum if largest else lib.minimum).at(y, key, src)
    return y
