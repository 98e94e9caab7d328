"""`Scalar`: the engine on floats, against `math`, closed forms, and the same program on tensors."""

from __future__ import annotations

import inspect
import math
import random

import numpy as np
import pytest

import minitorch
from minitorch import Scalar, tensor
from minitorch.engine import TABLE, gradients, make
from minitorch.ops import elementwise as e

# ---- values and derivatives ------------------------------------------------------------------------------------------

FUNCTIONS = {  # method, math's function, its derivative
    "exp": (math.exp, math.exp), "log": (math.log, lambda x: 1 / x), "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "square": (lambda x: x * x, lambda x: 2 * x), "sin": (math.sin, math.cos), "cos": (math.cos, lambda x: -math.sin(x)),
    "tan": (math.tan, lambda x: 1 / math.cos(x) ** 2), "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + math.exp(-x)), lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0)), "softplus": (lambda x: math.log1p(math.exp(x)), lambda x: 1 / (1 + math.exp(-x))),
    "abs": (abs, lambda x: math.copysign(1.0, x)), "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
    "sign": (lambda x: math.copysign(1.0, x), lambda x: 0.0), "__neg__": (lambda x: -x, lambda x: -1.0), "__abs__": (abs, lambda x: math.copysign(1.0, x)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FUNCTIONS))
@pytest.mark.parametrize("number", [0.3, 2.5, -0.7])
def test_function_and_derivative_are_maths(name, number):
    if name in ("log", "sqrt"):
        number = abs(number)
    value, slope = FUNCTIONS[name]
    x = Scalar(number)
    y = getattr(x, name)()
    y.backward()
    assert type(y) is Scalar
    assert y.item() == pytest.approx(value(number), rel=1e-14)
    assert x.grad.item() == pytest.approx(slope(number), rel=1e-13)


BINARY = {
    "+": (lambda a, b: a + b, lambda a, b: (1, 1)), "-": (lambda a, b: a - b, lambda a, b: (1, -1)),
    "*": (lambda a, b: a * b, lambda a, b: (b, a)), "/": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "**": (lambda a, b: a**b, lambda a, b: (b * a ** (b - 1), a**b * math.log(a))),
}  # fmt: skip


@pytest.mark.parametrize("operator", list(BINARY))
def test_operators_with_scalars_and_numbers_on_either_side(operator):
    f, slopes = BINARY[operator]
    a, b = Scalar(2.5), Scalar(1.5)
    f(a, b).backward()
    assert (a.grad.item(), b.grad.item()) == pytest.approx(slopes(2.5, 1.5))
    for number in (1.5, 2, np.float64(1.5), np.float32(1.5), np.int64(2)):
        a, b = Scalar(2.5), Scalar(2.5)
        right, left = f(a, number), f(number, b)
        assert type(right) is type(left) is Scalar
        assert type(right.value) is type(left.value) is float
        assert right.item() == pytest.approx(f(2.5, float(number)))
        assert left.item() == pytest.approx(f(float(number), 2.5))
        (right + left).backward()
        assert a.grad.item() == pytest.approx(slopes(2.5, float(number))[0])
        assert b.grad.item() == pytest.approx(slopes(float(number), 2.5)[1])


def elementwise_of_the_table():
    """Every elementwise primitive that is defined on floats."""
    for function, op in TABLE.items():
        if (
            op.unbroadcast is not None
            and op.forward.__module__.startswith("minitorch.ops.elementwise")
            and op.name not in ("where", "conj", "zeros_like")
        ):
            yield pytest.param(function, op, id=op.name)


