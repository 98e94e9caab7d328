"""Pooling: the largest number, or the mean, of every window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...backend.dtypes import float16
from ...functions.public import public
from ...ops import elementwise as e
from ...ops import shape as s
from ...ops.elementwise import where
from ...ops.pooling import window_max, window_sum
from ...ops.refusals import refuse_kind
from ...ops.window import window_argmax
from ...tensor import Tensor
from .conv import per_axis

Sizes = int | Sequence[int]


def _geometry(
    name: str, x: Any, n: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> tuple[Any, ...]:
    """Check the arguments; return (K, stride, padding, dilation, O), a number for every axis each."""
    if x.value.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}: expected an input of {n + 2} dimensions (N, C, …), or {n + 1} without a batch, got shape "
            f"{list(x.shape)}"
        )
    K = per_axis(f"{name}: kernel_size", kernel, n)
    stride = K if stride is None or stride == [] or stride == () else per_axis(f"{name}: stride", stride, n)
    padding, dilation = per_axis(f"{name}: padding", padding, n), per_axis(f"{name}: dilation", dilation, n)
    if min(K) < 1 or min(stride) < 1 or min(dilation) < 1:
        raise RuntimeError(
            f"{name}: kernel_size {K}, stride {stride} and dilation {dilation} must be greater than zero"
        )
    if any(p < 0 or 2 * p > k for p, k in zip(padding, K, strict=True)):
        raise RuntimeError(
            f"pad should be at most half of effective kernel size, but got pad={padding} and kernel_size={K} in {name}"
        )
    O = []
    for size, k, st, p, d in zip(x.value.shape[-n:], K, stride, padding, dilation, strict=True):
        room = size + 2 * p - d * (k - 1) - 1
        o = (-(-room // st) if ceil else room // st) + 1
        if ceil and (o - 1) * st >= size + p:  # the last window must begin inside the image or its left padding
            o -= 1
        O.append(o)
    if min(O) < 1:
        raise RuntimeError(
            f"{name}: given input size {tuple(x.value.shape[-n:])}, calculated output size {tuple(O)} is too small: "
            f"the kernel {K} does not fit"
        )
    return K, stride, padding, dilation, tuple(O)


def _max_pool(
    name: str, n: int, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool, indices: bool
) -> Any:
    K, stride, padding, dilation, O = _geometry(name, x, n, kernel, stride, padding, dilation, ceil)
    lead = x.value.shape[:-n]
    images = x if x.value.ndim == n + 2 else s.unsqueeze(x, 0)
    y = window_max(images, K, stride, padding, dilation, O)
    y = y if images is x else s.reshape(y, (*lead, *O))
    if not indices:
        return y
    where = window_argmax(images, K, stride, padding, dilation, O)  # (N, C, *O), index into the flattened image
    return y, s.reshape(where, (*lead, *O))


@public
def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of every window of (N, C, L).  Padding is -∞."""
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@public
def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""$y_{nchw} = \max_{ij} x_{n,c,\,sh + di - p,\,sw + dj - p}$; the stride is the kernel size unless given.

    Padding is -∞: it never wins.  The first of equal numbers gets the gradient; overlapping windows add theirs.
    Shapes:  (N, C, H, W) or (C, H, W).
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@public
def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of every window of (N, C, D, H, W).  Padding is -∞."""
    return _max_pool("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _avg_pool(
    name: str, n: int, x: Any, kernel: Any, stride: Any, padding: Any, ceil: bool, with_pad: bool, divisor: int | None
) -> Any:
    K, stride, padding, _, O = _geometry(name, x, n, kernel, stride, padding, 1, ceil)
    if x.value.dtype.kind not in "fc":
        raise refuse_kind(name, [x.value])
    if x.dtype is float16:  # the sum of a window may be beyond it
        return _avg_pool(name, n, x.float(), kernel, stride, padding, ceil, with_pad, divisor).half()
    lead, S = x.value.shape[:-n], x.value.shape[-n:]
    images = s.reshape(x, (*((1,) * (n + 2 - x.value.ndim)), *x.value.shape))
    ends = [max(0, st * (o - 1) + k - size - p) for size, k, st, p, o in zip(S, K, stride, padding, O, strict=True)]
    images = s.pad(images, ((0, 0), (0, 0), *zip(padding, ends, strict=True)))
    images = s.index(images, (Ellipsis, *(slice(0, st * (o - 1) + k) for st, o, k in zip(stride, O, K, strict=True))))
    total = s.reshape(window_sum(images, K, stride), (*lead, *O))
    return e.div(total, divisor) if divisor else e.mul(total, _shares(x, S, K, stride, padding, O, with_pad))


def _shares(x: Any, S: Any, K: Any, stride: Any, padding: Any, O: Any, with_pad: bool) -> Any:
    """Return one over the number of pixels of every window: counting the padding, or not; never what is beyond it."""
    counts = np.ones((1,) * len(O))
    for axis, (size, k, st, p, o) in enumerate(zip(S, K, stride, padding, O, strict=True)):
        start = np.arange(o) * st - p
        end = np.minimum(start + k, size + p)
        inside = end - start if with_pad else np.minimum(end, size) - np.maximum(start, 0)
        counts = counts * inside.reshape((-1,) + (1,) * (len(O) - axis - 1))
    return Tensor.wrap((1.0 / counts).astype(x.value.dtype)).to(x.device)


@public
def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of every window of (N, C, L)."""
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@public
def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""$y_{nchw} = \frac{1}{K_h K_w} \sum_{ij} x_{n,c,\,sh + i - p,\,sw + j - p}$.

    The stride is the kernel size unless given.
    Shapes:  (N, C, H, W) or (C, H, W).  Zero padding counts as pixels unless `count_include_pad=False`.
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


@public
def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window of (N, C, D, H, W)."""
    return _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def _lp_pool(n: int, input: Tensor, p: float, kernel: Any, stride: Any, ceil: bool) -> Tensor:
    average: Any = (avg_pool1d, avg_pool2d, avg_pool3d)[n - 1]
    K = per_axis(f"lp_pool{n}d: kernel_size", kernel, n)
    total = average(input**p, kernel, stride, 0, ceil) * float(math.prod(K))
    nothing = total == 0  # the root has no derivative there: 0 is taken
    return where(nothing, 0.0, where(nothing, 1.0, total) ** (1.0 / p))


@public
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    r"""$y = \big(\sum_{x \in \text{window}} x^p\big)^{1/p}$ of every window of (N, C, L)."""
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


@public
def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    r"""$y = \big(\sum_{x \in \text{window}} x^p\big)^{1/p}$ of every window of (N, C, H, W)."""
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


@public
def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    r"""$y = \big(\sum_{x \in \text{window}} x^p\big)^{1/p}$ of every window of (N, C, D, H, W)."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)
