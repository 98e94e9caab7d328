"""Windows as columns, shuffles of pixels, other resolutions, sampling at points: naive loops and PyTorch."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_gradients, check_linear

from .. import reference
from .tools import check_layer, numbers, on, randn, same_function, same_layer

GEOMETRY = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": 1, "stride": (1, 2)}


def test_unfold_takes_every_window_as_a_column(device):
    x = randn(2, 3, 5, 6)
    col = reference.im2col(x, (2, 3), (1, 2), (1, 1), (2, 1))
    np.testing.assert_array_equal(numbers(nn.Unfold(**GEOMETRY)(on(device, x))), col.reshape(2, 18, -1))
    np.testing.assert_array_equal(numbers(F.unfold(on(device, x[0]), **GEOMETRY)), col[0].reshape(18, -1))


def test_fold_is_the_transpose_of_unfold(device):
    fold, unfold = nn.Fold((5, 6), **GEOMETRY), nn.Unfold(**GEOMETRY)
    x = on(device, randn(2, 3, 5, 6))
    check_linear(unfold, fold, x, on(device, randn(*unfold(x).shape)))
    alone = unfold(x)[0]
    np.testing.assert_array_equal(numbers(fold(alone)), numbers(fold(unfold(x)))[0])


@pytest.mark.parametrize("r", [1, 2, 3])
def test_pixel_shuffle_spreads_channels_over_pixels(device, r):
    x = randn(2, 2 * r * r, 3, 4)
    y = numbers(nn.PixelShuffle(r)(on(device, x)))
    for c, h, w, i, j in itertools.product(range(2), range(3), range(4), range(r), range(r)):
        np.testing.assert_array_equal(y[:, c, h * r + i, w * r + j], x[:, c * r * r + r * i + j, h, w])
    np.testing.assert_array_equal(numbers(nn.PixelUnshuffle(r)(on(device, y))), x)


def test_channel_shuffle_deals_the_channels_out(device):
    x = np.arange(6.0).reshape(1, 6, 1)
    assert numbers(nn.ChannelShuffle(2)(on(device, x))).reshape(-1).tolist() == [0, 3, 1, 4, 2, 5]


# ---- other resolutions -----------------------------------------------------------------------------------------------


def look(x, place):
    """The value at a real place: a mean of the neighbours along each axis; the border goes on for ever."""
    total = 0.0
    first = [math.floor(p) for p in place]
    for corner in itertools.product((0, 1), repeat=len(place)):
        share = math.prod(1 - abs(p - f - c) for p, f, c in zip(place, first, corner, strict=True))
        at = tuple(min(max(f + c, 0), n - 1) for f, c, n in zip(first, corner, x.shape, strict=True))
        total += share * x[at]
    return total


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_linear_modes_take_means_of_neighbours(device, n, align):
    S, O = (4, 5, 2)[:n], (7, 3, 3)[:n]
    x, mode = randn(*S), ["linear", "bilinear", "trilinear"][n - 1]
    y = numbers(F.interpolate(on(device, x[None, None]), O, mode=mode, align_corners=align))[0, 0]
    for place in itertools.product(*map(range, O)):
        if align:
            at = [i * (s - 1) / (o - 1) for i, s, o in zip(place, S, O, strict=True)]
        else:
            at = [max((i + 0.5) * s / o - 0.5, 0) for i, s, o in zip(place, S, O, strict=True)]
        assert y[place] == pytest.approx(look(x, at))


@pytest.mark.parametrize("O", [(3, 7), (8, 10), (2, 5)])
def test_nearest_takes_one_neighbour(device, O):
    x = randn(1, 2, 4, 5)
    y = numbers(nn.Upsample(O)(on(device, x)))
    exact = numbers(F.interpolate(on(device, x), O, mode="nearest-exact"))
    for h, w in itertools.product(*map(range, O)):
        np.testing.assert_array_equal(y[:, :, h, w], x[:, :, h * 4 // O[0], w * 5 // O[1]])
        place = math.floor((h + 0.5) * 4 / O[0]), math.floor((w + 0.5) * 5 / O[1])
        np.testing.assert_array_equal(exact[:, :, h, w], x[:, :, place[0], place[1]])


def keys(d, a=-0.75):
    """Keys 1981, eq. 15: the weight at distance d."""
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def test_bicubic_weighs_sixteen_neighbours_with_keys_cubic(device):
    x, O = randn(4, 5), (7, 3)
    y = numbers(F.interpolate(on(device, x[None, None]), O, mode="bicubic"))[0, 0]
    for h, w in itertools.product(*map(range, O)):
        u, v = (h + 0.5) * 4 / O[0] - 0.5, (w + 0.5) * 5 / O[1] - 0.5
        total = sum(
            keys(u - i) * keys(v - j) * x[min(max(i, 0), 3), min(max(j, 0), 4)]
            for i in range(-3, 8) for j in range(-3, 9)
        )  # fmt: skip
        assert y[h, w] == pytest.approx(total)


def test_a_constant_stays_constant_in_every_mode(device):
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
        y = numbers(F.interpolate(minitorch.ones(1, 1, 4, 5, device=device), (7, 3), mode=mode))
        np.testing.assert_allclose(y, 1.0, rtol=1e-6)


SMOOTH = [
    (nn.Upsample(scale_factor=2), (1, 2, 3)), (nn.Upsample((2, 5)), (1, 1, 3, 3)),
    (nn.Upsample(scale_factor=1.5, mode="bilinear"), (1, 2, 3, 2)), (nn.UpsamplingBilinear2d(3), (1, 1, 2, 2)),
    (nn.Upsample(3, mode="trilinear"), (1, 1, 2, 2, 2)), (nn.Upsample(3, mode="bicubic"), (1, 1, 2, 4)),
    (nn.PixelShuffle(2), (1, 4, 2, 2)), (nn.Unfold(2, padding=1), (1, 2, 2, 3)), (nn.Fold((3, 3), 2), (1, 4, 4)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shape"), SMOOTH, ids=[repr(layer) for layer, _ in SMOOTH])
def test_layer_differentiates_twice(device, layer, shape):
    check_layer(layer, randn(*shape), device=device)


# ---- sampling at points ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("align", [False, True])
def test_grid_sample_looks_between_pixels(device, align):
    x, grid = randn(2, 3, 4, 5), np.random.default_rng(1).uniform(-1.4, 1.4, (2, 6, 1, 2))
    y = numbers(F.grid_sample(on(device, x), on(device, grid), align_corners=align))
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)))
    for n, c, i in itertools.product(range(2), range(3), range(6)):
        sizes = (4, 5)
        v, u = (
            (g + 1) * (s - 1) / 2 if align else ((g + 1) * s - 1) / 2
            for g, s in zip(grid[n, i, 0, ::-1], sizes, strict=True)
        )
        assert y[n, c, i, 0] == pytest.approx(look(padded[n, c], (v + 4, u + 4)))


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 3, 2, 4)])
def test_the_identity_map_gives_the_image_back(device, align, size):
    n = len(size) - 2
    x, theta = randn(*size), np.broadcast_to(np.eye(n, n + 1), (2, n, n + 1)).copy()
    grid = F.affine_grid(on(device, theta), size, align_corners=align)
    for mode in ("bilinear", "nearest"):
        y = F.grid_sample(on(device, x), grid, mode=mode, align_corners=align)
        np.testing.assert_allclose(numbers(y), x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_grid_sample_differentiates_twice(device, padding):
    grid = np.random.default_rng(1).uniform(-1.6, 1.6, (1, 2, 3, 2))
    check_gradients(lambda x, g: F.grid_sample(x, g, padding_mode=padding, align_corners=False),
                    randn(1, 2, 3, 4), grid, device=device, fast=True)  # fmt: skip


ONES = minitorch.ones
IMAGE = ONES(1, 1, 2, 2)
WRONG = [
    (lambda: F.unfold(ONES(1, 2, 3, 3), 5), RuntimeError, "its components must be at least one"),
    (lambda: F.unfold(ONES(2, 3, 4, 4, 4), 2), RuntimeError, "Expected 3D or 4D"),
    (lambda: F.fold(ONES(1, 13, 9), (4, 4), 2), RuntimeError, "divisible by the product of kernel_size"),
    (lambda: F.fold(ONES(1, 12, 8), (4, 4), 2), RuntimeError, r"sliding blocks 3 \* 3 = 9, but got input.size\(2\)=8"),
    (lambda: F.fold(ONES(12), (4, 4), 2), RuntimeError, "Expected 2D or 3D"),
    (lambda: F.pixel_shuffle(ONES(1, 3, 2, 2), 2), RuntimeError, "divisible by the square of upscale_factor"),
    (lambda: F.pixel_unshuffle(ONES(1, 3, 3, 2), 2), RuntimeError, "expects height to be divisible"),
    (lambda: F.pixel_shuffle(ONES(2, 2), 2), RuntimeError, "at least 3 dimensions"),
    (lambda: F.channel_shuffle(ONES(1, 3, 2), 2), RuntimeError, "Got 3 channels and 2 groups"),
    (lambda: F.interpolate(IMAGE), ValueError, "either size or scale_factor should be defined"),
    (lambda: F.interpolate(IMAGE, 3, 2), ValueError, "only one of size or scale_factor"),
    (lambda: F.interpolate(IMAGE, (3, 3, 3)), ValueError, "same number of spatial dimensions"),
    (lambda: F.interpolate(IMAGE, 3, mode="linear"), NotImplementedError, "linear mode needs 3D input"),
    (lambda: F.interpolate(IMAGE, 3, mode="odd"), NotImplementedError, r"\(got odd\)"),
    (lambda: F.interpolate(IMAGE, 3, align_corners=True), ValueError, "align_corners option can only be set"),
    (lambda: F.interpolate(IMAGE, 0), RuntimeError, "should be greater than 0"),
    (lambda: F.interpolate(IMAGE, 3, mode="bilinear", antialias=True), NotImplementedError, "antialias"),
    (lambda: F.grid_sample(IMAGE, ONES(1, 2, 2, 3)), RuntimeError, r"expected grid of shape \(N, \*, 2\)"),
    (lambda: F.grid_sample(IMAGE, ONES(1, 2, 2, 2), mode="cubic"), ValueError, "expected mode to be"),
    (lambda: F.grid_sample(IMAGE, ONES(1, 2, 2, 2), padding_mode="wrap"), ValueError, "expected padding_mode to be"),
    (lambda: F.affine_grid(ONES(1, 2, 2), (1, 1, 2, 2)), ValueError, "Expected a batch of 2D affine matrices"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

HOW = [{"size": 3}, {"size": 14}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6},
       {"scale_factor": 1.7, "recompute_scale_factor": True}]  # fmt: skip


@pytest.mark.parametrize("how", HOW, ids=str)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_interpolation_equals_pytorchs(oracle, n, how):
    x = randn(1, 2, *(7, 6, 5)[:n])
    smooth = ["linear", "bilinear", "trilinear"][n - 1 : n] + (["bicubic"] if n == 2 else [])
    for mode in ["nearest", "nearest-exact", "area", *smooth]:
        same_function(oracle, "interpolate", (x,), {"mode": mode, **how})
        if mode in smooth:
            same_function(oracle, "interpolate", (x,), {"mode": mode, "align_corners": True, **how})


LAYERS = [
    ("Upsample", (3,), {}, (1, 2, 4, 4)), ("Upsample", (), {"scale_factor": (2, 3)}, (1, 2, 3, 3)),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear", "align_corners": True}, (1, 2, 3, 4)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (1, 2, 3, 3)),
    ("UpsamplingBilinear2d", ((2, 5),), {}, (1, 2, 3, 3)),
    ("PixelShuffle", (2,), {}, (2, 8, 3, 4)), ("PixelUnshuffle", (2,), {}, (3, 6, 4)),
    ("ChannelShuffle", (3,), {}, (2, 6, 3)),
    ("Unfold", ((2, 3),), {"dilation": 2, "padding": 1, "stride": 2}, (2, 3, 6, 7)),
    ("Fold", ((5, 6), 2), {}, (2, 12, 20)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_layer_equals_pytorchs(oracle, name, args, options, shape):
    same_layer(oracle, name, args, options, [randn(*shape)])


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("n", [2, 3])
def test_sampling_at_points_equals_pytorchs(oracle, n, align):
    S = (5, 6, 4)[:n]
    same_function(oracle, "affine_grid", (randn(2, n, n + 1), (2, 3, *S)), {"align_corners": align})
    grid = randn(2, 4, *(3, 2)[: n - 1], n) * 1.5
    for padding in ("zeros", "border", "reflection"):
        options = {"padding_mode": padding, "align_corners": align}
        same_function(oracle, "grid_sample", (randn(2, 3, *S), grid), options)
