"""Losses of classification: what log-probabilities, or logits, cost for the true class."""

from __future__ import annotations

from typing import Any

from ...functions.activation import log_softmax
from ...functions.public import public
from ...ops import indexing as ix
from ...ops.elementwise import softplus, where
from ...tensor import Tensor
from .loss import chosen, reduced


@public
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""$-\frac1n \sum_i w_i \big(t_i \ln p_i + (1 - t_i) \ln(1 - p_i)\big)$ of probabilities p.

    Numerics: the logarithms stop at -100, as PyTorch's do, so that p = 0 and p = 1 give a finite loss.
    """
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
            f"deprecated. Please ensure they have the same size."
        )
    if bool(((input.value < 0) | (input.value > 1)).any()):
        raise RuntimeError(
            "all elements of input should be between 0 and 1: apply sigmoid first, or use "
            "binary_cross_entropy_with_logits"
        )
    loss = -(target * _log_from_minus_100(input) + (1.0 - target) * _log_from_minus_100(1.0 - input))
    return reduced(loss if weight is None else loss * weight, chosen(size_average, reduce, reduction))


def _log_from_minus_100(p: Tensor) -> Tensor:
    """Return max(ln p, -100); where it is cut the gradient is that of ln at the tiny number 1e-12, as PyTorch's."""
    cut = p < 3.8e-44
    return where(cut, p * 1e12 - 100.0, where(cut, 1.0, p).log())


@public
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    r"""Binary cross-entropy of $p = \sigma(z)$:  $(1 - t)\,z + (1 + (w_+ - 1)\,t)\,\ln(1 + e^{-z})$.

    Numerics: $\ln(1 + e^{-z})$ is softplus, which neither overflows nor cancels.
    """
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    soft = softplus(-input)
    if pos_weight is not None:
        soft = soft * ((pos_weight - 1.0) * target + 1.0)
    loss = (1.0 - target) * input + soft
    return reduced(loss if weight is None else loss * weight, chosen(size_average, reduce, reduction))


def check_classes(name: str, input: Tensor, target: Tensor, ignore_index: int) -> Any:
    """Refuse targets of another shape, of no integer type, or out of range; return those of shape (1) as ()."""
    shape = tuple(input.shape)
    if len(shape) == 1 and target.value.shape == (1,):
        target = target.reshape(())
    expected = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    got = tuple(target.shape)
    if target.value.dtype.kind not in "iu":
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target.dtype}: {name} takes class indices: convert "
            "them with .long()"
        )
    if len(got) > len(expected):
        raise RuntimeError(
            f"0D or 1D target tensor expected, multi-target not supported: {name} needs class indices of shape "
            f"{list(expected)} for an input of shape {list(shape)}, got {list(got)}: squeeze them, or, if they are "
            "one-hot, take their argmax(dim=1)"
        )
    if got != expected:
        raise ValueError(
            f"Expected input batch_size ({shape[0] if len(shape) > 1 else 1}) to match target batch_size "
            f"({got[0] if got else 1}): {name} needs a target of shape {list(expected)} for an input of shape "
            f"{list(shape)}, got {list(got)}"
        )
    C = shape[1] if len(shape) > 1 else shape[0]
    t = target.value
    wrong = ((t < 0) | (t >= C)) & (t != ignore_index)
    if bool(wrong.any()):
        raise IndexError(
            f"Target {int(t[wrong].reshape(-1)[0])} is out of bounds: {name} has {C} classes, 0 to {C - 1}"
        )
    return target


