r"""Convolution: one form, linear in each of three arrays, and its three derivatives.

For an image $x$, a kernel $w$ and an image $v$ of the size of the output,

    $$T(x, w, v) = \sum_{nocik} v_{noi}\, w_{ock}\, x_{n,c,\,si + dk - p} .$$

Leave one of the three out and you have a primitive: `convolve` is $\partial T/\partial v$, `convolve_back` (the
transposed convolution) is $\partial T/\partial x$, `convolve_kernel` is $\partial T/\partial w$.  So each rule of one
of them is one of the other two, to any order.

What stands here is plain: unfold the windows, multiply matrices.  `tuned_convolution` computes the same faster on a CPU.
Letters: `N` batch, `C` channels in, `O` channels out, `G` groups, `K` kernel sizes, `S` and `L` sizes in and out.
"""

from __future__ import annotations

import math
from typing import Any

from ..backend.devices import library
from ..engine import TABLE, deftwin, defvjp
from . import tuned_convolution as tuned
from .declare import primitive
from .reduction import sum
from .window import col2im, im2col, output_sizes

Sizes = tuple[int, ...]


@primitive
def convolve(x: Any, w: Any, b: Any, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    r"""$y_{noi} = b_o + \sum_{ck} w_{ock}\, x_{n,c,\,si + dk - p}$: every window is a column, the kernel a matrix.

    Shapes:  x (N, C, *S), w (O, C/G, *K), b (O) -> (N, O, *L).
    """
    (N, C), (O, _, *K), G = x.shape[:2], w.shape, groups
    L = output_sizes(x.shape[2:], tuple(K), stride, padding, dilation)
    col = im2col(x, tuple(K), stride, padding, dilation)  # (N, C, *K, *L)
    col = col.reshape(N, G, C // G * math.prod(K), math.prod(L))
    y = library(x).matmul(w.reshape(G, O // G, col.shape[2]), col).reshape(N, O, *L)  # (N, G, O/G, L)
    if b is not None:
        y += b.reshape(-1, *(1,) * len(K))
    return y


@primitive
def convolve_back(v: Any, w: Any, S: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    r"""$x_{n,c,\,si + dk - p} \mathrel{+}= w_{ock}\, v_{noi}$: multiply by the kernel, add every column back.

    Shapes:  v (N, O, *L), w (O, C/G, *K) -> (N, C, *S).
    """
    (N, O, *L), (_, C, *K), G = v.shape, w.shape, groups
    kernel = w.reshape(G, O // G, C * math.prod(K)).swapaxes(1, 2)  # (G, C/G·K, O/G)
    col = library(v).matmul(kernel, v.reshape(N, G, O // G, math.prod(L)))  # (N, G, C/G·K, L)
    return col2im(col.reshape(N, G * C, *K, *L), S, tuple(K), stride, padding, dilation)


@primitive
def convolve_kernel(x: Any, v: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    r"""$w_{ock} = \sum_{ni} v_{noi}\, x_{n,c,\,si + dk - p}$: the products of the output and the windows.

    Shapes:  x (N, C, *S), v (N, O, *L) -> (O, C/G, *K).
    """
    (N, O, *L), C, G = v.shape, x.shape[1], groups
    col = im2col(x, K, stride, padding, dilation).reshape(N, G, C // G * math.prod(K), math.prod(L))
    w = library(x).matmul(v.reshape(N, G, O // G, math.prod(L)), col.swapaxes(2, 3))  # (N, G, O/G, C/G·K)
    return w.sum(axis=0, dtype=w.dtype).reshape(O, C // G, *K)


defvjp(
    convolve,
    x=lambda g, w, x_shape, stride, padding, dilation, groups: convolve_back(
        g, w, x_shape[2:], stride, padding, dilation, groups
    ),
    w=lambda g, x, w_shape, stride, padding, dilation, groups: convolve_kernel(
        x, g, w_shape[2:], stride, padding, dilation, groups
    ),
    b=lambda g: sum(g, (0, *range(2, g.ndim))),
)
defvjp(
    convolve_back,
    v=lambda g, w, stride, padding, dilation, groups: convolve(g, w, None, stride, padding, dilation, groups),
    w=lambda g, v, w_shape, stride, padding, dilation, groups: convolve_kernel(
        g, v, w_shape[2:], stride, padding, dilation, groups
    ),
)
defvjp(
    convolve_kernel,
    x=lambda g, v, x_shape, stride, padding, dilation, groups: convolve_back(
        v, g, x_shape[2:], stride, padding, dilation, groups
    ),
    v=lambda g, x, stride, padding, dilation, groups: convolve(x, g, None, stride, padding, dilation, groups),
)


def convolve_tuned(x: Any, w: Any, b: Any, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """`convolve`, on a CPU in the fastest way."""
    compute = tuned.forward if tuned.fits(x) else TABLE[convolve].forward
    return compute(x, w, b, stride, padding, dilation, groups)


def convolve_back_tuned(v: Any, w: Any, S: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """`convolve_back`, on a CPU in the fastest way."""
    compute = tuned.back if tuned.fits(v) else TABLE[convolve_back].forward
    return compute(v, w, S, stride, padding, dilation, groups)


def convolve_kernel_tuned(x: Any, v: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """`convolve_kernel`, on a CPU in the fastest way."""
    compute = tuned.kernel if tuned.fits(x) else TABLE[convolve_kernel].forward
    return compute(x, v, K, stride, padding, dilation, groups)


deftwin(convolve, convolve_tuned)
deftwin(convolve_back, convolve_back_tuned)
deftwin(convolve_kernel, convolve_kernel_tuned)
