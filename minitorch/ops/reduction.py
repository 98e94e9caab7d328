r"""Reductions: from many numbers to few.  `axis` is always a tuple of axes; the functions above translate `dim`.

The transpose of a sum is a repetition: $y_j = \sum_i x_{ij}$ gives $\bar x_{ij} = \bar y_j$.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import many
from ..backend.arrays import total
from ..backend.devices import library
from ..engine import deftwin, defvjp
from .declare import cast, constant, primitive
from .elementwise import div, exp, isnan, where
from .shape import broadcast_to, reshape, transpose

Axis = tuple[int, ...]


def kept(shape: Axis, axis: Axis) -> Axis:
    """Return the shape with 1 for the reduced axes."""
    return tuple(1 if i in axis else n for i, n in enumerate(shape))


def count(shape: Axis, axis: Axis) -> int:
    """Return how many numbers are reduced to one."""
    n = 1
    for i in axis:
        n *= shape[i]
    return n


def spread(g: Any, x_shape: Axis, axis: Axis) -> Any:
    """Repeat a reduced value along the axes that were reduced."""
    return broadcast_to(reshape(g, kept(x_shape, axis)), x_shape)


@primitive
def sum(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""Sum.  $y_j = \sum_i x_{ij}$;  $\bar x_{ij} = \bar y_j$."""
    return total(x, axis, keepdims)


def sum_tuned(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    """`sum`, of all of many numbers by BLAS on a CPU."""
    return many.total(x, axis, keepdims)


defvjp(sum, x=lambda g, x_shape, axis: spread(g, x_shape, axis))
deftwin(sum, sum_tuned)


@primitive
def mean(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""Mean of n numbers.  $y_j = \frac1n \sum_i x_{ij}$;  $\bar x_{ij} = \bar y_j / n$."""
    wide = x.astype(np.float32) if x.dtype == np.float16 else x  # the sum, and n, may be beyond float16
    y = library(x).divide(total(wide, axis, keepdims), count(x.shape, axis), dtype=wide.dtype)
    return y.astype(x.dtype, copy=False)


def mean_dx(g: Any, x_shape: Axis, axis: Axis) -> Any:
    r"""$\bar y \cdot \frac1n$, repeated.  (n itself may be beyond float16.)"""
    return spread(g * (1.0 / (count(x_shape, axis) or 1)), x_shape, axis)


defvjp(mean, x=mean_dx)


@primitive
def amax(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""Largest number.  Its gradient is shared evenly by all that equal it."""
    return x.max(axis=axis, keepdims=keepdims)


@primitive
def amin(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""Smallest number.  Its gradient is shared evenly by all that equal it."""
    return x.min(axis=axis, keepdims=keepdims)


def extremum_dx(g: Any, x: Any, x_dtype: Any, y: Any, axis: Axis) -> Any:
    r"""$\bar x_i = \bar y\,[x_i = y] / \#\{j : x_j = y\}$.  A not-a-number is the largest, and the smallest."""
    wins = (x == spread(y, x.shape, axis)) | isnan(x)
    winners = sum(cast(wins, x_dtype), axis)
    return where(wins, spread(div(reshape(g, winners.shape), winners), x.shape, axis), 0.0)


@primitive
def median(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""Middle number, the lower one of two.  Its gradient is shared evenly by all that equal it."""
    lib, n = library(x), count(x.shape, axis)
    last = lib.moveaxis(x, axis, range(-len(axis), 0)).reshape(*(m for i, m in enumerate(x.shape) if i not in axis), n)
    ranked = lib.sort(last, axis=-1)  # not-a-number comes last
    y = lib.where(lib.isnan(ranked[..., -1]), ranked[..., -1], ranked[..., (n - 1) // 2])
    return y.reshape(kept(x.shape, axis)) if keepdims else y


defvjp(amax, x=extremum_dx)
defvjp(amin, x=extremum_dx)
defvjp(median, x=extremum_dx)


@primitive
def logsumexp(x: Any, axis: Axis, keepdims: bool = False) -> Any:
    r"""$y = \ln \sum_i e^{x_i}$;  $\bar x_i = \bar y\,e^{x_i - y}$.

    Numerics: the largest number is taken out first, so that nothing overflows.
    """
    lib = library(x)
    top = x.max(axis=axis, keepdims=True)
    top = lib.where(lib.isfinite(top), top, 0.0).astype(x.dtype)
    y = lib.log(lib.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return y if keepdims else y.reshape([n for i, n in enumerate(x.shape) if i not in axis])


def logsumexp_dx(g: Any, x: Any, y: Any, axis: Axis) -> Any:
    r"""$\bar y\,e^{x - y}$, and 0 where $y = -\infty$ (nothing was added)."""
    y = spread(y, x.shape, axis)
    return spread(g, x.shape, axis) * exp(where(y == float("-inf"), float("-inf"), x - y))


defvjp(logsumexp, x=logsumexp_dx)


@primitive
def prod(x: Any, axis: int, keepdims: bool = False) -> Any:
    r"""Product along one axis.  $y = \prod_i x_i$;  $\bar x_i = \bar y \prod_{j \ne i} x_j$, right also with zeros."""
    return x.prod(axis=axis, keepdims=keepdims, dtype=x.dtype)


def prod_dx(g: Any, x: Any, axis: int) -> Any:
    r"""$\bar x_i = \bar y \prod_{j \ne i} x_j$: the product of a matrix whose row i is x with 1 for $x_i$."""
    n = x.shape[axis]
    lib = library(getattr(x, "value", x))
    diagonal = lib.eye(n, dtype=bool).reshape((n,) + (1,) * axis + (n,) + (1,) * (len(x.shape) - axis - 1))
    others = prod(where(diagonal, 1.0, x), axis=axis + 1)  # (n, *the shape without axis): others[i] lacks x_i
    return spread(g, x.shape, (axis,)) * move_first_to(others, axis)


def prod_dx_of_values(g: Any, x: Any, axis: int) -> Any:
    """Compute the same from the product of all before times the product of all after, in linear time."""
    lib = library(x)
    if x.size == 0:
        return x.copy()
    inner = (slice(None),) * axis
    one = lib.ones_like(x[inner + (slice(0, 1),)])
    before = lib.cumprod(lib.concatenate([one, x[inner + (slice(None, -1),)]], axis), axis)
    after = lib.cumprod(lib.concatenate([one, x[inner + (slice(None, 0, -1),)]], axis), axis)
    return g.reshape(kept(x.shape, (axis,))) * before * lib.flip(after, axis)


defvjp(prod, x=prod_dx)
deftwin(prod, x=prod_dx_of_values)


def move_first_to(x: Any, axis: int) -> Any:
    """Move the first axis to a place."""
    order = list(range(1, len(x.shape)))
    order.insert(axis, 0)
    return transpose(x, tuple(order))


@constant
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the largest number is; the first, if there are several."""
    return library(x).argmax(x, axis=axis, keepdims=keepdims)


@constant
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the smallest number is; the first, if there are several."""
    return library(x).argmin(x, axis=axis, keepdims=keepdims)