@public
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Negative log-likelihood.  $-\sum_n w_{t_n} x_{n t_n} / \sum_n w_{t_n}$ of log-probabilities x.

    Shapes:  input (N, C, *) or (C), target (N, *) or (), weight (C).  Where the target is `ignore_index`, w is 0;
    the mean over nothing is nan, as PyTorch's.
    """
    reduction = chosen(size_average, reduce, reduction)
    target = check_classes("nll_loss", input, target, ignore_index)
    return _of_true_classes(input, target, weight, ignore_index, reduction)


def _of_true_classes(input: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    r"""$-w_{t_n} x_{n t_n}$, and 0 where the target is ignored; the mean divides by the sum of the weights."""
    ignored = target.value == ignore_index
    index = target.value * ~ignored
    picked = _pick(input, index, 1 if input.ndim > 1 else 0)
    if weight is None and not ignored.any():  # the usual case, in half of the operations
        return reduced(-picked, reduction)
    kept: Any = Tensor.wrap((~ignored).astype(input.value.dtype))
    if weight is not None:
        kept = kept * ix.take(weight, (index,))
    loss = where(Tensor.wrap(ignored), 0.0, -(picked * kept))
    return loss.sum() / kept.sum() if reduction == "mean" else reduced(loss, reduction)


def _pick(x: Any, index: Any, axis: int) -> Any:
    """Return $x_{n t_n}$."""
    shape = index.shape
    return ix.gather(x, index.reshape((*shape[:axis], 1, *shape[axis:])), axis).reshape(shape)


@public
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross-entropy of logits: $-\frac1N \sum_n \ln \mathrm{softmax}(z_n)_{t_n}$.

    The target holds class indices (N, *), or probabilities of the shape of the input (N, C, *).  With
    label smoothing s, the target is $(1 - s)$ of it and $s / C$ of every class.
    Shapes:  input (N, C, *) or (C), weight (C).
    """
    reduction = chosen(size_average, reduce, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if input.ndim == 0:
        raise ValueError("cross_entropy: the input needs a dimension of classes")
    log_p = log_softmax(input, 1 if input.ndim > 1 else 0)
    if target.value.dtype.kind == "f":
        if ignore_index >= 0:
            raise RuntimeError("cross_entropy: ignore_index is not supported for floating point target")
        return _cross_entropy_of_probabilities(log_p, target, weight, reduction, label_smoothing)
    target = check_classes("cross_entropy", log_p, target, ignore_index)
    nll = _of_true_classes(log_p, target, weight, ignore_index, reduction)
    if label_smoothing == 0.0:
        return nll
    smooth = _smooth_part(log_p, target, weight, ignore_index, reduction)
    return nll * (1.0 - label_smoothing) + smooth * label_smoothing


def _along_classes(weight: Any, x: Any) -> Any:
    return weight.reshape(-1, *(1,) * (x.value.ndim - 2)) if x.value.ndim > 1 else weight


def _smooth_part(log_p: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    r"""$-\frac1C \sum_c w_c \ln p_c$ for every target that is not ignored."""
    axis = 1 if log_p.value.ndim > 1 else 0
    C = log_p.value.shape[axis]
    weighted = log_p if weight is None else log_p * _along_classes(weight, log_p)
    per_sample = weighted.sum(axis) * (-1.0 / C)
    ignored = target.value == ignore_index
    kept: Any = Tensor.wrap((~ignored).astype(log_p.value.dtype))
    per_sample = where(Tensor.wrap(ignored), 0.0, per_sample)
    if reduction != "mean":
        return reduced(per_sample, reduction)
    if weight is not None:
        kept = kept * ix.take(weight, (target.value * ~ignored,))
    return per_sample.sum() / kept.sum()


def _cross_entropy_of_probabilities(log_p: Any, target: Any, weight: Any, reduction: str, smoothing: float) -> Any:
    if target.value.shape != log_p.value.shape:
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target.dtype}: cross_entropy takes class indices, "
            f"convert them with .long(), or probabilities of the shape of the input, {list(log_p.shape)}, and got "
            f"{list(target.shape)}"
        )
    axis = 1 if log_p.value.ndim > 1 else 0
    C = log_p.value.shape[axis]
    if smoothing:
        target = target * (1.0 - smoothing) + smoothing / C
    product = target * log_p
    if weight is not None:
        product = product * _along_classes(weight, log_p)
    loss = -product.sum(axis)
    return loss.sum() / loss.value.size if reduction == "mean" else reduced(loss, reduction)
