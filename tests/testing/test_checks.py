"""The checks themselves: each mistake that they promise to notice is planted, and noticed."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch.autograd import Function
from minitorch.engine import deftwin, defvjp
from minitorch.ops import elementwise as e
from minitorch.ops.declare import primitive
from minitorch.testing import assert_close, check_gradients, check_linear, check_twins, check_vjp, numbers

X, Y = numbers((2, 3)), numbers((2, 3), seed=1)


# ---- check_vjp -------------------------------------------------------------------------------------------------------


def test_check_vjp_accepts_right_gradients():
    check_vjp(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), X)
    check_vjp(np.multiply, lambda g, a, b: (g * b, g * a), X, Y)
    check_vjp(np.matmul, lambda g, a, b: (g @ b.T, a.T @ g), X, Y.T)
    check_vjp(lambda x: (np.sin(x), np.cos(x)), lambda g, x: g[0] * np.cos(x) - g[1] * np.sin(x), X)
    check_vjp(np.sum, lambda g, x: np.full(x.shape, g), X)
    check_vjp(np.negative, lambda g, x: -g, np.float64(2))
    check_vjp(np.negative, lambda g, x: -g, np.zeros((0, 3)))


def test_check_vjp_leaves_integers_alone():
    def backward(g, x, i):
        out = np.zeros_like(x)
        np.add.at(out, i, g)
        return out, None

    check_vjp(lambda x, i: x[i], backward, X, np.array([0, 0, 1]))
    with pytest.raises(AssertionError, match="wrong at 3 of 6"):  # the second index 0 overwrites the first
        check_vjp(lambda x, i: x[i], lambda g, x, i: (put(x, i, g), None), X, np.array([0, 0, 1]))


def put(x, i, g):
    out = np.zeros_like(x)
    out[i] = g
    return out


def test_check_vjp_takes_complex_numbers():
    z = X + 1j * Y
    check_vjp(lambda z: abs(z) ** 2, lambda g, z: 2 * g * z, z)
    check_vjp(np.square, lambda g, z: g * np.conj(2 * z), z)
    with pytest.raises(AssertionError, match="wrong"):
        check_vjp(np.square, lambda g, z: g * 2 * z, z)


def writes_into_g(g, a, b):
    g *= b
    return g, a


def writes_into_a(g, a, b):
    a *= g
    return g * b, a


MISTAKES = [
    (lambda g, a, b: (g * b, g * a * 2), "argument 1 is wrong"),
    (lambda g, a, b: (g * b, g), "shares memory with the cotangent"),
    (lambda g, a, b: [g * b] * 2, "shares memory with gradient 0"),
    (lambda g, a, b: (g * b, (g * a)[0]), "shape and type"),
    (lambda g, a, b: (g * b, (g * a).astype(np.float32)), "shape and type"),
    (lambda g, a, b: (g * b, None), "is None"),
    (lambda g, a, b: g * b, "1 gradients for 2 arguments"),
    (writes_into_g, "writes into memory"),
    (writes_into_a, "writes into memory"),
]


@pytest.mark.parametrize(("vjp", "word"), MISTAKES)
def test_check_vjp_notices(vjp, word):
    with pytest.raises(AssertionError, match=word):
        check_vjp(np.multiply, vjp, X, Y)


def test_check_vjp_notices_a_forward_function_that_writes_into_its_argument():
    with pytest.raises(AssertionError, match="forward writes"):
        check_vjp(lambda x: np.exp(x, out=x), lambda g, x: g * np.exp(x), X)


def test_check_vjp_notices_what_a_uniform_cotangent_would_not():
    def softmax(x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    with pytest.raises(AssertionError, match="wrong"):
        check_vjp(softmax, lambda g, x: np.zeros_like(x), X)


def test_check_vjp_refuses_float32():
    with pytest.raises(ValueError, match="float64"):
        check_vjp(np.negative, lambda g, x: -g, X.astype(np.float32))


def test_check_vjp_lets_other_errors_pass():
    with pytest.raises(ValueError, match="nothing to do with it"):
        check_vjp(np.negative, lambda g, x: (_ for _ in ()).throw(ValueError("nothing to do with it")), X)


# ---- check_linear ----------------------------------------------------------------------------------------------------


def test_check_linear_accepts_a_map_and_its_transpose():
    check_linear(lambda x: x @ Y.T, lambda y: y @ Y, X, numbers((2, 2)))
    check_linear(lambda x: x.sum(0), lambda y: y.expand(2, 3), minitorch.tensor(X), minitorch.tensor(numbers(3)))


@pytest.mark.parametrize(
    ("f", "transpose", "word"),
    [
        (np.cumsum, np.cumsum, "not the transpose"),
        (np.square, lambda y: y, "not linear"),
        (lambda x: x + 1, lambda y: y, "not linear"),
        (lambda x: x[:3], lambda y: y, "maps"),
    ],
)
def test_check_linear_notices(f, transpose, word):
    with pytest.raises(AssertionError, match=word):
        check_linear(f, transpose, numbers(4), numbers(4, seed=1))


# ---- check_gradients -------------------------------------------------------------------------------------------------


class Cube(Function):
    """x cubed, with the mistakes of its subclasses."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x * x


