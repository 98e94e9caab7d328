"""Dropout: random zeros while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backend.random import draw
from ...functions.inplace import placed
from ...ops import elementwise as e
from ...tensor import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    r"""$y = x \odot m / (1 - p)$ with a random mask m that is 0 with probability p; x itself when not training.

    Source:  Srivastava et al. 2014.  The mask is drawn outside and is a constant of the derivative.
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0.0:
        return input
    return placed(input, e.mul(input, _keep_mask(input, input.value.shape, p)), inplace)


def _keep_mask(input: Any, shape: tuple[int, ...], p: float) -> Tensor:
    """Return 0 with probability p, else 1 / (1 - p)."""
    kind = input.value.dtype
    drawn = draw("random", shape, where=input.device, dtype=np.float32)
    keep = (drawn >= p).astype(kind)
    return Tensor.wrap(keep * (1.0 / (1.0 - p) if p < 1.0 else 0.0))


def _drop_channels(input: Tensor, p: float, training: bool) -> Tensor:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0.0:
        return input
    shape = input.value.shape[:2] + (1,) * (input.value.ndim - 2)
    return e.mul(input, _keep_mask(input, shape, p))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, L)."""
    return _drop_channels(input, p, training)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, H, W)."""
    return _drop_channels(input, p, training)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Drop whole channels of (N, C, D, H, W)."""
    return _drop_channels(input, p, training)
