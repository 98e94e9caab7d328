"""Transposed convolutions and convolutions of volumes: naive loops, the transpose, PyTorch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_linear

from .tools import check_layer, numbers, on, randn, same_function, same_layer

ONES = minitorch.ones


def transposed(x, w, b, stride, padding, dilation, more, groups):
    """Every input number adds its multiple of a kernel; then the padding is cut off."""
    n, G = x.ndim - 2, groups
    (N, C), (per_group, K) = x.shape[:2], (w.shape[1], w.shape[2:])
    size = [
        (L - 1) * s + d * (k - 1) + 1 + p for L, s, d, k, p in zip(x.shape[2:], stride, dilation, K, more, strict=True)
    ]
    y = np.zeros((N, per_group * G, *size))
    for place in itertools.product(*map(range, x.shape[2:])):
        for tap in itertools.product(*map(range, K)):
            at = tuple(s * i + d * j for s, i, d, j in zip(stride, place, dilation, tap, strict=True))
            for c in range(C):
                first = c // (C // G) * per_group
                for o in range(per_group):
                    y[(slice(None), first + o, *at)] += x[(slice(None), c, *place)] * w[(c, o, *tap)]
    y = y[(..., *(slice(p, size[i] - p) for i, p in enumerate(padding)))]
    return y + b.reshape(-1, *(1,) * n)


GEOMETRIES = [
    (1, 3, {}), (1, 3, {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
    (2, (2, 3), {"stride": (2, 1), "dilation": (1, 2), "padding": (0, 1)}),
    (2, 2, {"dilation": 3, "output_padding": 2}), (3, 2, {"stride": 2, "groups": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("n", "kernel", "options"), GEOMETRIES, ids=str)
def test_every_input_number_adds_its_multiple_of_the_kernel(device, n, kernel, options):
    kind = getattr(nn, f"ConvTranspose{n}d")
    layer = kind(4, 6, kernel, **options).double().to(device)
    x = randn(2, 4, *(4, 3, 2)[:n])
    b, geometry = numbers(layer.bias), (layer.stride, layer.padding, layer.dilation, layer.output_padding)
    expected = transposed(x, numbers(layer.weight), b, *geometry, layer.groups)
    y = numbers(layer(on(device, x)))
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(numbers(layer(on(device, x[0]))), expected[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_transposed_convolution_is_the_transpose_of_convolution(device, n):
    w = on(device, randn(4, 3, *(3, 2, 2)[:n]))
    options = {"stride": 2, "padding": 1, "dilation": 1}
    conv, back = getattr(F, f"conv{n}d"), getattr(F, f"conv_transpose{n}d")
    x = on(device, randn(2, 3, *(7, 6, 6)[:n]))
    y = conv(x, w, **options)
    check_linear(lambda v: conv(v, w, **options), lambda v: back(v, w, **options), x, on(device, randn(*y.shape)))


def test_output_padding_may_be_all_that_the_padding_leaves(device):
    x, w = on(device, randn(1, 2, 1)), on(device, randn(2, 3, 1))
    y = F.conv_transpose1d(x, w, stride=7, padding=2, output_padding=4)
    assert y.tolist() == [[[0.0]] * 3]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_output_size_chooses_among_what_a_stride_allows(n):
    layer = getattr(nn, f"ConvTranspose{n}d")(2, 3, 2, stride=3)
    x = ONES(1, 2, *(4,) * n)
    sizes = [layer(x, output_size=(size,) * n).shape[-1] for size in (11, 12, 13)]
    assert sizes == [11, 12, 13]
    assert layer(x, output_size=(1, 3, *(12,) * n)).shape[-1] == 12


@pytest.mark.parametrize(
    "layer",
    [nn.ConvTranspose1d(2, 2, 3, stride=2, padding=1),
     nn.ConvTranspose2d(2, 4, 2, dilation=2, groups=2, output_padding=1),
     nn.Conv3d(2, 2, (2, 1, 2), padding=(1, 0, 0), padding_mode="circular")],
    ids=["1d", "2d", "3d"],
)  # fmt: skip
def test_convolution_differentiates_twice(device, layer):
    check_layer(layer, randn(1, 2, *(3, 2, 2)[: layer.dims]), device=device)


def test_conv3d_is_the_sum_over_its_windows(device):
    layer, x = nn.Conv3d(2, 3, 2, stride=(1, 2, 1)).double().to(device), randn(1, 2, 3, 4, 3)
    y, w = numbers(layer(on(device, x))), numbers(layer.weight)
    for o, d, h, v in itertools.product(range(3), *map(range, y.shape[2:])):
        window = x[0, :, d : d + 2, 2 * h : 2 * h + 2, v : v + 2]
        assert y[0, o, d, h, v] == pytest.approx((window * w[o]).sum() + numbers(layer.bias)[o])


def test_transposed_convolutions_start_within_their_bound():
    layer = nn.ConvTranspose2d(8, 20, 5)
    for p in layer.parameters():
        assert 0.9 * 20**-0.5 / 5 < abs(numbers(p)).max() <= 20**-0.5 / 5


IMAGE, WEIGHT = ONES(1, 2, 3, 3), ONES(2, 2, 2, 2)
WRONG = [
    (lambda: nn.ConvTranspose2d(2, 2, 2, padding_mode="reflect"), ValueError, 'Only "zeros" padding mode is supported'),
    (lambda: nn.ConvTranspose2d(2, 2, 2, padding="same"), ValueError, "padding must be numbers"),
    (lambda: F.conv_transpose2d(IMAGE, WEIGHT, output_padding=1), RuntimeError, "output padding must be smaller"),
    (lambda: F.conv_transpose2d(ONES(1, 3, 3, 3), WEIGHT), RuntimeError, "to have 2 channels, but got 3 channels"),
    (lambda: F.conv_transpose2d(IMAGE, WEIGHT, ONES(3)), RuntimeError, "expected bias to be 1-dimensional with 2"),
    (lambda: F.conv_transpose2d(IMAGE, WEIGHT, padding=3), RuntimeError, "Output size is too small"),
    (lambda: F.conv_transpose2d(ONES(1, 1, 2, 3, 3), WEIGHT), RuntimeError, r"Expected 3D \(unbatched\) or 4D"),
    (lambda: F.conv_transpose2d(IMAGE.double(), WEIGHT), RuntimeError, "should be the same"),
    (lambda: F.conv_transpose2d(IMAGE, WEIGHT, groups=3), RuntimeError, "divisible by groups=3"),
    (lambda: nn.ConvTranspose2d(2, 2, 2, 2)(IMAGE, output_size=(9, 7)), ValueError, r"range from \[6, 6\] to \[7, 7\]"),
    (lambda: nn.ConvTranspose2d(2, 2, 2, 2)(IMAGE, output_size=(9,)), ValueError, "must have 2 or 4 elements"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "options",
    [{}, {"stride": 2, "padding": 1, "output_padding": 1}, {"dilation": 2, "output_padding": 1, "bias": False},
     {"groups": 2, "stride": 3, "padding": 1, "output_padding": 2}],
    ids=str,
)  # fmt: skip
def test_transposed_convolution_equals_pytorchs(oracle, n, options):
    args, S = (4, 6, (2, 3, 2)[:n]), (4, 3, 2)[:n]
    same_layer(oracle, f"ConvTranspose{n}d", args, options, [randn(2, 4, *S)])
    same_layer(oracle, f"ConvTranspose{n}d", args, options, [randn(4, *S)])
    same_layer(oracle, f"ConvTranspose{n}d", args, options, [randn(0, 4, *S)])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(
    "options", [{}, {"padding": "same"}, {"stride": 2, "padding": 1, "groups": 2, "dilation": (1, 2, 1)}], ids=str
)
def test_conv3d_equals_pytorchs(oracle, options):
    same_layer(oracle, "Conv3d", (2, 4, (2, 1, 3)), options, [randn(2, 2, 3, 4, 5)])


def test_functional_transposed_convolution_equals_pytorchs(oracle):
    same_function(oracle, "conv_transpose2d", (randn(2, 3, 4, 4), randn(3, 2, 3, 3), randn(2)), {"stride": (2, 1)})
