"""Inverses, determinants and decompositions of matrices: `torch.linalg`.  The rules are in `ops/decompositions.py`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..backend.devices import library
from ..engine import make
from ..ops import decompositions as d
from ..ops import elementwise as e
from ..ops import shape as s
from . import results
from .linalg import matmul
from .pointwise import clamp
from .public import public
from .reduction import sum as _sum
from .shape import contiguous, tril, triu
from .view import diagonal as _diagonal

if TYPE_CHECKING:
    from ..tensor import Tensor


def _matrices(name: str, *xs: Any, square: bool = False, real: bool = False) -> None:
    """Refuse what is no matrix or batch of matrices of floating-point numbers."""
    for x in xs:
        shape = list(x.shape)
        if x.value.ndim < 2:
            raise RuntimeError(f"linalg.{name}: The input tensor must have at least 2 dimensions, got shape {shape}")
        if square and shape[-1] != shape[-2]:
            raise RuntimeError(
                f"linalg.{name}: A must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices"
            )
        if x.value.dtype.kind not in ("f" if real else "fc") or x.value.dtype == "float16":
            raise RuntimeError(f"linalg.{name}: Expected a floating point{'' if real else ' or complex'} tensor as input. "
                               f"Got {x.dtype}")  # fmt: skip


# ---- inverses and determinants ---------------------------------------------------------------------------------------


@public
def inv(A: Tensor) -> Tensor:
    r"""Inverse of square matrices.  $A A^{-1} = I$.

    Raises:  LinAlgError if one is singular.
    """
    _matrices("inv", A, square=True)
    return d.inv(A)


@public
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    r"""The X with $AX = B$, or $XA = B$ for `left=False`.

    Shapes:  A (*, n, n) and B (*, n, k), or (*, n) for vectors.
    Raises:  LinAlgError if A is singular.
    """
    _matrices("solve", A, square=True)
    if A.value.dtype != B.value.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {A.dtype} and B of type {B.dtype}"
        )
    vector = B.value.ndim == 1 or (A.value.ndim - 1 == B.value.ndim and A.value.shape[:-1] == B.value.shape)
    if not left and vector:
        raise RuntimeError(
            "linalg.solve: Incompatible shapes of A and B for the equation XA = B: it needs matrices, "
            f"got B of shape {list(B.shape)}"
        )
    if not left:
        return contiguous(s.swap(solve(s.swap(A), s.swap(B))))
    b = s.unsqueeze(B, B.value.ndim) if vector else B
    if b.value.shape[-2] != A.value.shape[-1]:
        raise RuntimeError(
            "linalg.solve: Incompatible shapes of A and B for the equation AX = B "
            f"({list(A.shape)} and {list(B.shape)})"
        )
    x = d.solve(A, b)
    return s.reshape(x, x.value.shape[:-1]) if vector else x


@public
def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """Solve with one triangle of A alone; with `unitriangular`, with ones on its diagonal."""
    _matrices("solve_triangular", A, B, square=False)
    half = triu(A, int(unitriangular)) if upper else tril(A, -int(unitriangular))
    if unitriangular:
        half = e.add(half, library(A.value).eye(A.value.shape[-1], dtype=A.value.dtype))
    return solve(half, B, left=left)


@public
def det(A: Tensor) -> Tensor:
    """Determinant of square matrices."""
    _matrices("det", A, square=True)
    return d.det(A)


@public
def slogdet(A: Tensor) -> results.linalg_slogdet:
    r"""Sign of the determinant, and $\ln |\det A|$: a named tuple (sign, logabsdet)."""
    _matrices("slogdet", A, square=True, real=True)
    sign, logabsdet = d.slogdet(A)
    return results.linalg_slogdet(sign.detach(), logabsdet)


def logdet(A: Tensor) -> Tensor:
    r"""$\ln \det A$; not a number where the determinant is negative."""
    sign, logabsdet = slogdet(A)
    return e.where(e.lt(sign, 0), math.nan, logabsdet)


@public
def matrix_power(A: Tensor, n: int) -> Tensor:
    r"""$A^n$ by repeated squaring; the inverse's for a negative n."""
    _matrices("matrix_power", A, square=True)
    if n == 0:
        eye = library(A.value).eye(A.value.shape[-1], dtype=A.value.dtype)
        return e.add(e.zeros_like(A), eye)
    base = inv(A) if n < 0 else A
    y = s.copy(base) if n == 1 else base
    for bit in bin(abs(n))[3:]:
        y = matmul(y, y)
        y = matmul(y, base) if bit == "1" else y
    return y


# ---- decompositions --------------------------------------------------------------------------------------------------


@public
def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    r"""The lower triangular L with $LL^\top = A$, of symmetric positive-definite matrices; with `upper`, $L^\top$.

    Raises:  LinAlgError if A is not positive definite.
    """
    _matrices("cholesky", A, square=True, real=True)
    L = d.cholesky(A)
    return s.swap(L) if upper else L


