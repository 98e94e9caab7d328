"""Instance, root-mean-square and local response norms, batch norm of volumes: formulas and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .tools import check_layer, numbers, on, pair, randn, run, same, same_function, same_layer

SHAPES = {1: (5,), 2: (4, 3), 3: (2, 3, 2)}


def standardised(x, axes, eps=1e-5):
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_instance_norm_standardises_each_channel_of_each_sample(device, n):
    layer = getattr(nn, f"InstanceNorm{n}d")(3, affine=True).double().to(device)
    x, axes = randn(2, 3, *SHAPES[n]) * 3 + 1, tuple(range(2, n + 2))
    with minitorch.no_grad():
        layer.weight.copy_(on(device, [1.0, 2.0, 3.0]))
        layer.bias.copy_(on(device, [0.0, 1.0, -1.0]))
    scale, shift = (np.reshape(v, (3, *(1,) * n)) for v in ([1.0, 2.0, 3.0], [0.0, 1.0, -1.0]))
    y = standardised(x, axes) * scale + shift
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(numbers(layer(on(device, x[1]))), y[1], rtol=1e-8, atol=1e-10)


def test_instance_norm_moves_its_averages_over_the_samples(device):
    layer = nn.InstanceNorm1d(3, track_running_stats=True).double().to(device)
    x = randn(4, 3, 6)
    layer(on(device, x))
    np.testing.assert_allclose(numbers(layer.running_mean), 0.1 * x.mean(axis=2).mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(numbers(layer.running_var), 0.9 + 0.1 * x.var(axis=2, ddof=1).mean(axis=0), rtol=1e-9)
    mean, var = numbers(layer.running_mean)[:, None], numbers(layer.running_var)[:, None]
    y = numbers(layer.eval()(on(device, x)))
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var + 1e-5), rtol=1e-9)


def test_instance_norm_without_averages_has_no_state():
    layer = nn.InstanceNorm2d(3)
    assert list(layer.state_dict()) == []
    x = minitorch.randn(2, 3, 4, 4)
    assert numbers(layer.eval()(x)).tolist() == numbers(layer.train()(x)).tolist()


def test_batch_norm_of_volumes_standardises_over_all_but_the_channels(device):
    layer, x = nn.BatchNorm3d(3).double().to(device), randn(2, 3, 2, 3, 2)
    np.testing.assert_allclose(numbers(layer(on(device, x))), standardised(x, (0, 2, 3, 4)), rtol=1e-8, atol=1e-10)
    with pytest.raises(ValueError, match=r"expected 5D input \(got 4D input\)"):
        layer(minitorch.ones(2, 3, 2, 2))


@pytest.mark.parametrize("shape", [4, (3, 4)], ids=str)
def test_rms_norm_divides_by_the_root_of_the_mean_square(device, shape):
    layer, x = nn.RMSNorm(shape, eps=1e-3).double().to(device), randn(2, 3, 4)
    axes = (2,) if shape == 4 else (1, 2)
    with minitorch.no_grad():
        layer.weight.fill_(0.5)
    y = 0.5 * x / np.sqrt((x * x).mean(axis=axes, keepdims=True) + 1e-3)
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-10)


def test_rms_norm_of_zeros_is_zero_in_every_type():
    for dtype in (minitorch.float32, minitorch.float64):
        x = minitorch.zeros(2, 3, dtype=dtype)
        assert F.rms_norm(x, (3,)).tolist() == [[0.0] * 3] * 2


NORMS = {
    "layer": lambda x: F.layer_norm(x, (8,)),
    "batch": lambda x: F.batch_norm(x, None, None, training=True),
    "group": lambda x: F.group_norm(x, 2),
    "instance": lambda x: F.instance_norm(x),
    "rms": lambda x: F.rms_norm(x, (8,)),
    "length": lambda x: F.normalize(x),
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
}


@pytest.mark.parametrize("name", NORMS)
def test_float16_is_normalised_though_its_squares_are_beyond_it(device, name):
    values, weights = (1000.0 * randn(3, 4, 8)).astype(np.float16), randn(3, 4, 8).astype(np.float16)
    found = []
    for dtype in (minitorch.float16, minitorch.float64):
        x = minitorch.tensor(values, dtype=dtype, device=device, requires_grad=True)
        y = NORMS[name](x)
        (step,) = minitorch.autograd.grad((y * on(device, weights).to(dtype)).sum(), x)
        assert y.dtype is step.dtype is dtype
        found.append((numbers(y).astype(float), numbers(step).astype(float)))
    for half, exact in zip(*found, strict=True):
        assert abs(half - exact).max() <= 4e-3 * abs(exact).max()


@pytest.mark.parametrize("shape", [(0, 4), (0, 4, 3)])
def test_empty_batches_are_normalised_twice_and_leave_no_trace(device, shape):
    layer = nn.BatchNorm1d(4).to(device)
    x = minitorch.zeros(*shape, device=device, requires_grad=True)
    for f in (layer, nn.GroupNorm(2, 4).to(device)):
        (step,) = minitorch.autograd.grad(f(x).square().sum(), x, create_graph=True)
        step.sum().backward()
        assert x.grad.shape == shape
    assert layer.running_mean.tolist() == [0.0] * 4
    assert layer.running_var.tolist() == [1.0] * 4


def test_local_response_norm_divides_by_the_neighbouring_channels(device):
    x, size, alpha, beta, k = randn(2, 6, 3), 3, 0.5, 0.75, 2.0
    y = np.zeros_like(x)
    for c in range(6):
        near = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        y[:, c] = x[:, c] / (k + alpha / size * (near**2).sum(axis=1)) ** beta
    layer = nn.LocalResponseNorm(size, alpha, beta, k)
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-10)


SMOOTH = [
    (nn.InstanceNorm1d(2, affine=True), (2, 2, 3)),
    (nn.InstanceNorm2d(2, track_running_stats=True).eval(), (1, 2, 2, 2)),
    (nn.BatchNorm3d(2), (2, 2, 1, 2, 2)),
    (nn.RMSNorm((2, 3)), (2, 2, 3)),
    (nn.LocalResponseNorm(2, 1.0), (1, 4, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), SMOOTH, ids=[type(layer).__name__ for layer, _ in SMOOTH])
def test_norm_differentiates_twice(device, layer, shape):
    check_layer(layer, randn(*shape), device=device, freeze=False)


ONES = minitorch.ones
WRONG = [
    (lambda: nn.InstanceNorm2d(3)(ONES(3, 2)), ValueError, r"expected 3D or 4D input \(got 2D input\)"),
    (lambda: nn.InstanceNorm1d(3)(ONES(2, 3, 1)), ValueError, "Expected more than 1 spatial element when training"),
    (lambda: nn.InstanceNorm1d(3, affine=True)(ONES(2, 4, 5)), ValueError, r"to match num_features \(3\), but got: 4"),
    (lambda: F.local_response_norm(ONES(3, 3), 2), ValueError, "Expected 3D or higher"),
    (lambda: F.rms_norm(ONES(2, 3), (4,)), RuntimeError, r"normalized_shape=\[4\], expected input with shape"),
    (lambda: F.rms_norm(ONES(2, 3), (3,), ONES(2)), RuntimeError, "Expected weight to be of same shape"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_instance_norm_warns_of_a_number_of_features_that_it_does_not_need():
    with pytest.warns(UserWarning, match="does not match num_features, 3"):
        assert nn.InstanceNorm2d(3)(minitorch.randn(2, 4, 2, 2)).shape == (2, 4, 2, 2)


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

LAYERS = [
    ("InstanceNorm1d", (3,), {}, (2, 3, 5)), ("InstanceNorm2d", (3,), {"affine": True}, (3, 4, 5)),
    ("InstanceNorm3d", (2,), {"affine": True, "bias": False}, (2, 2, 2, 3, 2)),
    ("InstanceNorm2d", (3,), {"track_running_stats": True, "momentum": 0.3}, (2, 3, 4, 5)),
    ("BatchNorm3d", (2,), {}, (2, 2, 3, 2, 2)), ("RMSNorm", (4,), {}, (2, 3, 4)),
    ("RMSNorm", ((3, 4), 1e-3, False), {}, (2, 3, 4)), ("LocalResponseNorm", (3,), {"alpha": 1.0}, (2, 5, 3, 2)),
    ("LocalResponseNorm", (4, 0.5, 0.5, 2.0), {}, (2, 6, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_norm_equals_pytorchs(oracle, name, args, options, shape):
    same_layer(oracle, name, args, options, [randn(*shape)])


def test_instance_norm_keeps_pytorchs_averages(oracle):
    ours, theirs = pair(oracle, "InstanceNorm1d", 3, affine=True, track_running_stats=True)
    for _ in range(3):
        x = randn(4, 3, 5)
        same(run(minitorch, ours, [x], {}), run(oracle, theirs, [x], {}))
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(numbers(ours.state_dict()[key]), value.numpy(), rtol=1e-9, err_msg=key)
    same(run(minitorch, ours.eval(), [x], {}), run(oracle, theirs.eval(), [x], {}))


def test_functional_norms_equal_pytorchs(oracle):
    same_function(oracle, "rms_norm", (randn(2, 3), (3,), randn(3)), {})
    same_function(oracle, "instance_norm", (randn(2, 3, 4),), {"weight": randn(3), "bias": randn(3), "eps": 0.1})
