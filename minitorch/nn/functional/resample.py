"""Images of another size: nearest neighbours, and weighted means of neighbours along each axis.

Along an axis of S numbers, resampled to O, the weights are a matrix (O, S); a picture takes one such product an axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...backend.arrays import array_like
from ...functions.public import public
from ...ops import linalg as la
from ...ops import shape as s
from ...tensor import Tensor
from .adaptive_pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

DIMS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
MODES = ("nearest", "nearest-exact", "area", *DIMS)
CUBIC = -0.75  # the a of Keys 1981, "Cubic convolution interpolation for digital image processing"


@public
def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    r"""Resample signals, images or volumes to a size, or by a factor.

    Output pixel $i$ looks at $x = (i + \frac12)\,S/O - \frac12$, or with `align_corners` at $x = i\,(S - 1)/(O - 1)$.
    Modes: "nearest" ($\lfloor iS/O \rfloor$), "nearest-exact", "area" (adaptive mean), "linear" (N, C, L), "bilinear"
    and "bicubic" (N, C, H, W), "trilinear" (N, C, D, H, W).
    """
    n = input.ndim - 2
    _check(input, n, mode, align_corners)
    if antialias:
        raise NotImplementedError("interpolate: antialias=True is not supported")
    sizes, factors = _sizes(input, n, size, scale_factor)
    if recompute_scale_factor:
        factors = (None,) * n
    if mode == "area":
        means: Any = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[n - 1]
        return means(input, tuple(sizes))
    y = input
    for axis, (O, factor) in enumerate(zip(sizes, factors, strict=True), start=2):
        S = input.shape[axis]
        step = S / O if factor is None else 1.0 / factor
        if mode.startswith("nearest"):
            y = _nearest(y, axis, O, step, 0.5 if mode == "nearest-exact" else 0.0)
        elif S != O or factor not in (None, 1.0):
            x = _positions(S, O, step, bool(align_corners))
            weights = _cubic(x, S) if mode == "bicubic" else _linear(x, S)
            matrix = Tensor.wrap(array_like(weights, input.value))
            y = s.swap(la.linear(s.swap(y, axis, -1), matrix), axis, -1)
    return s.copy(y) if y is input else y


@public
def upsample(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Tensor:
    """Do what `interpolate` does, under its old name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def _nearest(x: Tensor, axis: int, O: int, step: float, middle: float) -> Tensor:
    r"""$y_i = x_{\lfloor (i + m)\,S/O \rfloor}$; a whole factor repeats every number."""
    S = x.shape[axis]
    if O == S:
        return x
    places = np.floor((np.arange(O, dtype=np.float32) + np.float32(middle)) * np.float32(step))  # as PyTorch rounds
    places = np.minimum(places.astype(np.int64), S - 1)
    if O % S == 0 and (places == np.arange(O) // (O // S)).all():
        before, after = tuple(x.shape[: axis + 1]), tuple(x.shape[axis + 1 :])
        repeated = x.reshape(*before, 1, *after).expand(*before, O // S, *after)
        return repeated.reshape(*before[:-1], O, *after)
    return x.index_select(axis, Tensor.wrap(array_like(places, x.value, np.int64)))


def _positions(S: int, O: int, step: float, align_corners: bool) -> Any:
    """Return where in the input every output pixel looks."""
    i = np.arange(O)
    if align_corners:
        return i * ((S - 1) / (O - 1)) if O > 1 else np.zeros(O)
    return (i + 0.5) * step - 0.5


def _linear(x: Any, S: int) -> Any:
    r"""Weights (O, S): $1 - t$ for the pixel before x and t for the one behind it, $t = x - \lfloor x \rfloor$."""
    first = np.minimum(np.floor(x).astype(int), S - 1)
    t = x - first
    return _weights(S, [(first, 1.0 - t), (first + 1, t)])


def _cubic(x: Any, S: int) -> Any:
    r"""Weights (O, S) of the four pixels around x, by Keys' cubic with $a = -\frac34$."""
    first, a = np.floor(x).astype(int), CUBIC
    t = x - first

    def near(d: Any) -> Any:  # |d| <= 1
        return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0

    def far(d: Any) -> Any:  # 1 < |d| < 2
        return ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a

    return _weights(
        S, [(first - 1, far(t + 1.0)), (first, near(t)), (first + 1, near(1.0 - t)), (first + 2, far(2.0 - t))]
    )


def _weights(S: int, taps: list[tuple[Any, Any]]) -> Any:
    """Put weights into a matrix; places outside are those of the border."""
    matrix = np.zeros((len(taps[0][0]), S))
    for places, weights in taps:
        np.add.at(matrix, (np.arange(len(places)), np.clip(places, 0, S - 1)), weights)
    return matrix


# ---- sizes -----------------------------------------------------------------------------------------------------------


def _sizes(input: Tensor, n: int, size: Any, scale_factor: Any) -> tuple[list[int], tuple[Any, ...]]:
    """Return the output sizes, and the factor of every axis (None if a size was given)."""
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    given = scale_factor if size is None else size
    numbers = tuple(given) if isinstance(given, Sequence) else (given,) * n
    if len(numbers) != n:
        what = "scale_factor" if size is None else "output"
        raise ValueError(
            f"Input and {what} must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(input.shape[2:])} and {what} size of {numbers}. Please provide input tensor in (N, C, d1, d2, "
            "...,dK) format."
        )
    factors = numbers if size is None else (None,) * n
    sizes = [math.floor(S * f) for S, f in zip(input.shape[2:], numbers, strict=True)] if size is None else [*numbers]
    if min(sizes) < 1 or 0 in input.shape[2:]:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input {list(input.shape[2:])} output {sizes}"
        )
    return [int(o) for o in sizes], factors


def _check(input: Tensor, n: int, mode: str, align_corners: bool | None) -> None:
    if mode not in MODES or n not in (1, 2, 3):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: "
            f"{' | '.join(MODES)} (got {mode})"
        )
    if mode in DIMS and DIMS[mode] != n:
        raise NotImplementedError(f"Got {input.ndim}D input, but {mode} mode needs {DIMS[mode] + 2}D input")
    if align_corners is not None and mode not in DIMS:
        raise ValueError(
            f"align_corners option can only be set with the interpolating modes: {' | '.join(DIMS)}, not with {mode}"
        )
