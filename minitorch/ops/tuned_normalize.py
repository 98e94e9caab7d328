r"""Softmax and normalisation on a CPU: the rules of `normalize`, with sums by BLAS and no array made but the result.

An array whose middle axes are kept, (N, C, L), is reduced to C numbers: rows (1, C, L) by softmax and layer norm, channels
(N, C, L) by batch norm.  Sums along rows are products with a vector of ones, or of two rows: BLAS makes 32 sums at once and
is three times as fast as `sum`.  That is exact enough for rows of `LONG` numbers; longer ones, and those too short to pay,
are left to the formula.  Working on a few rows at a time, which stay in the cache, was tried: it brings nothing, since a
call costs as much as it saves (docs/performance.md).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backend.arrays import BLOCK

Sizes = tuple[int, ...]

SHORT, LONG = 16, 8192  # numbers in a row that are added at once


def blocks(x: Any, axis: Sizes) -> Sizes | None:
    """Return (N, C, L), the sizes before, of, and after the axes that are kept; None for what is left to the formula."""
    if type(x) is not np.ndarray or x.dtype not in (np.float32, np.float64) or not x.flags.c_contiguous:
        return None
    kept = [i for i in range(x.ndim) if i not in axis]
    first, last = (kept[0], kept[-1] + 1) if kept else (0, 0)
    sizes = math.prod(x.shape[:first]), math.prod(x.shape[first:last]), math.prod(x.shape[last:])
    return sizes if len(kept) == last - first and x.size and SHORT <= sizes[2] <= LONG else None


def added(x: Any) -> Any:
    r"""$s_c = \sum_n x_{nc}$, as (C, 1).  These numbers are few: they are added in double precision."""
    return x.sum(axis=0, dtype=np.float64).astype(x.dtype)[:, None]


def sums(x: Any) -> Any:
    r"""$s_c = \sum_{nl} x_{ncl}$, as (C, 1)."""
    N, C, L = x.shape
    return added((x.reshape(N * C, L) @ np.ones(L, x.dtype)).reshape(N, C))


def products(a: Any, b: Any) -> Any:
    r"""$s_c = \sum_{nl} a_{ncl} b_{ncl}$, as (C, 1)."""
    return added(np.vecdot(a, b))


def softmax_dx(g: Any, y: Any, sizes: Sizes) -> Any:
    r"""$\bar x = y\,(\bar y - \sum_j \bar y_j y_j)$."""
    g, y = g.reshape(sizes), y.reshape(sizes)
    step = g - products(g, y)
    step *= y
    return step


def log_softmax_dx(g: Any, y: Any, sizes: Sizes) -> Any:
    r"""$\bar x = \bar y - e^{y} \sum_j \bar y_j$."""
    g, step = g.reshape(sizes), np.exp(y.reshape(sizes))
    step *= sums(g)
    return np.subtract(g, step, out=step)


def standardize(x: Any, sizes: Sizes, eps: float) -> tuple[Any, Any, Any]:
    r"""$(x - \mu) / \sqrt{\sigma^2 + \epsilon}$, $\mu$ and $\sigma^2$, the last two as (C, 1)."""
    x, n = x.reshape(sizes), sizes[0] * sizes[2]
    mean = sums(x)
    mean /= n
    y = x - mean
    var = products(y, y)
    var /= n
    y *= 1.0 / np.sqrt(var + eps)
    return y, mean, var


def standardize_dx(g: Any, y: Any, var: Any, sizes: Sizes, eps: float) -> Any:
    r"""$\bar x = r\,(\bar y - \overline{\bar y} - y\,\overline{\bar y\,y})$ with $r = (\sigma^2 + \epsilon)^{-1/2}$."""
    g, y, n = g.reshape(sizes), y.reshape(sizes), sizes[0] * sizes[2]
    step = y * (products(g, y) / n)
    step += sums(g) / n
    np.subtract(g, step, out=step)
    step *= 1.0 / np.sqrt(var.reshape(-1, 1) + eps)
    return step


def scale(g: Any, x: Any, shape: Sizes) -> Any:
    r"""$\bar\gamma = \sum \bar y x$ over the axes along which a weight of this shape is repeated; None if not known how."""
    lead = x.ndim - len(shape)
    axis = tuple(i for i in range(x.ndim) if i < lead or (shape[i - lead] == 1 and x.shape[i] != 1))
    sizes = blocks(x, axis)
    if sizes is not None:
        return products(g.reshape(sizes), x.reshape(sizes)).reshape(shape)
    if axis != tuple(range(lead)) or type(x) is not np.ndarray or x.dtype not in (np.float32, np.float64) or not x.size:
        return None
    rows = math.prod(x.shape[:lead])
    g, x = g.reshape(rows, -1), x.reshape(rows, -1)
    parts = [np.einsum("ij,ij->j", g[i : i + BLOCK], x[i : i + BLOCK]) for i in range(0, rows, BLOCK)]
    return added(np.stack(parts)).reshape(shape)
