r"""Sampling at points: where each output pixel looks is a tensor, with a gradient of its own.

Source:  Jaderberg et al. 2015, "Spatial transformer networks", eq. 1-5 (arXiv:1506.02025).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from ...backend.arrays import array_like
from ...functions.public import public
from ...ops.elementwise import where
from ...tensor import Tensor


@public
def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    r"""Where to look for an affine map: $\theta\,(x, y, 1)^\top$ for every pixel $(x, y) \in [-1, 1]^2$ of the output.

    Shapes:  theta (N, 2, 3), size (N, C, H, W) -> (N, H, W, 2);
             theta (N, 3, 4), size (N, C, D, H, W) -> (N, D, H, W, 3).
    """
    n = len(size) - 2
    if n not in (2, 3) or tuple(theta.shape) != (size[0], n, n + 1):
        raise ValueError(
            f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {tuple(size)}. Got "
            f"{tuple(theta.shape)}."
        )
    axes = [_pixels(S, bool(align_corners)) for S in size[2:]]
    points = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(size[2:])], -1)  # (*S, n + 1): x, y, 1
    base = Tensor.wrap(array_like(points.reshape(1, -1, n + 1), theta.value))
    return (base @ theta.transpose(1, 2)).reshape(size[0], *size[2:], n)


def _pixels(S: int, align_corners: bool) -> Any:
    """Return the centres of pixels, -1 and 1 being the borders of the image, or the centres of the outermost ones."""
    if align_corners:
        return np.linspace(-1.0, 1.0, S) if S > 1 else np.zeros(1)
    return (2 * np.arange(S) + 1) / S - 1.0


@public
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    r"""Look at points of an image: with $(v, u)$ from the grid, counted in pixels,

    $$y_{nchw} = \sum_{ij} x_{ncij}\,[1 - |u - i|]_+\,[1 - |v - j|]_+ .$$

    Outside are zeros, or with `padding_mode` the "border" or the "reflection" of the image.  Mode "nearest" takes the
    nearest pixel, and has no gradient for the grid.

    Shapes:  input (N, C, H, W), grid (N, H', W', 2) of (x, y) in [-1, 1] -> (N, C, H', W'); the same with one dimension
             more, (x, y, z).
    """
    n = input.ndim - 2
    _check(input, grid, n, mode, padding_mode)
    S, O, (N, C) = tuple(input.shape[2:]), tuple(grid.shape[1:-1]), input.shape[:2]
    flat = input.reshape(N, C, math.prod(S))
    points = grid.reshape(N, 1, math.prod(O), n)
    at = [_place(points[..., n - 1 - d], S[d], padding_mode, bool(align_corners)) for d in range(n)]
    if mode == "nearest":
        y = _pixel(flat, [p.detach().round() for p in at], S)
    else:
        corners = product((0, 1), repeat=n)
        y = sum((_corner(flat, at, corner, S) for corner in corners), input.new_zeros(()))
    return y.reshape(N, C, *O)


def _corner(flat: Tensor, at: list[Tensor], corner: tuple[int, ...], S: tuple[int, ...]) -> Tensor:
    """Return what one of the pixels around the points contributes: its value times its share."""
    places, share = [], None
    for p, step in zip(at, corner, strict=True):
        place = p.detach().floor() + step
        part = p - (place - 1.0) if step else place + 1.0 - p
        places.append(place)
        share = part if share is None else share * part
    return _pixel(flat, places, S) * share


def _pixel(flat: Tensor, places: list[Tensor], S: tuple[int, ...]) -> Tensor:
    """Return the values of pixels, 0 outside.  flat (N, C, pixels), places (N, 1, points) -> (N, C, points)."""
    N, C, _ = flat.shape
    index: Any = 0
    inside: Any = True
    for place, size in zip(places, S, strict=True):
        inside = inside & (place.value >= 0) & (place.value <= size - 1)
        index = index * size + place.value.clip(0, size - 1).astype(np.int64)
    chosen = Tensor.wrap(index).expand(N, C, index.shape[2])
    return where(Tensor.wrap(inside), flat.gather(2, chosen), 0.0)


def _place(x: Tensor, size: int, padding_mode: str, align_corners: bool) -> Tensor:
    """Return the place, counted in pixels, that a coordinate in [-1, 1] means."""
    place = (x + 1.0) * ((size - 1) / 2) if align_corners else ((x + 1.0) * size - 1.0) / 2
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        low, span = (0.0, float(size - 1)) if align_corners else (-0.5, float(size))
        place = _reflected(place, low, span)
    return place.clamp(0.0, size - 1.0)


def _reflected(place: Tensor, low: float, span: float) -> Tensor:
    """Fold the line, so that it runs to and fro between low and low + span."""
    if span == 0.0:
        return place * 0.0
    distance = (place - low).abs()
    folds = (distance.detach() / span).floor()
    rest = distance - folds * span
    return where(folds % 2 == 0, rest, span - rest) + low


def _check(input: Tensor, grid: Tensor, n: int, mode: str, padding_mode: str) -> None:
    if mode not in ("bilinear", "nearest"):
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear' or 'nearest', but got: '{mode}'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    if n not in (2, 3) or grid.ndim != n + 2 or grid.shape[0] != input.shape[0] or grid.shape[-1] != n:
        raise RuntimeError(
            f"grid_sampler(): expected grid of shape (N, *, {n}) for an input (N, C, *), with as many dimensions and "
            f"the same N, but got input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
