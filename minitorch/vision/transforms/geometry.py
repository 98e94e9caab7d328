"""Transforms of the place of pixels: size, part, mirror, rotation.  The random ones draw from the default stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...backend.random import default_generator
from . import functional as F
from .functional import InterpolationMode


class Resize:
    r"""A picture in another size; a number instead of (height, width) is the size of its shorter side.

    Every row of $Y = A X B^\top$ is a weighted mean of the rows of X around it, and so is every column:
    $A_{ij} \propto k((j + ½ - (i + ½)s) / \max(s, 1))$ with the scale $s = H / H'$ and the kernel
    $k(d) = \max(0, 1 - |d|)$ (bilinear).  Without `antialias` a shrinking picture passes pixels over.

    Shapes:  (*, H, W) -> (*, *size).
    """

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool = True,
    ) -> None:
        _check_mode("Resize", interpolation)
        if not isinstance(size, int) and len(tuple(size)) not in (1, 2):
            raise ValueError(f"If size is a sequence, it should have 1 or 2 values, got {size}")
        if any(n < 1 for n in ([size] if isinstance(size, int) else size)):
            raise ValueError(f"Resize: size must be positive, got {size}")
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias

    def __call__(self, img: Any) -> Any:
        """Resize a picture."""
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(size={self.size}, interpolation={self.interpolation.value}, "
            f"max_size={self.max_size}, antialias={self.antialias})"
        )


class CenterCrop:
    """The middle of a picture; a smaller picture gets a border of zeros.

    Shapes:  (*, H, W) -> (*, *size).
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _pair(size)

    def __call__(self, img: Any) -> Any:
        """Cut the middle out."""
        return F.center_crop(img, self.size)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class RandomCrop:
    """A part of a picture, anywhere in it with equal chances; `padding` puts a border around it first.

    Shapes:  (*, H, W) -> (*, *size).
    Raises:  ValueError if the picture is smaller than the part, unless `pad_if_needed`.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size, self.padding, self.pad_if_needed = _pair(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    def __call__(self, img: Any) -> Any:
        """Cut a part out."""
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        H, W = F.size_of(img)
        height, width = self.size
        if self.pad_if_needed and (height > H or width > W):
            img = F.pad(img, [max(width - W, 0), max(height - H, 0)], self.fill, self.padding_mode)
            H, W = F.size_of(img)
        if height > H or width > W:
            raise ValueError(f"Required crop size {self.size} is larger than input image size {(H, W)}")
        rng = default_generator.numpy
        top, left = int(rng.integers(H - height + 1)), int(rng.integers(W - width + 1))
        return F.crop(img, top, left, height, width)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip:
    """The mirrored picture, with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p is a probability, between 0 and 1, got {p}")
        self.p = p

    def __call__(self, img: Any) -> Any:
        """Mirror a picture, or not."""
        return F.hflip(img) if default_generator.numpy.random() < self.p else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomRotation:
    """A rotation by an angle from `degrees`, a range or one number d for (-d, d); positive is counter-clockwise.

    The corners that come into sight have the value `fill`: a number, or one for each channel.  `expand` makes the
    picture as large as the rotated one; `center` is (x, y) in pixels from the upper left corner.

    Shapes:  (*, H, W) -> the same, unless `expand`.
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: InterpolationMode = InterpolationMode.NEAREST,
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: float | Sequence[float] = 0,
    ) -> None:
        _check_mode("RandomRotation", interpolation)
        if isinstance(degrees, int | float):
            if degrees < 0:
                raise ValueError(f"If degrees is a single number, it must be positive, got {degrees}")
            degrees = (-degrees, degrees)
        if len(degrees) != 2:
            raise ValueError(f"degrees should be a sequence of length 2, got {degrees}")
        self.degrees = [float(d) for d in degrees]
        self.interpolation, self.expand, self.center, self.fill = interpolation, expand, center, fill

    def __call__(self, img: Any) -> Any:
        """Rotate a picture."""
        low, high = self.degrees
        angle = default_generator.numpy.uniform(low, high)
        return F.rotate(img, angle, self.interpolation, self.expand, self.center, self.fill)

    def __repr__(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        return (
            f"{type(self).__name__}(degrees={self.degrees}, interpolation={self.interpolation.value}, "
            f"expand={self.expand}{center}, fill={self.fill})"
        )


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    """Return (height, width)."""
    numbers = (size,) if isinstance(size, int) else tuple(size)
    if len(numbers) not in (1, 2):
        raise ValueError(f"Please provide only two dimensions (h, w) for size, got {size}")
    if any(n < 1 for n in numbers):
        raise ValueError(f"size must be positive, got {size}")
    return numbers[0], numbers[-1]


def _check_mode(who: str, mode: object) -> None:
    if not isinstance(mode, InterpolationMode):
        raise TypeError(f"{who}: interpolation should be InterpolationMode.BILINEAR or another of these, got {mode!r}")
