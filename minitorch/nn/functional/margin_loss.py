r"""Losses with a margin: a loss of 0 once the right answer is far enough ahead of the wrong one.

Everywhere $[z]_+ = \max(0, z)$ is the hinge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...backend.arrays import arange_like
from ...functions.activation import softplus
from ...functions.public import public
from ...ops.elementwise import where
from ...tensor import Tensor
from .activation import logsigmoid
from .distance import pairwise_distance
from .loss import chosen, reduced

# ---- pairs and triplets ----------------------------------------------------------------------------------------------


@public
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$[-t\,(x_1 - x_2) + m]_+$: the first should rank higher where $t = 1$, lower where $t = -1$."""
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    loss = (-target * (input1 - input2) + margin).clamp(min=0)
    return reduced(loss, chosen(size_average, reduce, reduction))


@public
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""A distance $x$ costs $x$ where $t = 1$ (alike), and $[m - x]_+$ where $t = -1$ (different)."""
    alike, different = where(target != -1, input, 0.0), where(target != 1, (margin - input).clamp(min=0), 0.0)
    return reduced(alike + different, chosen(size_average, reduce, reduction))


@public
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$1 - \cos(x_1, x_2)$ where $t = 1$ (alike), $[\cos(x_1, x_2) - m]_+$ where $t = -1$ (different).

    Shapes:  inputs (N, D) and target (N), or (D) and ().
    """
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if not target.ndim == input1.ndim - 1 == input2.ndim - 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    product, tiny = (input1 * input2).sum(-1), 1e-12
    cosine = product / ((input1.square().sum(-1) + tiny) * (input2.square().sum(-1) + tiny)).sqrt()
    loss = where(target == 1, 1.0 - cosine, 0.0) + where(target == -1, (cosine - margin).clamp(min=0), 0.0)
    return reduced(loss, chosen(size_average, reduce, reduction))


@public
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$[d(a, p) - d(a, n) + m]_+$ with the distance $d$ of `pairwise_distance`.

    With `swap`, the negative's distance is the smaller of $d(a, n)$ and $d(p, n)$.
    Source:  Balntas et al. 2016, "Learning local feature descriptors with triplets and shallow networks".
    """
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    reduction = chosen(size_average, reduce, reduction)
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


@public
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    r"""$[d(a, p) - d(a, n) + m]_+$ with a distance of one's own."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    d = pairwise_distance if distance_function is None else distance_function
    near, far = d(anchor, positive), d(anchor, negative)
    if swap:
        far = far.minimum(d(positive, negative))
    return reduced((near - far + margin).clamp(min=0), reduction)


# ---- classes and labels ----------------------------------------------------------------------------------------------


@public
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$\ln(1 + e^{-tx})$ for targets $t = \pm 1$."""
    return reduced(softplus(-target * input, threshold=float("inf")), chosen(size_average, reduce, reduction))


@public
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$-\frac1C \sum_c w_c \big(t_c \ln \sigma(x_c) + (1 - t_c) \ln \sigma(-x_c)\big)$: each class is yes or no.

    Shapes:  input and target (N, C), weight (C).
    """
    loss = -(target * logsigmoid(input) + (1.0 - target) * logsigmoid(-input))
    return reduced((loss if weight is None else loss * weight).mean(-1), chosen(size_average, reduce, reduction))


@public
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$\frac1C \sum_{c \ne t} w_t\,[m - x_t + x_c]_+^p$: the true class should be ahead of every other.

    Shapes:  input (N, C) and target (N), or (C) and (); weight (C).
    Source:  Crammer & Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector machines".
    """
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    x, t = (input.unsqueeze(0), target.reshape(-1)) if input.ndim < 2 else (input, target)
    N, C = x.shape
    _check_classes(x, t, weight)
    hinge = (margin - x.gather(1, t.unsqueeze(1)) + x).relu()  # (N, C)
    if p == 2:
        hinge = hinge.square()
    if weight is not None:
        hinge = hinge * weight[t].unsqueeze(1)
    other = Tensor.wrap(arange_like(C, t.value) != t.value[:, None])
    loss = where(other, hinge, 0.0).sum(1) / C
    return _over_batch(loss.reshape(target.shape), N, chosen(size_average, reduce, reduction))


def _check_classes(x: Any, t: Any, weight: Any) -> None:
    N, C = x.shape
    if t.shape != (N,):
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{N}], but got {list(t.shape)}. Input has shape {list(x.shape)}."
        )
    if weight is not None and weight.shape != (C,):
        raise RuntimeError(f"inconsistent weight size, expected {C} but got {list(weight.shape)}")
    if bool(((t.value < 0) | (t.value >= C)).any()):
        raise RuntimeError(f"multi_margin_loss: target out of range: the classes are 0 to {C - 1}")


def _over_batch(loss: Tensor, N: int, reduction: str) -> Tensor:
    """Reduce the losses of samples; the mean over no sample is 0, as PyTorch's is here."""
    return loss.sum() if reduction == "mean" and N == 0 else reduced(loss, reduction)


@public
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$\frac1C \sum_{j \in T} \sum_{i \notin T} [1 - (x_j - x_i)]_+$: every true class ahead of every other.

    The true classes of a sample stand first in its row of the target, ended by a -1.

    Shapes:  input and target (N, C) or (C).
    """
    if input.shape != target.shape:
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    x, t = (input.reshape(1, -1), target.reshape(1, -1)) if input.ndim < 2 else (input, target)
    N, C = x.shape
    if bool(((t.value < -1) | (t.value >= C)).any()):
        raise RuntimeError(f"multilabel_margin_loss: target is out of range: classes are 0 to {C - 1}, -1 ends them")
    listed = (t.value < 0).cumsum(axis=1) == 0  # (N, C): before the first -1
    named = (t.value[:, :, None] == arange_like(C, t.value)) & listed[:, :, None]  # (N, place in the list, class)
    truth = x.gather(1, Tensor.wrap(t.value * listed))  # (N, C): the outputs of the true classes
    hinge = (1.0 - truth.unsqueeze(2) + x.unsqueeze(1)).relu()  # (N, true class, other class)
    pairs = Tensor.wrap(listed[:, :, None] & ~named.any(axis=1)[:, None, :])
    loss = where(pairs, hinge, 0.0).sum((1, 2)) / C
    return _over_batch(loss.reshape(input.shape[:-1]), N, chosen(size_average, reduce, reduction))
