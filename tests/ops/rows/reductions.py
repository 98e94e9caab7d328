"""Rows of reductions."""

from __future__ import annotations

import numpy as np

from minitorch.functions import reduction as fr
from minitorch.ops import reduction as r

from .row import complex_, real, row

for _op, _numpy in (
    (r.sum, np.sum), (r.mean, np.mean), (r.amax, np.max), (r.amin, np.min),
    (r.logsumexp, lambda x, axis, keepdims: np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))),
):  # fmt: skip
    for _axis, _keep in (((0,), False), ((1,), True), ((0, 2), False), ((0, 1, 2), False), ((), False), ((2, 0), True)):
        row(
            _op, real(2, 3, 2), axis=_axis, keepdims=_keep,
            reference=lambda x, f=_numpy, axis=_axis, keep=_keep: f(x, axis=axis, keepdims=keep),
        )  # fmt: skip
    row(_op, real(3, 3), axis=(0,), reference=lambda x, f=_numpy: f(x, axis=(0,), keepdims=False))
    row(_op, real(), axis=(), reference=lambda x: x)
    row(_op, real(0, 3), axis=(1,), reference=lambda x: np.zeros(0))
    row(_op, real(2, 1), axis=(1,), reference=lambda x: x[:, 0])
for _op in (r.sum, r.mean):
    row(_op, complex_(2, 3), axis=(0,), reference=lambda x, f={r.sum: np.sum, r.mean: np.mean}[_op]: f(x, axis=0))
row(r.sum, real(0, 3), axis=(0,), reference=lambda x: np.zeros(3))
for _axis, _keep in ((0, False), (1, True), (2, False)):
    row(
        r.prod, real(2, 3, 2), axis=_axis, keepdims=_keep,
        reference=lambda x, axis=_axis, keep=_keep: x.prod(axis=axis, keepdims=keep),
    )  # fmt: skip
row(r.prod, real(3, 3), axis=0, reference=lambda x: x.prod(axis=0))
row(r.prod, real(3, 3), axis=1, reference=lambda x: x.prod(axis=1))
row(r.prod, np.array([[2.0, 0.0, 3.0], [1.5, 2.5, 0.5], [0.0, 0.0, 2.0]]), axis=1, reference=lambda x: x.prod(axis=1))
row(r.prod, real(0, 3), axis=0, reference=lambda x: np.ones(3))
for _op, _numpy in ((r.argmax, np.argmax), (r.argmin, np.argmin)):
    for _axis, _keep in ((None, False), (0, False), (1, True)):
        row(
            _op, real(3, 4), axis=_axis, keepdims=_keep,
            reference=lambda x, f=_numpy, axis=_axis, keep=_keep: f(x, axis=axis, keepdims=keep),
        )  # fmt: skip
for _op, _numpy in ((fr._any, np.any), (fr._all, np.all)):
    for _axis, _keep in (((0,), False), ((0, 1), True)):
        row(
            _op, np.array([[True, False], [True, True]]), axis=_axis, keepdims=_keep,
            reference=lambda x, f=_numpy, axis=_axis, keep=_keep: f(x, axis=axis, keepdims=keep),
        )  # fmt: skip
