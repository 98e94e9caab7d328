"""The transforms as functions, for the three kinds of picture: tensor (…, H, W), array (H, W) or (H, W, C), PIL image.

What comes out is of the kind that went in.  A tensor may be a batch, stays on its device, and passes gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from ...backend import dtypes
from ...creation import from_numpy, tensor
from ...functions.shape import cat
from ...tensor import Tensor
from . import sampling


class InterpolationMode(Enum):
    """How a value between pixels is found."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


PILLOW = {"nearest": 0, "nearest-exact": 0, "bilinear": 2, "bicubic": 3}  # PIL.Image.Resampling
FLIP_LEFT_RIGHT = 0  # PIL.Image.Transpose
LARGEST = {"uint8": 255, "int8": 127, "int16": 2**15 - 1, "uint16": 2**16 - 1, "int32": 2**31 - 1, "int64": 2**63 - 1}


def is_pil(picture: Any) -> bool:
    """Tell whether a picture is a PIL image, without importing PIL."""
    return not isinstance(picture, np.ndarray | Tensor) and hasattr(picture, "getbands") and hasattr(picture, "mode")


def on_planes(picture: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Apply a function of tensors (…, H, W) to a tensor or an array."""
    if isinstance(picture, Tensor):
        return change(picture)
    if picture.ndim == 2:
        return change(from_numpy(picture)).numpy()
    return np.ascontiguousarray(change(from_numpy(picture.transpose(2, 0, 1))).numpy().transpose(1, 2, 0))


def size_of(picture: Any) -> tuple[int, int]:
    """Return height and width.

    Raises:  TypeError for what is no picture.
    """
    if is_pil(picture):
        return picture.height, picture.width
    if isinstance(picture, Tensor) and picture.dim() >= 2:
        return int(picture.size(-2)), int(picture.size(-1))
    if isinstance(picture, np.ndarray) and picture.ndim in (2, 3):
        return picture.shape[0], picture.shape[1]
    what = f"{type(picture).__name__}" + (f" of shape {tuple(picture.shape)}" if hasattr(picture, "shape") else "")
    raise TypeError(f"a picture is a tensor (…, H, W), an array (H, W) or (H, W, C), or a PIL image; got {what}")


def to_tensor(pic: Any) -> Tensor:
    """Turn a picture, an array (H, W) or (H, W, C) or a PIL image, into a tensor (C, H, W).  See `ToTensor`."""
    if not is_pil(pic) and not isinstance(pic, np.ndarray):
        raise TypeError(f"to_tensor: pic should be PIL Image or ndarray. Got {type(pic)}")
    picture = np.asarray(pic)
    if picture.ndim not in (2, 3):
        raise ValueError(
            f"to_tensor: pic should be 2/3 dimensional. Got {picture.ndim} dimensions, shape {picture.shape}"
        )
    if is_pil(pic) and picture.dtype == bool:
        picture = picture.astype(np.uint8) * 255
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    if planes.dtype == np.uint8:
        return from_numpy(np.divide(planes, np.float32(255), order="C"))
    return from_numpy(np.array(planes, planes.dtype.newbyteorder("="), order="C"))


def normalize(image: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """Subtract each channel's mean and divide by its standard deviation.  See `Normalize`."""
    if not isinstance(image, Tensor):
        raise TypeError(
            f"normalize: Input tensor should be a torch tensor. Got {type(image)}: put ToTensor() before Normalize"
        )
    if not image.is_floating_point():
        raise TypeError(
            f"normalize: Input tensor should be a float tensor. Got {image.dtype}: put ToTensor() before Normalize"
        )
    if image.dim() < 3:
        raise ValueError(
            "normalize: Expected tensor to be a tensor image of size (..., C, H, W). "
            f"Got tensor.size() = {tuple(image.shape)}"
        )
    numbers = []
    for name, values in (("mean", mean), ("std", std)):
        row = np.atleast_1d(np.asarray(values, image.dtype.numpy))
        if row.ndim != 1 or len(row) not in (1, image.size(-3)):
            raise RuntimeError(
                f"normalize: {name} has {row.size} numbers, the picture of shape {tuple(image.shape)} "
                f"has {image.size(-3)} channels"
            )
        if name == "std" and not row.all():
            raise ValueError(
                f"normalize: std evaluated to zero after conversion to {image.dtype}, leading to division by zero: "
                f"std={values}"
            )
        numbers.append(tensor(row.reshape(-1, 1, 1), device=image.device))
    if inplace:
        return image.sub_(numbers[0]).div_(numbers[1])
    return (image - numbers[0]) / numbers[1]


def convert_image_dtype(image: Tensor, dtype: dtypes.dtype = dtypes.float32) -> Tensor:
    """Convert the numbers of a picture to another type and its range.  See `ConvertImageDtype`."""
    if not isinstance(image, Tensor):
        raise TypeError(f"convert_image_dtype: Input img should be Tensor Image, got {type(image).__name__}")
    most, new_most = LARGEST.get(image.dtype.name, 1), LARGEST.get(dtype.name, 1)
    if image.dtype == dtype:
        return image
    if dtype.is_floating_point:
        return image.to(dtype) if image.is_floating_point() else image.to(dtype) / float(most)
    if image.is_floating_point():
        if new_most.bit_length() > (52 if image.dtype == dtypes.float64 else 23):
            raise RuntimeError(
                f"convert_image_dtype: The cast from {image.dtype} to {dtype} cannot be performed safely: "
                f"{image.dtype} does not hold all numbers up to {new_most}"
            )
        return (image * (new_most + 1.0 - 1e-3)).to(dtype)
    if most > new_most:
        return (image // ((most + 1) // (new_most + 1))).to(dtype)
    return image.to(dtype) * ((new_most + 1) // (most + 1))


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Make a picture grey.  See `Grayscale`."""
    size_of(img)
    if is_pil(img):
        grey = img.convert("L")
        return grey if num_output_channels == 1 else grey.convert("RGB")
    if isinstance(img, np.ndarray):
        grey = on_planes(img if img.ndim == 3 else img[..., None], lambda x: _grey(x, num_output_channels))
        return grey[..., 0] if num_output_channels == 1 else grey
    return _grey(img, num_output_channels)


def _grey(x: Tensor, channels: int) -> Tensor:
    if x.dim() < 3 or x.size(-3) not in (1, 3):
        raise TypeError(f"rgb_to_grayscale: a picture has 1 or 3 channels, got the shape {tuple(x.shape)}")
    if x.size(-3) == 3:
        red, green, blue = (x.narrow(-3, channel, 1) for channel in range(3))
        x = (0.2989 * red + 0.587 * green + 0.114 * blue).to(x.dtype)
    return x.clone() if channels == 1 else cat([x] * 3, -3)


def hflip(img: Any) -> Any:
    """Mirror a picture: left becomes right."""
    size_of(img)
    return img.transpose(FLIP_LEFT_RIGHT) if is_pil(img) else on_planes(img, lambda x: x.flip(-1))


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """Cut a part out of a picture; outside of the picture there are zeros."""
    H, W = size_of(img)
    if is_pil(img):
        return img.crop((left, top, left + width, top + height))
    missing = [max(-left, 0), max(-top, 0), max(left + width - W, 0), max(top + height - H, 0)]
    if any(missing):
        img = pad(img, missing)
        left, top = left + missing[0], top + missing[1]
    return on_planes(img, lambda x: x[..., top : top + height, left : left + width])


def center_crop(img: Any, output_size: Sequence[int]) -> Any:
    """Cut out the middle; outside of the picture there are zeros."""
    H, W = size_of(img)
    height, width = output_size
    return crop(img, _margin(H, height), _margin(W, width), height, width)


def _margin(n: int, m: int) -> int:
    """Return where the m pixels in the middle of n begin; before the first one if there are fewer."""
    return round((n - m) / 2) if n >= m else -((m - n) // 2)


def pad(img: Any, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> Any:
    """Put a border around a picture: `padding` is one width, or (x, y), or (left, top, right, bottom).

    `padding_mode` is "constant" (the value `fill`), "edge", "reflect" or "symmetric", as in numpy.pad.
    """
    H, W = size_of(img)
    left, top, right, bottom = _borders(padding)
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"Padding mode should be either constant, edge, reflect or symmetric, got {padding_mode!r}")
    if is_pil(img):
        return _padded_image(img, (left, top, right, bottom), fill, padding_mode)

    def padded(x: Tensor) -> Tensor:
        if padding_mode == "constant":
            out = x.new_full((*x.shape[:-2], top + H + bottom, left + W + right), fill)
            out[..., top : top + H, left : left + W] = x
            return out
        for dim, n, before, after in ((-2, H, top, bottom), (-1, W, left, right)):
            source = np.pad(np.arange(n), (before, after), mode=padding_mode)  # type: ignore[call-overload]
            x = x.index_select(dim, tensor(source, device=x.device))
        return x

    return on_planes(img, padded)


def _borders(padding: int | Sequence[int]) -> tuple[int, ...]:
    """Return left, top, right and bottom."""
    numbers = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(numbers) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(numbers)} element tuple")
    if any(number < 0 for number in numbers):
        raise ValueError(f"pad: padding must not be negative, got {padding}: use crop")
    return numbers * (4 // len(numbers))


def _padded_image(img: Any, borders: tuple[int, ...], fill: float, padding_mode: str) -> Any:
    from PIL import Image, ImageOps

    if padding_mode == "constant":
        return ImageOps.expand(img, borders, _colour(img, fill))
    left, top, right, bottom = borders
    pixels = np.asarray(img)
    widths = ((top, bottom), (left, right), (0, 0))[: pixels.ndim]
    return Image.fromarray(np.pad(pixels, widths, mode=padding_mode))  # type: ignore[call-overload]


def _colour(img: Any, fill: float | Sequence[float]) -> Any:
    """Return a value for each channel of a PIL image: one number, as in a tensor, is for all of them."""
    bands = len(img.getbands())
    if isinstance(fill, int | float):
        return fill if bands == 1 else (int(fill),) * bands
    return tuple(int(value) for value in fill)


def resize(
    img: Any,
    size: int | Sequence[int],
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool = True,
) -> Any:
    """Change the size of a picture.  See `Resize`."""
    H, W = size_of(img)
    height, width = new_size(H, W, size, max_size)
    if (height, width) == (H, W):
        return img
    if is_pil(img):
        return img.resize((width, height), PILLOW[interpolation.value])
    return on_planes(img, lambda x: sampling.resized(x, height, width, interpolation.value, antialias))


def new_size(H: int, W: int, size: int | Sequence[int], max_size: int | None) -> tuple[int, int]:
    """Return the height and width that `size` asks for: one number is that of the shorter side."""
    numbers = (size,) if isinstance(size, int) else tuple(size)
    if len(numbers) == 2:
        if max_size is not None:
            raise ValueError("max_size should only be passed if size specifies the length of the smaller edge")
        return numbers[0], numbers[1]
    short, long = numbers[0], int(numbers[0] * max(H, W) / min(H, W))
    if max_size is not None:
        if max_size <= short:
            raise ValueError(f"max_size = {max_size} must be strictly greater than the requested size = {short}")
        if long > max_size:
            short, long = int(max_size * short / long), max_size
    return (short, long) if H <= W else (long, short)


def rotate(
    img: Any,
    angle: float,
    interpolation: InterpolationMode = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: float | Sequence[float] | None = None,
) -> Any:
    """Rotate a picture counter-clockwise, by degrees.  See `RandomRotation`."""
    size_of(img)
    if is_pil(img):
        return img.rotate(angle, PILLOW[interpolation.value], expand, center, fillcolor=_colour(img, fill or 0))
    return on_planes(img, lambda x: sampling.rotated(x, angle, interpolation.value, expand, center, fill or 0))
