"""The table of rows: for every primitive, inputs to try it on, and what NumPy makes of them.

A row is checked in every way there is: its value, its derivatives of first and second order, other layouts of memory,
float32, the mutants of its rules.  A primitive without a row fails a test.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import numpy as np

import minitorch
from minitorch import Tensor
from minitorch.backend.devices import device_of
from minitorch.engine import TABLE
from minitorch.functions import convert as fc
from minitorch.functions import indexing as fi
from minitorch.functions import pointwise as fp
from minitorch.functions import reduction as fr
from minitorch.ops import declare as d
from minitorch.ops import elementwise as e
from minitorch.ops import indexing as ix
from minitorch.ops import linalg as la
from minitorch.ops import normalize as nz
from minitorch.ops import reduction as r
from minitorch.ops import shape as s
from minitorch.ops import window as w
from minitorch.testing import numbers

from .. import reference

for _module in pkgutil.walk_packages(minitorch.__path__, "minitorch."):
    importlib.import_module(_module.name)  # every primitive enters the table

TABLE_OF_MINITORCH = {f: op for f, op in TABLE.items() if f.__module__.startswith("minitorch.")}


class Row(NamedTuple):
    """A primitive, arrays to apply it to, how, and the same in NumPy (None where NumPy has nothing like it)."""

    op: Any
    inputs: tuple[Any, ...]
    apply: Callable[..., Any]
    reference: Callable[..., Any] | None
    name: str

    @property
    def entry(self) -> Any:
        """The primitive's entry in the table."""
        return TABLE[self.op]

    def leaves(self, device: Any = None, dtype: Any = None, change: Callable[[Any], Any] = lambda x: x) -> list[Any]:
        """Return the inputs as tensors on a device; floating ones require grad."""
        xs = []
        for x in self.inputs:
            if dtype is not None and x.dtype.kind in "fc":
                x = x.astype(np.result_type(dtype, np.complex64) if x.dtype.kind == "c" else dtype)
            x = Tensor.wrap(change(minitorch.tensor(x, device=device).value))
            xs.append(x.requires_grad_() if x.value.dtype.kind in "fc" else x)
        return xs


ROWS: list[Row] = []
_seeds = count(1)


def row(op: Any, *inputs: Any, reference: Any = None, apply: Any = None, **options: Any) -> None:
    """Enter a row; without `apply`, the primitive is called with the inputs and the options."""
    entry = TABLE[op]
    number = sum(other.op is op for other in ROWS)
    apply = apply or (lambda *xs: op(*xs, **options))
    ROWS.append(Row(op, tuple(map(np.asarray, inputs)), apply, reference, f"{entry.name}-{number}"))


def real(*shape: int, low: float = -2.0, high: float = 2.0, avoid: Any = (0.0,)) -> Any:
    """Numbers without ties, away from the kinks, others at every call."""
    return numbers(shape, low, high, avoid, seed=next(_seeds))


def complex_(*shape: int) -> Any:
    """Complex numbers of a modulus between 0.3 and 2."""
    return real(*shape, low=0.3, high=2.0) * np.exp(1j * real(*shape, low=-3.0, high=3.0))


def truth(*shape: int) -> Any:
    """Truth values, some of each."""
    return real(*shape) > 0


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
    (fp._floor_div, np.floor_divide, 1.1, 1.9, 0.55, 0.9), (fp._trunc_div, lambda a, b: np.trunc(a / b), 1.1, 1.9, -0.9, -0.55),
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
row(e.sign, complex_(2, 3), reference=lambda x: x / abs(x))

row(e.where, truth(2, 3), real(2, 3), real(2, 3), reference=np.where)
row(e.where, truth(2, 1), real(3), real(), reference=np.where)
row(e.where, truth(2, 3), real(2, 3), reference=lambda c, a: np.where(c, a, 0.0), apply=lambda c, a: e.where(c, a, 0.0))
row(e.where, truth(2, 3), real(3), reference=lambda c, b: np.where(c, 0.0, b), apply=lambda c, b: e.where(c, 0.0, b))

for _op, _numpy in (
    (e.eq, np.equal), (e.ne, np.not_equal), (e.lt, np.less), (e.le, np.less_equal), (e.gt, np.greater), (e.ge, np.greater_equal),
):  # fmt: skip
    row(_op, np.array([[1.0, 2.0, 3.0]]), np.array([[1.0], [2.0]]), reference=_numpy)
