"""Convolution layers.

Legend: `N` batch, `C` input channels, `O` output channels, `L` or `H W` the size of a signal or image.
"""

from __future__ import annotations

import math
from typing import Any

from ..creation import empty
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

Sizes = int | tuple[int, ...]
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def each(size: Sizes, dims: int) -> tuple[int, ...]:
    """Return one number for each spatial dimension.

    >>> each(3, dims=2)
    (3, 3)
    """
    return (size,) * dims if isinstance(size, int) else tuple(size)


class Convolution(Module):
    """What the convolutions share: the sizes, the parameters, and the padding that is not zeros."""

    dims: int  # how many spatial dimensions
    convolve: Any  # the function that does it

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: str | Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = each(kernel_size, self.dims), each(stride, self.dims)
        self.dilation, self.padding_mode = each(dilation, self.dims), padding_mode
        self.padding = padding if isinstance(padding, str) else each(padding, self.dims)
        self._check()
        self.weight = Parameter(empty(*self._weight_shape(), *self.kernel_size, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _weight_shape(self) -> tuple[int, int]:
        return self.out_channels, self.in_channels // self.groups

    def _check(self) -> None:
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if self.out_channels % self.groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(self.padding, str) and self.padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {self.padding!r}, should be one of 'valid', 'same'")
        if self.padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in PADDING_MODES:
            raise ValueError(f"padding_mode must be one of {PADDING_MODES}, but got padding_mode='{self.padding_mode}'")

    def reset_parameters(self) -> None:
        """Draw the parameters again."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in > 0:
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def margins(self) -> list[int]:
        """Return (left, right) of every spatial dimension, the last one first, as `F.pad` takes them."""
        found: list[int] = []
        for d in reversed(range(self.dims)):
            if self.padding == "same":
                total = self.dilation[d] * (self.kernel_size[d] - 1)
                found += [total // 2, total - total // 2]
            else:
                found += [0, 0] if self.padding == "valid" else [self.padding[d]] * 2  # type: ignore[list-item]
        return found

    def forward(self, input: Tensor) -> Tensor:
        """Convolve the input with the weight, and add the bias."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self.margins(), mode=self.padding_mode), 0
        return type(self).convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """Show the sizes, and what differs from the default."""
        ones, zeros = (1,) * self.dims, (0,) * self.dims
        shown = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        shown += [f"padding={self.padding}"] if self.padding != zeros else []
        shown += [f"dilation={self.dilation}"] if self.dilation != ones else []
        shown += [f"groups={self.groups}"] if self.groups != 1 else []
        shown += ["bias=False"] if self.bias is None else []
        shown += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(shown)


class Conv1d(Convolution):
    r"""Convolution of signals.  $y_{nol} = b_o + \sum_{ci} x_{n,c,sl+di}\, w_{oci}$.

    Shapes:  (N, C, L) -> (N, O, L'), weight (O, C / groups, K), where
             $L' = \lfloor (L + 2p - d(K-1) - 1) / s \rfloor + 1$.
    """

    dims = 1
    convolve = staticmethod(F.conv1d)


class Conv2d(Convolution):
    r"""Convolution of images.  $y_{nohw} = b_o + \sum_{cij} x_{n,c,sh+di,sw+dj}\, w_{ocij}$.

    Shapes:  (N, C, H, W) -> (N, O, H', W'), weight (O, C / groups, KH, KW), each size as in `Conv1d`.

    >>> from minitorch import ones
    >>> Conv2d(3, 6, 5, padding="same")(ones(1, 3, 8, 8)).shape
    torch.Size([1, 6, 8, 8])
    """

    dims = 2
    convolve = staticmethod(F.conv2d)


class Conv3d(Convolution):
    """Convolution of volumes.

    Shapes:  (N, C, D, H, W) -> (N, O, D', H', W'), weight (O, C / groups, KD, KH, KW), each size as in `Conv1d`.
    """

    dims = 3
    convolve = staticmethod(F.conv3d)
