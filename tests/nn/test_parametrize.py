"""Weights that are computed from other parameters."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import utils
from minitorch.nn.utils import parametrizations, parametrize

from .tools import check_layer, numbers, randn, run, same


class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(0, 1)

    def right_inverse(self, A):
        return A.triu()


class Doubled(nn.Module):
    def forward(self, X):
        return 2 * X


class FirstRow(nn.Module):
    def forward(self, X):
        return X[:1]


def test_a_parametrized_weight_is_computed_when_it_is_read():
    layer = nn.Linear(3, 3)
    assert parametrize.register_parametrization(layer, "weight", Symmetric()) is layer
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    with minitorch.no_grad():
        layer.parametrizations.weight.original.copy_(minitorch.arange(9.0).reshape(3, 3))
    assert layer.weight.tolist() == [[0, 1, 2], [1, 4, 5], [2, 5, 8]]
    layer(minitorch.ones(1, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad.tolist() == [[1, 2, 2], [0, 1, 2], [0, 0, 1]]


def test_assigning_goes_through_the_inverse():
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    A = minitorch.arange(9.0).reshape(3, 3)
    layer.weight = A + A.t()
    assert layer.weight.tolist() == (A + A.t()).tolist()
    assert layer.parametrizations.weight.original.tolist() == (A + A.t()).triu().tolist()
    parametrize.register_parametrization(layer, "weight", Doubled())
    with pytest.raises(RuntimeError, match="have a right_inverse"):
        layer.weight = A


def test_parametrizations_follow_one_another():
    layer = nn.Linear(2, 2)
    before = numbers(layer.weight)
    for _ in range(3):
        parametrize.register_parametrization(layer, "weight", Doubled())
    np.testing.assert_allclose(numbers(layer.weight), 8 * before)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")


def test_a_buffer_can_be_parametrized():
    layer = parametrize.register_parametrization(nn.BatchNorm1d(2), "running_mean", Doubled())
    assert list(layer.parameters()) == [layer.weight, layer.bias]
    assert "parametrizations.running_mean.original" in layer.state_dict()
    assert type(parametrize.remove_parametrizations(layer, "running_mean").running_mean) is minitorch.Tensor


@pytest.mark.parametrize("leave", [True, False])
def test_a_parametrization_can_be_taken_away(leave):
    layer = nn.Linear(2, 2)
    before = numbers(layer.weight)
    parametrize.register_parametrization(layer, "weight", Doubled())
    assert type(layer).__name__ == "ParametrizedLinear"
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=leave)
    np.testing.assert_array_equal(numbers(layer.weight), before * (2 if leave else 1))
    assert type(layer) is nn.Linear
    assert isinstance(layer.weight, nn.Parameter)
    assert list(layer.state_dict()) == ["bias", "weight"]
    assert parametrize.type_before_parametrizations(layer) is nn.Linear


def test_a_copy_is_independent():
    layer = parametrizations.weight_norm(nn.Linear(2, 3))
    twin = copy.deepcopy(layer)
    with minitorch.no_grad():
        layer.parametrizations.weight.original0.mul_(2)
    np.testing.assert_allclose(numbers(layer.weight), 2 * numbers(twin.weight), rtol=1e-6)


def test_cached_computes_once():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Doubled())
    with parametrize.cached():
        with parametrize.cached():
            first = layer.weight
        assert layer.weight is first
    assert layer.weight is not first


def test_a_state_of_the_older_weight_norm_loads():
    old, new = utils.weight_norm(nn.Linear(2, 3)), parametrizations.weight_norm(nn.Linear(2, 3))
    nn.Sequential(new).load_state_dict(nn.Sequential(old).state_dict())
    np.testing.assert_allclose(numbers(new.weight), numbers(old.weight), rtol=1e-6)


@pytest.mark.parametrize("kind", [parametrizations.weight_norm, parametrizations.spectral_norm])
def test_derivatives_to_second_order(device, kind):
    layer = kind(nn.Linear(3, 2)).eval()
    check_layer(layer, randn(4, 3), device=device)


def test_spectral_norm_makes_the_largest_singular_value_one(device):
    layer = parametrizations.spectral_norm(nn.Linear(5, 4).to(device), n_power_iterations=20)
    assert np.linalg.norm(numbers(layer.weight), 2) == pytest.approx(1.0, rel=1e-4)
    vectors = numbers(layer.parametrizations.weight[0]._u)
    layer.eval().weight
    np.testing.assert_array_equal(numbers(layer.parametrizations.weight[0]._u), vectors)


WRONG = [
    (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "w", Doubled()), "parameter, a buffer, or a param"),
    (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", FirstRow()), "change the shape of the t"),
    (lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), "have a parametrization on weight"),
    (
        lambda: parametrize.remove_parametrizations(parametrizations.weight_norm(nn.Linear(2, 2)), "weight", False),
        "in terms of a sequence of tensors",
    ),
    (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), "iterations to be positive"),
    (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), "w"), "no parameter or buffer with name 'w'"),
]


@pytest.mark.parametrize(("call", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_what_is_refused_changes_nothing():
    layer = nn.Linear(2, 2)
    for doubled in range(2):
        with pytest.raises(ValueError, match="may not change the shape"):
            parametrize.register_parametrization(layer, "weight", FirstRow())
        assert parametrize.is_parametrized(layer) == bool(doubled)
        assert layer.weight.shape == (2, 2)
        parametrize.register_parametrization(layer, "weight", Doubled())


@pytest.mark.parametrize("which", ["weight_norm", "spectral_norm"])
@pytest.mark.parametrize(("name", "args"), [("Linear", (3, 4)), ("ConvTranspose1d", (3, 2, 2)), ("Conv2d", (3, 2, 2))])
def test_parametrized_layers_equal_pytorchs(oracle, which, name, args):
    ours, theirs = (
        getattr(lib.nn.utils.parametrizations, which)(getattr(lib.nn, name)(*args).double())
        for lib in (minitorch, oracle)
    )
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    state = {k: randn(*v.shape) for k, v in theirs.state_dict().items()}
    state |= {k: v / np.linalg.norm(v) for k, v in state.items() if k.endswith(("_u", "_v"))}
    ours.load_state_dict({k: minitorch.tensor(v) for k, v in state.items()})
    theirs.load_state_dict({k: oracle.tensor(v) for k, v in state.items()})
    x = randn(2, 3, *(4,) * (len(args) - 2 + (name == "Conv2d")))
    for layers in ((ours, theirs), (ours, theirs), (ours.eval(), theirs.eval())):
        same(*(run(lib, n, [x], {}, list(n.parameters())) for lib, n in zip((minitorch, oracle), layers, strict=True)))
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(numbers(ours.state_dict()[key]), value.numpy(), rtol=1e-7, err_msg=key)