for _op, _numpy in (
    (fp.bitwise_and, np.bitwise_and), (fp.bitwise_or, np.bitwise_or), (fp.bitwise_xor, np.bitwise_xor),
):  # fmt: skip
    row(_op, np.array([[1, 2, 7]]), np.array([[3], [4]]), reference=_numpy)
    row(_op, np.array([True, False]), np.array([[True], [False]]), reference=_numpy)
row(fp.bitwise_not, np.array([1, 2, 7]), reference=np.invert)

# ---- what the decorators need ----------------------------------------------------------------------------------------

for _shape in ((3,), (1, 3), (2, 1), (), (1, 1), (2, 3)):
    row(d._sum_to, real(2, 3), shape=_shape, reference=lambda x, shape=_shape: summed_to(x, shape))
row(d._sum_to, real(4, 2, 3), shape=(2, 1), reference=lambda x: x.sum(axis=(0, 2))[:, None])


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

# ---- reductions ------------------------------------------------------------------------------------------------------

for _op, _numpy in (
    (r.sum, np.sum), (r.mean, np.mean), (r.amax, np.max), (r.amin, np.min),
    (r.logsumexp, lambda x, axis, keepdims: np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))),
):  # fmt: skip
    for _axis, _keep in (((0,), False), ((1,), True), ((0, 2), False), ((0, 1, 2), False), ((), False), ((2, 0), True)):
        row(
            _op, real(2, 3, 2), axis=_axis, keepdims=_keep,
            reference=lambda x, f=_numpy, axis=_axis, keep=_keep: f(x, axis=axis, keepdims=keep),
        )  # fmt: skip
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

# ---- shapes ----------------------------------------------------------------------------------------------------------

for _shape in ((3, 2), (6,), (1, 2, 3, 1)):
    row(s.reshape, real(2, 3), shape=_shape, reference=lambda x, shape=_shape: x.reshape(shape))
row(s.reshape, real(1), shape=(), reference=lambda x: x.reshape(()))
for _from, _shape in (((2, 1), (2, 3)), ((3,), (2, 3)), ((), (2,)), ((1, 3), (4, 2, 3))):
    row(s.broadcast_to, real(*_from), shape=_shape, reference=lambda x, shape=_shape: np.broadcast_to(x, shape))
for _axes in ((1, 2, 0), (2, 0, 1), (0, 2, 1)):  # the first two are not their own inverse
    row(s.transpose, real(2, 3, 4), axes=_axes, reference=lambda x, axes=_axes: x.transpose(axes))
row(s.transpose, real(2, 2, 2), axes=(1, 2, 0), reference=lambda x: x.transpose(1, 2, 0))
for _axes in ((0,), (1,), (0, 1)):
    row(s.flip, real(2, 3), axes=_axes, reference=lambda x, axes=_axes: np.flip(x, axes))
row(s.copy, real(2, 3), reference=np.copy)
row(s.alias, real(2, 3), reference=np.copy)
row(s.cat, real(2, 1), real(2, 3), real(2, 2), axis=1, reference=lambda *xs: np.concatenate(xs, axis=1))
row(s.cat, real(1, 2), real(0, 2), real(2, 2), axis=0, reference=lambda *xs: np.concatenate(xs, axis=0))
row(s.cat, real(2, 2), real(2, 2), axis=0, reference=lambda *xs: np.concatenate(xs, axis=0))
for _axis in (0, 1, 2):
    row(s.stack, real(2, 2), real(2, 2), real(2, 2), axis=_axis, reference=lambda *xs, axis=_axis: np.stack(xs, axis))
KEYS = [
    (1,), (slice(None), 2), (slice(0, 2), slice(1, None)), (Ellipsis, slice(None, None, 2)), (None, 1, Ellipsis, None),
    (slice(2, 2),), (-1, -2), (slice(None, None, 2), slice(-2, None)),
]  # fmt: skip
for _key in KEYS:
    row(s.index, real(3, 4), key=_key, reference=lambda x, key=_key: x[key])
    row(
        s.among_zeros, real(*np.empty((3, 4))[_key].shape), shape=(3, 4), key=_key,
        reference=lambda part, key=_key: written(np.zeros((3, 4)), key, part),
    )  # fmt: skip


def written(x: Any, key: Any, value: Any) -> Any:
    """x with a value written into a part."""
    x = x.copy()
    x[key] = value
    return x


