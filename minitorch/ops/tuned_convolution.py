r"""Convolution on a CPU: what `convolution` computes, in the way that is fastest for the sizes at hand.

NumPy copies a window run by run, at some nanoseconds a run, and BLAS multiplies fast only what is large and in the cache.
So the ways differ in how much they copy, in what runs, and in the size of their products.  `choose` takes one:

* `POINTWISE`, a kernel of one pixel: one matrix product an image, nothing copied;
* `DEPTHWISE`, a kernel for each channel: shifted images are multiplied and added, nothing copied;
* `ROWS`, stride 1 (in `tuned_rows`): unfolded along the rows only, in runs as long as the image;
* `WINDOWS`, everything else: the plain way, on a chunk of the batch that stays in the cache.

Nothing that is unfolded is kept for the way back: to unfold it again costs less than the memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .tuned_rows import Geometry, chunks, rows_back, rows_forward, rows_kernel
from .window import col2im, im2col, output_sizes

Sizes = tuple[int, ...]


class Way(NamedTuple):
    """One way to compute the three derivatives of the form $T(x, w, v)$."""

    name: str
    forward: Callable[[Any, Any, Geometry], Any]  # of x and w: what `convolve` computes
    back: Callable[[Any, Any, Geometry], Any]  # of v and w
    kernel: Callable[[Any, Any, Geometry], Any]  # of x and v


# ---- windows, a chunk at a time -------------------------------------------------------------------------------------


def windows_forward(x: Any, w: Any, how: Geometry) -> Any:
    """Unfold some images, multiply, and go on to the next: a chunk of columns never leaves the cache.

    Measured: 10.1 ms against 14.9 of the plain way for 64 -> 32 channels of 64 images of 26×26.
    """
    N, O = x.shape[0], w.shape[0]
    y = np.empty((N, O, math.prod(how.L)), x.dtype)
    kernel = w.reshape(O, -1)
    for n in chunks(N, kernel.shape[1] * y.shape[2]):
        col = im2col(x[n], how.K, how.stride, how.padding, how.dilation)
        np.matmul(kernel, col.reshape(col.shape[0], kernel.shape[1], y.shape[2]), out=y[n])
    return y.reshape(N, O, *how.L)


def windows_back(v: Any, w: Any, how: Geometry) -> Any:
    """Multiply, and add the columns of some images back."""
    (N, O), C = v.shape[:2], w.shape[1]
    x = np.empty((N, C, *how.S), v.dtype)
    kernel, v = w.reshape(O, -1).T, v.reshape(N, O, math.prod(how.L))
    for n in chunks(N, kernel.shape[0] * v.shape[2]):
        col = np.matmul(kernel, v[n]).reshape(n.stop - n.start, C, *how.K, *how.L)
        x[n] = col2im(col, how.S, how.K, how.stride, how.padding, how.dilation)
    return x


def windows_kernel(x: Any, v: Any, how: Geometry) -> Any:
    """Unfold some images, multiply by the output's, and add up."""
    (N, C), O = x.shape[:2], v.shape[1]
    v = v.reshape(N, O, math.prod(how.L))
    w = np.zeros((O, C * math.prod(how.K)), x.dtype)
    for n in chunks(N, w.shape[1] * v.shape[2]):
        col = im2col(x[n], how.K, how.stride, how.padding, how.dilation)
        col = col.reshape(col.shape[0], w.shape[1], v.shape[2])
        w += np.matmul(v[n], col.swapaxes(1, 2)).sum(axis=0)
    return w.reshape(O, C, *how.K)


# ---- a kernel of one pixel ------------------------------------------------------------------------------------------


def pointwise_forward(x: Any, w: Any, how: Geometry) -> Any:
    r"""$y_{noi} = \sum_c w_{oc} x_{nci}$: one product an image."""
    (N, C), O, size = x.shape[:2], w.shape[0], math.prod(how.L)
    return np.matmul(w.reshape(O, C), x.reshape(N, C, size)).reshape(N, O, *how.L)


def pointwise_back(v: Any, w: Any, how: Geometry) -> Any:
    r"""$x_{nci} = \sum_o w_{oc} v_{noi}$."""
    (N, O), C, size = v.shape[:2], w.shape[1], math.prod(how.L)
    return np.matmul(w.reshape(O, C).T, v.reshape(N, O, size)).reshape(N, C, *how.S)


def pointwise_kernel(x: Any, v: Any, how: Geometry) -> Any:
    r"""$w_{oc} = \sum_{ni} v_{noi} x_{nci}$."""
    (N, C), O, size = x.shape[:2], v.shape[1], math.prod(how.L)
    parts = np.matmul(v.reshape(N, O, size), x.reshape(N, C, size).swapaxes(1, 2))
    return parts.sum(axis=0).reshape(O, C, *how.K)


# ---- a kernel for each channel --------------------------------------------------------------------------------------


def seen(how: Geometry) -> Iterator[tuple[int, tuple[slice, ...]]]:
    """Yield the number of every place in the kernel, and the part of a padded image, (C, *S), that meets it."""
    for j, k in enumerate(product(*map(range, how.K))):
        ends = zip(k, how.stride, how.dilation, how.L, strict=True)
        yield j, (slice(None), *(slice(d * i, d * i + s * (o - 1) + 1, s) for i, s, d, o in ends))


