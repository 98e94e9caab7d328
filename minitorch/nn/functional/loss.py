"""Losses: how wrong is it?  Each ends in `reduction`: "mean", "sum" or "none"."""

from __future__ import annotations

import warnings
from typing import Any

from ...functions import reduction as fr
from ...ops import elementwise as e
from ...ops import indexing as ix
from ...ops import reduction as r
from ...tensor import Tensor
from ...functions.activation import log_softmax


def reduce(loss: Any, reduction: str) -> Any:
    """Return the mean, the sum, or the losses themselves."""
    if reduction == "mean":
        return fr.mean(loss)
    if reduction == "sum":
        return fr.sum(loss)
    if reduction != "none":
        raise ValueError(f"{reduction} is not a valid value for reduction: use 'mean', 'sum' or 'none'")
    return loss


def _same_shape(name: str, input: Any, target: Any, strict: bool = False) -> None:
    if input.value.shape == target.value.shape:
        return
    if strict:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
            f"deprecated. Please ensure they have the same size."
        )
    warnings.warn(
        f"{name}: using a target size ({target.shape}) that is different to the input size ({input.shape}). "
        f"This will likely lead "
        "to incorrect results due to broadcasting. Please ensure they have the same size.",
        UserWarning,
        stacklevel=4,
    )


