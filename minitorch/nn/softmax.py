"""Softmax and its relatives: numbers along a dimension that share what there is."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .module import Module


class AlongDim(Module):
    """What `Softmax`, `LogSoftmax` and `Softmin` share: the dimension whose numbers belong together."""

    normalise: Any

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along the dimension."""
        return type(self).normalise(input, self.dim, _stacklevel=5)  # a warning is for the caller of the module

    def extra_repr(self) -> str:
        """Show the dimension."""
        return f"dim={self.dim}"


class Softmax(AlongDim):
    r"""$y_k = e^{x_k} / \sum_j e^{x_j}$."""

    normalise = staticmethod(F.softmax)


class LogSoftmax(AlongDim):
    r"""$y_k = x_k - \ln \sum_j e^{x_j}$."""

    normalise = staticmethod(F.log_softmax)


class Softmin(AlongDim):
    r"""$y_k = e^{-x_k} / \sum_j e^{-x_j}$."""

    normalise = staticmethod(F.softmin)


class Softmax2d(Module):
    """Softmax over the channels of every pixel: (N, C, H, W) or (C, H, W) -> the same."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along the channels."""
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, but got {input.dim()}D instead")
        return F.softmax(input, -3)
