"""Padding layers: a border around the last one, two or three dimensions.

The widths are (left, right, top, bottom, front, back), or one number for all sides; negative ones cut off.
"""

from __future__ import annotations

from typing import ClassVar

from ..tensor import Tensor
from . import functional as F
from .module import Module

Widths = int | tuple[int, ...]


class Pad(Module):
    """What the padding layers share: the widths, and the mode."""

    dims: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Widths) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.dims) if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Tensor) -> Tensor:
        """Put a border around the input."""
        return F.pad(input, self.padding, mode=self.mode)

    def extra_repr(self) -> str:
        """Show the widths."""
        return f"{self.padding}"


class ConstantPad(Module):
    """A border of one value."""

    dims: ClassVar[int]

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.dims) if isinstance(padding, int) else tuple(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Put a border around the input."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Show the widths and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPad):
    """A border of one value around signals."""

    dims = 1


class ConstantPad2d(ConstantPad):
    """A border of one value around images."""

    dims = 2


class ConstantPad3d(ConstantPad):
    """A border of one value around volumes."""

    dims = 3


class ZeroPad(ConstantPad):
    """A border of zeros."""

    def __init__(self, padding: Widths) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Show the widths."""
        return f"{self.padding}"


class ZeroPad1d(ZeroPad):
    """A border of zeros around signals."""

    dims = 1


class ZeroPad2d(ZeroPad):
    """A border of zeros around images."""

    dims = 2


class ZeroPad3d(ZeroPad):
    """A border of zeros around volumes."""

    dims = 3


class ReflectionPad1d(Pad):
    """A mirror image at each end of signals, without the last number itself: abc -> cb|abc|ba."""

    dims, mode = 1, "reflect"


class ReflectionPad2d(Pad):
    """A mirror image at each side of images."""

    dims, mode = 2, "reflect"


class ReflectionPad3d(Pad):
    """A mirror image at each side of volumes."""

    dims, mode = 3, "reflect"


class ReplicationPad1d(Pad):
    """The last number again and again at each end of signals: abc -> aa|abc|cc."""

    dims, mode = 1, "replicate"


class ReplicationPad2d(Pad):
    """The edge again and again at each side of images."""

    dims, mode = 2, "replicate"


class ReplicationPad3d(Pad):
    """The face again and again at each side of volumes."""

    dims, mode = 3, "replicate"


class CircularPad(Pad):
    """What comes round again: the other end."""

    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """Put a border around the input."""
        if input.dim() not in (self.dims + 1, self.dims + 2):
            raise ValueError(f"expected {self.dims + 1}D or {self.dims + 2}D input (got {input.dim()}D input)")
        return super().forward(input)


class CircularPad1d(CircularPad):
    """The other end at each end of signals: abc -> bc|abc|ab."""

    dims = 1


class CircularPad2d(CircularPad):
    """The opposite side at each side of images, a torus."""

    dims = 2


class CircularPad3d(CircularPad):
    """The opposite side at each side of volumes."""

    dims = 3
