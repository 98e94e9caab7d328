"""Lengths, distances and angles of vectors."""

from __future__ import annotations

from ...functions.public import public
from ...functions.view import broadcast_tensors
from ...tensor import Tensor


@public
def normalize(input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Tensor:
    r"""$v / \max(\lVert v \rVert_p, \epsilon)$ along a dimension."""
    return input / input.norm(p, dim, keepdim=True).clamp(min=eps)


@public
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    r"""$\frac{x_1 \cdot x_2}{\max(\lVert x_1\rVert, \epsilon) \max(\lVert x_2\rVert, \epsilon)}$ along a dimension."""
    x1, x2 = broadcast_tensors(x1, x2)
    return (normalize(x1, 2.0, dim, eps) * normalize(x2, 2.0, dim, eps)).sum(dim)


@public
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    r"""$\lVert x_1 - x_2 + \epsilon \rVert_p$ along the last dimension.

    Shapes:  (*, D) and (*, D), broadcast -> (*), or (*, 1) with `keepdim`.
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim)


@public
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    r"""$\lVert x_i - x_j \rVert_p$ of every pair of rows $i < j$: (N, D) -> (N(N - 1) / 2)."""
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    pairs = [(i, j) for i in range(input.shape[0]) for j in range(i + 1, input.shape[0])]
    first, second = [i for i, _ in pairs], [j for _, j in pairs]
    return (input[first] - input[second]).norm(p, -1)
