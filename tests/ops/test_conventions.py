"""What happens where mathematics leaves a choice: ties, kinks, zeros, infinities.  Each choice is a named test.

The tests that are `about` a primitive are run against the mutants of its rules, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Scalar
from minitorch.autograd import grad
from minitorch.functions import composed as fk
from minitorch.functions import indexing as fi
from minitorch.functions import pointwise as fp
from minitorch.nn import functional as F
from minitorch.ops import decompositions as d
from minitorch.ops import elementwise as e
from minitorch.ops import normalize as nz
from minitorch.ops import reduction as r
from minitorch.ops.declare import put_back

CONVENTIONS: dict[Any, list[Callable[..., None]]] = defaultdict(list)
INF, NAN = math.inf, math.nan


def about(*primitives):
    def enter(test):
        for primitive in primitives:
            CONVENTIONS[primitive].append(test)
        return test

    return enter


def leaf(device, *numbers, dtype=np.float64):
    return minitorch.tensor(np.array(numbers, dtype), device=device, requires_grad=True)


def slope(y, x):
    """The gradient of the sum of y."""
    return grad(y.sum(), [x])[0].tolist()


# ---- ties ------------------------------------------------------------------------------------------------------------


@about(r.amax)
def test_max_shares_the_gradient_evenly_among_ties(device):
    x = leaf(device, 1, 3, 3)
    assert slope(x.max(), x) == slope(x.amax(), x) == [0, 0.5, 0.5]
    x = leaf(device, [2, 2, 2], [1, 2, 2])
    assert slope(x.amax(1), x) == [[1 / 3] * 3, [0, 0.5, 0.5]]


@about(r.amin)
def test_min_shares_the_gradient_evenly_among_ties(device):
    x = leaf(device, 1, 1, 3)
    assert slope(x.min(), x) == slope(x.amin(0), x) == [0.5, 0.5, 0]


def test_max_along_a_dimension_gives_the_gradient_to_the_first_tie(device):
    x = leaf(device, 1, 3, 3)
    values, indices = x.max(0)
    assert indices.item() == 1
    assert slope(values, x) == [0, 1, 0]
    x = leaf(device, 1, 1, 3)
    values, indices = x.min(0)
    assert indices.item() == 0
    assert slope(values, x) == [1, 0, 0]


@about(e.maximum, e.minimum)
def test_maximum_and_minimum_halve_the_gradient_of_ties(device):
    for pair in (e.maximum, e.minimum):
        a, b = leaf(device, 1, 2), leaf(device, 1, 2)
        first, second = grad(pair(a, b).sum(), [a, b])
        assert first.tolist() == second.tolist() == [0.5, 0.5]
        assert slope(pair(a, a), a) == [1, 1]


# ---- kinks -----------------------------------------------------------------------------------------------------------


@about(e.abs, e.relu, e.sign)
def test_slope_of_abs_relu_and_sign_at_zero_is_zero(device):
    for function in (e.abs, e.relu, e.sign):
        x = leaf(device, -0.0, 0.0)
        assert slope(function(x), x) == [0, 0]
    z = leaf(device, 0j, dtype=np.complex128)
    assert slope(e.abs(z), z) == [0j]
    assert slope(e.sign(z).real, z) == [0j]


@about(fp._clamp_min, fp._clamp_max)
def test_clamp_passes_the_gradient_at_its_bounds(device):
    x = leaf(device, -2, -1, 0, 1, 2)
    assert slope(x.clamp(-1, 1), x) == [0, 1, 1, 1, 0]
    low, high = leaf(device, -1), leaf(device, 1)
    assert slope(minitorch.clamp(x, low), low) == [1]
    assert slope(minitorch.clamp(x, max=high), high) == [1]


def test_slope_of_a_step_is_zero_not_none(device):
    for step in (e.floor, e.ceil, e.trunc, e.round, e.sign):
        x = leaf(device, 0.3, -1.2)
        assert slope(step(x), x) == [0, 0]


def test_slope_of_the_norm_at_zero_is_zero(device):
    for p in (1, 2, 3, "fro"):
        x = leaf(device, 0, 0)
        assert slope(x.norm(p), x) == [0, 0]


def test_slope_of_the_standard_deviation_of_equal_numbers_is_zero(device):
    x = leaf(device, 2, 2, 2)
    assert slope(x.std(), x) == [0, 0, 0]


# ---- powers and products with zeros ----------------------------------------------------------------------------------


@about(e.pow, e.square)
def test_slope_of_a_power_at_zero(device):
    x = leaf(device, 0)
    assert slope(x**2, x) == slope(x**2.0, x) == [0]
    assert slope(x**1.0, x) == [1]
    assert slope(x**0.0, x) == slope(x**0, x) == [0]
    assert (x**0.0).tolist() == [1]
    assert (x**-1).tolist() == [INF]
    assert slope(x**-1, x) == [-INF]
    assert slope(x**0.5, x) == [INF]


@about(e.pow)
def test_second_derivative_of_a_power_at_zero_is_no_nan(device):
    x = leaf(device, 0)
    (g,) = grad((x**2.0).sum(), [x], create_graph=True)
    assert slope(g, x) == [2]
    (g,) = grad((x**3.0).sum(), [x], create_graph=True)
    assert slope(g, x) == [0]


@about(e.pow)
def test_slope_of_a_power_by_its_exponent_where_the_base_is_zero(device):
    b = leaf(device, 0, 0.5, 2)
    assert slope(e.pow(0.0, b), b) == [0, 0, 0]
    a = minitorch.tensor([0.0, 0.0, 0.0], dtype=minitorch.float64, device=device)
    (g,) = grad(e.pow(a, b).sum(), [b], create_graph=True)
    assert g.tolist() == [0, 0, 0]
    b = leaf(device, -1)
    assert slope(e.pow(0.0, b), b) == [-INF]


@about(put_back)
def test_numbers_written_into_an_imaginary_part_have_its_gradient(device):
    part = leaf(device, 0.5, -2)
    z = minitorch.zeros(2, dtype=minitorch.complex128, device=device)
    z.imag.copy_(part)
    w = minitorch.tensor([2 + 3j, 1 - 5j], device=device)
    assert slope((z * w).real, part) == [-3, 5]
    base = minitorch.tensor([1 + 2j, 3 - 1j], dtype=minitorch.complex128, device=device).requires_grad_()
    z = base * 1
    z[1:].imag.mul_(10)
    assert slope((z * w).real, base) == [2 - 3j, 1 + 50j]


@about(e.pow)
def test_powers_of_scalars_have_the_same_conventions():
    for exponent, expected in ((2.0, 0.0), (0.0, 0.0), (1.0, 1.0), (-1.0, -INF)):
        x = Scalar(0.0)
        (x**exponent).backward()
        assert x.grad.item() == expected
    b = Scalar(0.0)
    (0.0**b).backward()
    assert b.grad.item() == 0


@about(r.prod)
def test_slope_of_a_product_with_zeros(device):
    for numbers, expected in (((2, 0, 3), [0, 6, 0]), ((0, 0, 3), [0, 0, 0]), ((2, 5), [5, 2]), ((0,), [1])):
        x = leaf(device, *numbers)
        assert slope(x.prod(), x) == expected
        assert grad(x.prod(), [x], create_graph=True)[0].tolist() == expected


# ---- not-a-number and infinities -------------------------------------------------------------------------------------


@about(e.where)
def test_nan_in_the_branch_that_where_leaves_out_does_not_leak(device):
    x, y = leaf(device, 1, 2), leaf(device, NAN, 3)
    chosen = minitorch.where(minitorch.tensor([True, False], device=device), x, y)
    first, second = grad(chosen.sum(), [x, y])
    assert chosen.tolist() == [1, 3]
    assert first.tolist() == [1, 0]
    assert second.tolist() == [0, 1]


@about(r.logsumexp)
def test_logsumexp_of_nothing_but_minus_infinity(device):
    x = leaf(device, [-INF, -INF], [-INF, 0])
    y = x.logsumexp(1)
    assert y.tolist() == [-INF, 0]
    assert slope(y, x) == [[0, 0], [0, 1]]
    assert leaf(device, INF, 0).logsumexp(0).item() == INF


@about(nz.softmax, nz.log_softmax)
def test_softmax_of_a_masked_score_is_zero_and_so_is_its_slope(device):
    x = leaf(device, -INF, 0, 0)
    assert F.softmax(x, 0).tolist() == [0, 0.5, 0.5]
    v = minitorch.tensor([1.0, 2.0, 4.0], dtype=minitorch.float64, device=device)
    assert grad(F.softmax(x, 0), [x], [v])[0].tolist() == [0, -0.5, 0.5]
    np.testing.assert_allclose(slope(F.log_softmax(x, 0)[1:], x), [0, 0, 0], atol=1e-15)


@about(nz.softmax, nz.log_softmax, r.logsumexp)
def test_softmax_takes_the_largest_number_out_first(device):
    x = leaf(device, 0, 1000)
    assert F.softmax(x, 0).tolist() == [0, 1]
    assert F.log_softmax(x, 0).tolist() == [-1000, 0]
    assert x.logsumexp(0).item() == 1000


EXTREMES = [
    (lambda x: F.softmax(x, 0), [0, 0, 1], [0, 0, 0]),
    (lambda x: F.log_softmax(x, 0), [-2000, -1000, 0], [1, 1, -2]),
    (lambda x: x.logsumexp(0), 1000, [0, 0, 1]),
    (e.sigmoid, [0, 0.5, 1], [0, 0.25, 0]),
    (e.softplus, [0, math.log(2), 1000], [0, 0.5, 1]),
    (e.tanh, [-1, 0, 1], [0, 1, 0]),
    (lambda x: F.gelu(x), [0, 0, 1000], [0, 0.5, 1]),
    (lambda x: F.silu(x), [0, 0, 1000], [0, 0.5, 1]),
    (lambda x: F.elu(x), [-1, 0, 1000], [0, 1, 1]),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "values", "slopes"), EXTREMES)
def test_extremes_neither_overflow_nor_warn(device, dtype, function, values, slopes):
    x = leaf(device, -1000, 0, 1000, dtype=dtype)
    y = function(x)
    np.testing.assert_allclose(y.tolist(), values, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(slope(y, x), slopes, rtol=1e-6, atol=1e-12)
    (g,) = grad(function(x).sum(), [x], create_graph=True)
    assert np.isfinite(g.tolist()).all()


@pytest.mark.parametrize("target", [0, 2])
def test_cross_entropy_of_extreme_logits(device, target):
    x = leaf(device, [-1000, 0, 1000])
    loss = F.cross_entropy(x, minitorch.tensor([target], device=device))
    assert loss.item() == (2000 if target == 0 else 0)
    assert slope(loss, x) == [[-1, 0, 1] if target == 0 else [0, 0, 0]]


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_a_number_keeps_its_digits_in_float64(device):
    for x in (0.1, [0.1], [[0.1, 2]]):
        assert minitorch.tensor(x, dtype=minitorch.float64, device=device).tolist() == x
    assert minitorch.as_tensor(0.1, dtype=minitorch.float64).item() == 0.1


def test_a_choice_between_two_numbers_has_their_default_type(device):
    condition = minitorch.tensor([True, False], device=device)
    assert minitorch.where(condition, 1.0, 0.0).dtype == minitorch.float32
    assert minitorch.where(condition, 1, 0).dtype == minitorch.int64


def test_a_numpy_scalar_becomes_an_array_not_a_kind_of_payload():
    assert type(minitorch.Tensor.wrap(np.float64(1)).value) is np.ndarray
    assert np.float64 not in minitorch.Tensor.payloads


# ---- nothing ---------------------------------------------------------------------------------------------------------


def test_sum_of_nothing_is_zero_its_product_one_its_mean_nan(device):
    x = minitorch.zeros(0, device=device)
    assert x.sum().item() == 0
    assert x.prod().item() == 1
    assert math.isnan(x.mean().item())
    with pytest.raises(RuntimeError, match="max"):
        x.max()


def test_an_index_taken_twice_gets_both_gradients(device):
    x = leaf(device, 1, 2, 3)
    assert slope(x[[0, 0, 2]], x) == [2, 0, 1]
    assert slope(x[minitorch.tensor([0, -3, -1], device=device)], x) == [2, 0, 1]


@about(fi.index_put)
def test_what_is_written_must_fit(device):
    x = leaf(device, [1, 2, 3], [4, 5, 6]).detach()
    with pytest.raises(RuntimeError, match=r"shape \[2\] .* of shape \[2, 3\]"):
        x[[0, 1]] = minitorch.zeros(2, dtype=x.dtype, device=device)


def test_same_tensor_as_both_operands(device):
    x = leaf(device, 2, 3)
    assert slope(x * x, x) == [4, 6]
    assert slope(x / x, x) == [0, 0]
    assert slope(x - x, x) == [0, 0]
    m = leaf(device, [1, 2], [3, 4])
    assert slope(m @ m, m) == [[7, 11], [9, 13]]


def test_nan_passes_through_logsumexp_and_relu_on_the_way_back():
    x = minitorch.tensor([float("nan"), 1.0], requires_grad=True)
    (g,) = minitorch.autograd.grad(x.logsumexp(0), x)
    assert g.isnan().all()
    (g,) = minitorch.autograd.grad(x.relu().sum(), x)
    assert g.tolist() == [1.0, 1.0]


def test_atan2_has_zero_gradient_at_the_origin():
    a, b = (minitorch.zeros(1, requires_grad=True) for _ in range(2))
    minitorch.atan2(a, b).sum().backward()
    assert a.grad.item() == b.grad.item() == 0.0


# ---- composed functions and matrices ---------------------------------------------------------------------------------


@about(r.median)
def test_median_shares_the_gradient_evenly_among_ties(device):
    x = leaf(device, 1, 2, 2, 3, 2)
    assert slope(x.median(), x) == pytest.approx([0, 1 / 3, 1 / 3, 0, 1 / 3])
    assert math.isnan(leaf(device, 1, NAN, 2).median().item())


@about(fk.xlogy)
def test_xlogy_is_zero_where_its_first_argument_is(device):
    x, y = leaf(device, 0, 0, 0, 2), leaf(device, 0, 1, math.e, 1)
    z = minitorch.xlogy(x, y)
    assert z.tolist() == [0, 0, 0, 0]
    assert slope(z, x) == [0, 0, 1, 0]
    assert slope(minitorch.xlogy(x, y), y)[1:] == [0, 0, 2]
    x, y = leaf(device, 0, 1), leaf(device, 0.5, 0.5)
    assert slope(minitorch.xlogy(x, y), x) == pytest.approx([math.log(0.5)] * 2)


def symmetric(device):
    a = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.7], [0.5, -0.7, 2.0]])
    return a, leaf(device, *a)


@about(d.cholesky)
def test_the_gradient_of_cholesky_is_symmetric(device):
    a, x = symmetric(device)
    g = np.array(
        slope(d.cholesky(x)[1:] * minitorch.tensor([1.0, 2.0, 3.0], dtype=minitorch.float64, device=device), x)
    )
    np.testing.assert_allclose(g, g.T)
    h = 1e-6  # against a difference along a symmetric direction
    step = np.array([[0.3, -0.2, 0.1], [-0.2, 0.5, 0.4], [0.1, 0.4, -0.6]])
    value = [(np.linalg.cholesky(a + t * step)[1:] * [1.0, 2.0, 3.0]).sum() for t in (h, -h)]
    assert (g * step).sum() == pytest.approx((value[0] - value[1]) / (2 * h), rel=1e-6)


@about(d.eigh)
def test_the_gradient_of_eigenvectors_is_symmetric(device):  # as PyTorch's: that of (A + A^T) / 2
    a, x = symmetric(device)
    w, V = np.linalg.eigh(a)
    C = np.arange(9.0).reshape(3, 3)
    gap = w - w[:, None] + np.eye(3)
    half = V @ ((1 - np.eye(3)) / gap * (V.T @ (2 * C * V))) @ V.T
    expected = (half + half.T) / 2
    assert not np.allclose(half, expected)
    y = d.eigh(x)[1] ** 2 * minitorch.tensor(C, device=device)
    np.testing.assert_allclose(slope(y, x), expected, atol=1e-10)


@about(e.where)
def test_where_chooses_also_from_infinities_and_not_a_numbers(device):
    for n, dtype in product((4, 5000), (np.float16, np.float32, np.float64)):  # 5000: by the bits
        numbers = np.resize(np.array([1.5, -INF, NAN, -0.0, INF, -2.0, NAN, 3.0], dtype), n)
        condition = np.arange(n) % 3 == 0
        for a, b in ((numbers, 0.0), (numbers, 1.0), (0.0, numbers), (numbers, numbers[::-1]), (numbers[::-1], 0.0)):
            xs = [minitorch.tensor(x.copy(), device=device) if isinstance(x, np.ndarray) else x for x in (a, b)]
            y = e.where(minitorch.tensor(condition, device=device), *xs)
            np.testing.assert_array_equal(y.cpu().numpy(), np.where(condition, a, b).astype(dtype))


@about(e.relu, r.amax, r.median)
def test_what_is_not_chosen_has_gradient_zero_whatever_arrives(device):
    for n in (1, 2000):
        x = leaf(device, *[-4.0, 9.0, -1.0] * n)
        assert slope(x.relu().sqrt(), x) == pytest.approx([0, 1 / 6, 0] * n)
    x = leaf(device, -1, 0, -3)
    for function in (minitorch.amax, minitorch.Tensor.max):
        assert slope(function(x).sqrt(), x) == [0, INF, 0]
    x = leaf(device, -1, 0, 3)
    assert slope(x.median().sqrt(), x) == [0, INF, 0]
