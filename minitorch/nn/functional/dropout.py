"""Dropout: random zeros while training."""

from __future__ import annotations

import math
import warnings

import numpy as np

from ...backend.random import draw
from ...functions.inplace import placed
from ...functions.public import public
from ...tensor import Tensor
from .activation import SELU_ALPHA, SELU_SCALE


@public
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    r"""$y = x \odot m / (1 - p)$ with a random mask m that is 0 with probability p; x itself when not training.

    Source:  Srivastava et al. 2014.  The mask is drawn outside and is a constant of the derivative.
    """
    _check_probability(p)
    if not training or p == 0.0:
        return input
    return placed(input, input * _scaled_mask(input, tuple(input.shape), p), inplace)


def _check_probability(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _mask(input: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """Return 0 with probability p, else 1."""
    drawn = draw("random", shape, where=input.device, dtype=np.float32)
    return Tensor.wrap((drawn >= p).astype(input.value.dtype))


def _scaled_mask(input: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """Return 0 with probability p, else 1 / (1 - p)."""
    return _mask(input, shape, p) * (1.0 / (1.0 - p) if p < 1.0 else 0.0)


# ---- whole channels --------------------------------------------------------------------------------------------------


def _channels(input: Tensor) -> tuple[int, ...]:
    """Return the shape of one number a channel: (N, C, 1, ...)."""
    return (*input.shape[:2], *(1,) * (input.ndim - 2))


def _drop_channels(input: Tensor, p: float, training: bool, inplace: bool, batched: bool) -> Tensor:
    if not training or p == 0.0:
        return input
    shape = _channels(input) if batched else _channels(input.unsqueeze(0))[1:]
    return placed(input, input * _scaled_mask(input, shape, p), inplace)


@public
def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, L) or (C, L)."""
    _check_probability(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d exists to "
            "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    return _drop_channels(input, p, training, inplace, batched=input.ndim == 3)


@public
def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, H, W); an input (N, C, L) drops its channels too, with a warning, as in PyTorch."""
    _check_probability(p)
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. To maintain the 1D channel-wise "
            "dropout behavior, please switch to using dropout1d instead.",
            stacklevel=3,
        )
    elif input.ndim != 4:
        _warn_dims("dropout2d", input, "2 spatial dimensions", "3D or 4D")
    return _drop_channels(input, p, training, inplace, batched=True)


@public
def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    _check_probability(p)
    if input.ndim not in (4, 5):
        _warn_dims("dropout3d", input, "3 spatial dimensions", "4D or 5D")
    return _drop_channels(input, p, training, inplace, batched=input.ndim != 4)


def _warn_dims(name: str, input: Tensor, spatial: str, allowed: str) -> None:
    warnings.warn(
        f"{name}: Received a {input.ndim}-D input to {name}, which is deprecated and will result in an error in a "
        "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
        f"{name} exists to provide channel-wise dropout on inputs with {spatial}, a channel dimension, and an optional "
        f"batch dimension (i.e. {allowed} inputs).",
        stacklevel=4,
    )


# ---- for selu --------------------------------------------------------------------------------------------------------


@public
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    r"""Dropout that keeps mean 0 and variance 1: $y = a\,(m x + (1 - m)\,\alpha') + b$.

    $\alpha' = -s\alpha$ is what selu tends to, $a = \big((1 - p)(1 + p\alpha'^2)\big)^{-1/2}$, $b = -a p\,\alpha'$.
    Source:  Klambauer et al. 2017, section 3 (arXiv:1706.02515).
    """
    return _alpha_dropout(input, p, training, inplace, tuple(input.shape))


@public
def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Alpha dropout of whole channels."""
    return _alpha_dropout(input, p, training, inplace, _channels(input))


def _alpha_dropout(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    _check_probability(p)
    if not training or p == 0.0:
        return input
    if p == 1.0:
        return placed(input, input * 0.0, inplace)
    low = -SELU_SCALE * SELU_ALPHA
    a = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * low * low))
    mask = _mask(input, shape, p)
    return placed(input, a * (mask * input + (1.0 - mask) * low) - a * p * low, inplace)
