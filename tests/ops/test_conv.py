"""Convolution and pooling against naive loops; im2col and col2im as transposes of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.autograd import grad
from minitorch.nn import functional as F
from minitorch.ops import window as w
from minitorch.testing import check_gradients, check_linear, numbers, strategies
from minitorch.testing.close import on_host

from .. import reference


def on(device, array, grad=False):
    return minitorch.tensor(array, device=device, requires_grad=grad)


def convolve(x, weight, how, bias=None):
    """Our convolution, and that of the loops, of arrays on the CPU."""
    options = {"stride": how["stride"], "padding": how["padding"], "dilation": how["dilation"], "groups": how["groups"]}
    y = F.conv2d(on("cpu", x), on("cpu", weight), None if bias is None else on("cpu", bias), **options)
    return on_host(y), reference.conv2d(x, weight, bias, **options)


# ---- convolution -----------------------------------------------------------------------------------------------------

PLAIN = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
CASES = {  # input, weight, and how
    "plain": ((2, 3, 5, 4), (2, 3, 3, 2), {}),
    "stride that does not divide": ((1, 2, 6, 7), (2, 2, 3, 3), {"stride": (2, 3)}),
    "padding": ((1, 2, 3, 4), (3, 2, 3, 3), {"padding": (1, 2)}),
    "more padding than image": ((1, 1, 1, 2), (1, 1, 3, 3), {"padding": (2, 2)}),
    "dilation": ((1, 2, 6, 6), (1, 2, 2, 3), {"dilation": (3, 2)}),
    "groups": ((2, 4, 4, 4), (6, 2, 2, 2), {"groups": 2}),
    "depthwise": ((1, 3, 4, 4), (6, 1, 3, 3), {"groups": 3, "padding": (1, 1)}),
    "groups and dilation": ((1, 4, 6, 5), (2, 2, 2, 2), {"groups": 2, "dilation": (2, 2), "stride": (2, 1)}),
    "kernel 1": ((2, 3, 4, 3), (2, 3, 1, 1), {}),
    "kernel 1, stride 2": ((2, 3, 4, 3), (2, 3, 1, 1), {"stride": (2, 2)}),
    "kernel as large as the image": ((2, 2, 3, 4), (3, 2, 3, 4), {}),
    "empty batch": ((0, 2, 4, 4), (3, 2, 3, 3), {"padding": (1, 1)}),
}


@pytest.mark.parametrize("case", CASES)
def test_conv2d_is_seven_nested_loops(device, case):
    shape, kernel, how = CASES[case]
    x, weight, bias = numbers(shape), numbers(kernel, seed=1), numbers(kernel[0], seed=2)
    y = F.conv2d(on(device, x), on(device, weight), on(device, bias), **how)
    np.testing.assert_allclose(on_host(y), reference.conv2d(x, weight, bias, **how), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", [name for name in CASES if name != "empty batch"])
def test_conv2d_gradients_agree_with_differences(case):
    shape, kernel, how = CASES[case]
    arrays = numbers(shape), numbers(kernel, seed=1), numbers(kernel[0], seed=2)
    check_gradients(lambda x, weight, bias: F.conv2d(x, weight, bias, **how), *arrays, fast=True)


def test_conv2d_of_an_empty_batch_has_zero_gradients(device):
    x, weight = on(device, numbers((0, 2, 4, 4)), True), on(device, numbers((3, 2, 3, 3)), True)
    y = F.conv2d(x, weight)
    assert y.shape == (0, 3, 2, 2)
    first, second = grad(y.sum(), [x, weight])
    assert first.shape == x.shape
    assert not second.any()


@given(strategies.convolutions(2, max_size=5), st.integers(0, 99))
def test_conv2d_is_seven_nested_loops_in_any_geometry(geometry, seed):
    x, weight = numbers(geometry.input_shape, seed=seed), numbers(geometry.weight_shape, seed=seed + 1)
    y, expected = convolve(x, weight, geometry._asdict())
    assert y.shape == (geometry.N, geometry.O, *geometry.output_size)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)


@given(strategies.convolutions(2, max_size=5), st.integers(0, 99))
def test_conv2d_gradients_are_exact_transposes(geometry, seed):
    how = {name: geometry._asdict()[name] for name in ("stride", "padding", "dilation", "groups")}
    x, weight = (on("cpu", numbers(s, seed=seed), True) for s in (geometry.input_shape, geometry.weight_shape))
    v = on("cpu", numbers((geometry.N, geometry.O, *geometry.output_size), seed=seed + 1))
    check_linear(
        lambda a: F.conv2d(a, weight, **how), lambda v: grad(F.conv2d(x, weight, **how), [x], [v])[0], x.detach(), v
    )
    check_linear(
        lambda a: F.conv2d(x, a, **how),
        lambda v: grad(F.conv2d(x, weight, **how), [weight], [v])[0],
        weight.detach(),
        v,
    )


@given(strategies.convolutions(1))
def test_conv1d_is_conv2d_of_images_one_pixel_high(geometry):
    x, weight = numbers(geometry.input_shape), numbers(geometry.weight_shape, seed=1)
    how = {"stride": geometry.stride, "padding": geometry.padding, "dilation": geometry.dilation}
    y = F.conv1d(on("cpu", x), on("cpu", weight), groups=geometry.groups, **how)
    (stride,), (padding,), (dilation,) = how.values()
    expected = reference.conv2d(
        x[:, :, None], weight[:, :, None], None, (1, stride), (0, padding), (1, dilation), geometry.groups
    )
    np.testing.assert_allclose(on_host(y), expected[:, :, 0], rtol=1e-12, atol=1e-13)


@given(strategies.convolutions(3, max_size=4, max_groups=1))
def test_conv3d_is_the_kernel_on_every_window(geometry):
    x, weight = numbers(geometry.input_shape), numbers(geometry.weight_shape, seed=1)
    how = {"stride": geometry.stride, "padding": geometry.padding, "dilation": geometry.dilation}
    y = F.conv3d(on("cpu", x), on("cpu", weight), **how)
    expected = np.einsum("ncijkxyz,ocijk->noxyz", reference.im2col(x, geometry.kernel, **how), weight)
    np.testing.assert_allclose(on_host(y), expected, rtol=1e-12, atol=1e-13)


def test_conv2d_of_one_image_without_a_batch(device):
    x, weight = numbers((2, 4, 4)), numbers((3, 2, 2, 2), seed=1)
    y = F.conv2d(on(device, x), on(device, weight))
    np.testing.assert_allclose(on_host(y), reference.conv2d(x[None], weight)[0], rtol=1e-12)


@pytest.mark.parametrize("kernel", [(3, 3), (2, 4)])
def test_same_padding_keeps_the_size(device, kernel):
    x, weight = numbers((1, 2, 5, 6)), numbers((1, 2, *kernel), seed=1)
    y = F.conv2d(on(device, x), on(device, weight), padding="same")
    ends = [((k - 1) // 2, (k - 1) - (k - 1) // 2) for k in kernel]  # an even kernel: one more at the end
    padded = np.pad(x, ((0, 0), (0, 0), *ends))
    np.testing.assert_allclose(on_host(y), reference.conv2d(padded, weight), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("shape", "kernel", "how", "word"),
    [
        ((1, 1, 2, 2), (1, 1, 2, 2), {"dilation": 2}, "kernel|size"),  # the dilated kernel is larger than the image
        ((1, 1, 2, 2), (1, 1, 3, 3), {}, "kernel|size"),
        ((1, 3, 4, 4), (2, 2, 3, 3), {}, "channels"),
        ((1, 3, 4, 4), (2, 3, 3, 3), {"groups": 2}, "groups"),
        ((4, 4), (1, 1, 3, 3), {}, "conv2d"),
        ((1, 1, 4, 4), (1, 1, 3), {}, "conv2d"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"stride": 0}, "stride"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"padding": -1}, "padding"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"stride": (1, 1, 1)}, "stride"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"padding": "full"}, "padding"),
    ],
)
def test_conv2d_refuses_what_does_not_fit(shape, kernel, how, word):
    with pytest.raises((RuntimeError, ValueError), match=word):
        F.conv2d(minitorch.zeros(*shape), minitorch.zeros(*kernel), **how)


def test_a_bias_of_another_type_is_refused():
    x, w, b = minitorch.zeros(1, 2, 4, 4), minitorch.zeros(2, 2, 1, 1), minitorch.zeros(2, dtype=minitorch.float64)
    for conv in (F.conv2d, F.conv_transpose2d):
        with pytest.raises(RuntimeError, match="bias type"):
            conv(x, w, b)


def test_a_kernel_without_output_channels_is_refused():
    with pytest.raises(RuntimeError, match="at least 1 at dimension 0"):
        F.conv2d(minitorch.zeros(1, 2, 4, 4), minitorch.zeros(0, 2, 3, 3))


@pytest.mark.parametrize("stride", [1, 2])
def test_no_channels_in_give_the_bias(stride):
    x, w = minitorch.zeros(2, 0, 4, 4, requires_grad=True), minitorch.zeros(3, 0, 3, 3, requires_grad=True)
    y = F.conv2d(x, w, minitorch.ones(3), stride=stride, padding=1)
    y.sum().backward()
    assert (y == 1.0).all()
    assert (x.grad.shape, w.grad.shape) == (x.shape, w.shape)


def test_avg_pool_of_float16_does_not_overflow_and_of_integers_is_refused():
    x = minitorch.full((1, 1, 4, 4), 60000.0, dtype=minitorch.float16)
    assert F.avg_pool2d(x, 2).tolist() == [[[[60000.0] * 2] * 2]]
    with pytest.raises(NotImplementedError, match="avg_pool2d"):
        F.avg_pool2d(x.long(), 2)


# ---- im2col and col2im -----------------------------------------------------------------------------------------------


@given(st.integers(1, 3).flatmap(lambda n: strategies.convolutions(n, max_size=5)), st.integers(0, 99))
def test_im2col_and_col2im_are_transposes(geometry, seed):
    how = (geometry.kernel, geometry.stride, geometry.padding, geometry.dilation)
    x = numbers(geometry.input_shape, seed=seed)
    col = numbers((*x.shape[:2], *geometry.kernel, *geometry.output_size), seed=seed + 1)
    check_linear(lambda x: w.im2col(x, *how), lambda col: w.col2im(col, geometry.size, *how), x, col)
    check_linear(lambda col: w.col2im(col, geometry.size, *how), lambda x: w.im2col(x, *how), col, x)


@given(strategies.convolutions(2), strategies.layouts())
def test_im2col_reads_any_layout_of_memory(geometry, layout):
    how = (geometry.kernel, geometry.stride, geometry.padding, geometry.dilation)
    x = numbers(geometry.input_shape)
    np.testing.assert_array_equal(w.im2col(layout(x), *how), reference.im2col(x, *how))


def test_rows_that_no_window_reaches_get_no_gradient(device):
    x = on(device, numbers((1, 1, 6, 6)), True)
    (g,) = grad(F.conv2d(x, on(device, np.ones((1, 1, 3, 3))), stride=2).sum(), [x])
    assert not on_host(g)[:, :, 5].any()
    assert on_host(g)[:, :, :5, :5].all()


# ---- max pooling -----------------------------------------------------------------------------------------------------

POOLS = [  # sizes, kernel, stride, padding, dilation, whether the last window may hang over
    ((4, 4), (2, 2), (2, 2), (0, 0), (1, 1), False),
    ((5, 6), (3, 2), (2, 3), (1, 1), (1, 1), False),
    ((5, 6), (3, 2), (2, 3), (1, 1), (1, 1), True),
    ((5, 5), (2, 2), (2, 2), (0, 0), (1, 1), True),
    ((6, 5), (2, 3), (1, 1), (1, 1), (2, 2), False),
    ((7, 7), (2, 2), (3, 3), (1, 1), (2, 1), True),
    ((3, 3), (1, 1), (2, 2), (0, 0), (1, 1), True),
    ((3, 5), (2, 2), (2, 2), (1, 1), (1, 1), True),  # a last window would begin just behind the image
]


@pytest.mark.parametrize(("S", "K", "stride", "padding", "dilation", "ceil"), POOLS)
def test_max_pool2d_is_the_largest_number_of_every_window(device, S, K, stride, padding, dilation, ceil):
    x = numbers((2, 2, *S))
    how = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil}
    y, where = F.max_pool2d(on(device, x), K, return_indices=True, **how)
    expected, places = reference.max_pool(x, K, stride, padding, dilation, ceil)
    np.testing.assert_array_equal(on_host(y), expected)
    np.testing.assert_array_equal(on_host(where), places)
    assert where.dtype == minitorch.int64


@pytest.mark.parametrize(("S", "K", "stride", "padding", "dilation", "ceil"), POOLS)
def test_max_pool2d_gradients_agree_with_differences(S, K, stride, padding, dilation, ceil):
    x = numbers((1, 2, *S))
    check_gradients(lambda x: F.max_pool2d(x, K, stride, padding, dilation, ceil), x, fast=True)


def test_padding_of_max_pooling_is_minus_infinity(device):
    y = F.max_pool2d(on(device, -np.ones((1, 1, 2, 2))), 2, padding=1)
    assert y.tolist() == [[[[-1, -1], [-1, -1]]]]
    whole = minitorch.full((1, 1, 2, 2), -7, device=device)
    assert F.max_pool2d(whole, 2, padding=1).tolist() == [[[[-7, -7], [-7, -7]]]]


def test_overlapping_windows_of_max_pooling_add_their_gradients(device):
    x = on(device, np.array([[[0.0, 5.0, 1.0, 2.0]]]), True)
    (g,) = grad(F.max_pool1d(x, 2, stride=1).sum(), [x])
    assert g.tolist() == [[[0, 2, 0, 1]]]


def test_max_pooling_gives_the_gradient_to_the_first_of_equal_numbers(device):
    x = on(device, np.ones((1, 1, 2, 2)), True)
    (g,) = grad(F.max_pool2d(x, 2).sum(), [x])
    assert g.tolist() == [[[[1, 0], [0, 0]]]]


def test_not_a_number_wins_in_max_pooling(device):
    y = F.max_pool1d(on(device, np.array([[[1.0, np.nan, 5.0, 2.0]]])), 2)
    assert np.isnan(on_host(y)[0, 0, 0])
    assert on_host(y)[0, 0, 1] == 5


def test_the_gradient_of_max_pooling_goes_to_not_a_number(device):
    x = on(device, np.array([[[1.0, np.nan, 5.0, 2.0]]]), True)
    (g,) = grad(F.max_pool1d(x, 2).sum(), [x])
    assert g.tolist() == [[[0, 1, 1, 0]]]


def test_max_pool1d_and_3d_are_the_largest_number_of_every_window(device):
    x = numbers((1, 2, 7))
    y = F.max_pool1d(on(device, x), 3, 2, 1)
    np.testing.assert_array_equal(on_host(y), reference.max_pool(x, (3,), (2,), (1,), (1,))[0])
    x = numbers((1, 2, 4, 3, 5))
    y = F.max_pool3d(on(device, x), (2, 3, 2), 2, 1)
    np.testing.assert_array_equal(on_host(y), reference.max_pool(x, (2, 3, 2), (2, 2, 2), (1, 1, 1), (1, 1, 1))[0])


# ---- average pooling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize(("S", "K", "stride", "padding", "dilation", "ceil"), [p for p in POOLS if p[4] == (1, 1)])
def test_avg_pool2d_is_the_mean_of_every_window(device, S, K, stride, padding, dilation, ceil, include):
    x = numbers((2, 2, *S))
    y = F.avg_pool2d(on(device, x), K, stride, padding, ceil, include)
    np.testing.assert_allclose(
        on_host(y), reference.avg_pool(x, K, stride, padding, ceil, include), rtol=1e-12, atol=1e-14
    )
    check_gradients(lambda x: F.avg_pool2d(x, K, stride, padding, ceil, include), x, device=device, fast=True)


def test_avg_pool_divides_by_what_it_is_told(device):
    y = F.avg_pool2d(minitorch.ones(1, 1, 2, 2, device=device), 2, divisor_override=3)
    assert y.item() == pytest.approx(4 / 3)


def test_avg_pool1d_and_3d_are_the_mean_of_every_window(device):
    x = numbers((1, 2, 7))
    np.testing.assert_allclose(
        on_host(F.avg_pool1d(on(device, x), 3, 2, 1)), reference.avg_pool(x, (3,), (2,), (1,)), rtol=1e-12
    )
    x = numbers((1, 2, 4, 3, 5))
    expected = reference.avg_pool(x, (2, 3, 2), (2, 2, 2), (1, 1, 1))
    np.testing.assert_allclose(on_host(F.avg_pool3d(on(device, x), (2, 3, 2), 2, 1)), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 7), (3, None)])
def test_adaptive_avg_pool2d_averages_windows_as_equal_as_can_be(device, size):
    x = numbers((2, 2, 5, 7))
    y = F.adaptive_avg_pool2d(on(device, x), size)
    O = tuple(n if o is None else o for o, n in zip(size, x.shape[2:], strict=True))
    expected = np.empty((2, 2, *O))
    for i in range(O[0]):
        for j in range(O[1]):
            rows = slice(i * 5 // O[0], -(-(i + 1) * 5 // O[0]))
            columns = slice(j * 7 // O[1], -(-(j + 1) * 7 // O[1]))
            expected[:, :, i, j] = x[:, :, rows, columns].mean(axis=(2, 3))
    np.testing.assert_allclose(on_host(y), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("pool", "args"),
    [
        (F.max_pool2d, (minitorch.zeros(1, 1, 2, 2), 3)),
        (F.max_pool2d, (minitorch.zeros(1, 1, 4, 4), 2, 2, 2)),
        (F.max_pool2d, (minitorch.zeros(4, 4), 2)),
        (F.max_pool2d, (minitorch.zeros(1, 1, 4, 4), 0)),
        (F.avg_pool2d, (minitorch.zeros(1, 1, 2, 2), 3)),
        (F.avg_pool2d, (minitorch.zeros(1, 1, 4, 4), 2, 0)),
    ],
)
def test_pooling_refuses_what_does_not_fit(pool, args):
    with pytest.raises(RuntimeError, match=r"pool|pad|size"):
        pool(*args)
