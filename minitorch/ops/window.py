r"""Windows: im2col and col2im, on which convolution and pooling stand, in any number of dimensions.

`im2col` copies every window of an image into a column; `col2im` adds every column back to where it came
from.  Each is the other's transpose.  Letters: `N` batch, `C` channels, `S` sizes of the image, `K` sizes
of the kernel, `O` sizes of the output; `stride`, `padding` and `dilation` have one number for every axis.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from ..backend.devices import library
from ..engine import defvjp
from .declare import constant, primitive

Sizes = tuple[int, ...]


def output_sizes(S: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Sizes:
    r"""How often a window fits.  $O = \lfloor (S + 2p - d(K - 1) - 1) / s \rfloor + 1$."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(S, K, stride, padding, dilation, strict=True)
    )


@primitive
def im2col(x: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    r"""Every window as a column: $\text{col}_{nc\,k\,o} = x_{nc,\,s o + d k - p}$, zero outside.

    Shapes:  x (N, C, *S) -> (N, C, *K, *O).
    """
    lib, ndim = library(x), len(K)
    O = output_sizes(x.shape[2:], K, stride, padding, dilation)
    if any(padding):
        x = lib.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    steps = x.strides[2:]
    strides = (
        *x.strides[:2],
        *(steps[i] * dilation[i] for i in range(ndim)),
        *(steps[i] * stride[i] for i in range(ndim)),
    )
    windows = lib.lib.stride_tricks.as_strided(x, (*x.shape[:2], *K, *O), strides)
    return windows.copy()


@primitive
def col2im(col: Any, S: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    r"""Add every column back to where it came from: $x_{nc\,i} = \sum_{k,o:\; so + dk - p = i} \text{col}_{nc\,k\,o}$.

    Shapes:  col (N, C, *K, *O) -> (N, C, *S).
    """
    N, C, O = col.shape[0], col.shape[1], col.shape[2 + len(K) :]
    x = library(col).zeros((N, C, *(n + 2 * p for n, p in zip(S, padding, strict=True))), dtype=col.dtype)
    every = (slice(None), slice(None))
    for k in product(*map(range, K)):
        reached = tuple(slice(d * i, d * i + s * o, s) for i, d, s, o in zip(k, dilation, stride, O, strict=True))
        x[every + reached] += col[every + k]
    return x[every + tuple(slice(p, p + n) for p, n in zip(padding, S, strict=True))].copy()


def im2col_dx(g: Any, x_shape: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    """The transpose of `im2col`."""
    return col2im(g, x_shape[2:], K, stride, padding, dilation)


def col2im_dcol(g: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    """The transpose of `col2im`."""
    return im2col(g, K, stride, padding, dilation)


defvjp(im2col, x=im2col_dx)
defvjp(col2im, col=col2im_dcol)


@constant
def window_argmax(x: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, O: Sizes) -> Any:
    r"""Where in its image the largest number of every window is, as an index into the flattened $S$.

    Padding is $-\infty$: it never wins.  The first of equal numbers wins; not-a-number wins over all.

    Shapes:  x (N, C, *S) -> (N, C, *O), int64.
    """
    lib, ndim, S = library(x), len(K), x.shape[2:]
    lowest = -float("inf") if x.dtype.kind == "f" else int(lib.iinfo(x.dtype).min)
    geometry = zip(S, K, stride, padding, dilation, O, strict=True)
    ends = [max(0, s * (o - 1) + d * (k - 1) + 1 - n - p) for n, k, s, p, d, o in geometry]
    x = lib.pad(x, ((0, 0), (0, 0), *((p, e) for p, e in zip(padding, ends, strict=True))), constant_values=lowest)
    steps = x.strides[2:]
    strides = (
        *x.strides[:2],
        *(steps[i] * stride[i] for i in range(ndim)),
        *(steps[i] * dilation[i] for i in range(ndim)),
    )
    windows = lib.lib.stride_tricks.as_strided(x, (*x.shape[:2], *O, *K), strides)
    best = lib.argmax(windows.reshape((*x.shape[:2], *O, prod(K))), axis=-1)  # index into the flattened window
    flat, size = 0, 1
    for i in reversed(range(ndim)):
        tap, best = best % K[i], best // K[i]
        start = (lib.arange(O[i]) * stride[i] - padding[i]).reshape((-1,) + (1,) * (ndim - i - 1))
        tap = lib.maximum(tap, -(start // dilation[i]))  # where all are the lowest, place 0 was found: maybe padding
        flat = flat + lib.minimum(start + tap * dilation[i], S[i] - 1) * size
        size *= S[i]
    return flat
