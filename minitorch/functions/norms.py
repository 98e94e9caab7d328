"""Norms of vectors and matrices, and products along a dimension: `torch.linalg`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..backend.dtypes import dtype as Dtype
from ..ops import decompositions as d
from ..ops import elementwise as e
from ..ops import shape as s
from .dims import Dim, axes_of
from .matrices import inv, svdvals
from .products import cross as _cross
from .public import public
from .reduction import norm as _norm
from .reduction import sum as _sum
from .reduction import to_dtype
from .search import amax, amin

if TYPE_CHECKING:
    from ..tensor import Tensor


@public
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """Vector product of vectors in three dimensions, by default the last one (for `torch.cross`, the first of size 3)."""
    return _cross(input, other, dim)


@public
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    r"""$\sum_i \overline{x_i} y_i$ along a dimension."""
    return _sum(e.mul(e.conj(x) if x.value.dtype.kind == "c" else x, y), dim)


@public
def vector_norm(
    x: Tensor, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    r"""$(\sum_i |x_i|^p)^{1/p}$ with p = `ord`, over all numbers or some dimensions."""
    if isinstance(ord, str):
        raise TypeError(f"linalg.vector_norm: ord must be a number, not {ord!r}: matrix_norm takes names")
    return _norm(x, ord, dim, keepdim, dtype=dtype)


@public
def matrix_norm(
    A: Tensor,
    ord: float | str = "fro",
    dim: Sequence[int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Tensor:
    r"""Norm of matrices: "fro" $\sqrt{\sum a_{ij}^2}$, "nuc" $\sum_k s_k$, 2 and -2 the extreme singular values, 1 and -1
    the extreme sums of columns, inf and -inf of rows.
    """
    if A.value.ndim < 2:
        raise RuntimeError(
            f"linalg.matrix_norm: The input tensor A must have at least 2 dimensions, got {list(A.shape)}"
        )
    if len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    rows, columns = axes_of(dim, A.value.ndim)
    A = to_dtype(A, dtype)
    if ord == "fro":
        return _norm(A, 2, (rows, columns), keepdim)
    if ord == "nuc" or (not isinstance(ord, str) and abs(ord) == 2):
        order = [i for i in range(A.value.ndim) if i not in (rows, columns)]
        S = svdvals(s.transpose(A, (*order, rows, columns)))
        y = _sum(S, -1) if ord == "nuc" else amax(S, -1) if ord == 2 else amin(S, -1)
        kept = tuple(1 if i in (rows, columns) else n for i, n in enumerate(A.value.shape))
        return s.reshape(y, kept) if keepdim else y
    if isinstance(ord, str) or abs(ord) not in (1, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    along, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = _sum(e.abs(A), along, True)
    y = (amax if ord > 0 else amin)(sums, other, True)
    return y if keepdim else s.reshape(y, tuple(n for i, n in enumerate(A.value.shape) if i not in (rows, columns)))


@public
def norm(
    A: Tensor, ord: float | str | None = None, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """Norm of a vector, or of matrices if two dimensions are named, or if there are two and an order is given."""
    if ord is None:
        return _norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None and A.value.ndim not in (1, 2):
        raise RuntimeError("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
                           f"{A.value.ndim}D.")  # fmt: skip
    dims = (dim,) if isinstance(dim, int) else (-2, -1) if dim is None else dim
    if isinstance(ord, str) or (len(dims) == 2 and (dim is not None or A.value.ndim == 2)):
        return matrix_norm(A, ord, dims, keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


@public
def cond(A: Tensor, p: float | str | None = None) -> Tensor:
    r"""Condition number $\|A\| \, \|A^{-1}\|$; by default the ratio of the extreme singular values."""
    if p in (None, 2, -2):
        S = svdvals(A)
        first, last = s.index(S, (Ellipsis, 0)), s.index(S, (Ellipsis, -1))
        return e.div(last, first) if p == -2 else e.div(first, last)
    try:
        inverse = inv(A)
    except d.LinAlgError:  # one of them is singular
        return e.add(e.mul(matrix_norm(A, p), 0.0), math.inf)
    return e.mul(matrix_norm(A, p), matrix_norm(inverse, p))
