"""Triangular matrices, written as compositions: so they have derivatives of any order, and batches."""

from __future__ import annotations

from ..functions.shape import cat, stack
from ..tensor import Tensor


def cholesky(A: Tensor) -> Tensor:
    r"""Return the lower triangular L with $A = LL^\top = \sum_j c_j c_j^\top$: take off one column after the other.

    Where A is not positive definite, nan comes out.

    Shapes:  A (*, n, n), symmetric -> (*, n, n).
    """
    rest, columns = (A + A.mT) / 2, []  # so that the gradient is symmetric, too
    for j in range(A.shape[-1]):
        column = rest[..., :, 0] / rest[..., :1, 0].sqrt()  # (*, n - j)
        columns.append(cat([column.new_zeros(*column.shape[:-1], j), column], -1))
        rest = (rest - column.unsqueeze(-1) * column.unsqueeze(-2))[..., 1:, 1:]
    return stack(columns, -1)


def solve_lower(L: Tensor, B: Tensor) -> Tensor:
    r"""Return X with $LX = B$, for a lower triangular L: one row after the other.

    Shapes:  L (*, n, n), B (*, n, m) -> (*, n, m), the batches broadcast.
    """
    rest, rows = B, []
    for i in range(L.shape[-1]):
        row = rest[..., :1, :] / L[..., i : i + 1, i : i + 1]  # (*, 1, m)
        rows.append(row)
        rest = rest[..., 1:, :] - L[..., i + 1 :, i : i + 1] * row  # (*, n - i - 1, m)
    return cat(rows, -2)