@pytest.mark.parametrize(("function", "op"), list(elementwise_of_the_table()))
@pytest.mark.parametrize("seed", [0, 1])
def test_agrees_with_tensor(function, op, seed):
    rng = random.Random(seed)
    low = 1.1 if op.name == "acosh" else 0.1
    numbers = [rng.uniform(low, low + 0.8) for _ in op.arguments]
    xs, ts = [Scalar(x) for x in numbers], [tensor(x, dtype=minitorch.float64, requires_grad=True) for x in numbers]
    y, t = function(*xs), function(*ts)
    assert y.item() == pytest.approx(float(t.item()), rel=1e-13)
    assert y.tracked == t.requires_grad
    if y.tracked:
        y.backward()
        t.backward()
        for a, b in zip(xs, ts, strict=True):
            assert a.grad.item() == pytest.approx(b.grad.item(), rel=1e-12, abs=1e-15)


def test_six_derivatives_of_tanh():
    x = Scalar(0.3)
    y = x.tanh()
    found = []
    for _ in range(6):
        (y,) = gradients([y], [make(Scalar, 1.0)], [x], True, True)
        found.append(y.item())
    t = math.tanh(0.3)
    s = 1 - t * t
    expected = [
        s, -2 * t * s, (6 * t**2 - 2) * s, 8 * t * (2 - 3 * t**2) * s, 8 * (2 - 15 * t**2 + 15 * t**4) * s,
        -16 * t * (17 - 60 * t**2 + 45 * t**4) * s,
    ]  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-12)


def test_second_derivative_through_backward():
    x = Scalar(2.0)
    (x**3).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    assert x.grad.item() == 12.0
    x.grad = None


@pytest.mark.parametrize(
    ("base", "exponent", "at_base", "at_exponent"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 2.0, 0.0, 0.0),
        (0.0, 1.0, 1.0, 0.0),
        (-2.0, 3.0, 12.0, None),
        (2.0, -1.0, -0.25, 0.5 * math.log(2)),
        (3.0, 0.0, 0.0, math.log(3)),
    ],
)
def test_pow_at_the_edges(base, exponent, at_base, at_exponent):
    x, n = Scalar(base), Scalar(exponent)
    (x**n).backward()
    assert x.grad.item() == pytest.approx(at_base)
    if at_exponent is not None:
        assert n.grad.item() == pytest.approx(at_exponent)
    x = Scalar(base)
    (x ** int(exponent)).backward()
    assert x.grad.item() == pytest.approx(at_base)


def test_ieee_arithmetic_without_exceptions():
    zero = Scalar(0.0)
    assert (1 / zero).item() == math.inf
    assert math.isnan((zero / zero).item())
    assert zero.log().item() == -math.inf
    assert math.isnan(Scalar(-1.0).sqrt().item())
    assert Scalar(1000.0).exp().item() == math.inf
    assert Scalar(-1000.0).sigmoid().item() == 0.0
    assert Scalar(1000.0).softplus().item() == 1000.0
    assert (Scalar(1e200) * Scalar(1e200)).item() == math.inf
    assert math.isnan((Scalar(-8.0) ** (1 / 3)).item())


# ---- the graph -------------------------------------------------------------------------------------------------------


def test_one_number_used_in_several_places():
    x = Scalar(3.0)
    y = x * x + x
    (y * y).backward()
    assert x.grad.item() == 2 * 12 * 7.0


def test_gradients_add_up_and_are_cleared_by_none_or_zero():
    x = Scalar(3.0)
    for clear, total in ((None, 6.0), (0.0, 6.0), (0, 6.0)):
        x.grad = clear
        (x * x).backward()
        assert x.grad.item() == total
    (x * x).backward()
    assert x.grad.item() == 12.0


