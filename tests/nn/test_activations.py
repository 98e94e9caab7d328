"""Activations against their formulas, and against PyTorch at their corners."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .tools import check_layer, numbers, on, pair, randn, run, same, same_layer

POINTS = np.array([-1000.0, -7.0, -3.5, -1.5, -0.6, -0.25, 0.1, 0.25, 0.75, 2.0, 3.5, 5.0, 6.5, 1000.0])


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


FORMULAS = [
    (nn.ReLU6(), lambda x: min(max(x, 0.0), 6.0)),
    (nn.Hardtanh(-2.0, 3.0), lambda x: min(max(x, -2.0), 3.0)),
    (nn.Hardsigmoid(), lambda x: min(max(x + 3, 0.0), 6.0) / 6),
    (nn.Hardswish(), lambda x: x * min(max(x + 3, 0.0), 6.0) / 6),
    (nn.Hardshrink(0.3), lambda x: x if abs(x) > 0.3 else 0.0),
    (nn.Softshrink(0.3), lambda x: math.copysign(max(abs(x) - 0.3, 0.0), x)),
    (nn.Tanhshrink(), lambda x: x - math.tanh(x)),
    (nn.Threshold(0.5, -7.0), lambda x: x if x > 0.5 else -7.0),
    (nn.SELU(), lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * math.expm1(x))),
    (nn.CELU(2.0), lambda x: x if x > 0 else 2 * math.expm1(x / 2)),
    (nn.Mish(), lambda x: x * math.tanh(math.log1p(math.exp(x)) if x < 30 else x)),
    (nn.Softsign(), lambda x: x / (1 + abs(x))),
    (nn.LogSigmoid(), lambda x: -math.log1p(math.exp(-x)) if x > -30 else x),
    (nn.RReLU(0.1, 0.3).eval(), lambda x: x if x > 0 else 0.2 * x),
]


@pytest.mark.parametrize(("layer", "formula"), FORMULAS, ids=[repr(layer) for layer, _ in FORMULAS])
def test_activation_is_its_formula(device, layer, formula):
    y = numbers(layer(on(device, POINTS)))
    np.testing.assert_allclose(y, [formula(x) for x in POINTS], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layer", [layer for layer, _ in FORMULAS], ids=repr)
def test_activation_differentiates_twice(device, layer):
    check_layer(layer, POINTS[1:-1], device=device)


@pytest.mark.parametrize("layer", [nn.GLU(), nn.PReLU(), nn.PReLU(4), nn.Softmin(1), nn.Softmax2d()], ids=repr)
def test_activation_of_many_numbers_differentiates_twice(device, layer):
    check_layer(layer, randn(2, 4, 3, 6), device=device)


def test_glu_gates_the_first_half_by_the_second(device):
    x = randn(2, 6, 3)
    y = x[:, :3] / (1 + np.exp(-x[:, 3:]))
    np.testing.assert_allclose(numbers(nn.GLU(1)(on(device, x))), y, rtol=1e-12)
    with pytest.raises(RuntimeError, match="Halving dimension must be even, but dimension -1 .* is size 3"):
        nn.GLU()(on(device, x))
    with pytest.raises(RuntimeError, match="glu does not support 0-dimensional tensors"):
        F.glu(minitorch.tensor(1.0))


def test_prelu_has_a_slope_for_each_channel(device):
    x, a = randn(2, 3, 4), np.array([0.1, 0.2, 0.3])
    y = np.where(x > 0, x, a[:, None] * x)
    np.testing.assert_allclose(numbers(F.prelu(on(device, x), on(device, a))), y, rtol=1e-12)
    with pytest.raises(RuntimeError, match="parameter numbers = 3 and channel size = 4"):
        F.prelu(minitorch.ones(2, 4), minitorch.ones(3))


def test_prelu_starts_at_its_init():
    assert nn.PReLU(3, init=0.1).weight.tolist() == pytest.approx([0.1] * 3)


def test_softmax2d_sums_to_one_over_the_channels(device):
    x = randn(2, 3, 4, 5)
    y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(numbers(nn.Softmax2d()(on(device, x))), y, rtol=1e-10)
    np.testing.assert_allclose(numbers(nn.Softmax2d()(on(device, x[0]))), y[0], rtol=1e-10)
    with pytest.raises(ValueError, match="expected input to be 3D or 4D, but got 2D instead"):
        nn.Softmax2d()(minitorch.ones(2, 3))


def test_softmin_prefers_the_smallest(device):
    x = randn(3, 4)
    y = np.exp(-x) / np.exp(-x).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(numbers(nn.Softmin(1)(on(device, x))), y, rtol=1e-10)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)], ids=str)
def test_softmax_without_a_dimension_warns_and_chooses_as_pytorch_does(oracle, shape):
    x = randn(*shape)
    for name in ("softmax", "log_softmax", "softmin"):
        with pytest.warns(UserWarning, match=f"Implicit dimension choice for {name} has been deprecated") as caught:
            y = getattr(F, name)(minitorch.tensor(x))
        assert caught[0].filename == __file__
        with pytest.warns(UserWarning, match="Implicit dimension choice"):
            expected = getattr(oracle.nn.functional, name)(oracle.tensor(x))
        np.testing.assert_allclose(numbers(y), expected.numpy(), rtol=1e-12)
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax") as caught:
        nn.Softmax()(minitorch.tensor(x))
    assert caught[0].filename == __file__


def test_rrelu_draws_a_slope_for_every_number_in_training(device):
    x = -minitorch.ones(1000, device=device)
    slopes = -numbers(nn.RReLU(0.2, 0.4)(x))
    assert 0.2 <= slopes.min() < 0.21
    assert 0.39 < slopes.max() <= 0.4
    assert slopes.mean() == pytest.approx(0.3, abs=0.01)
    assert numbers(nn.RReLU()(minitorch.ones(3, device=device))).tolist() == [1.0] * 3


def test_gumbel_softmax_draws_classes_with_the_probabilities_of_softmax(device):
    p = np.array([0.1, 0.2, 0.7])
    logits = on(device, np.broadcast_to(np.log(p), (4000, 3)).copy()).requires_grad_()
    y = F.gumbel_softmax(logits, tau=0.5, hard=True)
    assert set(np.unique(numbers(y).round(12))) == {0.0, 1.0}
    np.testing.assert_allclose(numbers(y).mean(axis=0), p, atol=0.03)
    (y * on(device, randn(4000, 3))).sum().backward()
    assert (numbers(logits.grad) != 0).any()
    np.testing.assert_allclose(numbers(F.gumbel_softmax(logits)).sum(axis=1), 1.0, rtol=1e-10)


def test_in_place_activations_write_into_their_input():
    for layer in (nn.ReLU6(True), nn.SELU(True), nn.CELU(inplace=True), nn.Mish(True), nn.Hardtanh(inplace=True),
                  nn.Hardsigmoid(True), nn.Hardswish(True), nn.Threshold(0.0, 1.0, True), nn.RReLU(inplace=True),
                  ):  # fmt: skip
        x = minitorch.tensor([-2.0, 0.5, 8.0])
        y = layer(x)
        assert y is x, layer
    leaf = minitorch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        nn.Mish(inplace=True)(leaf)
    x = minitorch.tensor([-2.0, 8.0])
    assert F.hardtanh_(x, -1.0, 1.0) is x
    assert x.tolist() == [-1.0, 1.0]


WRONG = [
    (lambda: nn.Hardtanh(2.0, 1.0), ValueError, "min_val"),
    (lambda: F.softshrink(minitorch.ones(2), -1.0), RuntimeError, "lambda must be greater or equal to 0"),
    (lambda: F.celu(minitorch.ones(2), 0.0), RuntimeError, "alpha cannot be 0 for CELU"),
    (lambda: F.rrelu(minitorch.ones(2), 0.5, 0.1), RuntimeError, "Lower bound should be less than or equal"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch, at the corners too -------------------------------------------------------------------------------------

CORNERS = np.array([-1000.0, -7.0, -3.0, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 3.0, 6.0, 7.0, 1000.0])
LAYERS = [
    ("ReLU6", ()), ("Hardtanh", ()), ("Hardtanh", (-0.25, 3.0)), ("Hardsigmoid", ()), ("Hardswish", ()),
    ("Hardshrink", ()), ("Softshrink", ()), ("Softshrink", (0.0,)), ("Tanhshrink", ()), ("Threshold", (0.25, 9.0)),
    ("SELU", ()), ("CELU", ()), ("CELU", (2.0,)), ("Mish", ()), ("Softsign", ()), ("LogSigmoid", ()),
    ("ReLU6", (True,)), ("SELU", (True,)), ("CELU", (1.0, True)), ("Hardtanh", (-1.0, 1.0, True)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), LAYERS)
def test_activation_equals_pytorchs_at_its_corners(oracle, name, args):
    ours, theirs = pair(oracle, name, *args)
    same(
        run(minitorch, lambda x: ours(x * 1.0), [CORNERS], {}),  # times one: a leaf cannot be changed in place
        run(oracle, lambda x: theirs(x * 1.0), [CORNERS], {}),
    )


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [("GLU", (1,), (2, 4, 3)), ("PReLU", (), (2, 3)), ("PReLU", (3,), (2, 3, 4)), ("PReLU", (), (3,)),
     ("PReLU", (), ()), ("Softmin", (1,), (2, 3)), ("Softmax2d", (), (2, 3, 2, 2))],
)  # fmt: skip
def test_activation_of_many_numbers_equals_pytorchs(oracle, name, args, shape):
    same_layer(oracle, name, args, {}, [randn(*shape)])


def test_rrelu_in_evaluation_equals_pytorchs(oracle):
    ours, theirs = (layer.eval() for layer in pair(oracle, "RReLU", 0.1, 0.5))
    same(run(minitorch, ours, [CORNERS], {}), run(oracle, theirs, [CORNERS], {}))
