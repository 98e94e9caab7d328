"""All parameters as one vector, for methods whose step belongs to all of them together."""

from __future__ import annotations

from collections.abc import Sequence

from ..backend.devices import Array, library
from ..tensor import Tensor


def flatten(arrays: Sequence[Array]) -> Array:
    """Return the numbers of all arrays, one after the other."""
    return library(arrays[0]).concatenate([a.reshape(-1) for a in arrays])


def gradient(params: Sequence[Tensor]) -> Array:
    """Return all the gradients as one vector; zeros for a parameter that has none."""
    return flatten([library(p.value).zeros_like(p.value) if p.grad is None else p.grad.value for p in params])


def pieces(vector: Array, params: Sequence[Tensor]) -> list[Array]:
    """Cut a vector into arrays of the shapes of the parameters."""
    parts, start = [], 0
    for p in params:
        stop = start + p.value.size
        parts.append(vector[start:stop].reshape(p.value.shape))
        start = stop
    return parts


def go(params: Sequence[Tensor], start: Array, step: Array | None = None) -> None:
    """Write `start + step` into the parameters."""
    end = start if step is None else start + step
    for p, part in zip(params, pieces(end, params), strict=True):
        p.value[...] = part
        p.cell[0] += 1
