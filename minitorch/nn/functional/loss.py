r"""Losses of regression: how far numbers, or distributions, are from their targets.

Each loss ends in `reduction`: "mean", "sum" or "none" (one number an element).  The others are in
`cross_entropy` (classes), `margin_loss` (rankings and embeddings) and `ctc`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from ...functions.public import public
from ...ops.elementwise import where
from ...tensor import Tensor


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """Return the mean, the sum, or the losses themselves."""
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction != "none":
        raise ValueError(f"{reduction} is not a valid value for reduction: use 'mean', 'sum' or 'none'")
    return loss


def chosen(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the reduction; two flags said it in PyTorch's first years, and still win."""
    if size_average is None and reduce is None:
        return reduction
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.", stacklevel=4
    )
    return meant


def same_size(name: str, input: Tensor, target: Tensor) -> None:
    """Warn where the target is of another shape, and will be broadcast."""
    if input.shape != target.shape:
        warnings.warn(
            f"{name}: Using a target size ({target.shape}) that is different to the input size ({input.shape}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=4,
        )


def _weighted_mean(loss: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    r"""Reduce $w_i l_i$; the mean is $\sum_i w_i l_i / \sum_i w_i$."""
    if weight is None:
        return reduced(loss, reduction)
    if weight.shape != loss.shape:
        raise ValueError(f"Weights and input must have the same size, got {list(weight.shape)} and {list(loss.shape)}.")
    weighted = weight * loss
    return weighted.sum() / weight.sum() if reduction == "mean" else reduced(weighted, reduction)


# ---- differences -----------------------------------------------------------------------------------------------------


@public
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    r"""Mean squared error.  $\frac1n \sum_i (x_i - t_i)^2$."""
    same_size("mse_loss", input, target)
    return _weighted_mean((input - target).square(), weight, chosen(size_average, reduce, reduction))


@public
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    r"""Mean absolute error.  $\frac1n \sum_i |x_i - t_i|$."""
    same_size("l1_loss", input, target)
    return _weighted_mean((input - target).abs(), weight, chosen(size_average, reduce, reduction))


@public
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    r"""$\frac{d^2}{2\beta}$ where $|d| < \beta$, else $|d| - \frac\beta2$, with $d = x - t$.

    Source:  Girshick 2015 (arXiv:1504.08083).
    """
    same_size("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    d = input - target
    size = d.abs()
    loss = size if beta == 0 else where(size < beta, d.square() * (0.5 / beta), size - 0.5 * beta)
    return reduced(loss, chosen(size_average, reduce, reduction))


@public
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    r"""$\frac{d^2}{2}$ where $|d| < \delta$, else $\delta(|d| - \frac\delta2)$, with $d = x - t$.

    Source:  Huber 1964, "Robust estimation of a location parameter".
    """
    same_size("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    d = input - target
    size = d.abs()
    loss = where(size < delta, d.square() * 0.5, (size - 0.5 * delta) * delta)
    return reduced(loss if weight is None else loss * weight, reduction)


# ---- distributions ---------------------------------------------------------------------------------------------------


def xlogx(x: Tensor) -> Tensor:
    r"""$x \ln x$, and 0 at 0."""
    nothing = x == 0
    return where(nothing, 0.0, x * where(nothing, 1.0, x).log())


@public
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    r"""Kullback-Leibler divergence of $p$ from $q$: the sum of $p_i (\ln p_i - \ln q_i)$; the input is $\ln q$.

    The target is $p$, or $\ln p$ with `log_target`.  The divergence of distributions is reduction="batchmean": the
    sum, divided by the first size.
    """
    reduction = chosen(size_average, reduce, reduction)
    loss = target.exp() * (target - input) if log_target else xlogx(target) - target * input
    if reduction == "batchmean":
        return loss.sum() / loss.shape[0] if loss.ndim else loss
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' "
            "divides only by the batch size, and aligns with the KL div math definition.",
            stacklevel=3,
        )
    return reduced(loss, reduction)


@public
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$\lambda - t \ln \lambda$ for counts $t \sim \mathrm{Poisson}(\lambda)$; the input is $\ln\lambda$ or $\lambda$.

    With `full`, Stirling's $\ln t! \approx t \ln t - t + \frac12 \ln 2\pi t$ is added where $t > 1$.
    """
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        t = where(target > 1, target, 1.0)
        loss = loss + where(target > 1, t * t.log() - t + 0.5 * (2 * math.pi * t).log(), 0.0)
    return reduced(loss, chosen(size_average, reduce, reduction))


@public
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    r"""$\frac12 \big(\ln \sigma^2 + (\mu - t)^2 / \sigma^2\big)$ for $t \sim N(\mu, \sigma^2)$.

    With `full`, $\frac12 \ln 2\pi$ is added.  A variance below `eps` counts as `eps`, and passes its gradient on as if
    it were free.

    Shapes:  input and target (*, D), var (*, D), (*, 1), (*) or one number.
    Source:  Nix & Weigend 1994, "Estimating the mean and variance of the target probability distribution".
    """
    variance: Any = var if isinstance(var, Tensor) else input.new_full((), float(var))
    if bool((variance < 0).any()):
        raise ValueError("var has negative entry/entries")
    if variance.ndim and variance.shape != input.shape:
        if variance.shape == input.shape[:-1]:
            variance = variance.unsqueeze(-1)
        elif variance.shape != (*input.shape[:-1], 1):
            raise ValueError(f"var is of incorrect size: {list(variance.shape)} for an input of {list(input.shape)}")
    free = variance.detach()
    variance = variance + (free.clamp(min=eps) - free)
    loss = 0.5 * (variance.log() + (input - target).square() / variance)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)
