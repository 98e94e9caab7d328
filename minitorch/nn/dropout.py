"""Dropout layers."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module


class DropoutBase(Module):
    """What the dropouts share: the probability, and whether to work in place."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(DropoutBase):
    r"""In training, drop each number with probability $p$ and scale the rest.

    $$y = \frac{m}{1-p} \odot x, \qquad m \sim \mathrm{Bernoulli}(1-p)$$

    In evaluation $y = x$: the scale has kept the mean.

    Source:  Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(DropoutBase):
    """In training, drop whole channels of (N, C, L) or (C, L), and scale the rest."""

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(DropoutBase):
    """In training, drop whole channels of (N, C, H, W), and scale the rest.

    Source:  Tompson et al. 2014, 3.2 (arXiv:1411.4280).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(DropoutBase):
    """In training, drop whole channels of (N, C, D, H, W) or (C, D, H, W), and scale the rest."""

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(DropoutBase):
    """In training, set numbers to the value that selu tends to, so that mean 0 and variance 1 stay.

    Source:  Klambauer et al. 2017, section 3 (arXiv:1706.02515).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(DropoutBase):
    """Alpha dropout of whole channels of (N, C, *)."""

    def forward(self, input: Tensor) -> Tensor:
        """Drop, in training."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
