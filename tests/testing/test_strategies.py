"""What the strategies promise: shapes that broadcast, numbers without ties, keys that fit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.autograd import grad
from minitorch.testing import LAYOUTS, check_linear, numbers, strategies

SHAPES = strategies.shapes(max_dims=3)
FILLED = strategies.shapes(min_dims=1, max_dims=3)


@given(strategies.broadcastable_shapes(3))
def test_broadcastable_shapes_broadcast(shapes):
    np.broadcast_shapes(*shapes)


@given(strategies.arrays(SHAPES, avoid=(-1.0, 0.0, 1.0)))
def test_arrays_have_no_ties_and_no_numbers_near_a_kink(x):
    flat = np.sort(x.reshape(-1))
    assert x.dtype == np.float64
    assert (np.diff(flat) > 1e-3).all()
    assert all(abs(flat - kink).min() > 0.05 for kink in (-1, 0, 1))
    assert ((-2 <= flat) & (flat < 2)).all()


def test_numbers_are_the_same_for_the_same_seed_only():
    np.testing.assert_array_equal(numbers((2, 3)), numbers((2, 3)))
    assert (numbers((2, 3)) != numbers((2, 3), seed=1)).any()
    assert numbers().shape == ()
    assert numbers((0, 3)).shape == (0, 3)


@given(st.data(), SHAPES, strategies.keepdims())
def test_axes_are_what_reductions_take(data, shape, keep):
    axes = data.draw(strategies.axes(len(shape)))
    x = numbers(shape)
    dim = None if axes == () else axes
    expected = x.sum(axis=dim, keepdims=keep)
    np.testing.assert_allclose(minitorch.tensor(x).sum(axes, keepdim=keep).numpy(), expected, rtol=1e-12, atol=1e-14)


@given(st.data(), FILLED)
def test_basic_index_takes_what_numpys_takes(data, shape):
    key = data.draw(strategies.basic_indices(shape))
    x = numbers(shape)
    y = minitorch.tensor(x)[key]
    np.testing.assert_array_equal(y.numpy(), x[key])
    assert y._base is not None or not y.numel()


@given(st.data(), FILLED)
def test_gradient_of_an_advanced_index_is_its_transpose(data, shape):
    key = data.draw(strategies.advanced_indices(shape))
    x = minitorch.tensor(numbers(shape), requires_grad=True)
    y = x[key]
    if not any(isinstance(part, int) for part in key):  # beside an array, NumPy takes an integer for an array, too
        np.testing.assert_array_equal(y.detach().numpy(), numbers(shape)[key])
    v = minitorch.tensor(numbers(y.shape, seed=1))
    if x.numel() and y.requires_grad:
        check_linear(lambda a: a[key], lambda v: grad(x[key], [x], [v])[0], x.detach(), v)


@given(st.integers(1, 3).flatmap(strategies.convolutions))
def test_kernel_of_a_convolution_fits(geometry):
    assert min(geometry.output_size) >= 1
    assert geometry.C % geometry.groups == geometry.O % geometry.groups == 0
    assert geometry.weight_shape[1] * geometry.groups == geometry.input_shape[1]


@given(strategies.arrays(SHAPES), strategies.layouts())
def test_a_layout_keeps_the_numbers(x, layout):
    np.testing.assert_array_equal(layout(x), x)
    assert not np.may_share_memory(layout(x), x) or x.size == 0


def test_layouts_are_what_they_are_called():
    x = numbers((3, 4))
    assert LAYOUTS["fortran"](x).flags.f_contiguous
    assert LAYOUTS["strided"](x).strides == (64, 16)
    assert LAYOUTS["reversed"](x).strides == (-32, -8)
    assert not LAYOUTS["read-only"](x).flags.writeable


def test_strategies_say_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "hypothesis"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match="pip install hypothesis"):
        strategies.shapes()


def test_the_kit_does_not_import_hypothesis_before_it_needs_it():
    program = "import sys, minitorch.testing; assert not {'hypothesis', 'pytest'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
