"""Transposed convolution layers: the way back from small to large.

Legend: `N` batch, `C` input channels, `O` output channels, `L` or `H W` the size of a signal or image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..tensor import Tensor
from . import functional as F
from .conv import Convolution, Sizes, each


class TransposedConvolution(Convolution):
    """What the transposed convolutions share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {self._get_name()}')
        if isinstance(padding, str):
            raise ValueError(f"{self._get_name()}: padding must be numbers, got {padding!r}")
        sizes = kernel_size, stride, padding, dilation
        super().__init__(in_channels, out_channels, *sizes, groups, bias, padding_mode, device, dtype)
        self.output_padding = each(output_padding, self.dims)

    def _weight_shape(self) -> tuple[int, int]:
        return self.in_channels, self.out_channels // self.groups

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Convolve with the transpose of the weight; `output_size` chooses among the sizes that are possible."""
        more = self.output_padding if output_size is None else self._padding_for(input, output_size)
        rest = self.groups, self.dilation
        return type(self).convolve(input, self.weight, self.bias, self.stride, self.padding, more, *rest)

    def _padding_for(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """Return the output padding that gives a size."""
        n, wanted = self.dims, list(output_size)
        if len(wanted) not in (n, input.dim()):
            raise ValueError(
                f"{self._get_name()}: for {input.dim()}D input, output_size must have {n} or {input.dim()} elements "
                f"(got {len(wanted)})"
            )
        wanted, L = wanted[-n:], list(input.shape[-n:])
        smallest = [
            (L[i] - 1) * self.stride[i] - 2 * self.padding[i] + self.dilation[i] * (self.kernel_size[i] - 1) + 1
            for i in range(n)
        ]
        largest = [small + step - 1 for small, step in zip(smallest, self.stride, strict=True)]
        if any(not a <= size <= b for a, size, b in zip(smallest, wanted, largest, strict=True)):
            raise ValueError(
                f"requested an output size of {tuple(output_size)}, but valid sizes range from {smallest} to {largest} "
                f"(for an input of {L})"
            )
        return tuple(size - small for size, small in zip(wanted, smallest, strict=True))

    def extra_repr(self) -> str:
        """Show the sizes, and what differs from the default."""
        shown = super().extra_repr()
        if self.output_padding == (0,) * self.dims:
            return shown
        more = f"output_padding={self.output_padding}"
        parts = shown.split(", groups=") if ", groups=" in shown else shown.split(", bias=")
        return shown.replace(parts[0], f"{parts[0]}, {more}", 1)


class ConvTranspose1d(TransposedConvolution):
    r"""Transposed convolution of signals.  $y_{no,\,sl + dk - p} \mathrel{+}= x_{ncl}\,w_{cok}$, plus $b_o$.

    Shapes:  (N, C, L) -> (N, O, L'), weight (C, O / groups, K), $L' = (L - 1)s - 2p + d(K - 1) + p_{out} + 1$.
    """

    dims = 1
    convolve = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(TransposedConvolution):
    r"""Transposed convolution of images.

    $y_{no,\,sh + di - p,\,sw + dj - p} \mathrel{+}= x_{nchw}\,w_{coij}$, plus $b_o$.

    Shapes:  (N, C, H, W) -> (N, O, H', W'), weight (C, O / groups, KH, KW), each size as in `ConvTranspose1d`.

    >>> from minitorch import ones
    >>> ConvTranspose2d(6, 3, 4, stride=2, padding=1)(ones(1, 6, 8, 8)).shape
    torch.Size([1, 3, 16, 16])
    """

    dims = 2
    convolve = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(TransposedConvolution):
    """Transposed convolution of volumes.

    Shapes:  (N, C, D, H, W) -> (N, O, D', H', W'), weight (C, O / groups, KD, KH, KW).
    """

    dims = 3
    convolve = staticmethod(F.conv_transpose3d)
