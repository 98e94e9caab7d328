"""Adaptive pooling layers: windows that cover the input evenly, whatever its size."""

from __future__ import annotations

from typing import Any, ClassVar

from ..tensor import Tensor
from . import functional as F
from .module import Module

OutputSizes = int | None | tuple[int | None, ...]


class AdaptiveAvgPool(Module):
    """What the adaptive means share: the size of the output."""

    pool: ClassVar[Any]

    def __init__(self, output_size: OutputSizes) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Pool the input."""
        return type(self).pool(input, self.output_size)

    def extra_repr(self) -> str:
        """Show the size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover the signal evenly, whatever its size."""

    pool = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover the image evenly, whatever its size."""

    pool = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(AdaptiveAvgPool):
    """The mean of each of `output_size` windows that cover the volume evenly, whatever its size."""

    pool = staticmethod(F.adaptive_avg_pool3d)


class AdaptiveMaxPool(Module):
    """What the adaptive maxima share: the size of the output, and whether to say where they are."""

    pool: ClassVar[Any]

    def __init__(self, output_size: OutputSizes, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Tensor) -> Any:
        """Pool the input; with `return_indices` return where the maxima were, too."""
        return type(self).pool(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Show the size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """The largest number of each of `output_size` windows that cover the signal evenly."""

    pool = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """The largest number of each of `output_size` windows that cover the image evenly."""

    pool = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """The largest number of each of `output_size` windows that cover the volume evenly."""

    pool = staticmethod(F.adaptive_max_pool3d)
