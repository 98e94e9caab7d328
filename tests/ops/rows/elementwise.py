"""Rows of numbers: elementwise functions, and what their doors insert."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.functions import logic as fg
from minitorch.functions import pointwise as fp
from minitorch.ops import declare as d
from minitorch.ops import elementwise as e
from minitorch.ops import shape as s

from .row import complex_, real, row, truth

# ---- elementwise -----------------------------------------------------------------------------------------------------

HALVES = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)  # where floor, round and the like jump
UNARY = [  # primitive, NumPy's function, and the interval to try
    (e.neg, np.negative, -2, 2), (e.square, np.square, -2, 2), (e.reciprocal, np.reciprocal, 0.5, 2),
    (e.exp, np.exp, -2, 2), (e.exp2, np.exp2, -2, 2), (e.expm1, np.expm1, -2, 2),
    (e.log, np.log, 0.3, 3), (e.log2, np.log2, 0.3, 3), (e.log10, np.log10, 0.3, 3), (e.log1p, np.log1p, -0.6, 2),
    (e.sqrt, np.sqrt, 0.3, 3), (e.rsqrt, lambda x: 1 / np.sqrt(x), 0.3, 3),
    (e.sin, np.sin, -2, 2), (e.cos, np.cos, -2, 2), (e.tan, np.tan, -1.2, 1.2),
    (e.asin, np.arcsin, -0.9, 0.9), (e.acos, np.arccos, -0.9, 0.9), (e.atan, np.arctan, -2, 2),
    (e.sinh, np.sinh, -2, 2), (e.cosh, np.cosh, -2, 2), (e.tanh, np.tanh, -2, 2),
    (e.asinh, np.arcsinh, -2, 2), (e.acosh, np.arccosh, 1.2, 3), (e.atanh, np.arctanh, -0.8, 0.8),
    (e.erf, np.vectorize(math.erf, otypes=[float]), -2, 2), (e.erfc, np.vectorize(math.erfc, otypes=[float]), -2, 2),
    (e.abs, np.abs, -2, 2), (e.sign, np.sign, -2, 2), (e.relu, lambda x: np.maximum(x, 0), -2, 2),
    (e.sigmoid, lambda x: 1 / (1 + np.exp(-x)), -2, 2), (e.softplus, lambda x: np.log1p(np.exp(x)), -2, 2),
    (e.floor, np.floor, -2, 2), (e.ceil, np.ceil, -2, 2), (e.trunc, np.trunc, -2, 2), (e.round, np.rint, -2, 2),
    (e.conj, np.conj, -2, 2), (e.zeros_like, np.zeros_like, -2, 2),
]  # fmt: skip
for _op, _numpy, _low, _high in UNARY:
    for _shape in ((2, 3), (), (0, 3)):
        row(_op, real(*_shape, low=_low, high=_high, avoid=HALVES), reference=_numpy)

for _op, _numpy in ((e.neg, np.negative), (e.exp, np.exp), (e.abs, np.abs), (e.conj, np.conj), (e.square, np.square)):
    row(_op, complex_(2, 3), reference=_numpy)

for _op, _numpy in ((e.isnan, np.isnan), (e.isinf, np.isinf), (e.isfinite, np.isfinite)):
    row(_op, np.array([1.0, np.inf, -np.inf, np.nan]), reference=_numpy)

BINARY = [  # primitive, NumPy's function, and the intervals of both arguments
    (e.add, np.add, -2, 2, -2, 2), (e.sub, np.subtract, -2, 2, -2, 2), (e.mul, np.multiply, -2, 2, -2, 2),
    (e.div, np.divide, -2, 2, 0.5, 2), (e.pow, np.power, 0.3, 2, -2, 2), (e.atan2, np.arctan2, -2, 2, 0.5, 2),
    (e.maximum, np.maximum, -2, 2, -1.9, 1.9), (e.minimum, np.minimum, -2, 2, -1.9, 1.9),
    (fp._clamp_min, np.maximum, -2, 2, -1.9, 1.9), (fp._clamp_max, np.minimum, -2, 2, -1.9, 1.9),
    (fp._floor_div, np.floor_divide, 1.1, 1.9, 0.55, 0.9),
    (fp.trunc_div, lambda a, b: np.trunc(a / b), 1.1, 1.9, -0.9, -0.55),
    (fp._remainder, np.remainder, 2.1, 2.9, 1.1, 1.4),
]  # fmt: skip
for _op, _numpy, _low, _high, _low_b, _high_b in BINARY:
    for _left, _right in (((2, 3), (2, 3)), ((2, 1, 3), (2, 1)), ((), (3,)), ((0, 3), (3,))):
        row(_op, real(*_left, low=_low, high=_high), real(*_right, low=_low_b, high=_high_b), reference=_numpy)
    _number = (_low_b + 2 * _high_b) / 3
    row(
        _op, real(2, 3, low=_low, high=_high, avoid=(_number,)), reference=lambda a, f=_numpy, b=_number: f(a, b),
        apply=lambda a, op=_op, b=_number: op(a, b),
    )  # fmt: skip
    _number = (_low + 2 * _high) / 3
    row(
        _op, real(2, 3, low=_low_b, high=_high_b, avoid=(_number,)), reference=lambda b, f=_numpy, a=_number: f(a, b),
        apply=lambda b, op=_op, a=_number: op(a, b),
    )  # fmt: skip

for _op, _numpy in ((e.add, np.add), (e.sub, np.subtract), (e.mul, np.multiply), (e.div, np.divide)):
    row(_op, complex_(2, 3), complex_(3), reference=_numpy)
    row(_op, complex_(2, 1), real(3), reference=_numpy)
for _exponent in (0.0, 1.0, 2.0, 3.0, -1.0):  # also of negative numbers
    row(e.pow, real(2, 3), reference=lambda a, b=_exponent: a**b, apply=lambda a, b=_exponent: e.pow(a, b))

row(e.pow, np.array([0, 2, 0]), real(3, low=0.2, high=3), reference=np.power)  # 0 to a power is 0, and stays it
row(e.pow, complex_(3), complex_(3), reference=lambda a, b: np.exp(b * np.log(a)))
row(
    e.pow, np.array([2, 1, -1, -1, 3]), np.array([3, -2, -3, -2, -1]), reference=lambda a, b: np.array([8, 1, -1, 1, 0])
)
row(e.sign, complex_(2, 3), reference=lambda x: x / abs(x))

row(e.where, truth(2, 3), real(2, 3), real(2, 3), reference=np.where)
row(e.where, truth(2, 1), real(3), real(), reference=np.where)
row(e.where, truth(2, 3), real(2, 3), reference=lambda c, a: np.where(c, a, 0.0), apply=lambda c, a: e.where(c, a, 0.0))
row(e.where, truth(2, 3), real(3), reference=lambda c, b: np.where(c, 0.0, b), apply=lambda c, b: e.where(c, 0.0, b))

for _op, _numpy in (
    (e.eq, np.equal), (e.ne, np.not_equal), (e.lt, np.less), (e.le, np.less_equal), (e.gt, np.greater),
    (e.ge, np.greater_equal),
):  # fmt: skip
    row(_op, np.array([[1.0, 2.0, 3.0]]), np.array([[1.0], [2.0]]), reference=_numpy)
for _op, _numpy in (
    (fg.bitwise_and, np.bitwise_and), (fg.bitwise_or, np.bitwise_or), (fg.bitwise_xor, np.bitwise_xor),
):  # fmt: skip
    row(_op, np.array([[1, 2, 7]]), np.array([[3], [4]]), reference=_numpy)
    row(_op, np.array([True, False]), np.array([[True], [False]]), reference=_numpy)
for _op, _numpy in (
    (fp._floor_div, np.floor_divide), (fp._floor_divide, np.floor_divide), (fp.trunc_div, lambda a, b: np.trunc(a / b).astype(int)),
):  # fmt: skip
    row(_op, np.array([7, -7, 6, 0]), np.array([[2], [-3]]), reference=_numpy)
row(fp.trunc_div, np.array([2**62 + 1, -(2**62) - 1]), np.array([1, 1]), reference=lambda a, b: a)  # no float has it
row(fg.bitwise_not, np.array([1, 2, 7]), reference=np.invert)
row(fg.bitwise_left_shift, np.array([1, 2, 7]), np.array([[1], [3]]), reference=np.left_shift)
row(fg.bitwise_right_shift, np.array([1, 20, -7]), np.array([[1], [3]]), reference=np.right_shift)

# ---- what the decorators need ----------------------------------------------------------------------------------------

for _shape in ((3,), (1, 3), (2, 1), (), (1, 1), (2, 3)):
    row(d._sum_to, real(2, 3), shape=_shape, reference=lambda x, shape=_shape: summed_to(x, shape))
row(d._sum_to, real(4, 2, 3), shape=(2, 1), reference=lambda x: x.sum(axis=(0, 2))[:, None])
row(d._sum_to, real(4, 1, 3), shape=(1, 1), reference=lambda x: x.sum().reshape(1, 1))


def summed_to(x: Any, shape: Any) -> Any:
    """Sum the leading axes, and those of size 1."""
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


row(d.cast, real(2, 3), reference=lambda x: x.astype(complex), apply=lambda x: d.cast(x, as_complex(x)))
row(d.cast, complex_(2, 3), reference=lambda x: x.real, apply=lambda x: d.cast(x, x.real.value.dtype))


def as_complex(x: Any) -> Any:
    """The complex type of the precision of x."""
    return np.result_type(x.value.dtype, np.complex64)


def part_from_one(x: Any) -> Any:
    """All but the first row."""
    return s.index(x, (slice(1, None),))


row(
    d.put_back, real(3, 2), real(2, 2), apply=lambda base, part: d.put_back(base, part, take=part_from_one),
    reference=lambda base, part: np.concatenate([base[:1], part]),
)  # fmt: skip
