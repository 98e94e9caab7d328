"""What the distributions share: parameters brought to one shape, and probabilities as logits."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from ..autograd import enable_grad
from ..backend.dtypes import finfo
from ..creation import tensor
from ..functions.view import broadcast_tensors
from ..tensor import Tensor


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Return numbers and tensors as tensors of one shape; numbers take the type and device of the tensors.

    Raises:  ValueError for anything else.
    """
    if not all(isinstance(v, (Tensor, Number)) for v in values):
        raise ValueError("Input arguments must all be instances of Number or torch.Tensor.")
    like = next((v for v in values if isinstance(v, Tensor)), None)
    made = [v if isinstance(v, Tensor) else _as_tensor(v, like) for v in values]
    return broadcast_tensors(*made)


def _as_tensor(number: Any, like: Tensor | None) -> Tensor:
    if like is None:
        return tensor(float(number))
    return tensor(number, dtype=like.dtype, device=like.device)


def clamp_probs(probs: Tensor) -> Tensor:
    """Keep probabilities off 0 and 1 by the machine epsilon, so that their logarithms are finite."""
    eps = float(finfo(probs.dtype).eps)
    return probs.clamp(eps, 1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    r"""Return $\log p$, or for a probability of success $\log\frac{p}{1-p}$."""
    p = clamp_probs(probs)
    return p.log() - (-p).log1p() if is_binary else p.log()


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    r"""Return the softmax, or for a success the sigmoid."""
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def sum_rightmost(value: Tensor, dims: int) -> Tensor:
    """Sum over the last dimensions."""
    return value.sum(tuple(range(-dims, 0))) if dims else value


class lazy_property:
    """A property that is computed when it is first asked for, with its graph, and kept."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function, self.__doc__ = function, function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        with enable_grad():
            value = self.function(instance)
        instance.__dict__[self.name] = value  # found before the property from now on
        return value