class WrongCube(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x * x


class CubeWithAConstantInIt(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * (x * x).detach()


class CubeThatWritesIntoItsCotangent(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        g.value *= 3
        return g * x * x


class CubeThatWritesIntoItsArgument(Cube):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = x * x * x
        x.value[...] = 0
        return y


class SquareAndCube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x, x * x * x

    @staticmethod
    def backward(ctx, g, h):
        (x,) = ctx.saved_tensors
        return g * 2 * x + h * 3 * x * x


def test_check_gradients_accepts_a_function_one_of_whose_outputs_is_not_used(device):
    for k in (0, 1):
        check_gradients(lambda x, k=k: SquareAndCube.apply(x)[k], X, device=device)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_check_gradients_accepts_right_gradients(device, order):
    check_gradients(Cube.apply, X, order=order, device=device)
    check_gradients(lambda x, y: (x * y).sum(0) / e.exp(y), X, Y, order=order, device=device, fast=True)
    check_gradients(lambda x: (x * 2, x * x), X, order=order, device=device)


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (WrongCube.apply, "order 1"),
        (CubeWithAConstantInIt.apply, "order 2"),
        (CubeThatWritesIntoItsCotangent.apply, "written to"),
        (CubeThatWritesIntoItsArgument.apply, "written to"),
        (lambda x: minitorch.tensor(X), "no output requires grad"),
        (lambda x: x.detach() * 2, "no output requires grad"),
        (lambda x: x * x.detach(), "order 1"),
    ],
)
def test_check_gradients_notices(function, word):
    with pytest.raises(AssertionError, match=word):
        check_gradients(function, X)


def test_check_gradients_notices_a_changed_input_on_any_device(device):
    with pytest.raises(AssertionError, match="input 0 was changed"):
        check_gradients(CubeThatWritesIntoItsArgument.apply, X, device=device, freeze=False)


def test_check_gradients_notices_a_graph_that_outlives_its_outputs():
    kept = []

    def leaky(x):
        y = x * x
        kept.append(y.grad_fn)
        return y

    with pytest.raises(AssertionError, match="outlives"):
        check_gradients(leaky, X)


def test_check_gradients_of_a_function_that_works_in_place_needs_freeze_false():
    def in_place(x):
        y = x * 2
        y += x
        return y * y

    check_gradients(in_place, X, freeze=False)
    with pytest.raises(AssertionError, match="written to"):
        check_gradients(in_place, X)


def test_check_gradients_hands_other_arguments_on():
    indices = np.array([0, 1, 0])
    check_gradients(lambda x, i, n: x[i] * n, X, indices, 3)


def test_check_gradients_refuses_what_cannot_be_checked():
    with pytest.raises(ValueError, match="float64"):
        check_gradients(lambda x: x, X.astype(np.float32))
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_gradients(lambda x: x, np.array([1, 2]))


# ---- check_twins -----------------------------------------------------------------------------------------------------


def toy(forward=None, twin=None):
    """A primitive of three times x, with a tuned forward function or rule."""

    @primitive
    def triple(x):
        return x * 3

    defvjp(triple, x=lambda g: g * 3)
    deftwin(triple, forward, **({"x": twin} if twin else {}))
    return triple


def test_check_twins_compares_forward_functions_and_rules(device):
    check_twins(toy(lambda x: x + x + x, lambda g: g + g + g), X, device=device)
    with pytest.raises(AssertionError, match="triple is not its twin"):
        check_twins(toy(lambda x: x + x), X, device=device)
    with pytest.raises(AssertionError, match="twin and rule differ"):
        check_twins(toy(twin=lambda g: g + g), X, device=device)


# ---- assert_close ----------------------------------------------------------------------------------------------------


def test_assert_close_compares_numbers_shapes_types_and_devices():
    x = minitorch.tensor([1.0, 2.0])
    assert_close(x, x + 1e-7)
    assert_close([x, 1], (x, 1))
    assert_close(minitorch.tensor(float("nan")), minitorch.tensor(float("nan")), equal_nan=True)
    for other in (x + 1e-3, x[:1], x.double(), x.to("strict:0"), minitorch.tensor([1.0, float("nan")])):
        with pytest.raises(AssertionError):
            assert_close(other, x)
    assert_close(x.double(), x, check_dtype=False)
    assert_close(x + 1e-3, x, rtol=0, atol=1e-2)
    with pytest.raises(AssertionError, match="length"):
        assert_close([x], [x, x])
    with pytest.raises(ValueError, match="both"):
        assert_close(x, x, rtol=1e-3)
