r"""Adaptive pooling: windows that cover the input evenly, so many that the output has the size asked for.

Along an axis of size S, window i of O is $[\lfloor iS/O \rfloor, \lceil (i+1)S/O \rceil)$.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...backend.arrays import array_like
from ...backend.devices import library
from ...functions.public import public
from ...ops import indexing as ix
from ...ops import linalg as la
from ...ops import shape as s
from ...tensor import Tensor


def _sizes(name: str, n: int, x: Any, output_size: Any) -> list[int]:
    """Return the output sizes; None keeps that of the input."""
    sizes = (output_size,) * n if isinstance(output_size, int) or output_size is None else tuple(output_size)
    if len(sizes) != n:
        raise RuntimeError(f"{name}: output_size must have {n} numbers, got {tuple(sizes)}")
    if x.ndim not in (n + 1, n + 2):
        raise RuntimeError(f"{name}: Expected {n + 1}D or {n + 2}D tensor, but got {list(x.shape)}")
    return [size if o is None else int(o) for o, size in zip(sizes, x.shape[-n:], strict=True)]


def _ends(S: int, O: int) -> tuple[Any, Any]:
    """Return where the windows start and end."""
    i = np.arange(O)
    return i * S // max(O, 1), -(-(i + 1) * S // max(O, 1))


# ---- the mean --------------------------------------------------------------------------------------------------------


def _adaptive_avg(n: int, x: Any, output_size: Any) -> Tensor:
    """Average over the windows: along each axis, one product with a matrix of shares."""
    for axis, o in enumerate(_sizes(f"adaptive_avg_pool{n}d", n, x, output_size)):
        place = x.ndim - n + axis
        starts, ends = _ends(x.shape[place], o)
        i = np.arange(x.shape[place])
        inside = (starts[:, None] <= i) & (i < ends[:, None])
        shares = Tensor.wrap(array_like(inside / (ends - starts)[:, None], x.value))
        x = s.swap(la.linear(s.swap(x, place, -1), shares), place, -1)
    return x


@public
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of evenly placed windows of (N, C, L); a size of None keeps that of the input."""
    return _adaptive_avg(1, input, output_size)


@public
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means of evenly placed windows of (N, C, H, W); a size of None keeps that of the input."""
    return _adaptive_avg(2, input, output_size)


@public
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means of evenly placed windows of (N, C, D, H, W); a size of None keeps that of the input."""
    return _adaptive_avg(3, input, output_size)


# ---- the largest number ----------------------------------------------------------------------------------------------


def _adaptive_max(n: int, x: Any, output_size: Any, return_indices: bool) -> Any:
    """Find the winner of each window, a constant, and gather."""
    name = f"adaptive_max_pool{n}d"
    O, S, lead = _sizes(name, n, x, output_size), tuple(x.shape[-n:]), tuple(x.shape[:-n])
    if 0 in S:
        raise RuntimeError(
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, got {list(x.shape)}"
        )
    flat = s.reshape(x, (*lead, math.prod(S)))
    where = Tensor.wrap(_winners(flat.value, array_like(_windows(S, O), x.value, np.int64)))
    y = s.reshape(ix.gather(flat, where.value, len(lead)), (*lead, *O))
    return (y, s.reshape(where, (*lead, *O))) if return_indices else y


def _windows(S: tuple[int, ...], O: list[int]) -> Any:
    """Return the places in the flattened input of every window: (windows, size of the largest).

    A smaller window has its last place several times, which changes no maximum.
    """
    places: Any = np.zeros((1, 1), np.int64)
    for size, o in zip(S, O, strict=True):
        starts, ends = _ends(size, o)
        reach = np.arange(int((ends - starts).max(initial=0)))
        along = np.minimum(starts[:, None] + reach, ends[:, None] - 1)  # (o, k)
        places = places[:, None, :, None] * size + along[None, :, None, :]
        places = places.reshape(places.shape[0] * places.shape[1], -1)
    return places


def _winners(flat: Any, places: Any) -> Any:
    """Return the place of the largest number of every window; the first of equal ones."""
    lib = library(flat)
    best = lib.argmax(flat[..., places], axis=-1)  # (*, windows)
    return places[lib.arange(places.shape[0]), best]


@public
def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of evenly placed windows of (N, C, L); a size of None keeps that of the input."""
    return _adaptive_max(1, input, output_size, return_indices)


@public
def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of evenly placed windows of (N, C, H, W); a size of None keeps that of the input."""
    return _adaptive_max(2, input, output_size, return_indices)


@public
def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of evenly placed windows of (N, C, D, H, W); a size of None keeps that of the input."""
    return _adaptive_max(3, input, output_size, return_indices)
