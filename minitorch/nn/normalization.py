"""Normalisation of each sample by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..creation import empty
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


def start_at_identity(weight: Tensor | None, bias: Tensor | None) -> None:
    """Set the scale to 1 and the shift to 0, where there is one."""
    if weight is not None:
        init.ones_(weight)
    if bias is not None:
        init.zeros_(bias)


class LayerNorm(Module):
    r"""Normalise over the last dimensions, then scale and shift.

    $$y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Shapes:  (*, normalized_shape) -> the same, weight and bias: normalized_shape.
    Source:  Ba, Kiros & Hinton 2016, eq. 4 (arXiv:1607.06450).
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        new: dict[str, Any] = {"device": device, "dtype": dtype}
        affine = elementwise_affine
        self.register_parameter("weight", Parameter(empty(self.normalized_shape, **new)) if affine else None)
        self.register_parameter("bias", Parameter(empty(self.normalized_shape, **new)) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: scale 1, shift 0."""
        start_at_identity(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Show the size and the options."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class GroupNorm(Module):
    r"""Normalise groups of channels of each sample, then scale and shift each channel.

    Shapes:  (N, C, *) -> (N, C, *), weight and bias (C,); C must be divisible by the number of groups.
    Source:  Wu & He 2018, eq. 1-7 (arXiv:1803.08494).
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups != 0:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        new: dict[str, Any] = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(empty(num_channels, **new)) if affine else None)
        self.register_parameter("bias", Parameter(empty(num_channels, **new)) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: scale 1, shift 0."""
        start_at_identity(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Show the sizes and the options."""
        sizes = f"{self.num_groups}, {self.num_channels}"
        return f"{sizes}, eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"


class RMSNorm(Module):
    r"""Divide by the root of the mean square over the last dimensions, then scale.

    $$y = \gamma \odot \frac{x}{\sqrt{\overline{x^2} + \epsilon}}$$

    Without an `eps`, it is the smallest step of the type.
    Shapes:  (*, normalized_shape) -> the same, weight: normalized_shape.
    Source:  Zhang & Sennrich 2019, eq. 4 (arXiv:1910.07467).
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(empty(self.normalized_shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: scale 1."""
        start_at_identity(self.weight, None)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise and scale."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Show the size and the options."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LocalResponseNorm(Module):
    r"""Divide by what the neighbouring channels say: $y_c = x_c / (k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2)^\beta$.

    Shapes:  (N, C, *) -> the same.
    Source:  Krizhevsky, Sutskever & Hinton 2012, 3.3.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        """Normalise."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Show the constants."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
