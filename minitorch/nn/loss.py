r"""Losses: how far the output is from the target, as one number.

`reduction` is "mean", "sum", or "none" for one number an element; `size_average` and `reduce` said it in PyTorch's
first years.  The formulas are in `functional`.  Losses with a margin are in `margin_loss`.
"""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .functional.loss import chosen
from .module import Module


class Loss(Module):
    """What the losses share: the reduction."""

    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = chosen(size_average, reduce, reduction)
        if self.reduction not in self.reductions:
            raise ValueError(f"{reduction} is not a valid value for reduction: use one of {', '.join(self.reductions)}")


class WeightedLoss(Loss):
    """A loss with a weight for each class or element, which moves with the module to its device."""

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
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

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the input with the target."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    r"""With $d = |x_n - t_n|$: $d^2 / 2$ where $d < \delta$, else $\delta (d - \delta/2)$."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the input with the target."""
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class KLDivLoss(Loss):
    r"""Divergence of $p$ from $q$.  $L = \sum_n p_n (\ln p_n - \ln q_n)$, of the input $\ln q$ and the target $p$."""

    reductions = ("mean", "sum", "none", "batchmean")

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare log-probabilities with probabilities."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    r"""Negative log-likelihood of counts.  $L = \lambda - t \ln \lambda$, of the input $\ln \lambda$ or $\lambda$."""

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Compare rates with counts."""
        return F.poisson_nll_loss(
            log_input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Loss):
    r"""Negative log-likelihood of normal numbers.  $L = \frac12 \big(\ln \sigma^2 + (\mu - t)^2 / \sigma^2\big)$."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Compare means and variances with numbers."""
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class NLLLoss(WeightedLoss):
    r"""Negative log-likelihood of the true class.  $L = -\sum_n w_{t_n} x_{n,t_n} / \sum_n w_{t_n}$.

    Shapes:  log-probabilities (N, C, *), class numbers (N, *) -> ().
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
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
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
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

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare logits with targets in [0, 1]."""
        return F.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class CTCLoss(Loss):
    r"""Minus the logarithm of the likelihood of labels, over all their alignments in time.

    Shapes:  log-probabilities (T, N, C), targets (N, S) or all labels in a row, lengths (N) and (N) -> ().
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        """Compare log-probabilities in time with labels."""
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
