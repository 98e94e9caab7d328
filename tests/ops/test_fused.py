"""Fused primitives against what they are made of: values, gradients, and gradients of gradients."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

import minitorch
from minitorch.autograd import grad
from minitorch.autograd.gradcheck import gradient_of
from minitorch.engine import untuned
from minitorch.nn import functional as F
from minitorch.ops import linalg as la
from minitorch.ops import normalize as nz
from minitorch.ops import reduction as r
from minitorch.testing import check_gradients, numbers
from minitorch.testing.checks import as_tuple
from minitorch.testing.close import on_host


def assert_same(fused, composite, *arrays, device):
    """Compare two functions, their gradients, and the gradients of those, on the same random cotangents."""
    xs = tuple(minitorch.tensor(a, device=device, requires_grad=True) for a in arrays)
    left, right = (fused, xs), (composite, xs)
    for order in range(3):
        for a, b in zip(as_tuple(left[0](*left[1])), as_tuple(right[0](*right[1])), strict=True):
            np.testing.assert_allclose(on_host(a), on_host(b), rtol=1e-9, atol=1e-11, err_msg=f"order {order}")
        left, right = gradient_of(*left), gradient_of(*right)


def softmax(x, axis):
    e = minitorch.exp(x)
    return e / e.sum(axis, keepdim=True)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_softmax_is_the_share_of_the_exponentials(device, axis):
    assert_same(lambda x: nz.softmax(x, axis), lambda x: softmax(x, axis), numbers((2, 3, 2)), device=device)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_log_softmax_is_the_logarithm_of_the_softmax(device, axis):
    x = numbers((2, 3, 2))
    assert_same(lambda x: nz.log_softmax(x, axis), lambda x: minitorch.log(softmax(x, axis)), x, device=device)


@pytest.mark.parametrize("axis", [(0,), (0, 2), (0, 1, 2)])
def test_logsumexp_is_the_logarithm_of_the_sum_of_the_exponentials(device, axis):
    x = numbers((2, 3, 2))
    assert_same(lambda x: r.logsumexp(x, axis), lambda x: minitorch.exp(x).sum(axis).log(), x, device=device)


def standardize(x, axis, eps):
    mean = x.mean(axis, keepdim=True)
    var = ((x - mean) ** 2).mean(axis, keepdim=True)
    return (x - mean) / (var + eps).sqrt(), mean, var


@pytest.mark.parametrize("axis", [(1,), (0, 2)])
def test_standardize_is_the_deviation_over_the_standard_deviation(device, axis):
    x = numbers((3, 4, 2))
    assert_same(lambda x: nz.standardize(x, axis, 0.01), lambda x: standardize(x, axis, 0.01), x, device=device)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_standardize_has_right_gradients_where_some_outputs_are_not_used(device, k):
    x = numbers((3, 4))
    assert_same(lambda x: nz.standardize(x, (1,), 0.1)[k], lambda x: standardize(x, (1,), 0.1)[k], x, device=device)


@pytest.mark.parametrize("lead", [(), (4,), (2, 3)])
def test_linear_is_a_matrix_product_and_a_sum(device, lead):
    arrays = numbers((*lead, 3)), numbers((2, 3), seed=1), numbers(2, seed=2)
    assert_same(la.linear, lambda x, w, b: x @ w.T + b, *arrays, device=device)


def test_layer_norm_is_standardize_scaled_and_shifted(device):
    def composite(x, weight, bias):
        return standardize(x, (1, 2), 1e-2)[0] * weight + bias

    arrays = numbers((2, 3, 2)), numbers((3, 2), seed=1), numbers((3, 2), seed=2)
    assert_same(lambda x, w, b: F.layer_norm(x, (3, 2), w, b, 1e-2), composite, *arrays, device=device)


def test_cross_entropy_is_minus_the_log_softmax_at_the_class(device):
    classes = minitorch.tensor([2, 0], device=device)
    x = numbers((2, 3))
    picked = minitorch.tensor([[0.0, 0, 1], [1, 0, 0]], dtype=minitorch.float64, device=device)
    assert_same(
        lambda x: F.cross_entropy(x, classes),
        lambda x: -(minitorch.log(softmax(x, 1)) * picked).sum() / 2,
        x,
        device=device,
    )


def test_attention_is_a_softmax_between_two_products(device):
    arrays = numbers((2, 3, 2)), numbers((2, 4, 2), seed=1), numbers((2, 4, 3), seed=2)

    def composite(q, k, v):
        return softmax(q @ k.transpose(-1, -2) / 2**0.5, 2) @ v

    assert_same(F.scaled_dot_product_attention, composite, *arrays, device=device)


def test_pow_is_exp_of_the_product_with_the_logarithm(device):
    a, b = numbers((2, 3), 0.3, 2), numbers(3, seed=1)
    assert_same(minitorch.pow, lambda a, b: minitorch.exp(b * minitorch.log(a)), a, b, device=device)


def test_variance_is_the_mean_of_the_squares_minus_the_square_of_the_mean(device):
    def composite(x):
        return (x * x).mean(1) - x.mean(1) ** 2

    assert_same(lambda x: x.var(1, correction=0), composite, numbers((3, 4)), device=device)


@pytest.mark.parametrize("axis", [0, 1])
def test_prod_is_exp_of_the_sum_of_the_logarithms(device, axis):
    x = numbers((3, 4), 0.5, 2)
    assert_same(lambda x: r.prod(x, axis), lambda x: minitorch.exp(minitorch.log(x).sum(axis)), x, device=device)


def test_third_derivative_of_softmax_agrees_with_differences():
    check_gradients(lambda x: nz.softmax(x, 0), numbers(3), order=3, fast=True)


def test_gradient_of_softmax_under_a_uniform_cotangent_is_zero(device):
    # Why cotangents are random everywhere: with a uniform one, a softmax whose gradient is zero would pass.
    x = minitorch.tensor(numbers((2, 3)), device=device, requires_grad=True)
    (g,) = grad(nz.softmax(x, 1).sum(), [x])
    np.testing.assert_allclose(on_host(g), 0, atol=1e-16)


@pytest.mark.parametrize("kind", [minitorch.float32, minitorch.float64])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: nz.softmax(x, 2),
        lambda x: nz.log_softmax(x, 2),
        lambda x: nz.standardize(x, (2,), 0.1)[0],
        lambda x: nz.standardize(x, (0, 2), 0.1)[0],
        lambda x: nz.scale_and_shift(x, x[:1, :1].reshape(-1), None),
    ],
)
def test_tuned_sums_are_as_exact_as_the_plain_ones(function, kind):
    array = np.random.default_rng(0).standard_normal((600, 2, 300)) + 5.0
    g = np.random.default_rng(1).standard_normal(array.shape)
    found = []
    for how, dtype in ((nullcontext, kind), (untuned, kind), (untuned, minitorch.float64)):
        x = minitorch.tensor(array, dtype=dtype, requires_grad=True)
        with how():
            y = function(x)
            y.backward(minitorch.tensor(g, dtype=dtype))
        found.append((y.detach().numpy(), x.grad.numpy()))
    for tuned, plain, exact in zip(*found, strict=True):
        limit = 1e-12 if kind is minitorch.float64 else 2 * np.abs(plain - exact).max() + 1e-7
        assert np.abs(tuned - exact).max() <= limit


@pytest.mark.parametrize("kind", [minitorch.float32, minitorch.float64])
def test_relu_of_many_numbers_is_that_of_few(kind):
    array = np.random.default_rng(0).standard_normal(70_003)
    array[:4] = 0.0, np.nan, np.inf, -np.inf
    found = []
    for how in (nullcontext, untuned):
        x = minitorch.tensor(array, dtype=kind, requires_grad=True)
        with how():
            y = minitorch.relu(x)
            y.backward(minitorch.linspace(1, 2, 70_003, dtype=kind))
        found.append((y.detach().numpy(), x.grad.numpy()))
    for tuned, plain in zip(*found, strict=True):
        np.testing.assert_array_equal(tuned, plain)
        assert tuned.dtype == plain.dtype


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("shape", [(4096,), (70, 101), (3, 5, 1001)])
def test_sum_of_many_numbers_is_as_exact_as_the_plain_one(shape, keepdims):
    array = np.random.default_rng(0).standard_normal(shape).astype(np.float32) + 3
    axis = tuple(range(array.ndim))
    tuned = r.sum(minitorch.tensor(array), axis, keepdims).numpy()
    exact = array.astype(np.float64).sum(keepdims=keepdims)
    assert tuned.shape == exact.shape
    assert tuned.dtype == np.float32
    np.testing.assert_allclose(tuned, exact, rtol=3e-7)
    array[(0,) * array.ndim] = np.nan
    assert np.isnan(r.sum(minitorch.tensor(array), axis, keepdims).numpy()).all()
