"""Instance normalisation: each channel of each sample by itself."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from ..tensor import Tensor
from . import functional as F
from .batchnorm import BatchNorm


class InstanceNorm(BatchNorm):
    r"""Normalise each channel of each sample, then scale and shift.

    $$y = \gamma \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}} + \beta$$

    Shapes:  (N, C, *) or (C, *) -> the same, parameters and statistics (C,).
    Raises:  ValueError for an input of another number of dimensions.
    Source:  Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022).
    """

    dims: ClassVar[int]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; in training, also move the running averages if there are any."""
        few, many = self.dims + 1, self.dims + 2
        if input.dim() not in (few, many):
            raise ValueError(f"expected {few}D or {many}D input (got {input.dim()}D input)")
        self._check_channels(input.shape[input.dim() - few])
        x = input if input.dim() == many else input.unsqueeze(0)
        statistics = self.running_mean, self.running_var
        own = self.training or not self.track_running_stats
        y = F.instance_norm(x, *statistics, self.weight, self.bias, own, self.momentum or 0.0, self.eps)
        return y if input.dim() == many else y.squeeze(0)

    def _check_channels(self, C: int) -> None:
        if self.num_features == C:
            return
        if self.affine:
            raise ValueError(f"expected input's channels to match num_features ({self.num_features}), but got: {C}.")
        warnings.warn(
            f"input's number of channels, {C}, does not match num_features, {self.num_features}, which is not used "
            "because affine=False",
            stacklevel=4,
        )


class InstanceNorm1d(InstanceNorm):
    """Instance normalisation of signals (N, C, L) or (C, L)."""

    dims = 1


class InstanceNorm2d(InstanceNorm):
    """Instance normalisation of images (N, C, H, W) or (C, H, W)."""

    dims = 2


class InstanceNorm3d(InstanceNorm):
    """Instance normalisation of volumes (N, C, D, H, W) or (C, D, H, W)."""

    dims = 3
