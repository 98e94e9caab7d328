"""Pools in one, two and three dimensions: maxima, means, powers, adaptive windows, and the way back."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .. import reference
from .tools import check_layer, numbers, on, randn, run, same, same_function, same_layer

SHAPES = {1: (7,), 2: (7, 6), 3: (5, 6, 4)}


def each(value, n):
    return (value,) * n


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation", "ceil"), [(2, 2, 0, 1, False), (3, 2, 1, 1, True), (2, 1, 0, 2, False)]
)
def test_max_pool_takes_the_largest_of_each_window_and_says_where(device, n, kernel, stride, padding, dilation, ceil):
    x = randn(2, 3, *SHAPES[n]) - 5.0
    layer = getattr(nn, f"MaxPool{n}d")(kernel, stride, padding, dilation, return_indices=True, ceil_mode=ceil)
    y, where = layer(on(device, x))
    best, places = reference.max_pool(x, *(each(v, n) for v in (kernel, stride, padding, dilation)), ceil)
    np.testing.assert_array_equal(numbers(y), best)
    np.testing.assert_array_equal(numbers(where), places)


@pytest.mark.parametrize("dilation", [1, 2])
def test_padding_wins_not_even_against_minus_infinity(device, dilation):
    x = minitorch.full((1, 1, 4), -math.inf, device=device, dtype=minitorch.float64, requires_grad=True)
    y, where = F.max_pool1d(x, 3, 2, 1, dilation, return_indices=True)
    assert numbers(y).tolist() == [[[-math.inf] * y.shape[2]]]
    assert numbers(where).tolist() == [[[0, 1]]] if dilation == 1 else [[[1]]]
    for again in (False, True):  # the plain rule and the tuned one
        (step,) = minitorch.autograd.grad(y.sum(), x, retain_graph=True, create_graph=again)
        assert numbers(step).tolist() == [[[1.0, 1.0, 0.0, 0.0]]] if dilation == 1 else [[[0.0, 1.0, 0.0, 0.0]]]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_max_pool_of_an_empty_batch(device, n):
    x = minitorch.zeros(0, 2, *each(4, n), device=device, requires_grad=True)
    y, where = getattr(F, f"max_pool{n}d")(x, 2, return_indices=True)
    y.sum().backward()
    assert y.shape == where.shape == (0, 2, *each(2, n))
    assert x.grad.shape == x.shape


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("ceil", "counted"), [(False, True), (True, False)])
def test_avg_pool_takes_the_mean_of_each_window(device, n, ceil, counted):
    x = randn(2, 3, *SHAPES[n])
    layer = getattr(nn, f"AvgPool{n}d")(3, 2, 1, ceil, counted)
    expected = reference.avg_pool(x, each(3, n), each(2, n), each(1, n), ceil, counted)
    np.testing.assert_allclose(numbers(layer(on(device, x))), expected, rtol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_power_pool_takes_the_root_of_the_sum_of_powers(device, n):
    x = abs(randn(1, 2, *each(4, n)))
    y = numbers(getattr(nn, f"LPPool{n}d")(3, 2)(on(device, x)))
    total = reference.avg_pool(x**3, each(2, n), each(2, n), each(0, n)) * 2**n
    np.testing.assert_allclose(y, total ** (1 / 3), rtol=1e-10)


def test_power_pool_of_zeros_is_zero_with_a_gradient_of_zero(device):
    x = minitorch.zeros(1, 1, 4, device=device, requires_grad=True)
    y = nn.LPPool1d(2, 2)(x)
    y.sum().backward()
    assert numbers(y).tolist() == [[[0.0, 0.0]]]
    assert numbers(x.grad).tolist() == [[[0.0] * 4]]


def adaptive(x, sizes, reduce):
    """Loop over the windows [floor(iS/O), ceil((i+1)S/O))."""
    n = len(sizes)
    y = np.zeros((*x.shape[:-n], *sizes))
    for place in itertools.product(*map(range, sizes)):
        ends = [(i * S // O, math.ceil((i + 1) * S / O)) for i, S, O in zip(place, x.shape[-n:], sizes, strict=True)]
        window = x[(..., *(slice(a, b) for a, b in ends))]
        y[(..., *place)] = reduce(window.reshape(*window.shape[:-n], -1), axis=-1)
    return y


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_adaptive_pools_cover_the_input_evenly(device, n, size):
    x = randn(2, 3, *SHAPES[n])
    kinds = [(f"AdaptiveMaxPool{n}d", np.max), (f"AdaptiveAvgPool{n}d", np.mean)]
    for name, reduce in kinds:
        y = getattr(nn, name)(size)(on(device, x))
        np.testing.assert_allclose(numbers(y), adaptive(x, each(size, n), reduce), rtol=1e-10, err_msg=name)


def test_adaptive_pools_keep_a_size_of_none_and_need_no_batch(device):
    x = randn(3, 5, 7)
    for layer, reduce in ((nn.AdaptiveMaxPool2d((None, 2)), np.max), (nn.AdaptiveAvgPool2d((None, 2)), np.mean)):
        np.testing.assert_allclose(numbers(layer(on(device, x))), adaptive(x, (5, 2), reduce), rtol=1e-10)


def test_adaptive_max_pool_says_where(device):
    x = randn(2, 3, 5, 7)
    y, where = nn.AdaptiveMaxPool2d((2, 3), return_indices=True)(on(device, x))
    flat = np.take_along_axis(x.reshape(2, 3, -1), numbers(where).reshape(2, 3, -1), 2)
    np.testing.assert_array_equal(flat.reshape(2, 3, 2, 3), numbers(y))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling_puts_maxima_back_where_they_were(device, n):
    x = randn(2, 3, *each(4, n))
    y, where = getattr(F, f"max_pool{n}d")(on(device, x), 2, return_indices=True)
    back = numbers(getattr(nn, f"MaxUnpool{n}d")(2)(y, where))
    kept = np.zeros((2, 3, 4**n))
    np.put_along_axis(kept, numbers(where).reshape(2, 3, -1), numbers(y).reshape(2, 3, -1), 2)
    np.testing.assert_array_equal(back, kept.reshape(x.shape))
    assert ((back == x) | (back == 0)).all()


def test_unpooling_takes_the_size_that_the_input_had(device):
    x = on(device, randn(1, 1, 5, 5))
    y, where = F.max_pool2d(x, 2, return_indices=True)
    back = F.max_unpool2d(y, where, 2, output_size=x.shape)
    assert back.shape == (1, 1, 5, 5)
    assert set(numbers(back)[numbers(back) != 0]) == set(numbers(y).reshape(-1))


SMOOTH = [
    (nn.MaxPool1d(2), (1, 2, 5)), (nn.MaxPool3d(2, 1), (1, 1, 3, 2, 3)), (nn.AvgPool1d(2, padding=1), (1, 2, 4)),
    (nn.AvgPool3d(2, 1), (1, 1, 2, 3, 2)), (nn.AdaptiveMaxPool2d((2, 3)), (1, 2, 3, 5)),
    (nn.AdaptiveAvgPool3d(2), (1, 1, 3, 2, 3)), (nn.LPPool2d(3, 2, 1), (1, 1, 3, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shape"), SMOOTH, ids=[repr(layer).split("(")[0] for layer, _ in SMOOTH])
def test_pool_differentiates_twice(device, layer, shape):
    check_layer(layer, abs(randn(*shape)) + 0.1, device=device)


def test_unpool_differentiates_twice(device):
    where = on(device, [[[0, 3, 4]]])

    class Unpool(nn.Module):
        def forward(self, x):
            return F.max_unpool1d(x, where, 2)

    check_layer(Unpool(), randn(1, 1, 3), device=device)


ONES, PLACES = minitorch.ones(1, 1, 2, 2), minitorch.tensor([[[[0, 1], [2, 99]]]])
WRONG = [
    (lambda: F.max_unpool2d(ONES, PLACES, 2), RuntimeError, r"index: 99 \(output volumes are of size \(4, 4\)\)"),
    (lambda: F.max_unpool2d(ONES, PLACES, 2, output_size=(9, 9)), ValueError, "dim 0 must be between 2 and 6"),
    (lambda: F.max_unpool2d(ONES, PLACES, 2, output_size=(9,)), ValueError, "containing 2 or 4 elements"),
    (lambda: F.max_unpool2d(ONES, PLACES[0], 2), RuntimeError, "Expected shape of indices to be same"),
    (lambda: F.max_unpool2d(ONES, PLACES.int(), 2), RuntimeError, "should be type int64"),
    (lambda: F.adaptive_max_pool2d(ONES, (2,)), RuntimeError, "output_size must have 2 numbers"),
    (lambda: F.adaptive_avg_pool2d(ONES[0, 0], 2), RuntimeError, "Expected 3D or 4D"),
    (lambda: F.adaptive_max_pool1d(minitorch.ones(1, 2, 0), 2), RuntimeError, "non-zero size"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

LAYERS = [
    ("MaxPool1d", (3, 2, 1), {}, (2, 3, 7)), ("MaxPool1d", (2,), {"return_indices": True}, (3, 7)),
    ("MaxPool3d", ((1, 2, 3),), {"ceil_mode": True}, (2, 2, 3, 5, 5)), ("AvgPool1d", (3, 2, 1), {}, (2, 3, 7)),
    ("AvgPool1d", ((2,),), {"ceil_mode": True, "count_include_pad": False}, (2, 3, 7)),
    ("AvgPool3d", (2,), {"padding": 1, "count_include_pad": False}, (2, 2, 3, 4, 5)),
    ("AvgPool3d", (2,), {"divisor_override": 3}, (2, 3, 4, 5)),
    ("LPPool1d", (2, 3), {"stride": 2}, (2, 3, 7)), ("LPPool2d", (1.5, (2, 3)), {"ceil_mode": True}, (2, 3, 5, 7)),
    ("LPPool3d", (2, 2), {}, (1, 2, 4, 4, 4)),
    ("AdaptiveAvgPool1d", (3,), {}, (2, 3, 7)), ("AdaptiveAvgPool3d", ((1, None, 2),), {}, (2, 3, 4, 5, 3)),
    ("AdaptiveMaxPool1d", (3,), {"return_indices": True}, (2, 3, 7)),
    ("AdaptiveMaxPool2d", ((2, None),), {"return_indices": True}, (3, 5, 7)),
    ("AdaptiveMaxPool3d", (2,), {}, (2, 3, 4, 5, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_pool_equals_pytorchs(oracle, name, args, options, shape):
    same_layer(oracle, name, args, options, [abs(randn(*shape))])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpool_equals_pytorchs(oracle, n):
    x = randn(2, 3, *(6, 8, 4)[:n])

    def call(torch):
        def function(x):
            y, where = getattr(torch.nn.functional, f"max_pool{n}d")(x, 2, return_indices=True)
            unpool = getattr(torch.nn, f"MaxUnpool{n}d")(2)
            return unpool(y * 2, where), unpool(y, where, output_size=x.shape)

        return run(torch, function, [x], {})

    same(call(minitorch), call(oracle))
    assert repr(getattr(nn, f"MaxUnpool{n}d")(2, 3)) == repr(getattr(oracle.nn, f"MaxUnpool{n}d")(2, 3))


def test_functional_pools_equal_pytorchs(oracle):
    same_function(oracle, "lp_pool2d", (abs(randn(1, 2, 5, 5)), 2.5, 3), {"stride": 1})
    same_function(oracle, "adaptive_max_pool2d", (randn(2, 3, 7, 5), (3, 2)), {})
