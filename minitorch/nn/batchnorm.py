"""Batch normalisation."""

from __future__ import annotations

from typing import Any

from ..creation import empty, ones, tensor, zeros
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class BatchNorm(Module):
    r"""Normalise each channel over the batch, then scale and shift.

    $$y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    In training $\mu, \sigma^2$ are the batch's (the variance biased), and running averages move towards them,
    $r \leftarrow (1 - m) r + m\,s$ (there the variance is unbiased); in evaluation the running averages are used.
    With `momentum=None` the running averages are plain means over all batches: $m = 1 / t$.

    Shapes:  (N, C, *) -> (N, C, *), all parameters and statistics (C,).
    Raises:  ValueError for an input of another number of dimensions, or one value a channel in training.
    Source:  Ioffe & Szegedy 2015, Algorithms 1 and 2 (arXiv:1502.03167).
    """

    _version = 2  # 2: num_batches_tracked
    allowed_dims: tuple[int, ...]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        new: dict[str, Any] = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(empty(num_features, **new)) if affine else None)
        self.register_parameter("bias", Parameter(empty(num_features, **new)) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, **new) if tracked else None)
        self.register_buffer("running_var", ones(num_features, **new) if tracked else None)
        self.register_buffer("num_batches_tracked", tensor(0, device=device) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the batches that were seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1.0)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Start again: scale 1, shift 0, no batch seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; in training, also move the running averages."""
        if input.dim() not in self.allowed_dims:
            allowed = " or ".join(f"{d}D" for d in self.allowed_dims)
            raise ValueError(f"expected {allowed} input (got {input.dim()}D input)")
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / self.num_batches_tracked.item()
        own_statistics = self.training or self.running_mean is None
        updates = not self.training or self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if updates else (None, None)
        return F.batch_norm(input, mean, var, self.weight, self.bias, own_statistics, momentum, self.eps)

    def _upgrade_state(self, state: dict[str, Any], prefix: str, version: int | None) -> None:
        """Accept a state from before the batches were counted."""
        if (version is None or version < 2) and self.track_running_stats:
            state.setdefault(f"{prefix}num_batches_tracked", self.num_batches_tracked)

    def extra_repr(self) -> str:
        """Show the size and the options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    """Batch normalisation of vectors (N, C) or signals (N, C, L)."""

    allowed_dims = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images (N, C, H, W)."""

    allowed_dims = (4,)


class BatchNorm3d(BatchNorm):
    """Batch normalisation of volumes (N, C, D, H, W)."""

    allowed_dims = (5,)
