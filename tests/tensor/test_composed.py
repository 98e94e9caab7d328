"""Functions composed of others: their values are NumPy's, their derivatives agree with differences to second order.

This needs no PyTorch; what PyTorch says of the same functions is in `tests/oracle/rows/breadth.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch as mt
from minitorch.testing import check_gradients
from minitorch.testing.close import on_host

from ..ops.rows.row import real

X, Y, Z = real(3, 4), real(3, 4), real(4, low=0.3)
A, B, V = real(3, 3), real(2, 3, 3), real(3)
SYMMETRIC = A @ A.T + np.eye(3)
PLACES = np.array([2, 0, 2])
MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]])


def added(x: Any, s: Any) -> Any:
    y = x.copy()
    np.add.at(y, PLACES, s)
    return y


def at_mask(x: Any, s: Any) -> Any:
    y = x.copy()
    y[MASK] = s.reshape(-1)[: MASK.sum()]
    return y


# name: (function, the same in NumPy, arrays); arrays of integers and booleans are not differentiated by
ROWS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "frac": (mt.frac, lambda x: x - np.trunc(x), (X,)),
    "fmod": (mt.fmod, np.fmod, (X, Z)),
    "fmax": (mt.fmax, np.fmax, (X, Y)),
    "fmin": (mt.fmin, np.fmin, (X, Y)),
    "logit": (lambda x: mt.logit(x.sigmoid()), lambda x: x, (X,)),
    "sinc": (mt.sinc, np.sinc, (X,)),
    "copysign": (lambda x: mt.copysign(x, -1.0), lambda x: np.copysign(x, -1.0), (X,)),
    "rad2deg": (mt.rad2deg, np.rad2deg, (X,)),
    "deg2rad": (mt.deg2rad, np.deg2rad, (X,)),
    "float_power": (lambda x: mt.float_power(x, 2.5), lambda x: np.float_power(x, 2.5), (Z,)),
    "nansum": (lambda x: mt.nansum(x, 1), lambda x: np.nansum(x, 1), (X,)),
    "nanmean": (lambda x: mt.nanmean(x, 0), lambda x: np.nanmean(x, 0), (X,)),
    "kthvalue": (lambda x: mt.kthvalue(x, 2, 1).values, lambda x: np.sort(x, 1)[:, 1], (X,)),
    "median": (lambda x: mt.median(x, 0).values, lambda x: np.sort(x, 0)[1], (X,)),
    "mode": (lambda x: mt.mode(x, 1).values, lambda x: np.sort(x, 1)[:, 0], (X,)),
    "quantile": (lambda x: mt.quantile(x, 0.3, 1), lambda x: np.quantile(x, 0.3, 1), (X,)),
    "aminmax": (lambda x: tuple(mt.aminmax(x, dim=1)), lambda x: (x.min(1), x.max(1)), (X,)),
    "cov": (mt.cov, np.cov, (X,)),
    "corrcoef": (mt.corrcoef, np.corrcoef, (X,)),
    "cumprod": (lambda x: mt.cumprod(x, 1), lambda x: np.cumprod(x, 1), (X,)),
    "cumprod of zeros": (lambda x: mt.cumprod(x, 0), lambda x: np.cumprod(x, 0), (np.array([1.0, 0.0, 2.0, 0.0, 3.0]),)),
    "logcumsumexp": (lambda x: mt.logcumsumexp(x, 0), lambda x: np.log(np.cumsum(np.exp(x), 0)), (X,)),
    "cummax": (lambda x: mt.cummax(x, 1).values, lambda x: np.maximum.accumulate(x, 1), (X,)),
    "cummin": (lambda x: mt.cummin(x, 1).values, lambda x: np.minimum.accumulate(x, 1), (X,)),
    "diff": (lambda x: mt.diff(x, 2), lambda x: np.diff(x, 2), (X,)),
    "trapezoid": (mt.trapezoid, np.trapezoid, (X, Y)),
    "hstack": (lambda *xs: mt.hstack(xs), lambda *xs: np.hstack(xs), (X, Y)),
    "vstack": (lambda *xs: mt.vstack(xs), lambda *xs: np.vstack(xs), (X, Z)),
    "dstack": (lambda *xs: mt.dstack(xs), lambda *xs: np.dstack(xs), (X, Y)),
    "column_stack": (lambda *xs: mt.column_stack(xs), lambda *xs: np.column_stack(xs), (X, V)),
    "tensor_split": (lambda x: mt.tensor_split(x, 3, 1), lambda x: tuple(np.array_split(x, 3, 1)), (X,)),
    "tile": (lambda x: mt.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2)), (X,)),
    "rot90": (mt.rot90, np.rot90, (X,)),
    "diag": (lambda x: mt.diag(x, 1), lambda x: np.diag(x, 1), (V,)),
    "diagflat": (mt.diagflat, np.diagflat, (V,)),
    "block_diag": (mt.block_diag, lambda a, v: np.block([[a, np.zeros((3, 3))], [np.zeros((1, 3)), v[None]]]), (A, V)),
    "meshgrid": (lambda *xs: mt.meshgrid(*xs, indexing="xy"), lambda *xs: tuple(np.meshgrid(*xs)), (V, Z)),
    "repeat_interleave": (lambda x: mt.repeat_interleave(x, 2, 1), lambda x: np.repeat(x, 2, 1), (X,)),
    "unfold": (
        lambda x: x.unfold(1, 3, 1), lambda x: np.lib.stride_tricks.sliding_window_view(x, 3, 1), (X,),
    ),
    "inner": (mt.inner, np.inner, (X, Y)),
    "tensordot": (lambda a, b: mt.tensordot(a, b, ([0], [1])), lambda a, b: np.tensordot(a, b, ([0], [1])), (A, B)),
    "kron": (mt.kron, np.kron, (A, V)),
    "cross": (lambda a, b: mt.cross(a, b, 1), np.cross, (A, A[::-1].copy())),
    "multi_dot": (lambda *xs: mt.linalg.multi_dot(xs), lambda *xs: np.linalg.multi_dot(xs), (V, X, Z)),
    "cdist": (mt.cdist, lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1)), (X, Y)),
    "index_add": (lambda x, s, i: mt.index_add(x, 0, i, s), lambda x, s, i: added(x, s), (X, Y, PLACES)),
    "index_copy": (
        lambda x, s, i: mt.index_copy(x, 0, i, s), lambda x, s, i: np.stack([s[1], x[1], s[0]]), (X, Y[:2], PLACES[:2]),
    ),
    "index_fill": (
        lambda x, i: mt.index_fill(x, 0, i, 2.0), lambda x, i: np.stack([x[0] * 0 + 2, x[1], x[2] * 0 + 2]), (X, PLACES),
    ),
    "take": (mt.take, np.take, (X, np.array([[0, 11], [5, 5]]))),
    "take_along_dim": (
        lambda x, i: mt.take_along_dim(x, i, 1), lambda x, i: np.take_along_axis(x, i, 1), (X, np.argsort(Y, 1)),
    ),
    "masked_scatter": (lambda x, s, m: mt.masked_scatter(x, m, s), lambda x, s, m: at_mask(x, s), (X, Y, MASK)),
    "scatter_reduce": (
        lambda x, s, i: mt.scatter_reduce(x, 0, i, s, "amax", include_self=False),
        lambda x, s, i: np.array([s[1], x[1], max(s[0], s[2])]), (V, A[0], PLACES),
    ),
    "matrix_power": (lambda a: mt.linalg.matrix_power(a, 3), lambda a: np.linalg.matrix_power(a, 3), (A,)),
    "logdet": (mt.logdet, lambda a: np.log(np.linalg.det(a)), (SYMMETRIC,)),
    "solve_triangular": (
        lambda a, b: mt.linalg.solve_triangular(a, b, upper=True), lambda a, b: np.linalg.solve(np.triu(a), b), (A + 3 * np.eye(3), X),
    ),
    "pinv": (mt.linalg.pinv, np.linalg.pinv, (X,)),
    "svdvals": (mt.linalg.svdvals, lambda a: np.linalg.svd(a, compute_uv=False), (X,)),
    "nuclear norm": (lambda a: mt.linalg.norm(a, "nuc"), lambda a: np.linalg.norm(a, "nuc"), (X,)),
    "row norm": (lambda a: mt.linalg.norm(a, float("inf")), lambda a: np.linalg.norm(a, np.inf), (X,)),
}  # fmt: skip


def as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, tuple | list) else (x,)


@pytest.mark.parametrize("name", ROWS)
def test_values_are_numpys(name: str, device: Any) -> None:
    function, reference, arrays = ROWS[name]
    found = as_tuple(function(*[mt.tensor(x, device=device) for x in arrays]))
    for y, expected in zip(found, as_tuple(reference(*arrays)), strict=True):
        assert y.device == device
        np.testing.assert_allclose(on_host(y), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ROWS)
def test_derivatives_of_first_and_second_order_agree_with_differences(name: str, device: Any) -> None:
    function, _, arrays = ROWS[name]
    check_gradients(function, *arrays, device=device, fast=True, freeze=False)


INTEGERS = np.array([3, 1, 2, 1, 3, 3])
BOUNDS = np.array([-1.0, 0.0, 1.0])
COUNTS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {  # these have no derivative
    "count_nonzero": (lambda x: mt.count_nonzero(x, 0), lambda x: np.count_nonzero(x, 0), (MASK,)),
    "bincount": (lambda x: mt.bincount(x, minlength=6), lambda x: np.bincount(x, minlength=6), (INTEGERS,)),
    "weighted bincount": (mt.bincount, np.bincount, (INTEGERS, np.arange(6.0))),
    "histc": (lambda x: mt.histc(x, 4, -2, 2), lambda x: np.histogram(x, 4, (-2, 2))[0], (X,)),
    "unique": (
        lambda x: mt.unique(x, return_inverse=True, return_counts=True),
        lambda x: np.unique(x, return_inverse=True, return_counts=True), (INTEGERS,),
    ),
    "unique_consecutive": (mt.unique_consecutive, lambda x: np.array([3, 1, 2, 1, 3]), (INTEGERS,)),
    "searchsorted": (mt.searchsorted, np.searchsorted, (BOUNDS, X)),
    "bucketize": (lambda x, b: mt.bucketize(x, b, right=True), lambda x, b: np.searchsorted(b, x, "right"), (X, BOUNDS)),
    "argwhere": (mt.argwhere, np.argwhere, (MASK,)),
    "isin": (mt.isin, np.isin, (INTEGERS, np.array([1, 2]))),
    "isclose": (lambda x: mt.isclose(x, x + 1e-9), lambda x: np.isclose(x, x + 1e-9), (X,)),
    "combinations": (mt.combinations, lambda x: np.array([x[[0, 1]], x[[0, 2]], x[[1, 2]]]), (V,)),
    "matrix_rank": (mt.linalg.matrix_rank, np.linalg.matrix_rank, (np.outer(V, V),)),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_counts_and_places_are_numpys(name: str, device: Any) -> None:
    function, reference, arrays = COUNTS[name]
    found = as_tuple(function(*[mt.tensor(x, device=device) for x in arrays]))
    for y, expected in zip(found, as_tuple(reference(*arrays)), strict=True):
        assert y.device == device
        np.testing.assert_array_equal(on_host(y), expected)


def test_scatter_reduce_without_self_gives_it_no_gradient_at_a_tie_either(device: Any) -> None:
    x = mt.tensor([5.0, 7.0], dtype=mt.float64, device=device, requires_grad=True)
    s = mt.tensor([5.0, 1.0], dtype=mt.float64, device=device, requires_grad=True)
    index = mt.tensor([0, 0], device=device)
    mt.scatter_reduce(x, 0, index, s, "amax", include_self=False).sum().backward()
    assert (x.grad.tolist(), s.grad.tolist()) == ([0, 1], [1, 0])
    x.grad = s.grad = None
    mt.scatter_reduce(x, 0, index, s, "amax").sum().backward()
    assert (x.grad.tolist(), s.grad.tolist()) == ([0.5, 1], [0.5, 0])
