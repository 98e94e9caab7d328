"""Weights given by a length and a direction, or divided by their largest singular value."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import utils

from .tools import numbers, on, randn, run, same

LAYERS = [(nn.Linear, (3, 4), 0), (nn.Conv2d, (3, 4, 2), 0), (nn.Conv1d, (2, 3, 2), 1), (nn.Linear, (3, 4), None)]


@pytest.mark.parametrize(("kind", "args", "dim"), LAYERS)
def test_a_normalised_weight_is_length_times_direction(device, kind, args, dim):
    layer = kind(*args).to(device)
    before = numbers(layer.weight)
    assert utils.weight_norm(layer, dim=dim) is layer
    assert list(layer.state_dict()) == ["bias", "weight_g", "weight_v"]
    np.testing.assert_allclose(numbers(layer.weight), before, rtol=1e-5)
    with minitorch.no_grad():
        layer.weight_g.mul_(2.0)
    layer(minitorch.ones(1, before.shape[1], *(3,) * (before.ndim - 2), device=device))
    np.testing.assert_allclose(numbers(layer.weight), 2 * before, rtol=1e-5)
    axes = tuple(d for d in range(before.ndim) if d != dim)
    np.testing.assert_allclose(
        numbers(layer.weight_g), 2 * np.sqrt((before**2).sum(axis=axes, keepdims=dim is not None)), rtol=1e-5
    )


def test_gradients_reach_length_and_direction():
    layer = utils.weight_norm(nn.Linear(3, 2).double())
    layer(minitorch.tensor(randn(5, 3))).square().sum().backward()
    assert layer.weight_g.grad.shape == (2, 1)
    products = (numbers(layer.weight_v.grad) * numbers(layer.weight_v)).sum(axis=1)
    np.testing.assert_allclose(products, 0.0, atol=1e-12)  # the length of v does not matter


def test_a_normalised_weight_can_be_made_ordinary_again():
    layer = nn.Linear(3, 2)
    before = numbers(layer.weight)
    utils.remove_weight_norm(utils.weight_norm(layer))
    assert sorted(dict(layer.named_parameters())) == ["bias", "weight"]
    np.testing.assert_allclose(numbers(layer.weight), before, rtol=1e-6)
    with pytest.raises(ValueError, match="weight_norm of 'weight' not found in Linear"):
        utils.remove_weight_norm(layer)


@pytest.mark.parametrize(
    ("kind", "args", "dim"), [(nn.Linear, (5, 4), 0), (nn.Conv2d, (2, 3, 2), 0), (nn.ConvTranspose2d, (2, 3, 2), 1)]
)
def test_spectral_norm_makes_the_largest_singular_value_one(device, kind, args, dim):
    layer = utils.spectral_norm(kind(*args).to(device), n_power_iterations=5)
    original = numbers(layer.weight_orig)
    x = minitorch.ones(1, args[0], *(3,) * (original.ndim - 2), device=device)
    for _ in range(20):
        layer(x)
    matrix = np.moveaxis(numbers(layer.weight), dim, 0).reshape(original.shape[dim], -1)
    assert np.linalg.norm(matrix, 2) == pytest.approx(1.0, rel=1e-4)
    np.testing.assert_allclose(
        matrix / matrix.flat[0], np.moveaxis(original, dim, 0).reshape(matrix.shape) / original.flat[0], rtol=1e-4
    )
    vectors = numbers(layer.weight_u)
    layer.eval()(x)
    np.testing.assert_array_equal(numbers(layer.weight_u), vectors)  # nothing moves in evaluation


def test_spectral_norm_gives_the_gradient_of_the_quotient(device):
    """W̄ = (Ḡ - (Ḡ·W/σ) u vᵀ) / σ with σ = uᵀWv, u and v constants."""
    layer = utils.spectral_norm(nn.Linear(3, 2, bias=False).double().to(device)).eval()
    g = randn(2, 3)
    layer(on(device, np.eye(3))).backward(on(device, g.T.copy()))
    W, u, v = numbers(layer.weight_orig), numbers(layer.weight_u), numbers(layer.weight_v)
    sigma = u @ W @ v
    expected = (g - (g * W).sum() / sigma * np.outer(u, v)) / sigma
    np.testing.assert_allclose(numbers(layer.weight_orig.grad), expected, rtol=1e-8, atol=1e-12)


def test_two_passes_before_one_backward_are_allowed():
    layer = utils.spectral_norm(nn.Linear(3, 3))
    (layer(minitorch.ones(1, 3)).sum() + layer(minitorch.zeros(1, 3)).sum()).backward()
    assert np.isfinite(numbers(layer.weight_orig.grad)).all()


def test_spectral_norm_can_be_taken_away():
    layer = utils.spectral_norm(nn.Linear(3, 2))
    weight = numbers(layer.weight_orig)
    utils.remove_spectral_norm(layer)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert abs(numbers(layer.weight) / weight).std() < 1e-5
    with pytest.raises(ValueError, match="spectral_norm of 'weight' not found"):
        utils.remove_spectral_norm(layer)


WRONG = [
    (lambda: utils.weight_norm(utils.weight_norm(nn.Linear(2, 2))), RuntimeError, "two weight_norm hooks"),
    (lambda: utils.spectral_norm(utils.spectral_norm(nn.Linear(2, 2))), RuntimeError, "two spectral_norm hooks"),
    (lambda: utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), ValueError, "iterations to be positive"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
@pytest.mark.parametrize("which", ["weight_norm", "spectral_norm"])
@pytest.mark.parametrize(("name", "args"), [("Linear", (3, 4)), ("ConvTranspose1d", (3, 2, 2)), ("Conv2d", (3, 2, 2))])
def test_normalised_layers_equal_pytorchs(oracle, which, name, args):
    ours, theirs = (getattr(lib.nn.utils, which)(getattr(lib.nn, name)(*args).double()) for lib in (minitorch, oracle))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    state = {k: randn(*v.shape) for k, v in theirs.state_dict().items()}
    if which == "spectral_norm":
        state |= {k: v / np.linalg.norm(v) for k, v in state.items() if k in ("weight_u", "weight_v")}
    ours.load_state_dict({k: minitorch.tensor(v) for k, v in state.items()})
    theirs.load_state_dict({k: oracle.tensor(v) for k, v in state.items()})
    x = randn(2, 3, *(4,) * (len(args) - 2 + (name == "Conv2d")))
    for layers in ((ours, theirs), (ours, theirs), (ours.eval(), theirs.eval())):
        same(*(run(lib, n, [x], {}, list(n.parameters())) for lib, n in zip((minitorch, oracle), layers, strict=True)))
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(numbers(ours.state_dict()[key]), value.numpy(), rtol=1e-7, err_msg=key)
