"""Dropout of channels, and the dropout that keeps mean and variance."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .tools import numbers


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.Dropout1d(0.25), (40, 50, 3)), (nn.Dropout2d(0.25), (40, 50, 2, 3)), (nn.Dropout3d(0.25), (40, 50, 2, 1, 3))],
    ids=["1d", "2d", "3d"],
)
def test_channels_are_dropped_whole(device, layer, shape):
    y = numbers(layer(minitorch.ones(*shape, device=device))).reshape(40, 50, -1)
    assert (y == y[:, :, :1]).all()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (y[:, :, 0] == 0).mean() == pytest.approx(0.25, abs=0.03)


def test_channels_without_a_batch_are_dropped_whole(device):
    for layer, shape in ((nn.Dropout1d(0.5), (200, 3)), (nn.Dropout3d(0.5), (200, 2, 1, 3))):
        y = numbers(layer(minitorch.ones(*shape, device=device))).reshape(200, -1)
        assert (y == y[:, :1]).all()
        assert (y[:, 0] == 0).mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("kind", [nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_alpha_dropout_keeps_mean_and_variance(device, kind):
    x = minitorch.randn(500, 400, device=device)
    y = numbers(kind(0.3)(x))
    assert y.mean() == pytest.approx(0.0, abs=0.02)
    assert y.std() == pytest.approx(1.0, abs=0.02)


def test_alpha_dropout_sets_what_it_drops_to_one_value(device):
    low, p = -1.7580993408473766, 0.25
    a = ((1 - p) * (1 + p * low**2)) ** -0.5
    y = numbers(F.alpha_dropout(minitorch.ones(1000, dtype=minitorch.float64, device=device), p, training=True))
    np.testing.assert_allclose(sorted(set(y.round(10))), [a * low - a * p * low, a - a * p * low], rtol=1e-8)
    assert (y < 0).mean() == pytest.approx(p, abs=0.05)


def test_feature_alpha_dropout_drops_channels_whole(device):
    y = numbers(F.feature_alpha_dropout(minitorch.ones(20, 30, 4, device=device), 0.5, training=True))
    assert (y == y[:, :, :1]).all()
    assert len(np.unique(y)) == 2


@pytest.mark.parametrize("kind", [nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_nothing_is_dropped_in_evaluation_or_with_probability_zero(kind):
    x = minitorch.ones(2, 3, 2, *(2,) * {nn.Dropout2d: 1, nn.Dropout3d: 2}.get(kind, 0))
    assert kind(0.9).eval()(x) is x
    assert kind(0.0)(x) is x
    assert repr(kind(0.3, inplace=True)) == f"{kind.__name__}(p=0.3, inplace=True)"


def test_everything_is_dropped_with_probability_one():
    x = minitorch.ones(2, 3, 4)
    assert numbers(nn.Dropout1d(1.0)(x)).max() == 0.0
    assert numbers(nn.AlphaDropout(1.0)(x)).max() == 0.0


def test_dropout_in_place_writes_into_its_input():
    for layer in (nn.Dropout(0.5, True), nn.Dropout1d(0.5, True), nn.AlphaDropout(0.5, True)):
        x = minitorch.ones(4, 5)
        assert layer(x) is x
        assert (numbers(x) != 1.0).any()


def test_the_gradient_is_the_mask(device):
    x = minitorch.ones(3, 20, 4, device=device, requires_grad=True)
    y = nn.Dropout1d(0.5)(x)
    y.sum().backward()
    assert numbers(x.grad).tolist() == numbers(y).tolist()


def test_inputs_of_unexpected_dimensions_are_refused_or_warned_of():
    with pytest.raises(RuntimeError, match="dropout1d: Expected 2D or 3D input, but received a 1D input"):
        nn.Dropout1d()(minitorch.ones(3))
    with pytest.warns(UserWarning, match=r"interpreted as shape \(N, C, L\)"):
        nn.Dropout2d()(minitorch.ones(2, 3, 4))
    with pytest.warns(UserWarning, match="dropout2d: Received a 2-D input"):
        nn.Dropout2d()(minitorch.ones(2, 3))
    with pytest.warns(UserWarning, match="dropout3d: Received a 3-D input"):
        nn.Dropout3d()(minitorch.ones(2, 3, 4))
    for function in (F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout):
        with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1, but got 1.5"):
            function(minitorch.ones(2, 3), 1.5)
