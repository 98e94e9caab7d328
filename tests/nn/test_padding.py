"""Borders around signals, images and volumes: against NumPy's, and against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .tools import check_layer, numbers, on, randn, same_function, same_layer

NUMPY = {"Zero": ("constant", {}), "Constant": ("constant", {"constant_values": 2.5}), "Reflection": ("reflect", {}),
         "Replication": ("edge", {}), "Circular": ("wrap", {})}  # fmt: skip
WIDTHS = (1, 2, 0, 1, 2, 1)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", NUMPY)
def test_border_is_that_of_numpy(device, name, n):
    mode, options = NUMPY[name]
    layer = getattr(nn, f"{name}Pad{n}d")(WIDTHS[: 2 * n], *options.values())
    x = randn(2, 3, *(4, 5, 3)[:n])
    pairs = [(0, 0), (0, 0), *[WIDTHS[2 * i : 2 * i + 2] for i in reversed(range(n))]]
    np.testing.assert_array_equal(numbers(layer(on(device, x))), np.pad(x, pairs, mode, **options))
    np.testing.assert_array_equal(numbers(layer(on(device, x[0]))), np.pad(x[0], pairs[1:], mode, **options))


@pytest.mark.parametrize("name", NUMPY)
def test_one_number_pads_all_sides(name):
    layer = getattr(nn, f"{name}Pad2d")(1, *([0.0] if name == "Constant" else []))
    assert layer(minitorch.ones(1, 3, 4)).shape == (1, 5, 6)


@pytest.mark.parametrize("name", NUMPY)
def test_border_differentiates_twice(device, name):
    check_layer(getattr(nn, f"{name}Pad2d")((1, 2, 0, 1), *NUMPY[name][1].values()), randn(1, 3, 3), device=device)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_negative_widths_cut_off(device, mode):
    y = numbers(F.pad(on(device, np.arange(12.0).reshape(1, 3, 4)), (-1, 0, 0, -1), mode=mode))
    assert y.tolist() == [[[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]]]


ONES = minitorch.ones
WRONG = [
    (lambda: nn.ReflectionPad1d(3)(ONES(1, 3)), RuntimeError, "Padding size should be less than"),
    (lambda: nn.CircularPad1d(3)(ONES(1, 2)), RuntimeError, "wrapping around more than once"),
    (lambda: nn.CircularPad1d(1)(ONES(2)), ValueError, r"expected 2D or 3D input \(got 1D input\)"),
    (lambda: nn.ReflectionPad2d(1)(ONES(3, 3)), NotImplementedError, "Padding size 4 is not supported for 2D input"),
    (lambda: F.pad(ONES(2, 2), (1, 1, 1)), RuntimeError, "expected two numbers for each"),
    (lambda: F.pad(ONES(2, 2), (1, 1), mode="mirror"), NotImplementedError, "Unrecognised padding mode mirror"),
    (lambda: F.pad(ONES(2, 2), (1, 1), mode="reflect", value=1.0), ValueError, "doesn't take in value"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", NUMPY)
def test_border_equals_pytorchs(oracle, name, n):
    args = (WIDTHS[: 2 * n], *NUMPY[name][1].values())
    same_layer(oracle, f"{name}Pad{n}d", args, {}, [randn(2, 3, *(4, 5, 3)[:n])])


@pytest.mark.parametrize("widths", [(-1, 1), (1, -2, -1, 1)], ids=str)
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_negative_widths_equal_pytorchs(oracle, mode, widths):
    x = randn(2, 3, 4, 5) if len(widths) == 4 else randn(2, 3, 5)
    same_function(oracle, "pad", (x, list(widths)), {"mode": mode})
