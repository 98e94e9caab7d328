r"""Losses: how far the output is from the target, as one number.

`reduction` is "mean", "sum", or "none" for one number an element.  The formulas are in `functional`.
"""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module


class Loss(Module):
    """What the losses share: the reduction."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{reduction} is not a valid value for reduction: use 'mean', 'sum' or 'none'")
        self.reduction = reduction


class WeightedLoss(Loss):
    """A loss with a weight for each class or element, which moves with the module to its device."""

    def __init__(self, weight: Tensor | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)


class L1Loss(Loss):
    r"""Mean absolute error.  $L = \frac1N \sum_n |x_n - t_n|$."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the input with the target."""
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(Loss):
    r"""Mean squared error.  $L = \frac1N \sum_n (x_n - t_n)^2$."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the input with the target."""
        return F.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    r"""With $d = |x_n - t_n|$: $d^2 / 2\beta$ where $d < \beta$, else $d - \beta/2$."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the input with the target."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class NLLLoss(WeightedLoss):
    r"""Negative log-likelihood of the true class.  $L = -\sum_n w_{t_n} x_{n,t_n} / \sum_n w_{t_n}$.

    Shapes:  log-probabilities (N, C, *), class numbers (N, *) -> ().
    """

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare log-probabilities with classes."""
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class CrossEntropyLoss(WeightedLoss):
    r"""Softmax and negative log-likelihood.  $L = \frac1N \sum_n \big(\ln \sum_k e^{z_{nk}} - z_{n,t_n}\big)$.

    Shapes:  logits (N, C, *), class numbers (N, *) or probabilities (N, C, *) -> ().
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare logits with classes."""
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class BCELoss(WeightedLoss):
    r"""Binary cross-entropy of probabilities.  $L = -\frac1N \sum_n t_n \ln x_n + (1 - t_n) \ln (1 - x_n)$."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare probabilities with targets in [0, 1]."""
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    r"""Binary cross-entropy of $\sigma(z)$, safe for large $|z|$; `pos_weight` scales the term of $t = 1$."""

    def __init__(self, weight: Tensor | None = None, reduction: str = "mean", pos_weight: Tensor | None = None) -> None:
        super().__init__(weight, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare logits with targets in [0, 1]."""
        return F.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
