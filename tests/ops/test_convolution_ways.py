"""Every way to convolve on a CPU against the plain one; which one is taken, and when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.engine import TABLE
from minitorch.nn import functional as F
from minitorch.ops import convolution as cv
from minitorch.ops import tuned_convolution as tuned
from minitorch.ops import tuned_rows
from minitorch.testing import numbers, strategies

WAYS = (tuned.WINDOWS, tuned.ROWS, tuned.POINTWISE, tuned.DEPTHWISE)


def fits(way, geometry):
    """Tell whether a way can do it at all."""
    if way is tuned.POINTWISE:
        return not any(n - 1 for n in geometry.kernel + geometry.stride) and not any(geometry.padding)
    if way is tuned.ROWS:
        return not any(n - 1 for n in geometry.stride)
    return way is tuned.WINDOWS or geometry.C == geometry.O == geometry.groups


@given(st.integers(1, 3).flatmap(lambda n: strategies.convolutions(n, max_size=5)), st.integers(0, 99))
def test_every_way_computes_what_the_plain_one_does(geometry, seed):
    how = {name: geometry._asdict()[name] for name in ("stride", "padding", "dilation", "groups")}
    x, w = numbers(geometry.input_shape, seed=seed), numbers(geometry.weight_shape, seed=seed + 1)
    v = numbers((geometry.N, geometry.O, *geometry.output_size), seed=seed + 2)
    plain = [TABLE[f].forward for f in (cv.convolve, cv.convolve_back, cv.convolve_kernel)]
    expected = (
        plain[0](x, w, None, **how), plain[1](v, w, S=geometry.size, **how), plain[2](x, v, K=geometry.kernel, **how)
    )  # fmt: skip
    place = tuned.geometry(geometry.size, geometry.kernel, *list(how.values())[:3])
    for way in WAYS:
        if fits(way, geometry):
            G = 1 if way is tuned.DEPTHWISE else geometry.groups
            y = tuned.by_group(way.forward, x, w, (1, 0, 1), place, G)
            back = tuned.by_group(way.back, v, w, (1, 0, 1), place, G)
            kernel = tuned.by_group(way.kernel, x, v, (1, 1, 0), place, G)
            for found, right in zip((y, back, kernel), expected, strict=True):
                assert found.flags.c_contiguous
                np.testing.assert_allclose(found, right, rtol=1e-11, atol=1e-12, err_msg=way.name)


@pytest.mark.parametrize("way", [tuned.ROWS, tuned.WINDOWS])
def test_a_batch_is_cut_into_chunks_that_need_not_be_equal(way, monkeypatch):
    x, w, v = numbers((5, 2, 4, 4)), numbers((3, 2, 3, 3), seed=1), numbers((5, 3, 4, 4), seed=2)
    how = tuned.geometry((4, 4), (3, 3), (1, 1), (1, 1), (1, 1))
    whole = way.forward(x, w, how), way.back(v, w, how), way.kernel(x, v, how)
    monkeypatch.setattr(tuned_rows, "CHUNK", 2 * 18 * 16)  # two images in windows, one or two in rows
    parts = way.forward(x, w, how), way.back(v, w, how), way.kernel(x, v, how)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(
    ("C", "O", "groups", "S", "K", "stride", "padding", "way"),
    [
        (64, 128, 1, 32, 1, 1, 0, tuned.POINTWISE),
        (64, 128, 1, 32, 1, 2, 0, tuned.WINDOWS),
        (1, 64, 64, 32, 3, 1, 1, tuned.DEPTHWISE),
        (1, 64, 64, 32, 3, 2, 1, tuned.DEPTHWISE),
        (3, 6, 1, 32, 5, 1, 0, tuned.ROWS),  # the ConvNet of the documents
        (6, 16, 1, 14, 5, 1, 0, tuned.ROWS),
        (64, 64, 1, 32, 3, 1, 1, tuned.ROWS),
        (64, 128, 1, 32, 3, 2, 1, tuned.WINDOWS),  # ROWS know stride 1 only
        (256, 256, 1, 8, 3, 1, 1, tuned.WINDOWS),  # small images: too much of each row would be thrown away
        (1, 32, 1, 28, 3, 1, 0, tuned.WINDOWS),  # one channel: nine numbers to copy
    ],
)
def test_the_choice(C, O, groups, S, K, stride, padding, way):
    how = tuned.geometry((S, S), (K, K), (stride, stride), (padding, padding), (1, 1))
    assert tuned.choose(C, O, groups, how) is way


def test_whole_numbers_are_convolved_in_the_plain_way():
    x = minitorch.arange(16).reshape(1, 1, 4, 4)
    y = F.conv2d(x, minitorch.ones(1, 1, 2, 2, dtype=minitorch.int64))
    assert y.dtype == minitorch.int64
    assert y[0, 0, 0].tolist() == [0 + 1 + 4 + 5, 1 + 2 + 5 + 6, 2 + 3 + 6 + 7]


def test_a_convolution_keeps_no_windows_for_the_way_back():
    x, w = minitorch.zeros(2, 3, 8, 8, requires_grad=True), minitorch.zeros(4, 3, 3, 3, requires_grad=True)
    kept = [v for v in F.conv2d(x, w).grad_fn.values if isinstance(v, np.ndarray)]
    assert {id(v) for v in kept} == {id(x.value), id(w.value)}


def test_an_input_that_needs_no_gradient_gets_none_computed(monkeypatch):
    asked = []
    entry = TABLE[cv.convolve_back]
    monkeypatch.setattr(entry, "run", lambda *args, **how: asked.append(args))
    w = minitorch.zeros(4, 3, 3, 3, requires_grad=True)
    F.conv2d(minitorch.zeros(2, 3, 8, 8), w).sum().backward()
    assert asked == []
    assert w.grad is not None
