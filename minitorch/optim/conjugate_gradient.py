"""Conjugate gradients: linear equations solved with nothing but products with the matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..backend.devices import Array

GAMMA = 1.3  # iterates 1, 2, 3, 4, 5, 7, 9, 11, … are kept: the powers of gamma, rounded up


class Iterate(NamedTuple):
    r"""A point on the way, and $\phi$ there."""

    x: Array
    phi: float


def conjugate_gradient(
    product: Callable[[Array], Array],
    b: Array,
    x: Array,
    preconditioner: Array | None = None,
    tolerance: float = 5e-4,
    max_iter: int = 250,
) -> list[Iterate]:
    r"""Minimise $\phi(x) = \tfrac12 x^\top A x - b^\top x$, where $A$ is symmetric and positive; return iterates kept.

    With the residual $r = Ax - b$, the preconditioner $M$ (the diagonal of a matrix), $y = M^{-1} r$ and $p = -y$:

    $$\alpha = \frac{r^\top y}{p^\top A p}, \qquad x \leftarrow x + \alpha p, \qquad r' = r + \alpha A p, \qquad
      p \leftarrow -y' + \frac{r'^\top y'}{r^\top y}\, p$$

    It stops when the last $k = \max(10, i/10)$ iterations have brought little: for $i > k$ and $\phi(x_i) < 0$, when

    $$\frac{\phi(x_i) - \phi(x_{i-k})}{\phi(x_i)} < k \epsilon .$$

    The last iterate of the list is the result.  The earlier ones are shorter steps, for backtracking.

    Source:  Martens 2010, sections 4.4 (stopping) and 4.6 (what is kept); Nocedal & Wright 2006, Algorithm 5.3.
    """
    M = 1.0 if preconditioner is None else preconditioner
    r = product(x) - b
    y = r / M
    p, ry = -y, float(r @ y)
    phis = [float(x @ (r - b)) / 2]
    kept: list[Iterate] = []
    mark = 1.0  # the next power of gamma
    for i in range(1, max_iter + 1):
        Ap = product(p)
        curvature = float(p @ Ap)
        if not (ry > 0 and curvature > 0):  # the residual is zero, or rounding has the last word
            break
        alpha = ry / curvature
        x, r = x + alpha * p, r + alpha * Ap
        y, old = r / M, ry
        ry = float(r @ y)
        p = (ry / old) * p - y
        phis.append(float(x @ (r - b)) / 2)
        done = _has_converged(phis, tolerance)
        if done or i == max_iter or i >= mark:
            kept.append(Iterate(x, phis[-1]))
            mark = next_power(i)
        if done:
            break
    return kept


def next_power(i: int) -> float:
    """Return the first power of gamma above i."""
    power = 1.0
    while power <= i:
        power *= GAMMA
    return power


def _has_converged(phis: list[float], tolerance: float) -> bool:
    i = len(phis) - 1
    k = max(10, i // 10)
    return i > k and phis[i] < 0 and (phis[i] - phis[i - k]) / phis[i] < k * tolerance