for _from, _offset, _one, _two in (((3, 4), 0, 0, 1), ((3, 4), 2, 0, 1), ((3, 4), -1, 0, 1), ((2, 3, 3), 1, 2, 0), ((3, 3), 0, 1, 0)):
    _options = {"offset": _offset, "axis1": _one, "axis2": _two}
    row(s.diagonal, real(*_from), **_options, reference=lambda x, o=_options: np.diagonal(x, **o))
    row(
        s.on_diagonal, real(*np.diagonal(np.empty(_from), **_options).shape), shape=_from, **_options,
        reference=lambda part, shape=_from, o=_options: on_diagonal(part, shape, o),
    )  # fmt: skip


def on_diagonal(part: Any, shape: Any, options: Any) -> Any:
    """Zeros with a part on a diagonal: the places are those that the diagonal of the numbers 0, 1, 2, … shows."""
    whole = np.zeros(shape)
    whole.reshape(-1)[np.diagonal(np.arange(whole.size).reshape(shape), **options)] = part
    return whole


row(s.real, complex_(2, 3), reference=np.real)
row(s.imag, complex_(2, 3), reference=np.imag)
row(s.complex, real(2, 3), real(2, 3), reference=lambda a, b: a + 1j * b)
for _widths, _value in ((((1, 0), (0, 2)), 0.0), (((0, 0), (2, 1)), 0.5)):
    row(
        s.pad, real(2, 3), widths=_widths, value=_value,
        reference=lambda x, widths=_widths, value=_value: np.pad(x, widths, constant_values=value),
    )  # fmt: skip
for _axis in (0, 1):
    row(s.cumsum, real(3, 3), axis=_axis, reference=lambda x, axis=_axis: x.cumsum(axis))
row(s.cumsum, real(2, 0), axis=1, reference=lambda x: x)

# ---- indexing --------------------------------------------------------------------------------------------------------

TWICE = np.array([0, 2, 0, 2, 2])  # some more than once, some never
PLACES = np.array([[0, 2], [1, 0], [2, 1]])
row(ix.take, real(3, 3), TWICE, reference=lambda x, i: x[i], apply=lambda x, i: ix.take(x, (i.value,)))
row(
    ix.take, real(3, 3), TWICE, np.array([1, 1, 1, 2, 0]), reference=lambda x, i, j: x[i, j],
    apply=lambda x, i, j: ix.take(x, (i.value, j.value)),
)  # fmt: skip
row(
    ix.take, real(2, 3, 3), PLACES, reference=lambda x, i: x[:, i, 1:],
    apply=lambda x, i: ix.take(x, (slice(None), i.value, slice(1, None))),
)  # fmt: skip
row(ix.take, real(3, 2), np.zeros(0, int), reference=lambda x, i: x[i], apply=lambda x, i: ix.take(x, (i.value,)))
row(
    ix.scatter_key, real(5, 3), TWICE, reference=lambda part, i: added_at(np.zeros((3, 3)), (i,), part),
    apply=lambda part, i: ix.scatter_key(part, (3, 3), (i.value,)),
)  # fmt: skip
row(
    ix.scatter_key, real(3, 2), PLACES, PLACES.copy(), reference=lambda part, i, j: added_at(np.zeros((3, 3)), (i, j), part),
    apply=lambda part, i, j: ix.scatter_key(part, (3, 3), (i.value, j.value)),
)  # fmt: skip


def added_at(x: Any, key: Any, value: Any) -> Any:
    """x with a value added at places that may repeat."""
    x = x.copy()
    np.add.at(x, key, value)
    return x


def along(i: Any, axis: int) -> Any:
    """The key for which i counts along one axis, and every other axis counts itself."""
    key = list(np.indices(i.shape))
    key[axis] = i
    return tuple(key)


for _axis, _places in ((0, np.array([[0, 2, 0], [1, 0, 0]])), (1, np.array([[0, 0], [2, 1], [1, 1]]))):
    row(
        ix.gather, real(3, 3), _places, reference=lambda x, i, axis=_axis: np.take_along_axis(x, i, axis) if axis else x[along(i, 0)],
        apply=lambda x, i, axis=_axis: ix.gather(x, i.value, axis),
    )  # fmt: skip
    row(
        ix.scatter_add, real(3, 3), _places, real(*_places.shape),
        reference=lambda x, i, src, axis=_axis: added_at(x, along(i, axis), src),
        apply=lambda x, i, src, axis=_axis: ix.scatter_add(x, i.value, src, axis),
    )  # fmt: skip