def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce_: Any = None, reduction: str = "mean"
) -> Tensor:
    r"""Mean squared error.  $\frac1n \sum_i (x_i - t_i)^2$."""
    _same_shape("mse_loss", input, target)
    return reduce(e.square(e.sub(input, target)), reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce_: Any = None, reduction: str = "mean"
) -> Tensor:
    r"""Mean absolute error.  $\frac1n \sum_i |x_i - t_i|$."""
    _same_shape("l1_loss", input, target)
    return reduce(e.abs(e.sub(input, target)), reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce_: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    r"""$\frac{d^2}{2\beta}$ where $|d| < \beta$, else $|d| - \frac\beta2$, with $d = x - t$.

    Source:  Girshick 2015 (arXiv:1504.08083).
    """
    _same_shape("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    d = e.sub(input, target)
    size = e.abs(d)
    if beta == 0:
        return reduce(size, reduction)
    return reduce(e.where(e.lt(size, beta), e.mul(e.square(d), 0.5 / beta), e.sub(size, 0.5 * beta)), reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Tensor:
    r"""$\frac{d^2}{2}$ where $|d| < \delta$, else $\delta(|d| - \frac\delta2)$, with $d = x - t$.  Source:  Huber 1964."""
    _same_shape("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    d = e.sub(input, target)
    size = e.abs(d)
    loss = e.where(e.lt(size, delta), e.mul(e.square(d), 0.5), e.mul(e.sub(size, 0.5 * delta), delta))
    return reduce(loss if weight is None else e.mul(loss, weight), reduction)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce_: Any = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$-\frac1n \sum_i w_i \big(t_i \ln p_i + (1 - t_i) \ln(1 - p_i)\big)$ of probabilities p.

    Numerics: the logarithms stop at -100, as PyTorch's do, so that p = 0 and p = 1 give a finite loss.
    """
    _same_shape("binary_cross_entropy", input, target, strict=True)
    outside = (input.value < 0).any() | (input.value > 1).any()
    if bool(outside):
        raise RuntimeError(
            "all elements of input should be between 0 and 1: apply sigmoid first, or use "
            "binary_cross_entropy_with_logits"
        )
    log_p, log_q = _log_from_minus_100(input), _log_from_minus_100(e.sub(1.0, input))
    loss = -(e.mul(target, log_p) + e.mul(e.sub(1.0, target), log_q))
    return reduce(loss if weight is None else e.mul(loss, weight), reduction)


def _log_from_minus_100(p: Any) -> Any:
    """Return max(ln p, -100); where it is cut the gradient is that of ln at the tiny number 1e-12, as PyTorch's."""
    cut = e.lt(p, 3.8e-44)
    return e.where(cut, e.add(e.mul(p, 1e12), -100.0), e.log(e.where(cut, 1.0, p)))


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce_: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    r"""Binary cross-entropy of $p = \sigma(z)$:  $(1 - t)\,z + (1 + (w_+ - 1)\,t)\,\ln(1 + e^{-z})$.

    Numerics: $\ln(1 + e^{-z})$ is softplus, which neither overflows nor cancels.
    """
    if input.value.shape != target.value.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    soft = e.softplus(e.neg(input))
    if pos_weight is not None:
        soft = e.mul(soft, e.add(e.mul(e.sub(pos_weight, 1.0), target), 1.0))
    loss = e.add(e.mul(e.sub(1.0, target), input), soft)
    return reduce(loss if weight is None else e.mul(loss, weight), reduction)


def _check_classes(name: str, input: Any, target: Any, ignore_index: int) -> None:
    """Refuse targets of another shape, of no integer type, or out of range."""
    shape = input.value.shape
    expected = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    if target.value.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: expected class indices of type int64, got {target.dtype}: convert them with .long()"
        )
    if target.value.shape != expected:
        raise ValueError(
            f"Expected input batch_size ({shape[0] if len(shape) > 1 else 1}) to match target batch_size "
            f"({target.value.shape[0] if target.value.ndim else 1}): "
            f"{name} needs a target of shape {list(expected)} for an input of shape {list(shape)}, got "
            f"{list(target.shape)}"
        )
    C = shape[1] if len(shape) > 1 else shape[0]
    t = target.value
    wrong = ((t < 0) | (t >= C)) & (t != ignore_index)
    if bool(wrong.any()):
        raise IndexError(
            f"Target {int(t[wrong].reshape(-1)[0])} is out of bounds: {name} has {C} classes, 0 to {C - 1}"
        )


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce_: Any = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Negative log-likelihood.  $-\sum_n w_{t_n} x_{n t_n} / \sum_n w_{t_n}$ of log-probabilities x.

    Shapes:  input (N, C, *) or (C), target (N, *) or (), weight (C).  Where the target is `ignore_index`, w is 0;
    the mean over nothing is nan, as PyTorch's.
    """
    _check_classes("nll_loss", input, target, ignore_index)
    ignored = target.value == ignore_index
    index = target.value * ~ignored
    axis = 1 if input.value.ndim > 1 else 0
    picked = _pick(input, index, axis)
    kept = Tensor.wrap((~ignored).astype(input.value.dtype))
    if weight is not None:
        kept = e.mul(kept, ix.take(weight, (index,)))
    loss = e.neg(e.mul(picked, kept))
    if reduction == "mean":
        return e.div(fr.sum(loss), fr.sum(kept))
    return reduce(loss, reduction)


def _pick(x: Any, index: Any, axis: int) -> Any:
    """Return $x_{n t_n}$."""
    shape = index.shape
    return ix.gather(x, index.reshape((*shape[:axis], 1, *shape[axis:])), axis).reshape(shape)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce_: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross-entropy of logits: $-\frac1N \sum_n \ln \mathrm{softmax}(z_n)_{t_n}$.

    The target holds class indices (N, *), or probabilities of the shape of the input (N, C, *).  With
    label smoothing s, the target is $(1 - s)$ of it and $s / C$ of every class.
    Shapes:  input (N, C, *) or (C), weight (C).
    """
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if input.value.ndim == 0:
        raise ValueError("cross_entropy: the input needs a dimension of classes")
    log_p = log_softmax(input, 1 if input.value.ndim > 1 else 0)
    if target.value.dtype.kind == "f":
        return _cross_entropy_of_probabilities(log_p, target, weight, reduction, label_smoothing)
    nll = nll_loss(log_p, target, weight, None, ignore_index, None, reduction)
    if label_smoothing == 0.0:
        return nll
    smooth = _smooth_part(log_p, target, weight, ignore_index, reduction)
    return e.add(e.mul(nll, 1.0 - label_smoothing), e.mul(smooth, label_smoothing))


def _along_classes(weight: Any, x: Any) -> Any:
    return weight.reshape(-1, *(1,) * (x.value.ndim - 2)) if x.value.ndim > 1 else weight


def _smooth_part(log_p: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    r"""$-\frac1C \sum_c w_c \ln p_c$ for every target that is not ignored."""
    axis = 1 if log_p.value.ndim > 1 else 0
    C = log_p.value.shape[axis]
    weighted = log_p if weight is None else e.mul(log_p, _along_classes(weight, log_p))
    per_sample = e.mul(r.sum(weighted, (axis,)), -1.0 / C)
    ignored = target.value == ignore_index
    kept = Tensor.wrap((~ignored).astype(log_p.value.dtype))
    per_sample = e.where(Tensor.wrap(ignored), 0.0, per_sample)
    if reduction != "mean":
        return reduce(per_sample, reduction)
    if weight is not None:
        kept = e.mul(kept, ix.take(weight, (target.value * ~ignored,)))
    return e.div(fr.sum(per_sample), fr.sum(kept))


def _cross_entropy_of_probabilities(log_p: Any, target: Any, weight: Any, reduction: str, smoothing: float) -> Any:
    if target.value.shape != log_p.value.shape:
        raise RuntimeError(
            f"cross_entropy: probabilities must have the shape of the input, {list(log_p.shape)}, got "
            f"{list(target.shape)}"
        )
    axis = 1 if log_p.value.ndim > 1 else 0
    C = log_p.value.shape[axis]
    if smoothing:
        target = e.add(e.mul(target, 1.0 - smoothing), smoothing / C)
    product = e.mul(target, log_p)
    if weight is not None:
        product = e.mul(product, _along_classes(weight, log_p))
    loss = e.neg(r.sum(product, (axis,)))
    if reduction == "mean":
        return e.div(fr.sum(loss), max(loss.value.size, 1))
    return reduce(loss, reduction)
