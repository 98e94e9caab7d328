"""Pooling layers: each window of a signal, image or volume becomes one number."""

from __future__ import annotations

from typing import Any, ClassVar

from ..tensor import Tensor
from . import functional as F
from .module import Module

Sizes = int | tuple[int, ...]


class MaxPool(Module):
    """What the max pools share; `padding` counts as $-\\infty$."""

    pool: ClassVar[Any]

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Pool the input; with `return_indices` return where the maxima were, too."""
        sizes = self.kernel_size, self.stride, self.padding, self.dilation
        return type(self).pool(input, *sizes, self.ceil_mode, self.return_indices)

    def extra_repr(self) -> str:
        """Show the sizes."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool):
    r"""The largest value of each window of signals.  $y_{ncl} = \max_i x_{n,c,sl+di}$."""

    pool = staticmethod(F.max_pool1d)


class MaxPool2d(MaxPool):
    r"""The largest value of each window.  $y_{nchw} = \max_{ij} x_{n,c,sh+di,sw+dj}$; padding counts as $-\infty$."""

    pool = staticmethod(F.max_pool2d)


class MaxPool3d(MaxPool):
    """The largest value of each window of volumes."""

    pool = staticmethod(F.max_pool3d)


class AvgPool1d(Module):
    r"""The mean of each window of signals.  $y_{ncl} = \frac1K \sum_i x_{n,c,sl+i}$."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        numbers = (kernel_size, kernel_size if stride is None else stride, padding)
        self.kernel_size, self.stride, self.padding = ((n,) if isinstance(n, int) else n for n in numbers)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Pool the input."""
        sizes = self.kernel_size, self.stride, self.padding
        return F.avg_pool1d(input, *sizes, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """Show the sizes."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    r"""The mean of each window.  $y_{nchw} = \frac{1}{K_H K_W} \sum_{ij} x_{n,c,sh+i,sw+j}$."""

    pool: ClassVar[Any] = staticmethod(F.avg_pool2d)

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Pool the input."""
        sizes = self.kernel_size, self.stride, self.padding
        return type(self).pool(input, *sizes, self.ceil_mode, self.count_include_pad, self.divisor_override)

    def extra_repr(self) -> str:
        """Show the sizes."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """The mean of each window of volumes."""

    pool = staticmethod(F.avg_pool3d)


class LPPool(Module):
    """What the power pools share."""

    pool: ClassVar[Any]

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Pool the input."""
        return type(self).pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """Show the power and the sizes."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(LPPool):
    r"""$y = \big(\sum x^p\big)^{1/p}$ of each window of signals."""

    pool = staticmethod(F.lp_pool1d)


class LPPool2d(LPPool):
    r"""$y = \big(\sum x^p\big)^{1/p}$ of each window of images."""

    pool = staticmethod(F.lp_pool2d)


class LPPool3d(LPPool):
    r"""$y = \big(\sum x^p\big)^{1/p}$ of each window of volumes."""

    pool = staticmethod(F.lp_pool3d)


class MaxUnpool(Module):
    """What the unpools share."""

    dims: ClassVar[int]
    pool: ClassVar[Any]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        numbers = (kernel_size, kernel_size if stride is None else stride, padding)
        self.kernel_size, self.stride, self.padding = (
            (n,) * self.dims if isinstance(n, int) else tuple(n) for n in numbers
        )

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Put the maxima back, zeros everywhere else."""
        return type(self).pool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """Show the sizes."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool):
    """The reverse of `MaxPool1d`: each maximum goes back to where it came from."""

    dims, pool = 1, staticmethod(F.max_unpool1d)


class MaxUnpool2d(MaxUnpool):
    """The reverse of `MaxPool2d`: each maximum goes back to where it came from."""

    dims, pool = 2, staticmethod(F.max_unpool2d)


class MaxUnpool3d(MaxUnpool):
    """The reverse of `MaxPool3d`: each maximum goes back to where it came from."""

    dims, pool = 3, staticmethod(F.max_unpool3d)
