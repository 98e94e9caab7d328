"""Layers against naive loops on every device, and against PyTorch."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn

RNG = np.random.default_rng(0)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def randn(*shape):
    return RNG.standard_normal(shape)


def on(device, array):
    return minitorch.tensor(array, device=device)


def build(layer, device):
    """Return a layer in float64 on a device."""
    return layer.double().to(device)


# ---- naive definitions -----------------------------------------------------------------------------------------------


def conv2d_loops(x, w, b, stride, padding, dilation, groups):
    """Seven nested loops; `padding` is (top, bottom, left, right)."""
    top, bottom, left, right = padding
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    n_batch, _, height, width = x.shape
    out_channels, in_group, kh, kw = w.shape
    rows = (height - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    columns = (width - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    y = np.zeros((n_batch, out_channels, rows, columns))
    for n, o, h, v in itertools.product(range(n_batch), range(out_channels), range(rows), range(columns)):
        first = o // (out_channels // groups) * in_group
        y[n, o, h, v] = 0.0 if b is None else b[o]
        for c, i, j in itertools.product(range(in_group), range(kh), range(kw)):
            y[n, o, h, v] += (
                x[n, first + c, h * stride[0] + i * dilation[0], v * stride[1] + j * dilation[1]] * w[o, c, i, j]
            )
    return y


def windows(x, kernel, stride):
    """Yield (n, c, h, w, window) of an image that is padded already."""
    for n, c in itertools.product(range(x.shape[0]), range(x.shape[1])):
        for h in range((x.shape[2] - kernel) // stride + 1):
            for w in range((x.shape[3] - kernel) // stride + 1):
                yield n, c, h, w, x[n, c, h * stride : h * stride + kernel, w * stride : w * stride + kernel]


# ---- affine ----------------------------------------------------------------------------------------------------------


def test_linear_is_x_w_transposed_plus_b(device):
    layer, x = build(nn.Linear(3, 4), device), randn(2, 5, 3)
    y = np.einsum("nti,oi->nto", x, numbers(layer.weight)) + numbers(layer.bias)
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-12)


def test_linear_without_bias_has_none():
    layer = nn.Linear(3, 4, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]


def test_linear_passes_the_chain_rule_on_to_weight_and_bias(device):
    """F6, F7: with y = f(Wx + b), the gradients are f'(z) ⊙ ȳ xᵀ and f'(z) ⊙ ȳ."""
    layer, x, g = build(nn.Linear(3, 2), device), randn(3), randn(2)
    y = layer(on(device, x)).tanh()
    y.backward(on(device, g))
    delta = (1 - numbers(y) ** 2) * g
    np.testing.assert_allclose(numbers(layer.weight.grad), np.outer(delta, x), rtol=1e-12)
    np.testing.assert_allclose(numbers(layer.bias.grad), delta, rtol=1e-12)


def test_linear_regression_with_one_feature_is_theta0_plus_theta1_x(device):
    """F1."""
    layer, x = build(nn.Linear(1, 1), device), randn(6, 1)
    y = numbers(layer.bias) + numbers(layer.weight)[0] * x
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-12)


def test_linear_refuses_another_number_of_features():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        nn.Linear(3, 4)(minitorch.ones(2, 5))


def test_bilinear_is_the_double_sum(device):
    layer, a, b = build(nn.Bilinear(2, 3, 4), device), randn(5, 2), randn(5, 3)
    y = np.einsum("ni,oij,nj->no", a, numbers(layer.weight), b) + numbers(layer.bias)
    np.testing.assert_allclose(numbers(layer(on(device, a), on(device, b))), y, rtol=1e-12)


def test_identity_takes_anything():
    x = minitorch.ones(2)
    assert nn.Identity(54, unused=True)(x) is x


# ---- convolution -----------------------------------------------------------------------------------------------------

CONVOLUTIONS = [
    {},
    {"stride": 2},
    {"padding": 1, "bias": False},
    {"dilation": 2},
    {"stride": (2, 1), "padding": (0, 2), "dilation": (1, 2), "groups": 2},
    {"groups": 4},
]


@pytest.mark.parametrize("options", CONVOLUTIONS, ids=str)
def test_conv2d_equals_the_seven_loops(device, options):
    layer, x = build(nn.Conv2d(4, 4, (2, 3), **options), device), randn(2, 4, 6, 7)
    (top, left), b = layer.padding, layer.bias
    y = conv2d_loops(
        x,
        numbers(layer.weight),
        None if b is None else numbers(b),
        layer.stride,
        (top, top, left, left),
        layer.dilation,
        layer.groups,
    )
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kernel", [(3, 3), (2, 4)])
def test_conv2d_with_padding_same_keeps_the_size(device, kernel):
    layer, x = build(nn.Conv2d(2, 3, kernel, padding="same", dilation=2), device), randn(2, 2, 6, 7)
    total = [2 * (k - 1) for k in kernel]
    margins = (total[0] // 2, total[0] - total[0] // 2, total[1] // 2, total[1] - total[1] // 2)
    y = conv2d_loops(x, numbers(layer.weight), numbers(layer.bias), (1, 1), margins, (2, 2), 1)
    assert y.shape[2:] == (6, 7)
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-10, atol=1e-12)


def test_conv1d_is_conv2d_of_one_row(device):
    layer, x = build(nn.Conv1d(2, 4, 3, stride=2, padding=1, dilation=2, groups=2), device), randn(2, 2, 9)
    w, b = numbers(layer.weight)[:, :, None], numbers(layer.bias)
    y = conv2d_loops(x[:, :, None], w, b, (1, 2), (0, 0, 1, 1), (1, 2), 2)[:, :, 0]
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-10, atol=1e-12)


WRONG_CONVOLUTIONS = [
    ((3, 4, 3), {"groups": 2}, "in_channels must be divisible by groups"),
    ((4, 3, 3), {"groups": 2}, "out_channels must be divisible by groups"),
    ((4, 4, 3), {"groups": 0}, "groups must be a positive integer"),
    ((4, 4, 3), {"padding": "some"}, "Invalid padding string 'some'"),
    ((4, 4, 3), {"padding": "same", "stride": 2}, "padding='same' is not supported for strided convolutions"),
    ((4, 4, 3), {"padding_mode": "blue"}, "padding_mode must be one of"),
]


@pytest.mark.parametrize(("args", "options", "text"), WRONG_CONVOLUTIONS)
def test_convolutions_that_cannot_be_are_refused(args, options, text):
    with pytest.raises(ValueError, match=text):
        nn.Conv2d(*args, **options)


# ---- pooling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, None, 0), (3, 2, 1), (3, 1, 0)])
def test_max_pool_takes_the_largest_of_each_window(device, kernel, stride, padding):
    x = randn(2, 3, 7, 8) - 5.0
    layer = nn.MaxPool2d(kernel, stride, padding)
    y = numbers(layer(on(device, x)))
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=-np.inf)
    for n, c, h, w, window in windows(padded, kernel, stride or kernel):
        assert y[n, c, h, w] == window.max()


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, None, 0), (3, 2, 1)])
def test_avg_pool_takes_the_mean_of_each_window(device, kernel, stride, padding):
    x = randn(2, 3, 7, 8)
    y = numbers(nn.AvgPool2d(kernel, stride, padding)(on(device, x)))
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for n, c, h, w, window in windows(padded, kernel, stride or kernel):
        assert y[n, c, h, w] == pytest.approx(window.mean())


@pytest.mark.parametrize("size", [1, (2, 3), (None, 2)], ids=str)
def test_adaptive_avg_pool_covers_the_image(device, size):
    x = randn(2, 3, 5, 7)
    y = numbers(nn.AdaptiveAvgPool2d(size)(on(device, x)))
    rows, columns = (size, size) if isinstance(size, int) else size
    rows = rows or 5
    assert y.shape == (2, 3, rows, columns)
    for h, w in itertools.product(range(rows), range(columns)):
        top, bottom = math.floor(h * 5 / rows), math.ceil((h + 1) * 5 / rows)
        left, right = math.floor(w * 7 / columns), math.ceil((w + 1) * 7 / columns)
        np.testing.assert_allclose(y[:, :, h, w], x[:, :, top:bottom, left:right].mean(axis=(2, 3)), rtol=1e-10)


# ---- activations -----------------------------------------------------------------------------------------------------

ACTIVATIONS = [
    (nn.ReLU(), lambda x: max(x, 0.0)),
    (nn.LeakyReLU(0.2), lambda x: x if x > 0 else 0.2 * x),
    (nn.ELU(1.5), lambda x: x if x > 0 else 1.5 * math.expm1(x)),
    (nn.SiLU(), lambda x: x / (1 + math.exp(-x))),
    (nn.GELU(), lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2))),
    (nn.GELU("tanh"), lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    (nn.Sigmoid(), lambda x: 1 / (1 + math.exp(-x))),
    (nn.Tanh(), math.tanh),
    (nn.Softplus(beta=2.0), lambda x: math.log1p(math.exp(2 * x)) / 2),
]


@pytest.mark.parametrize(("layer", "formula"), ACTIVATIONS, ids=lambda a: repr(a) if isinstance(a, nn.Module) else "")
def test_activation_is_its_formula(device, layer, formula):
    x = np.array([-7.0, -1.5, -0.25, 0.0, 0.5, 2.0, 6.0])
    np.testing.assert_allclose(numbers(layer(on(device, x))), [formula(v) for v in x], rtol=1e-6, atol=1e-8)


def test_softplus_is_linear_above_its_threshold(device):
    x = np.array([50.0, 1000.0])
    assert numbers(nn.Softplus()(on(device, x))).tolist() == x.tolist()


def test_softmax_divides_the_exponentials_by_their_sum(device):
    x = randn(3, 4, 2)
    y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(numbers(nn.Softmax(dim=1)(on(device, x))), y, rtol=1e-12)
    np.testing.assert_allclose(numbers(nn.LogSoftmax(dim=1)(on(device, x))), np.log(y), rtol=1e-10)


def test_softmax_wants_to_know_the_dimension():
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
        y = nn.Softmax()(minitorch.ones(2, 4))
    assert y.tolist() == [[0.25] * 4] * 2


# ---- shape -----------------------------------------------------------------------------------------------------------


def test_flatten_joins_and_unflatten_splits():
    x = minitorch.arange(24).reshape(2, 3, 4)
    assert nn.Flatten()(x).shape == (2, 12)
    assert nn.Flatten(0, 1)(x).shape == (6, 4)
    assert nn.Unflatten(1, (3, 4))(nn.Flatten()(x)).tolist() == x.tolist()
    assert nn.Unflatten(-1, [2, -1])(x).shape == (2, 3, 2, 2)
    with pytest.raises(TypeError, match="unflattened_size must be tuple of ints, but found type int"):
        nn.Unflatten(1, 3)


# ---- dropout ---------------------------------------------------------------------------------------------------------


def test_dropout_scales_what_it_keeps(device):
    y = numbers(nn.Dropout(0.25)(minitorch.ones(200, 200, device=device)))
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.01)


def test_dropout_passes_everything_in_evaluation():
    x = minitorch.ones(100)
    assert numbers(nn.Dropout(0.9).eval()(x)).tolist() == [1.0] * 100


def test_dropout_of_everything_is_zero():
    assert numbers(nn.Dropout(1.0)(minitorch.ones(4))).tolist() == [0.0] * 4


def test_dropout_gives_the_same_gradient_as_mask():
    x = minitorch.ones(50, requires_grad=True)
    y = nn.Dropout(0.5)(x)
    y.sum().backward()
    assert numbers(x.grad).tolist() == numbers(y).tolist()


def test_dropout_refuses_what_is_no_probability():
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1, but got 1.5"):
        nn.Dropout(1.5)


# ---- normalisation ---------------------------------------------------------------------------------------------------


def standardised(x, axes, eps=1e-5):
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


@pytest.mark.parametrize(
    ("kind", "shape"), [(nn.BatchNorm1d, (6, 3)), (nn.BatchNorm1d, (4, 3, 5)), (nn.BatchNorm2d, (4, 3, 2, 5))]
)
def test_batch_norm_standardises_each_channel_over_the_batch(device, kind, shape):
    x, layer = randn(*shape) * 3 + 1, build(kind(3), device)
    axes = tuple(i for i in range(len(shape)) if i != 1)
    np.testing.assert_allclose(numbers(layer(on(device, x))), standardised(x, axes), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(numbers(layer.running_mean), 0.1 * x.mean(axis=axes), rtol=1e-10)
    unbiased = x.var(axis=axes, ddof=0) * x[:, 0].size / (x[:, 0].size - 1)
    np.testing.assert_allclose(numbers(layer.running_var), 0.9 + 0.1 * unbiased, rtol=1e-10)
    assert layer.num_batches_tracked.item() == 1


def test_batch_norm_uses_the_running_averages_in_evaluation(device):
    layer = build(nn.BatchNorm1d(2), device)
    layer.load_state_dict(
        {**layer.state_dict(), "running_mean": on("cpu", [1.0, 2.0]), "running_var": on("cpu", [4.0, 9.0])}
    )
    x = randn(1, 2)
    y = numbers(layer.eval()(on(device, x)))
    np.testing.assert_allclose(y, (x - [1.0, 2.0]) / np.sqrt(np.array([4.0, 9.0]) + 1e-5), rtol=1e-10)
    assert numbers(layer.running_mean).tolist() == [1.0, 2.0]
    assert layer.num_batches_tracked.item() == 0


def test_batch_norm_without_momentum_averages_all_batches(device):
    layer, batches = build(nn.BatchNorm1d(2, momentum=None), device), [randn(4, 2) for _ in range(3)]
    for x in batches:
        layer(on(device, x))
    np.testing.assert_allclose(
        numbers(layer.running_mean), np.mean([x.mean(axis=0) for x in batches], axis=0), rtol=1e-10
    )


def test_batch_norm_without_tracking_uses_the_batch_always(device):
    layer, x = build(nn.BatchNorm1d(2, track_running_stats=False, affine=False), device).eval(), randn(5, 2)
    assert list(layer.state_dict()) == []
    assert layer.weight is None
    np.testing.assert_allclose(numbers(layer(on(device, x))), standardised(x, (0,)), rtol=1e-8, atol=1e-10)


def test_batch_norm_told_to_stop_tracking_leaves_its_averages_alone(device):
    layer = build(nn.BatchNorm1d(2), device)
    layer.track_running_stats = False
    layer(on(device, randn(5, 2)))
    assert numbers(layer.running_mean).tolist() == [0.0, 0.0]
    assert layer.num_batches_tracked.item() == 0


def test_batch_norm_scales_and_shifts(device):
    layer, x = build(nn.BatchNorm1d(2), device), randn(5, 2)
    with minitorch.no_grad():
        layer.weight.copy_(on(device, [2.0, 3.0]))
        layer.bias.copy_(on(device, [-1.0, 1.0]))
    y = standardised(x, (0,)) * [2.0, 3.0] + [-1.0, 1.0]
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-8, atol=1e-10)


def test_batch_norm_refuses_other_dimensions_and_single_values():
    with pytest.raises(ValueError, match=r"expected 4D input \(got 3D input\)"):
        nn.BatchNorm2d(3)(minitorch.ones(2, 3, 4))
    with pytest.raises(ValueError, match="expected 2D or 3D input"):
        nn.BatchNorm1d(3)(minitorch.ones(3))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        nn.BatchNorm1d(3)(minitorch.ones(1, 3))


def test_batch_norm_forgets_on_demand():
    layer = nn.BatchNorm1d(2)
    layer(minitorch.randn(4, 2))
    layer.reset_running_stats()
    assert numbers(layer.running_var).tolist() == [1.0, 1.0]
    assert layer.num_batches_tracked.item() == 0


@pytest.mark.parametrize("shape", [5, (4, 5)], ids=str)
def test_layer_norm_standardises_the_last_dimensions(device, shape):
    layer, x = build(nn.LayerNorm(shape), device), randn(3, 4, 5)
    with minitorch.no_grad():
        layer.bias.fill_(0.5)
    y = standardised(x, (2,) if shape == 5 else (1, 2)) + 0.5
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-8, atol=1e-10)


def test_group_norm_standardises_groups_of_channels(device):
    layer, x = build(nn.GroupNorm(2, 6), device), randn(3, 6, 4)
    y = standardised(x.reshape(3, 2, 12), (2,)).reshape(3, 6, 4)
    np.testing.assert_allclose(numbers(layer(on(device, x))), y, rtol=1e-8, atol=1e-10)
    with pytest.raises(ValueError, match=r"num_channels \(5\) must be divisible by num_groups \(2\)"):
        nn.GroupNorm(2, 5)


# ---- embedding -------------------------------------------------------------------------------------------------------


def test_embedding_looks_up_rows_and_adds_gradients_of_repeated_ones(device):
    layer = build(nn.Embedding(4, 2), device)
    rows = [[1, 3, 1], [0, 1, 3]]
    y = layer(on(device, rows))
    assert (numbers(y) == numbers(layer.weight)[np.array(rows)]).all()
    y.sum().backward()
    assert numbers(layer.weight.grad)[:, 0].tolist() == [1.0, 3.0, 0.0, 2.0]


def test_embedding_padding_starts_at_zero_and_stays(device):
    layer = build(nn.Embedding(4, 2, padding_idx=-1), device)
    assert numbers(layer.weight)[3].tolist() == [0.0, 0.0]
    layer(on(device, [3, 0])).sum().backward()
    assert numbers(layer.weight.grad)[:, 0].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_embedding_from_a_table_is_frozen():
    table = minitorch.ones(3, 2)
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad
    assert layer.num_embeddings == 3
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    with pytest.raises(AssertionError, match="2-dimensional"):
        nn.Embedding.from_pretrained(minitorch.ones(3))


def test_embedding_refuses_rows_that_are_not_there():
    with pytest.raises(IndexError, match="index out of range"):
        nn.Embedding(3, 2)(minitorch.tensor([3]))
    with pytest.raises(AssertionError, match="Padding_idx must be within num_embeddings"):
        nn.Embedding(3, 2, padding_idx=3)


# ---- derivatives of whole layers, to second order --------------------------------------------------------------------

SMOOTH = [
    (nn.Linear(3, 2), (4, 3)),
    (nn.Conv1d(2, 2, 3, padding="same"), (2, 2, 4)),
    (nn.Conv2d(2, 4, 2, stride=2, padding=1, groups=2), (2, 2, 3, 4)),
    (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), (1, 1, 3, 3)),
    (nn.AvgPool2d(2, padding=1), (1, 2, 4, 4)),
    (nn.AdaptiveAvgPool2d((2, 3)), (1, 2, 3, 5)),
    (nn.BatchNorm1d(2, track_running_stats=False), (5, 2)),
    (nn.BatchNorm2d(2).eval(), (2, 2, 2, 2)),
    (nn.LayerNorm((2, 3)), (3, 2, 3)),
    (nn.GroupNorm(2, 4), (2, 4, 3)),
    (nn.Sequential(nn.Tanh(), nn.Sigmoid(), nn.SiLU(), nn.GELU(), nn.Softplus(), nn.ELU()), (3, 2)),
    (nn.Softmax(1), (2, 3)),
    (nn.LogSoftmax(0), (3, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), SMOOTH, ids=[repr(layer).split("(")[0] for layer, _ in SMOOTH])
def test_layer_differentiates_twice(device, layer, shape):
    layer = copy.deepcopy(layer).double().to(device)
    names = list(layer._parameters)

    def function(x, *parameters):
        layer._parameters.update(zip(names, parameters, strict=True))
        return layer(x)

    inputs = [on(device, randn(*shape)).requires_grad_()]
    inputs += [on(device, randn(*p.shape)).requires_grad_() for p in layer.parameters()]
    assert minitorch.autograd.gradcheck(function, inputs)
    assert minitorch.autograd.gradgradcheck(function, inputs)


# ---- the start -------------------------------------------------------------------------------------------------------

STARTS = [
    ("Linear", (100, 50), 0.1),
    ("Bilinear", (25, 4, 50), 0.2),
    ("Conv1d", (20, 30, 5), 0.1),
    ("Conv2d", (8, 30, (5, 5), 1, 0, 1, 2), 0.1),
]


@pytest.mark.parametrize(("name", "args", "bound"), STARTS)
def test_layers_start_evenly_within_their_bound(name, args, bound):
    layer = getattr(nn, name)(*args)
    for parameter in layer.parameters():
        values = numbers(parameter)
        assert abs(values).max() <= bound
        assert values.dtype == np.float32
    assert numbers(layer.weight).std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert abs(numbers(layer.bias)).max() > 0.8 * bound


def test_the_same_seed_gives_the_same_network_on_every_device(device):
    def net(where):
        minitorch.manual_seed(3)
        return nn.Sequential(
            nn.Conv2d(1, 2, 3, device=where), nn.Linear(2, 2, device=where), nn.Embedding(3, 2, device=where)
        )

    here, there = net("cpu"), net(device)
    for (name, a), b in zip(here.named_parameters(), there.parameters(), strict=True):
        assert b.device.type == device.type
        assert (numbers(a) == numbers(b)).all(), name


def test_layers_take_a_dtype():
    for layer in (nn.Linear(2, 2, dtype=minitorch.float64), nn.BatchNorm1d(2, dtype=minitorch.float64)):
        assert all(p.dtype == minitorch.float64 for p in layer.parameters())


# ---- the same weights as PyTorch, the same numbers -------------------------------------------------------------------

LAYERS = [
    ("Linear", (3, 4), {}, (2, 5, 3)),
    ("Linear", (3, 4), {"bias": False}, (3,)),
    ("Conv1d", (2, 4, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 2, 9)),
    ("Conv1d", (2, 3, 4), {"padding": "same"}, (2, 2, 9)),
    ("Conv2d", (2, 4, 3), {"stride": 2, "padding": 1, "dilation": 2}, (2, 2, 8, 9)),
    ("Conv2d", (4, 4, (3, 2)), {"groups": 2, "bias": False, "padding": "same"}, (2, 4, 6, 5)),
    ("Conv2d", (2, 3, 2), {}, (2, 5, 5)),
    ("Conv2d", (2, 3, 3), {"padding": (2, 1), "padding_mode": "reflect", "stride": 2}, (2, 2, 6, 5)),
    ("Conv2d", (2, 3, (2, 4)), {"padding": "same", "padding_mode": "circular"}, (2, 2, 6, 5)),
    ("Conv1d", (2, 3, 3), {"padding": 2, "padding_mode": "replicate"}, (2, 2, 5)),
    ("Conv1d", (2, 3, 3), {"padding": "valid", "padding_mode": "circular"}, (2, 2, 5)),
    ("MaxPool2d", (3, 2, 1), {}, (2, 3, 7, 8)),
    ("MaxPool2d", (2,), {"ceil_mode": True}, (2, 3, 7, 7)),
    ("AvgPool2d", (3, 2, 1), {}, (2, 3, 7, 8)),
    ("AvgPool2d", (3, 2, 1), {"count_include_pad": False, "ceil_mode": True}, (2, 3, 7, 8)),
    ("AvgPool2d", (2,), {"divisor_override": 3}, (2, 3, 6, 6)),
    ("AdaptiveAvgPool2d", ((2, 3),), {}, (2, 3, 5, 7)),
    ("ReLU", (), {}, (3, 4)),
    ("LeakyReLU", (), {}, (3, 4)),
    ("ELU", (), {}, (3, 4)),
    ("SiLU", (), {}, (3, 4)),
    ("GELU", (), {}, (3, 4)),
    ("GELU", ("tanh",), {}, (3, 4)),
    ("Softplus", (2.0, 1.0), {}, (3, 4)),
    ("Sigmoid", (), {}, (3, 4)),
    ("Tanh", (), {}, (3, 4)),
    ("Softmax", (1,), {}, (3, 4)),
    ("LogSoftmax", (-1,), {}, (3, 4)),
    ("BatchNorm1d", (3,), {}, (6, 3)),
    ("BatchNorm1d", (3,), {"momentum": None, "bias": False}, (4, 3, 5)),
    ("BatchNorm2d", (3,), {"affine": False}, (4, 3, 2, 5)),
    ("LayerNorm", ((3, 4),), {}, (5, 3, 4)),
    ("LayerNorm", (4,), {"elementwise_affine": False}, (5, 3, 4)),
    ("GroupNorm", (2, 4), {}, (3, 4, 5)),
    ("Flatten", (), {}, (2, 3, 4)),
]


def pair(torch, name, args, options):
    """Return the layer of both libraries, with the same random numbers in every entry, moved over by key."""
    ours, theirs = getattr(nn, name)(*args, **options).double(), getattr(torch.nn, name)(*args, **options).double()
    state = {key: v if v.ndim == 0 else abs(randn(*v.shape)) + 0.1 for key, v in theirs.state_dict().items()}
    theirs.load_state_dict({key: torch.as_tensor(v) for key, v in state.items()})
    ours.load_state_dict({key: minitorch.tensor(np.asarray(v)) for key, v in state.items()})
    return ours, theirs


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_layer_equals_pytorchs(oracle, name, args, options, shape):
    ours, theirs = pair(oracle, name, args, options)
    x = randn(*shape)
    a, b = minitorch.tensor(x, requires_grad=True), oracle.tensor(x, requires_grad=True)
    for _ in range(2):  # the second time, running averages have moved
        y, expected = ours(a), theirs(b)
        g = randn(*expected.shape)
        y.backward(minitorch.tensor(g))
        expected.backward(oracle.tensor(g))
    np.testing.assert_allclose(numbers(y), expected.detach().numpy(), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(numbers(a.grad), b.grad.numpy(), rtol=1e-8, atol=1e-10)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(numbers(p.grad), q.grad.numpy(), rtol=1e-8, atol=1e-10, err_msg=key)
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(numbers(value), theirs.state_dict()[key].numpy(), rtol=1e-10, err_msg=key)
    np.testing.assert_allclose(numbers(ours.eval()(a)), theirs.eval()(b).detach().numpy(), rtol=1e-9, atol=1e-11)


def test_embedding_equals_pytorchs(oracle):
    ours, theirs = pair(oracle, "Embedding", (5, 3), {"padding_idx": 1})
    rows = [[0, 1, 4], [1, 4, 4]]
    g = randn(2, 3, 3)
    ours(minitorch.tensor(rows)).backward(minitorch.tensor(g))
    theirs(oracle.tensor(rows)).backward(oracle.tensor(g))
    np.testing.assert_allclose(numbers(ours.weight.grad), theirs.weight.grad.numpy(), rtol=1e-12)


def test_bilinear_equals_pytorchs(oracle):
    ours, theirs = pair(oracle, "Bilinear", (2, 3, 4), {})
    a, b, g = randn(5, 2), randn(5, 3), randn(5, 4)
    y, expected = ours(minitorch.tensor(a), minitorch.tensor(b)), theirs(oracle.tensor(a), oracle.tensor(b))
    y.backward(minitorch.tensor(g))
    expected.backward(oracle.tensor(g))
    np.testing.assert_allclose(numbers(y), expected.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(numbers(ours.weight.grad), theirs.weight.grad.numpy(), rtol=1e-10)


def test_max_pool_returns_the_indices_on_demand(oracle):
    x = randn(2, 3, 6, 6)
    y, indices = nn.MaxPool2d(2, return_indices=True)(minitorch.tensor(x))
    expected, places = oracle.nn.MaxPool2d(2, return_indices=True)(oracle.tensor(x))
    assert numbers(y).tolist() == expected.tolist()
    assert indices.tolist() == places.tolist()