for _axis, _places in ((0, np.array([[0, 2, 0], [1, 0, 2]])), (1, np.array([[0, 1], [2, 1], [1, 0]]))):
    row(
        ix.scatter, real(3, 3), _places, real(*_places.shape),
        reference=lambda x, i, src, axis=_axis: written(x, along(i, axis), src),
        apply=lambda x, i, src, axis=_axis: ix.scatter(x, i.value, src, axis),
    )  # fmt: skip
row(
    fi.index_put, real(3, 3), real(2, 3), np.array([2, 0]), reference=lambda x, v, i: written(x, (i,), v),
    apply=lambda x, v, i: fi.index_put(x, v, (i.value,)),
)  # fmt: skip
row(
    fi.index_put, real(3, 3), real(1, 1), np.array([2, 0]), reference=lambda x, v, i: written(x, (slice(None), i), v),
    apply=lambda x, v, i: fi.index_put(x, v, (slice(None), i.value)),
)  # fmt: skip
for _down in (False, True):
    row(
        ix.argsort, np.array([[2.0, 1.0, 2.0, 0.0], [1.0, 1.0, 0.0, 3.0]]), axis=1, descending=_down,
        reference=lambda x, down=_down: np.argsort(-x if down else x, axis=1, kind="stable"),
    )  # fmt: skip

# ---- products --------------------------------------------------------------------------------------------------------

for _left, _right in (
    ((2, 3), (3, 4)), ((3, 3), (3, 3)), ((2, 1, 2, 3), (2, 3, 2)), ((3, 2), (2, 2, 2)), ((2, 2, 3), (3, 2)), ((2, 0), (0, 3)),
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
    row(
        la.einsum, *(real(*shape) for shape in _shapes), subscripts=(_inputs, _output),
        reference=lambda *xs, text=f"{','.join(_inputs)}->{_output}": np.einsum(text, *xs),
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
for _axis in ((0,), (1, 2), (2, 0)):
    row(
        nz.standardize, real(3, 2, 3), axis=_axis, eps=0.1,
        reference=lambda x, axis=_axis: standardize(x, axis, 0.1),
    )  # fmt: skip
for _k in (0, 1, 2):  # the output, the mean, the variance alone: absent cotangents
    row(
        nz.standardize, real(3, 3), apply=lambda x, k=_k: nz.standardize(x, (1,), 0.1)[k],
        reference=lambda x, k=_k: standardize(x, (1,), 0.1)[k],
    )  # fmt: skip

# ---- windows ---------------------------------------------------------------------------------------------------------

GEOMETRIES = [  # sizes, kernel, stride, padding, dilation
    ((5,), (3,), (2,), (1,), (1,)),
    ((4, 5), (2, 3), (1, 1), (0, 0), (1, 1)),
    ((4, 5), (3, 2), (2, 3), (1, 0), (1, 2)),  # strides that do not divide
    ((3, 3), (1, 1), (2, 2), (0, 0), (1, 1)),
    ((1, 2), (3, 3), (1, 1), (2, 2), (2, 1)),  # more padding than image
    ((3, 2, 3), (2, 2, 2), (1, 2, 1), (0, 1, 1), (1, 1, 2)),
]
for _S, _K, _stride, _padding, _dilation in GEOMETRIES:
    _how = {"K": _K, "stride": _stride, "padding": _padding, "dilation": _dilation}
    _col = reference.im2col(np.zeros((1, 2, *_S)), **_how).shape
    row(w.im2col, real(1, 2, *_S), **_how, reference=lambda x, how=_how: reference.im2col(x, **how))
    row(w.col2im, real(*_col), S=_S, **_how, reference=lambda x, S=_S, how=_how: reference.col2im(x, S, **how))
    row(
        w.window_argmax, real(1, 2, *_S), **_how, O=_col[2 + len(_S) :],
        reference=lambda x, how=_how: reference.max_pool(x, **how)[1],
    )  # fmt: skip

# ---- devices ---------------------------------------------------------------------------------------------------------

CPU = minitorch.device("cpu")
row(fc.move, real(2, 3), reference=np.copy, apply=lambda x: fc.move(x, device_of(x.value), CPU))
