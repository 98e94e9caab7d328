r"""Inverses, determinants and decompositions of square and rectangular matrices, alone or in batches (*, n, m).

Every rule follows from differentiating the equation that defines the result: from $A A^{-1} = I$ comes
$dA^{-1} = -A^{-1}\,dA\,A^{-1}$.  Source:  Giles 2008, "An extended collection of matrix derivative results".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend.devices import library
from ..engine import defjoint, defvjp
from .declare import primitive, sum_to
from .elementwise import div, where, zeros_like
from .linalg import matmul
from .reduction import sum
from .shape import on_diagonal, reshape, swap, unsqueeze


class LinAlgError(RuntimeError):
    """A matrix is singular, or not positive definite, or an iteration did not converge."""


def checked(name: str, function: Any, *args: Any) -> Any:
    """Call a function of NumPy's or CuPy's linalg; say what is wrong with the matrix if it cannot be done."""
    lib = library(args[0])
    try:
        return getattr(lib.linalg, function)(*args)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(f"linalg.{name}: {_REASONS.get(name, error)}") from None


_REASONS = {
    "inv": "The diagonal element is zero, the inversion could not be completed because the input matrix is singular.",
    "solve": "The solver failed because the input matrix is singular.",
    "svd": "The algorithm failed to converge because the input matrix contained non-finite values.",
    "cholesky": "The factorization could not be completed because the input is not positive-definite.",
}


@primitive
def inv(A: Any) -> Any:
    r"""Inverse.  $Y = A^{-1}$;  $\bar A = -Y^\top \bar Y\,Y^\top$."""
    return checked("inv", "inv", A)


defvjp(inv, A=lambda g, y: -matmul(swap(y), matmul(g, swap(y))))


@primitive
def solve(A: Any, B: Any) -> Any:
    r"""The X with $AX = B$;  $\bar B = A^{-\top} \bar X$,  $\bar A = -\bar B\,X^\top$."""
    lib = library(A)
    batch = lib.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    wide = lib.broadcast_to(B, batch + B.shape[-2:])  # NumPy would take a matrix for several vectors
    return checked("solve", "solve", A, wide)


def solve_dA(g: Any, A: Any, A_shape: tuple[int, ...], y: Any) -> Any:
    r"""$-A^{-\top} \bar X\,X^\top$, summed over a batch that A was repeated for."""
    return sum_to(-matmul(solve(swap(A), g), swap(y)), A_shape)


defvjp(solve, A=solve_dA, B=lambda g, A, B_shape: sum_to(solve(swap(A), g), B_shape))


@primitive
def det(A: Any) -> Any:
    r"""Determinant.  $\bar A = \bar y\,\mathrm{cof}(A)$, the matrix of cofactors (Jacobi's formula)."""
    return library(A).asarray(library(A).linalg.det(A))


@primitive
def cofactors(A: Any) -> Any:
    r"""$C = \det(A)\,A^{-\top}$, of singular matrices too: $\det(UV)\;U\,\mathrm{diag}(\prod_{j \ne i} s_j)\,V^\top$."""
    lib = library(A)
    U, s, Vh = lib.linalg.svd(A)
    n = s.shape[-1]
    others = lib.where(lib.eye(n, dtype=bool), 1.0, s[..., None, :]).prod(-1)
    sign = lib.linalg.det(U) * lib.linalg.det(Vh)
    weights = others * lib.asarray(sign)[..., None]
    return lib.matmul(U.conj() * weights[..., None, :], Vh.conj()).astype(A.dtype, copy=False)


def wide(a: Any) -> Any:
    """Return one matrix of size 1 by 1 for every number."""
    return reshape(a, (*a.shape, 1, 1))


def cofactors_dA(g: Any, A: Any, y: Any) -> Any:
    r"""With $Y = A^{-\top}$: $\langle G, Y \rangle C - C\,G^\top Y$.  Where A is singular there is no inverse."""
    inverse = swap(inv(A))
    n = len(A.shape)
    return wide(sum(g * inverse, (n - 2, n - 1))) * y - matmul(y, matmul(swap(g), inverse))


defvjp(det, A=lambda g, A: wide(g) * cofactors(A))
defvjp(cofactors, A=cofactors_dA)


@primitive(outputs=("sign", "logabsdet"))
def slogdet(A: Any) -> Any:
    r"""Sign and logarithm of the absolute value of the determinant.  $\bar A = \bar y\,A^{-\top}$."""
    lib = library(A)
    return tuple(lib.asarray(part) for part in lib.linalg.slogdet(A))


def slogdet_dA(g: Any, needs: tuple[bool, ...], A: Any) -> tuple[Any]:
    """The sign does not change."""
    return (zeros_like(A) if g[1] is None else wide(g[1]) * swap(inv(A)),)


defjoint(slogdet, ("A",), slogdet_dA)


def half_lower(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    array = getattr(x, "value", x)
    lib, n = library(array), array.shape[-1]
    return x * (0.5 * (lib.tri(n, dtype=array.dtype) + lib.tri(n, k=-1, dtype=array.dtype)))


@primitive
def cholesky(A: Any) -> Any:
    r"""The lower triangular L with $LL^\top = A$.

    $\bar A = \tfrac12 (S + S^\top)$ with $S = L^{-\top}\,\Phi(L^\top \bar L)\,L^{-1}$; $\Phi$ is the lower triangle with
    half of the diagonal.  Source:  Murray 2016, "Differentiation of the Cholesky decomposition".
    """
    return checked("cholesky", "cholesky", A)


def cholesky_dA(g: Any, y: Any) -> Any:
    """Pull back through both triangular factors."""
    S = solve(swap(y), half_lower(matmul(swap(y), g)))
    S = solve(swap(y), swap(S))
    return 0.5 * (S + swap(S))


defvjp(cholesky, A=cholesky_dA)


def gaps(a: Any) -> Any:
    r"""$F_{ij} = 1 / (a_j - a_i)$, and 0 on the diagonal."""
    n = len(a.shape)
    d = unsqueeze(a, n - 1) - unsqueeze(a, n)
    lib = library(getattr(a, "value", a))
    same = lib.eye(a.shape[-1], dtype=bool)
    return where(same, 0.0, div(1.0, where(same, 1.0, d)))


def diagonal_matrix(a: Any) -> Any:
    """The matrices with vectors (*, n) on their diagonals."""
    n = len(a.shape)
    return on_diagonal(a, (*a.shape, a.shape[-1]), 0, n - 1, n)


@primitive(outputs=("w", "V"))
def eigh(A: Any) -> Any:
    r"""Eigenvalues, ascending, and eigenvectors of a symmetric matrix: $A = V\,\mathrm{diag}(w)\,V^\top$.

    $\bar A = V\,\big(\mathrm{diag}(\bar w) + F \odot \tfrac12 (V^\top \bar V - \bar V^\top V)\big)\,V^\top$ with
    $F_{ij} = 1/(w_j - w_i)$: symmetric, as A is.
    """
    return tuple(checked("eigh", "eigh", A))


def eigh_dA(g: Any, needs: tuple[bool, ...], w: Any, V: Any) -> tuple[Any]:
    """Of equal eigenvalues the eigenvectors have no derivative."""
    inner = None if g[0] is None else diagonal_matrix(g[0])
    if g[1] is not None:
        turned = matmul(swap(V), g[1])
        turned = gaps(w) * (0.5 * (turned - swap(turned)))
        inner = turned if inner is None else inner + turned
    return (matmul(V, matmul(inner, swap(V))),)


defjoint(eigh, ("A",), eigh_dA)


@primitive(outputs=("U", "S", "Vh"))
def svd(A: Any) -> Any:
    r"""Singular values, descending, and vectors: $A = U\,\mathrm{diag}(s)\,V^\top$ with as many as the smaller side.

    With $E_{ij} = 1/(s_j^2 - s_i^2)$: $\bar A = U\,\big((E \odot (U^\top \bar U - \bar U^\top U))\,S
    + S\,(E \odot (V^\top \bar V - \bar V^\top V)) + \mathrm{diag}(\bar s)\big)\,V^\top$, and for a longer side
    $(I - UU^\top)\,\bar U S^{-1} V^\top$, or $U S^{-1} \bar V^\top (I - VV^\top)$.
    Source:  Townsend 2016, "Differentiating the singular value decomposition".
    """
    return tuple(checked("svd", "svd", A, False))


def svd_dA(g: Any, needs: tuple[bool, ...], U: Any, S: Any, Vh: Any) -> tuple[Any]:
    """Sum of what comes by the values, the left and the right vectors."""
    (g_U, g_S, g_Vh), k = g, len(S.shape)
    V, row = swap(Vh), unsqueeze(S, k - 1)
    inner, outer = zeros_like(matmul(Vh, V)) if g_S is None else diagonal_matrix(g_S), []
    E = gaps(S * S)
    if g_U is not None:
        skew = matmul(swap(U), g_U)
        inner = inner + (E * (skew - swap(skew))) * row
        if U.shape[-2] > S.shape[-1]:
            rest = g_U - matmul(U, skew)
            outer.append(matmul(div(rest, row), Vh))
    if g_Vh is not None:
        skew = matmul(Vh, swap(g_Vh))
        inner = inner + unsqueeze(S, k) * (E * (skew - swap(skew)))
        if V.shape[-2] > S.shape[-1]:
            rest = swap(g_Vh) - matmul(V, skew)
            outer.append(matmul(U, swap(div(rest, row))))
    y = matmul(U, matmul(inner, Vh))
    for part in outer:
        y = y + part
    return (y,)


defjoint(svd, ("A",), svd_dA)


@primitive
def pinv(A: Any, atol: float, rtol: float) -> Any:
    r"""Pseudo-inverse $Y = V S^{+} U^\top$: singular values up to atol and rtol times the largest count as zero.

    $\bar A = -Y^\top \bar Y\,Y^\top + (I - AY)\,\bar Y^\top Y Y^\top + Y^\top Y\,\bar Y^\top (I - YA)$, also where
    singular values are equal.  Source:  Golub & Pereyra 1973, "The differentiation of pseudo-inverses".
    """
    lib = library(A)
    U, S, Vh = checked("svd", "svd", A, False)
    small = S <= lib.maximum(S[..., :1] * rtol, atol)
    inverse = lib.where(small, 0, 1 / lib.where(small, 1, S))
    return lib.matmul(swap(Vh) * inverse[..., None, :], swap(U))


def pinv_dA(g: Any, A: Any, y: Any) -> Any:
    """Sum of what comes by the values of A, by its columns and by its rows."""
    across, turned = swap(y), swap(g)
    left = turned - matmul(A, matmul(y, turned))
    right = turned - matmul(matmul(turned, y), A)
    inner = matmul(across, matmul(g, across))
    return matmul(left, matmul(y, across)) + matmul(matmul(across, y), right) - inner


defvjp(pinv, A=pinv_dA)


@primitive(outputs=("Q", "R"))
def qr(A: Any) -> Any:
    r"""$A = QR$ with orthonormal columns in Q (m, n) and a right triangular R (n, n), for $m \ge n$.

    With $M = R \bar R^\top - \bar Q^\top Q$ and its lower triangle mirrored, $M'$:
    $\bar A = (\bar Q + Q M')\,R^{-\top}$.  Source:  Walter & Lehmann 2010, "On evaluating higher-order derivatives".
    """
    return tuple(library(A).linalg.qr(A))


def qr_dA(g: Any, needs: tuple[bool, ...], Q: Any, R: Any) -> tuple[Any]:
    """One of both gradients may be missing."""
    M = zeros_like(R) if g[1] is None else matmul(R, swap(g[1]))
    if g[0] is not None:
        M = M - matmul(swap(g[0]), Q)
    lower = half_lower(M)
    inner = matmul(Q, lower + swap(lower))
    if g[0] is not None:
        inner = inner + g[0]
    return (swap(solve(R, swap(inner))),)


defjoint(qr, ("A",), qr_dA)

__all__ = [
    "LinAlgError", "cholesky", "cofactors", "det", "diagonal_matrix", "eigh", "inv", "pinv", "qr", "slogdet", "solve", "svd",
]  # fmt: skip
