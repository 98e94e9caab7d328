"""Values between pixels: pictures in another size, and rotated."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...creation import tensor
from ...functions.pointwise import where
from ...tensor import Tensor

FloatArray = np.ndarray[Any, Any]


def triangle(x: FloatArray) -> FloatArray:
    r"""Weight of a pixel at distance x: $\max(0, 1 - |x|)$, linear interpolation."""
    return np.maximum(0.0, 1.0 - np.abs(x))


def cubic(x: FloatArray, a: float = -0.5) -> FloatArray:
    r"""Weight of a pixel at distance x in cubic interpolation.

    $$w = (a+2)|x|^3 - (a+3)|x|^2 + 1 \;(|x| \le 1), \qquad a|x|^3 - 5a|x|^2 + 8a|x| - 4a \;(|x| < 2)$$

    Source:  Keys 1981, "Cubic convolution interpolation for digital image processing".
    """
    d = np.abs(x)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def weights(n: int, m: int, kernel: Callable[[FloatArray], FloatArray], radius: int, antialias: bool) -> FloatArray:
    """Return the matrix that makes m pixels of n: row i has the weights of all old pixels in the new pixel i.

    A new pixel is as wide as n/m old ones.  With `antialias` the kernel is as wide, so that no old pixel is passed over
    when a picture shrinks; beyond the edge there is nothing.  Without, the pixels at the edge go on for ever.
    """
    stretch = max(n / m, 1.0) if antialias else 1.0
    centre = (np.arange(m)[:, None] + 0.5) * (n / m)
    beyond = 0 if antialias else radius
    position = np.arange(-beyond, n + beyond)
    matrix = kernel((position + 0.5 - centre) / stretch)
    if antialias:
        return matrix / matrix.sum(axis=1, keepdims=True)
    inside = matrix[:, radius : n + radius].copy()
    inside[:, 0] += matrix[:, :radius].sum(axis=1)
    inside[:, -1] += matrix[:, n + radius :].sum(axis=1)
    return inside


def resized(x: Tensor, height: int, width: int, mode: str, antialias: bool) -> Tensor:
    r"""Return a picture in another size: $Y = A X B^\top$, with the weights of rows and of columns.

    Shapes:  (*, H, W) -> (*, height, width), of the same type; integers are rounded.
    """
    if mode.startswith("nearest"):
        offset = 0.5 if mode == "nearest-exact" else 0.0
        for dim, m in ((-2, height), (-1, width)):
            source = np.floor((np.arange(m) + offset) * (x.size(dim) / m)).astype(np.int64)
            x = x.index_select(dim, tensor(source, device=x.device))
        return x
    radius = 1 if mode == "bilinear" else 2
    kernel = triangle if mode == "bilinear" else functools.partial(cubic, a=-0.5 if antialias else -0.75)
    wide = _as_float(x)
    A, B = (
        tensor(weights(n, m, kernel, radius, antialias), dtype=wide.dtype, device=x.device)
        for n, m in ((x.size(-2), height), (x.size(-1), width))
    )
    return _as_before(A @ (wide @ B.T), x)


def rotated(
    x: Tensor,
    angle: float,
    mode: str,
    expand: bool,
    center: Sequence[float] | None,
    fill: float | Sequence[float],
) -> Tensor:
    r"""Rotate pictures by degrees, counter-clockwise; every new pixel looks where it comes from.

    $$\begin{pmatrix} u \\ v \end{pmatrix} = \begin{pmatrix} \cos\alpha & -\sin\alpha \\ \sin\alpha & \cos\alpha
    \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix}$$

    with coordinates from the centre, y downwards; (u, v) is the place in the old picture.

    Shapes:  (*, H, W) -> the same, or, with `expand`, as large as the rotated picture.
    """
    H, W = int(x.size(-2)), int(x.size(-1))
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    height, width = _bounds(H, W, cos, sin) if expand else (H, W)
    across, down = (center[0] - W / 2, center[1] - H / 2) if center is not None else (0.0, 0.0)
    X = np.arange(width) - (width - 1) / 2 - across
    Y = np.arange(height)[:, None] - (height - 1) / 2 - down
    u = np.round(cos * X - sin * Y + across + (W - 1) / 2, 6)  # rounded: a quarter turn hits pixels exactly
    v = np.round(sin * X + cos * Y + down + (H - 1) / 2, 6)
    border = tensor(np.reshape(fill, (-1, 1, 1)), device=x.device)
    if mode.startswith("nearest"):
        return _looked_up(x, np.floor(v + 0.5), np.floor(u + 0.5), border.to(x.dtype))
    if mode != "bilinear":
        raise ValueError(f"rotate: tensors and arrays are rotated by nearest or bilinear interpolation, not {mode}")
    wide = _as_float(x)
    parts = []
    for row in (np.floor(v), np.floor(v) + 1):
        for column in (np.floor(u), np.floor(u) + 1):
            weight = tensor(triangle(v - row) * triangle(u - column), dtype=wide.dtype, device=x.device)
            parts.append(weight * _looked_up(wide, row, column, border.to(wide.dtype)))
    return _as_before(parts[0] + parts[1] + parts[2] + parts[3], x)


def _bounds(H: int, W: int, cos: float, sin: float) -> tuple[int, int]:
    """Return the size of the smallest picture that the rotated one fits in."""
    return math.ceil(abs(H * cos) + abs(W * sin) - 1e-4), math.ceil(abs(W * cos) + abs(H * sin) - 1e-4)


def _looked_up(x: Tensor, rows: FloatArray, columns: FloatArray, border: Tensor) -> Tensor:
    """Return the pixels at these rows and columns, and `border` outside of the picture."""
    H, W = int(x.size(-2)), int(x.size(-1))
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    place = np.where(inside, rows * W + columns, 0).astype(np.int64)
    found = x.reshape(*x.shape[:-2], H * W)[..., tensor(place, device=x.device)]
    outside = border if x.dim() > 2 else border.reshape(-1)
    return where(tensor(inside, device=x.device), found, outside)


def _as_float(x: Tensor) -> Tensor:
    return x if x.is_floating_point() else x.float()


def _as_before(y: Tensor, x: Tensor) -> Tensor:
    """Return numbers of x's type: rounded, and within its range, if x has integers."""
    if x.is_floating_point():
        return y
    limits = np.iinfo(x.dtype.numpy)
    return y.round().clamp(float(limits.min), float(limits.max)).to(x.dtype)
