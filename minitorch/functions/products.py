"""More products of matrices, vectors and tensors; distances between points.  All by way of `matmul` and sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..ops import elementwise as e
from ..ops import shape as s
from .dims import axes_of, axis_of
from .linalg import bmm, matmul, mm, mv, outer
from .public import public
from .reduction import norm, sum
from .view import expand, permute, reshape

if TYPE_CHECKING:
    from ..tensor import Tensor


def _plus(input: Any, product: Any, beta: float, alpha: float) -> Any:
    r"""$\beta x + \alpha p$; for $\beta = 0$ not-a-numbers in x do not count."""
    product = product if alpha == 1 else e.mul(product, alpha)
    if beta == 0:
        return product
    return e.add(expand(input if beta == 1 else e.mul(input, beta), *product.value.shape), product)


@public
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,x + \alpha\,A v$."""
    return _plus(input, mv(mat, vec), beta, alpha)


@public
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,X + \alpha\,a b^\top$."""
    return _plus(input, outer(vec1, vec2), beta, alpha)


@public
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,X_i + \alpha\,A_i B_i$ for every i of a batch."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


@public
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,X + \alpha \sum_i A_i B_i$."""
    return _plus(input, sum(bmm(batch1, batch2), 0), beta, alpha)


@public
def inner(input: Tensor, other: Tensor) -> Tensor:
    r"""$y_{ij} = \sum_k a_{ik} b_{jk}$: products of the last dimensions; of a number with a tensor, multiples."""
    if input.value.ndim == 0 or other.value.ndim == 0:
        return e.mul(input, other)
    if input.value.shape[-1] != other.value.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input.shape)} and "
            f"{list(other.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


@public
def vdot(input: Tensor, other: Tensor) -> Tensor:
    r"""$\sum_i \overline{a_i} b_i$ of two vectors."""
    if input.value.ndim != 1 or other.value.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.value.ndim}D and {other.value.ndim}D tensors")
    return matmul(e.conj(input) if input.value.dtype.kind == "c" else input, other)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sum the products over dimensions: the last `dims` of a with the first of b, or pairs as two lists."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        of_a, of_b = list(range(a.value.ndim - dims, a.value.ndim)), list(range(dims))
    else:
        of_a, of_b = (list(d) if isinstance(d, Sequence) else [d] for d in dims)
    of_a, of_b = [axis_of(d, a.value.ndim) for d in of_a], [axis_of(d, b.value.ndim) for d in of_b]
    shape, other = a.value.shape, b.value.shape
    if [shape[i] for i in of_a] != [other[i] for i in of_b]:
        raise RuntimeError(
            f"contracted dimensions need to match, but first has sizes {[shape[i] for i in of_a]} in dims {of_a} and "
            f"second has sizes {[other[i] for i in of_b]} in dims {of_b}"
        )
    free_a, free_b = ([i for i in range(x.value.ndim) if i not in used] for x, used in ((a, of_a), (b, of_b)))
    n, rows, columns = (
        math.prod(sizes[i] for i in axes) for sizes, axes in ((shape, of_a), (shape, free_a), (other, free_b))
    )
    left = s.reshape(permute(a, *free_a, *of_a), (rows, n))
    right = s.reshape(permute(b, *of_b, *free_b), (n, columns))
    return s.reshape(mm(left, right), (*(shape[i] for i in free_a), *(other[i] for i in free_b)))


@public
def kron(input: Tensor, other: Tensor) -> Tensor:
    r"""Kronecker product: every number of a, times the whole of b."""
    ndim = max(input.value.ndim, other.value.ndim)
    n, m = ((1,) * (ndim - x.value.ndim) + x.value.shape for x in (input, other))
    a = s.reshape(input, tuple(k for size in n for k in (size, 1)))
    b = s.reshape(other, tuple(k for size in m for k in (1, size)))
    return s.reshape(e.mul(a, b), tuple(i * j for i, j in zip(n, m, strict=True)))


@public
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    r"""Vector product of vectors in three dimensions.  $(a \times b)_1 = a_2 b_3 - a_3 b_2$, and so on."""
    shape = input.value.shape
    if dim is None:
        dim = next((i for i, n in enumerate(shape) if n == 3), -1)
    axis = axis_of(dim, len(shape))
    if shape[axis] != 3 or other.value.shape[axis - len(shape)] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {shape[axis]} and "
            f"{other.value.shape[axis - len(shape)]}"
        )
    back = axis - len(shape)

    def part(x: Any, i: int) -> Any:
        return s.index(x, (slice(None),) * (x.value.ndim + back) + (i,))

    parts = []
    for i, j in ((1, 2), (2, 0), (0, 1)):
        parts.append(e.sub(e.mul(part(input, i), part(other, j)), e.mul(part(input, j), part(other, i))))
    return s.stack(*parts, axis=axis)


def chain_matmul(*matrices: Tensor) -> Tensor:
    """Product of several matrices, in the order of the fewest multiplications."""
    return multi_dot(matrices)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """Product of several matrices, in the order of the fewest multiplications; the first and last may be vectors.

    Source:  Cormen et al., "Introduction to Algorithms", section 15.2.
    """
    xs = list(tensors)
    if len(xs) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(xs)}")
    row, column = xs[0].value.ndim == 1, xs[-1].value.ndim == 1
    xs[0] = s.unsqueeze(xs[0], 0) if row else xs[0]
    xs[-1] = s.unsqueeze(xs[-1], 1) if column else xs[-1]
    sizes = [xs[0].value.shape[0], *(x.value.shape[1] for x in xs)]
    y = _multiply(xs, _cheapest(sizes), 0, len(xs) - 1)
    y = reshape(y, y.value.shape[1:]) if row else y
    return reshape(y, y.value.shape[:-1]) if column else y


def _cheapest(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Return where to cut each product of matrices i to j, of sizes[i] by sizes[i + 1] each."""
    n = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            prices = {k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)}
            cut[i, j] = min(prices, key=prices.__getitem__)
            cost[i, j] = prices[cut[i, j]]
    return cut


def _multiply(xs: list[Any], cut: dict[tuple[int, int], int], i: int, j: int) -> Any:
    return xs[i] if i == j else mm(_multiply(xs, cut, i, cut[i, j]), _multiply(xs, cut, cut[i, j] + 1, j))


@public
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    r"""Distances of all pairs of points.  $y_{ij} = \|a_i - b_j\|_p$.

    Shapes:  (*, n, d) (*, m, d) -> (*, n, m).
    """
    if x1.value.ndim < 2 or x2.value.ndim < 2:
        raise RuntimeError(
            f"cdist only supports at least 2D tensors, X1 got: {x1.value.ndim}D, X2 got: {x2.value.ndim}D"
        )
    if x1.value.shape[-1] != x2.value.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.value.shape[-1]} X2: {x2.value.shape[-1]}"
        )
    return norm(e.sub(s.unsqueeze(x1, x1.value.ndim - 1), s.unsqueeze(x2, x2.value.ndim - 2)), p, -1)


@public
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Scale every part along a dimension whose norm is larger down to it."""
    axis = axis_of(dim, input.value.ndim)
    others = tuple(i for i in axes_of(None, input.value.ndim) if i != axis)
    size = norm(input, p, others, True)
    scale = e.where(e.gt(size, maxnorm), e.div(maxnorm, e.add(size, 1e-7)), 1.0)
    return e.mul(input, scale)