def test_second_backward_raises_and_retain_graph_allows():
    x = Scalar(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_changed_number_is_caught():
    x = Scalar(3.0)
    y = x * x
    x.data = 4.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_number_without_gradient():
    c = Scalar(3.0, requires_grad=False)
    assert not (c * 2).requires_grad
    with pytest.raises(RuntimeError, match="does not require grad"):
        (c * 2).backward()
    x = Scalar(2.0)
    (x * c).backward()
    assert c.grad is None
    with minitorch.no_grad():
        assert not (x * x).requires_grad


def test_cotangent():
    x = Scalar(3.0)
    (x * x).backward(10.0)
    assert x.grad.item() == 60.0


# ---- Python's protocols and errors -----------------------------------------------------------------------------------


def test_comparisons_and_truth():
    a, b = Scalar(1.0), Scalar(2.0)
    assert a < b
    assert a <= 1
    assert 3 > b
    assert b >= np.float64(2.0)
    assert max(a, b) is b
    assert sorted([b, a])[0] is a
    assert a == 1.0
    assert a == Scalar(1.0)
    assert a != b
    assert b in [a, b]
    assert a not in [b]
    assert [a == stranger for stranger in ("one", None)] == [False, False]
    assert [a != stranger for stranger in ("one", None)] == [True, True]
    assert not Scalar(0.0)
    assert len({a, Scalar(1.0)}) == 2
    for answer in (a < b, a <= b, not a > b, b >= a, a == a, a != b, 0.5 < a, Scalar(math.nan) != Scalar(math.nan)):
        assert answer is True
    assert (a == None) is False  # noqa: E711
    with pytest.raises(TypeError, match="must be Tensor or Number, not str"):
        a < "one"  # noqa: B015


def test_conversion_and_printing():
    x = Scalar(3)
    assert float(x) == x.item() == x.data == 3.0
    assert type(x.data) is float
    assert repr(x) == "Scalar(3)"
    assert repr(Scalar(1 / 3)) == "Scalar(0.333333)"
    assert +x is x


@pytest.mark.parametrize("data", ["1", None, [1.0], np.ones(2), 1j])
def test_other_data_is_refused(data):
    with pytest.raises(TypeError, match="Scalar: expected a number, got"):
        Scalar(data)


def test_strangers_are_refused():
    x = Scalar(1.0)
    for f in (lambda: x + "1", lambda: x * None, lambda: x * np.ones(2), lambda: x + tensor(1.0), lambda: x ** [2]):
        with pytest.raises(TypeError):
            f()


def test_the_same_table_serves_floats_and_tensors():
    assert inspect.unwrap(Scalar.tanh) is inspect.unwrap(e.tanh)
    assert Scalar.__mul__ is minitorch.Tensor.__mul__ is e.mul


# ---- as in micrograd -------------------------------------------------------------------------------------------------


class Neuron:
    def __init__(self, inputs, rng):
        self.w = [Scalar(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Scalar(0.0)

    def __call__(self, xs):
        return (sum((w * x for w, x in zip(self.w, xs, strict=True)), self.b)).tanh()

    def parameters(self):
        return [*self.w, self.b]


def test_network_of_scalars_learns_xor_as_in_micrograd():
    rng = random.Random(3)
    hidden, out = [Neuron(2, rng) for _ in range(4)], Neuron(4, rng)
    parameters = [p for n in (*hidden, out) for p in n.parameters()]
    data = [((0.0, 0.0), -1.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), -1.0)]
    first = None
    for _ in range(150):
        loss = sum((out([n(xs) for n in hidden]) - y) ** 2 for xs, y in data)
        first = first or loss.data
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
    assert first > 3.0
    assert loss.data < 0.1
    assert all(np.sign(out([n(xs) for n in hidden]).data) == y for xs, y in data)


def test_network_of_scalars_has_the_gradients_of_the_network_of_tensors():
    rng = np.random.default_rng(0)
    W, v, x = rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal(2)
    ws, vs = [[Scalar(a) for a in row] for row in W.tolist()], [Scalar(a) for a in v.tolist()]
    hidden = [sum(w * a for w, a in zip(row, x.tolist(), strict=True)).tanh() for row in ws]
    sum(a * h for a, h in zip(vs, hidden, strict=True)).sigmoid().backward()
    tW, tv = tensor(W, requires_grad=True), tensor(v, requires_grad=True)
    (tv @ (tW @ tensor(x)).tanh()).sigmoid().backward()
    np.testing.assert_allclose([[w.grad.item() for w in row] for row in ws], tW.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose([a.grad.item() for a in vs], tv.grad.numpy(), rtol=1e-12)
