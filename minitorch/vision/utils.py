"""Many pictures in one."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from ..creation import from_numpy
from ..tensor import Tensor

Pictures = Tensor | Sequence[Tensor]


def make_grid(
    tensor: Pictures,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Lay pictures out in rows of `nrow`, with a border of `padding` pixels.

    `normalize` stretches [min, max] of the values (or `value_range`) to [0, 1]; `scale_each` does so for each picture.

    Shapes:  (H, W), (C, H, W), (N, C, H, W) or a list of pictures -> (C, rows (H + padding) + padding, …); one channel
             becomes three, and a single picture is returned without a border.  The work is done on the CPU.
    Raises:  TypeError for what is no picture; RuntimeError for integers to be stretched; ValueError for no rows.
    """
    images = _as_batch(tensor)
    if normalize:
        _check_floats("make_grid", images)
    if nrow < 1:
        raise ValueError(f"make_grid: nrow, the number of pictures in a row, must be at least 1, got {nrow}")
    where = (tensor if isinstance(tensor, Tensor) else tensor[0]).device
    if normalize:
        parts = images if scale_each else [images]
        for part in parts:
            part[...] = _stretched(part, value_range)
    if len(images) == 1:
        return from_numpy(images[0]).to(where)
    N, C, H, W = images.shape
    columns = min(nrow, N)
    rows = math.ceil(N / columns)
    grid = np.full((C, rows * (H + padding) + padding, columns * (W + padding) + padding), pad_value, images.dtype)
    for position, image in enumerate(images):
        top = (position // columns) * (H + padding) + padding
        left = (position % columns) * (W + padding) + padding
        grid[:, top : top + H, left : left + W] = image
    return from_numpy(grid).to(where)


def save_image(tensor: Pictures, fp: str | os.PathLike[str] | BinaryIO, format: str | None = None, **grid: Any) -> None:
    """Save pictures with values in [0, 1] as one picture file (PNG, JPEG, … by the name's ending); needs Pillow.

    More keywords go to `make_grid`.

    Raises:  ModuleNotFoundError without Pillow; RuntimeError for integers.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ModuleNotFoundError("save_image needs Pillow: pip install pillow") from error
    values = make_grid(tensor, **grid).cpu().numpy()
    _check_floats("save_image", values)
    pixels = values * 255 + 0.5
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8).transpose(1, 2, 0)).save(fp, format=format)


def _as_batch(tensor: Pictures) -> np.ndarray[Any, Any]:
    """Return pictures as a new array (N, C, H, W), with three channels where there was one."""
    if not isinstance(tensor, Tensor) and not (
        isinstance(tensor, Sequence) and tensor and all(isinstance(picture, Tensor) for picture in tensor)
    ):
        raise TypeError(f"make_grid: tensor or list of tensors expected, got {type(tensor)}")
    if isinstance(tensor, Tensor):
        images = tensor.detach().cpu().numpy()
    else:
        shapes = {tuple(picture.shape) for picture in tensor}
        if len(shapes) > 1:
            raise RuntimeError(f"make_grid: all pictures must have one shape, got {sorted(shapes)}")
        images = np.stack([picture.detach().cpu().numpy() for picture in tensor])
    if not 2 <= images.ndim <= 4:
        raise ValueError(f"make_grid: pictures have 2 to 4 dimensions, got the shape {images.shape}")
    images = images.reshape((1,) * (4 - images.ndim) + images.shape)
    if images.size == 0:
        raise ValueError(f"make_grid: there is no picture in the shape {images.shape}")
    return np.repeat(images, 3, axis=1) if images.shape[1] == 1 else images.copy()


def _check_floats(who: str, images: np.ndarray[Any, Any]) -> None:
    if images.dtype.kind != "f":
        raise RuntimeError(f"{who}: values between 0 and 1 are needed, these are {images.dtype}: pass pictures / 255")


def _stretched(images: np.ndarray[Any, Any], value_range: tuple[float, float] | None) -> np.ndarray[Any, Any]:
    low, high = value_range if value_range is not None else (float(images.min()), float(images.max()))
    return (images.clip(low, high) - low) / max(high - low, 1e-5)
