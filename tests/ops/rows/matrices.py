"""Rows of inverses, determinants and decompositions, and of the primitives beside composed functions."""

from __future__ import annotations

import numpy as np

from minitorch.functions import composed as fk
from minitorch.functions import logic as fo
from minitorch.functions import replace as fw
from minitorch.ops import decompositions as d
from minitorch.ops import reduction as r

from .row import complex_, real, row

# ---- matrices --------------------------------------------------------------------------------------------------------


def square(*shape: int, size: int = 3) -> np.ndarray:
    """Matrices far from singular."""
    return real(*shape, size, size) + 4 * np.eye(size)


def positive(x):
    """A symmetric, positive-definite matrix for every matrix."""
    transposed = np.swapaxes(x, -1, -2) if isinstance(x, np.ndarray) else x.mT
    return x @ transposed + transposed @ x


def adjugate(x):
    """The transpose of the inverse, times the determinant."""
    return np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)


for _A in (square(), square(2), square(1, size=2), complex_(2, 2) + 3 * np.eye(2)):
    row(d.inv, _A, reference=np.linalg.inv)
    row(d.det, _A, reference=np.linalg.det)
for _A, _B in (((), (3, 2)), ((2,), (3, 1)), ((), (2, 3, 2)), ((2,), (2, 3, 2))):
    row(d.solve, square(*_A), real(*_B), reference=lambda A, B: np.linalg.inv(A) @ B)
for _A in (square(), square(2), square(size=2)):
    row(d.cofactors, _A, reference=adjugate)
    row(d.slogdet, _A, reference=lambda A: tuple(np.linalg.slogdet(A)))
    row(d.cholesky, _A, apply=lambda A: d.cholesky(positive(A)), reference=lambda A: np.linalg.cholesky(positive(A)))
for _A in (real(4, 2), real(2, 4), real(2, 3, 2), square()):
    row(d.pinv, _A, apply=lambda A: d.pinv(A, 0.0, 1e-9), reference=np.linalg.pinv)
for _k in range(2):  # each output alone, absent cotangents; the signs of the vectors do not matter
    row(
        d.eigh, square(), apply=lambda A, k=_k: d.eigh(positive(A))[k] ** 2,
        reference=lambda A, k=_k: np.linalg.eigh(positive(A))[k] ** 2,
    )  # fmt: skip
for _A in (square(2), square(size=2)):
    row(
        d.eigh, _A, apply=lambda A: tuple(part**2 for part in d.eigh(positive(A))),
        reference=lambda A: tuple(part**2 for part in np.linalg.eigh(positive(A))),
    )  # fmt: skip
for _k in range(3):
    row(
        d.svd, real(3, 2), apply=lambda A, k=_k: d.svd(A)[k] ** 2,
        reference=lambda A, k=_k: np.linalg.svd(A, full_matrices=False)[k] ** 2,
    )  # fmt: skip
for _shape in ((3, 3), (4, 2), (2, 4), (2, 3, 3)):
    row(
        d.svd, real(*_shape), apply=lambda A: tuple(part**2 for part in d.svd(A)),
        reference=lambda A: tuple(part**2 for part in np.linalg.svd(A, full_matrices=False)),
    )  # fmt: skip
for _shape in ((3, 3), (4, 2), (2, 3, 2)):
    row(d.qr, real(*_shape), reference=lambda A: tuple(np.linalg.qr(A)))
for _k in range(2):
    row(d.qr, real(3, 2), apply=lambda A, k=_k: d.qr(A)[k], reference=lambda A, k=_k: np.linalg.qr(A)[k])

# ---- beside composed functions ---------------------------------------------------------------------------------------

for _op, _numpy in (
    (fk._fmod, np.fmod), (fk.logaddexp, np.logaddexp), (fk.logaddexp2, np.logaddexp2), (fk.hypot, np.hypot),
    (fk.xlogy, lambda a, b: a * np.log(b)),
):  # fmt: skip
    _low = 0.3 if _op is fk.xlogy else -2.0
    for _a, _b in (((2, 3), (2, 3)), ((2, 1), (3,)), ((3, 3), ()), ((3, 3), (3, 3))):
        row(_op, real(*_a), real(*_b, low=_low), reference=_numpy)
row(fo.signbit, np.array([1.0, -0.0, 0.0, -2.0]), reference=np.signbit)
row(fo._isin, np.array([1, 2, 3]), np.array([3, 1]), invert=False, reference=np.isin)
row(fo._isin, np.array([1, 2, 3]), np.array([3, 1]), invert=True, reference=lambda x, y: ~np.isin(x, y))
row(
    fw._written, real(2, 3), np.array([0, 2]), apply=lambda x, index: fw._written(x, (slice(None), index.value)),
    reference=lambda x, index: np.array([[True, False, True]] * 2),
)  # fmt: skip
for _largest, _self, _expected in (
    (True, True, [5, 4]),
    (False, True, [1, 3]),
    (True, False, [5, 3]),
    (False, False, [2, 3]),
):
    row(
        fw._extreme, np.array([1.0, 4.0]), np.array([0, 0, 1]), np.array([2.0, 5.0, 3.0]), axis=0, largest=_largest,
        include_self=_self, reference=lambda x, index, src, y=_expected: np.array(y, float),
    )  # fmt: skip
for _axis, _keep in (((0,), False), ((1,), True), ((0, 1), False)):
    row(
        r.median, real(3, 3), axis=_axis, keepdims=_keep,
        reference=lambda x, axis=_axis, keep=_keep: np.median(x, axis=axis, keepdims=keep),
    )  # fmt: skip
row(r.median, real(3, 4), axis=(1,), reference=lambda x: np.sort(x, 1)[:, 1])