@public
def eigh(A: Tensor, UPLO: str = "L") -> results.linalg_eigh:
    """Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices, of which one triangle is read."""
    _matrices("eigh", A, square=True, real=True)
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return results.linalg_eigh(*d.eigh(A if UPLO.upper() == "L" else s.swap(A)))


@public
def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """Eigenvalues of symmetric matrices, ascending."""
    return eigh(A, UPLO).eigenvalues


@public
def svd(A: Tensor, full_matrices: bool = True) -> results.linalg_svd:
    r"""Singular values, descending, and vectors: $A = U\,\mathrm{diag}(S)\,V^\top$, a named tuple (U, S, Vh).

    With `full_matrices` U and Vh are square; the vectors without a singular value have no derivative.
    """
    _matrices("svd", A, real=True)
    U, S, Vh = d.svd(A)
    if full_matrices:
        U, Vh = _square(U), s.swap(_square(s.swap(Vh)))
    return results.linalg_svd(U, S, Vh)


def _square(Q: Any) -> Any:
    """Return orthonormal columns with those that are missing in a square matrix."""
    n, m = Q.value.shape[-2:]
    if n == m:
        return Q
    rest = library(Q.value).linalg.qr(Q.value, "complete")[0][..., m:]
    return s.cat(Q, make(Q.result, rest), axis=Q.value.ndim - 1)


@public
def svdvals(A: Tensor) -> Tensor:
    """Singular values, descending."""
    return svd(A, full_matrices=False).S


@public
def qr(A: Tensor, mode: str = "reduced") -> results.linalg_qr:
    """Orthonormal columns Q and a right triangular R with A = QR: a named tuple (Q, R)."""
    _matrices("qr", A, real=True)
    if A.requires_grad and A.value.shape[-2] < A.value.shape[-1]:
        raise RuntimeError(
            f"linalg.qr: no derivative for matrices wider than high, here {A.value.shape[-2]} by {A.value.shape[-1]}: use svd"
        )
    if mode == "reduced":
        return results.linalg_qr(*d.qr(A))
    if mode not in ("complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    if A.requires_grad:
        raise RuntimeError(f"The derivative of linalg.qr depends on Q: mode='{mode}' has none, use mode='reduced'")
    Q, R = library(A.value).linalg.qr(A.value, "complete" if mode == "complete" else "reduced")
    return results.linalg_qr(make(A.result, Q if mode == "complete" else Q.reshape(-1)[:0]), make(A.result, R))


@public
def pinv(A: Tensor, *, atol: float | None = None, rtol: float | None = None) -> Tensor:
    r"""Pseudo-inverse $V S^{+} U^\top$: singular values up to atol, and up to rtol times the largest, count as zero."""
    _matrices("pinv", A, real=True)
    return d.pinv(A, *_tolerances(A, atol, rtol))


def _tolerances(A: Any, atol: float | None, rtol: float | None) -> tuple[float, float]:
    """Return below which singular values count as zero: by default, what rounding may make of one."""
    if rtol is None:
        rtol = max(A.value.shape[-2:]) * float(library(A.value).finfo(A.value.dtype).eps) if not atol else 0.0
    return atol or 0.0, rtol


@public
def matrix_rank(A: Tensor, *, atol: float | None = None, rtol: float | None = None) -> Tensor:
    """How many singular values are not zero."""
    S = svdvals(A.detach())
    absolute, relative = _tolerances(A, atol, rtol)
    largest = s.index(S, (Ellipsis, slice(0, 1)))
    return _sum(e.gt(S, clamp(e.mul(largest, relative), min=absolute)), -1)


@public
def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> results.linalg_lstsq:
    r"""The X that makes $\|AX - B\|$ smallest (of several, the smallest).

    A named tuple (solution, residuals, rank, singular_values); what the driver of PyTorch that is named leaves empty
    ("gelsy" if none is: the residuals, the singular values) is empty here too.  All solve by the pseudo-inverse.
    """
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), got {driver}"
        )
    vector = A.value.ndim - 1 == B.value.ndim and A.value.shape[:-1] == B.value.shape
    b = s.unsqueeze(B, B.value.ndim) if vector else B
    X = matmul(pinv(A, rtol=rcond), b)
    empty, (m, n) = make(A.result, X.value.reshape(-1)[:0]), A.value.shape[-2:]
    rank = matrix_rank(A) if driver != "gels" else make(A.result, library(A.value).zeros(0, dtype="int64"))
    left = driver not in (None, "gelsy") and m > n and bool((matrix_rank(A).value == n).all())
    residuals = _sum(e.square(e.sub(matmul(A, X), b)), -2) if left else empty
    S = svdvals(A) if driver in ("gelsd", "gelss") else empty
    return results.linalg_lstsq(s.reshape(X, X.value.shape[:-1]) if vector else X, residuals, rank, S)


@public
def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices; views."""
    return _diagonal(A, offset, dim1, dim2)