def depthwise_forward(x: Any, w: Any, how: Geometry) -> Any:
    r"""$y_{nci} = \sum_k w_{ck}\, x_{n,c,\,si + dk - p}$, image by image, so that the sum stays in the cache."""
    N, C = x.shape[:2]
    y = np.zeros((N, C, *how.L), x.dtype)
    term = np.empty((C, *how.L), x.dtype)
    weights = w.reshape(C, math.prod(how.K), *(1,) * len(how.K))
    for image, total in zip(how.pad(x), y, strict=True):
        for j, part in seen(how):
            total += np.multiply(image[part], weights[:, j], out=term)
    return y


def depthwise_back(v: Any, w: Any, how: Geometry) -> Any:
    r"""$x_{n,c,\,si + dk - p} \mathrel{+}= w_{ck}\, v_{nci}$."""
    N, C = v.shape[:2]
    x = np.zeros((N, C, *how.padded), v.dtype)
    term = np.empty((C, *how.L), v.dtype)
    weights = w.reshape(C, math.prod(how.K), *(1,) * len(how.K))
    for image, total in zip(v, x, strict=True):
        for j, part in seen(how):
            total[part] += np.multiply(image, weights[:, j], out=term)
    return how.cut(x)


def depthwise_kernel(x: Any, v: Any, how: Geometry) -> Any:
    r"""$w_{ck} = \sum_{ni} v_{nci}\, x_{n,c,\,si + dk - p}$."""
    C = x.shape[1]
    w = np.zeros((C, math.prod(how.K)), x.dtype)
    term = np.empty((C, *how.L), x.dtype)
    for image, other in zip(how.pad(x), v, strict=True):
        for j, part in seen(how):
            w[:, j] += np.multiply(image[part], other, out=term).reshape(C, -1).sum(axis=1)
    return w.reshape(C, 1, *how.K)


# ---- the choice -----------------------------------------------------------------------------------------------------

POINTWISE = Way("pointwise", pointwise_forward, pointwise_back, pointwise_kernel)
DEPTHWISE = Way("depthwise", depthwise_forward, depthwise_back, depthwise_kernel)
ROWS = Way("rows", rows_forward, rows_back, rows_kernel)
WINDOWS = Way("windows", windows_forward, windows_back, windows_kernel)


def choose(C: int, O: int, groups: int, how: Geometry) -> Way:
    """Return the fastest way for kernels (O, C, *K): C channels of each group in, O of all groups out.

    `ROWS` multiplies what its rows have too much, (waste) · O numbers for each that `WINDOWS` would copy; about fifty
    multiplications cost a copied number.
    """
    if C == 1 and O == groups and O > 1:
        return DEPTHWISE
    plain = max(how.stride) == 1
    if plain and math.prod(how.K) == 1 and not any(how.padding):
        return POINTWISE
    waste = math.prod(how.padded) / max(1, math.prod(how.L)) - 1
    return ROWS if plain and C * how.K[-1] > 4 and waste * O < 50 * groups else WINDOWS


def by_group(compute: Callable[[Any, Any, Geometry], Any], a: Any, b: Any, axes: Sizes, how: Geometry, G: int) -> Any:
    """Compute group by group of channels, which lie along these axes of the operands and of the result."""
    if G == 1:
        return compute(a, b, how)
    pairs = zip(np.split(a, G, axes[0]), np.split(b, G, axes[1]), strict=True)
    return np.concatenate([compute(x, y, how) for x, y in pairs], axes[2])


def forward(x: Any, w: Any, b: Any, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """What `convolution.convolve` computes."""
    how = geometry(x.shape[2:], w.shape[2:], stride, padding, dilation)
    way = choose(w.shape[1], w.shape[0], groups, how)
    y = by_group(way.forward, x, w, (1, 0, 1), how, 1 if way is DEPTHWISE else groups)
    if b is not None:
        y += b.reshape(-1, *(1,) * len(how.K))
    return y


def back(v: Any, w: Any, S: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """What `convolution.convolve_back` computes."""
    how = geometry(S, w.shape[2:], stride, padding, dilation)
    way = choose(w.shape[1], w.shape[0], groups, how)
    return by_group(way.back, v, w, (1, 0, 1), how, 1 if way is DEPTHWISE else groups)


def kernel(x: Any, v: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """What `convolution.convolve_kernel` computes."""
    how = geometry(x.shape[2:], K, stride, padding, dilation)
    way = choose(x.shape[1] // groups, v.shape[1], groups, how)
    return by_group(way.kernel, x, v, (1, 1, 0), how, 1 if way is DEPTHWISE else groups)


def geometry(S: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Geometry:
    """Put together how a kernel moves."""
    return Geometry(stride, padding, dilation, tuple(S), tuple(K), output_sizes(S, K, stride, padding, dilation))


def fits(x: Any) -> bool:
    """Tell whether an array is one that these ways are for: floating-point numbers, in NumPy."""
    return type(x) is np.ndarray and x.dtype.kind in "fc"
