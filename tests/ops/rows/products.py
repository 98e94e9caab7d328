"""Rows of products, and of the fused primitives of networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.ops import linalg as la
from minitorch.ops import normalize as nz

from .row import complex_, real, row

# ---- products --------------------------------------------------------------------------------------------------------

for _left, _right in (
    ((2, 3), (3, 4)), ((3, 3), (3, 3)), ((2, 1, 2, 3), (2, 3, 2)), ((3, 2), (2, 2, 2)), ((2, 2, 3), (3, 2)),
    ((2, 0), (0, 3)),
):  # fmt: skip
    row(la.matmul, real(*_left), real(*_right), reference=np.matmul)
row(la.matmul, complex_(2, 3), complex_(3, 2), reference=np.matmul)
for _lead in ((4,), (), (2, 2), (0,)):
    row(la.linear, real(*_lead, 3), real(2, 3), real(2), reference=lambda x, weight, bias: x @ weight.T + bias)
row(la.linear, real(3, 3), real(3, 3), reference=lambda x, weight: x @ weight.T)
for _inputs, _output, _shapes in (
    (("ij", "jk"), "ik", ((2, 3), (3, 2))),
    (("ij", "ij"), "", ((2, 3), (2, 3))),
    (("ij",), "ji", ((2, 3),)),
    (("ijk",), "j", ((2, 3, 2),)),
    (("bi", "oij", "bj"), "bo", ((2, 3), (2, 3, 2), (2, 2))),
    (("i", "j"), "ij", ((2,), (3,))),
    (("ij", "kj"), "ki", ((3, 3), (3, 3))),
):
    _text = f"{','.join(_inputs)}->{_output}"
    row(
        la.einsum, *(real(*shape) for shape in _shapes), subscripts=(_inputs, _output),
        reference=lambda *xs, text=_text: np.einsum(text, *xs),
    )  # fmt: skip

# ---- fused -----------------------------------------------------------------------------------------------------------


def softmax(x: Any, axis: int) -> Any:
    """The exponentials, over their sum."""
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def standardize(x: Any, axis: Any, eps: float) -> Any:
    """Standardised numbers, mean and variance."""
    mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps), mean, var


for _axis in (0, 1, 2):
    row(nz.softmax, real(2, 3, 2), axis=_axis, reference=lambda x, axis=_axis: softmax(x, axis))
    row(nz.log_softmax, real(2, 3, 2), axis=_axis, reference=lambda x, axis=_axis: np.log(softmax(x, axis)))
row(nz.softmax, real(2, 17), axis=1, reference=lambda x: softmax(x, 1))  # long enough for the tuned twins
row(nz.log_softmax, real(2, 17), axis=1, reference=lambda x: np.log(softmax(x, 1)))
for _shape, _axis in (
    ((3, 2, 3), (0,)), ((3, 2, 3), (1, 2)), ((3, 2, 3), (2, 0)), ((3, 17), (1,)), ((2, 3, 17), (0, 2)),
):  # fmt: skip
    row(
        nz.standardize, real(*_shape), axis=_axis, eps=0.1,
        reference=lambda x, axis=_axis: standardize(x, axis, 0.1),
    )  # fmt: skip
for _k in (0, 1, 2):  # the output, the mean, the variance alone: absent cotangents
    row(
        nz.standardize, real(3, 3), apply=lambda x, k=_k: nz.standardize(x, (1,), 0.1)[k],
        reference=lambda x, k=_k: standardize(x, (1,), 0.1)[k],
    )  # fmt: skip
for _w, _b in (((3,), (3,)), ((2, 1), (2, 1)), ((1, 1), (1, 1))):
    row(
        nz.scale_and_shift, real(2, 2, 3), real(*_w), real(*_b),
        reference=lambda x, weight, bias: x * weight + bias,
    )  # fmt: skip
row(
    nz.scale_and_shift, real(2, 2, 17), real(2, 1), real(2, 1),
    reference=lambda x, weight, bias: x * weight + bias,
)  # fmt: skip
row(
    nz.scale_and_shift, real(2, 3), real(3), apply=lambda x, weight: nz.scale_and_shift(x, weight, None),
    reference=lambda x, weight: x * weight,
)  # fmt: skip
