"""Naive loops: what fast operations are tested against.  Nothing here is fast, and everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

Sizes = tuple[int, ...]


def output_size(n: int, k: int, s: int, p: int, d: int, ceil: bool = False) -> int:
    """How often a window fits along one axis, counted by sliding it."""
    count, start = 0, -p
    while start + d * (k - 1) < n + p:
        count, start = count + 1, start + s
    if ceil and start < n and start - s + d * (k - 1) < n + p - 1:  # a last window that hangs over, but begins inside
        count += 1
    return count


def conv2d(x: Any, w: Any, b: Any = None, stride: Sizes = (1, 1), padding: Sizes = (0, 0), dilation: Sizes = (1, 1),
           groups: int = 1) -> Any:  # fmt: skip
    """Convolution by seven nested loops: images, output channels, rows, columns, input channels, kernel places."""
    (N, _, H, W), (O, CG, KH, KW) = x.shape, w.shape
    OH = output_size(H, KH, stride[0], padding[0], dilation[0])
    OW = output_size(W, KW, stride[1], padding[1], dilation[1])
    y = np.zeros((N, O, OH, OW), x.dtype)
    for n in range(N):
        for o in range(O):
            first = o // (O // groups) * CG  # the first input channel of the group that o is in
            for oh in range(OH):
                for ow in range(OW):
                    total = 0.0 if b is None else b[o]
                    for c in range(CG):
                        for kh in range(KH):
                            for kw in range(KW):
                                h = oh * stride[0] + kh * dilation[0] - padding[0]
                                v = ow * stride[1] + kw * dilation[1] - padding[1]
                                if 0 <= h < H and 0 <= v < W:
                                    total += x[n, first + c, h, v] * w[o, c, kh, kw]
                    y[n, o, oh, ow] = total
    return y


Window = tuple[Sizes, list[tuple[Sizes, Sizes, bool]]]


def windows(S: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, O: Sizes) -> Iterator[Window]:
    """Yield every output place, and the places of its window: (kernel place, image place, whether that is inside)."""
    for o in product(*map(range, O)):
        places = []
        for k in product(*map(range, K)):
            at = tuple(i * s + j * d - p for i, j, s, p, d in zip(o, k, stride, padding, dilation, strict=True))
            places.append((k, at, all(0 <= a < n for a, n in zip(at, S, strict=True))))
        yield o, places


def im2col(x: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    """Every window as a column, number by number."""
    S = x.shape[2:]
    O = tuple(output_size(*row) for row in zip(S, K, stride, padding, dilation, strict=True))
    col = np.zeros((*x.shape[:2], *K, *O), x.dtype)
    for o, places in windows(S, K, stride, padding, dilation, O):
        for k, at, inside in places:
            if inside:
                col[(slice(None), slice(None), *k, *o)] = x[(slice(None), slice(None), *at)]
    return col


def col2im(col: Any, S: Sizes, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Any:
    """Every column added back to where it came from, number by number."""
    x = np.zeros((*col.shape[:2], *S), col.dtype)
    for o, places in windows(S, K, stride, padding, dilation, col.shape[2 + len(K) :]):
        for k, at, inside in places:
            if inside:
                x[(slice(None), slice(None), *at)] += col[(slice(None), slice(None), *k, *o)]
    return x


def convolve(x: Any, w: Any, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Any:
    """Convolution in any number of dimensions: the kernel on every window."""
    col = im2col(x, w.shape[2:], stride, padding, dilation)  # (N, C, *K, *L)
    n, (O, C) = w.ndim - 2, w.shape[:2]
    parts = []
    for g in range(groups):
        own = col[:, g * C : (g + 1) * C].reshape(len(x), C * int(np.prod(w.shape[2:])), -1)
        parts.append(
            np.einsum("nci,oc->noi", own, w[g * (O // groups) : (g + 1) * (O // groups)].reshape(O // groups, -1))
        )
    return np.concatenate(parts, 1).reshape(len(x), O, *col.shape[2 + n :])


def transposed(linear: Any, v: Any, shape: Sizes) -> Any:
    r"""The transpose of a linear function, at v, number by number: $x_i = \langle v, A e_i \rangle$."""
    x = np.zeros(shape, v.dtype)
    for place in np.ndindex(shape):
        unit = np.zeros(shape, v.dtype)
        unit[place] = 1.0
        x[place] = (linear(unit) * v).sum()
    return x


def max_pool(x: Any, K: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil: bool = False) -> tuple[Any, Any]:
    """The largest number of every window, and where in its flattened image it is; the first of equal ones."""
    S = x.shape[2:]
    O = tuple(output_size(*row, ceil) for row in zip(S, K, stride, padding, dilation, strict=True))
    y, where = np.full((*x.shape[:2], *O), -np.inf), np.zeros((*x.shape[:2], *O), int)
    for n, c in product(*map(range, x.shape[:2])):
        for o, places in windows(S, K, stride, padding, dilation, O):
            for _, at, inside in places:
                if inside and x[(n, c, *at)] > y[(n, c, *o)]:
                    y[(n, c, *o)], where[(n, c, *o)] = x[(n, c, *at)], np.ravel_multi_index(at, S)
    return y, where


def avg_pool(x: Any, K: Sizes, stride: Sizes, padding: Sizes, ceil: bool = False, include_pad: bool = True) -> Any:
    """The mean of every window; its zeros of padding count or not, what is beyond the padding never does."""
    S, once = x.shape[2:], (1,) * len(K)
    O = tuple(output_size(*row, ceil) for row in zip(S, K, stride, padding, once, strict=True))
    y = np.zeros((*x.shape[:2], *O))
    for o, places in windows(S, K, stride, padding, once, O):
        inside = [at for _, at, ok in places if ok]
        padded = [at for _, at, _ in places if all(a < n + p for a, n, p in zip(at, S, padding, strict=True))]
        total = sum(x[(slice(None), slice(None), *at)] for at in inside)
        y[(slice(None), slice(None), *o)] = total / len(padded if include_pad else inside)
    return y
