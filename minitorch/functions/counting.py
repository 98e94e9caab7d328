"""Counting: how often each number occurs, which ones there are, and where others would stand among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import array_like
from ..backend.devices import beside, library
from ..engine import make
from .dims import axis_of
from .public import public
from .search import nonzero

if TYPE_CHECKING:
    from ..tensor import Tensor


@public
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … occurs in a vector; or the sum of the weights where it does."""
    x = input.value
    if x.dtype.kind not in "iu":
        raise NotImplementedError(f'"bincount_cpu" not implemented for {input.dtype}: convert it with .long()')
    if x.ndim != 1 or (x.size and int(x.min()) < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is not None and weights.value.shape != x.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    with beside(x):
        y = library(x).bincount(x, None if weights is None else weights.value, minlength)
    single = weights is not None and weights.value.dtype == "float32"
    return make(input.result, y.astype("float32" if single else "int64" if weights is None else "float64"))


@public
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many numbers fall into each of equal bins from `min` to `max` (those of the data if both are 0)."""
    x = input.detach().value.reshape(-1)
    if input.value.dtype.kind != "f":
        raise NotImplementedError(f'"histogram_cpu" not implemented for {input.dtype}: convert it with .float()')
    if bins <= 0:
        raise RuntimeError("bins must be > 0")
    if min > max:
        raise RuntimeError("max must be larger than min")
    if min == max and x.size:
        min, max = float(x.min()), float(x.max())
    if min == max:
        min, max = min - 1, max + 1
    with beside(x):
        found = library(x).histogram(x, bins, (min, max))[0]
    return make(input.result, found.astype(x.dtype))


@public
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different numbers, or the different parts along `dim`, sorted; with where each went, and how often it occurs."""
    with beside(input.value):
        axis = None if dim is None else axis_of(dim, input.value.ndim)
        found = library(input.value).unique(
            input.value, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
        )
    shape = input.value.shape if axis is None else (input.value.shape[axis],)
    values, inverse, counts = found[0], found[1].reshape(shape), found[2]
    parts = [x for x, wanted in ((values, True), (inverse, return_inverse), (counts, return_counts)) if wanted]
    tensors = tuple(make(input.result, x) for x in parts)
    return tensors if len(tensors) > 1 else tensors[0]


@public
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The numbers, or the parts along `dim`, that do not equal the one before; where each went, how long each run is."""
    lib, axis = library(input.value), 0 if dim is None else axis_of(dim, input.value.ndim)
    x = input.value.reshape(-1) if dim is None else lib.moveaxis(input.value, axis, 0)
    differs = (x[1:] != x[:-1]).any(axis=tuple(range(1, x.ndim)))
    starts = lib.concatenate([lib.ones(min(len(x), 1), dtype=bool), differs])
    places = lib.nonzero(starts)[0]
    counts = lib.diff(lib.concatenate([places, lib.asarray([len(x)])]))
    inverse = (lib.cumsum(starts) - 1).reshape(input.value.shape if dim is None else (-1,))
    values = lib.moveaxis(x[places], 0, axis)
    parts = [y for y, wanted in ((values, True), (inverse, return_inverse), (counts, return_counts)) if wanted]
    tensors = tuple(make(input.result, y) for y in parts)
    return tensors if len(tensors) > 1 else tensors[0]


def searchsorted(
    sorted_sequence: Tensor, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None
) -> Tensor:
    """Where each number would go into a sorted sequence: before its equals, or after them with `right`.

    Shapes:  sorted_sequence (n) and input of any shape, or (*, n) and (*, m) with the same leading sizes.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(
            f"torch.searchsorted(): side and right can't be set to opposites, got side of {side} "
            f"while right was {right}"
        )
    seq = sorted_sequence.value
    x = input.value if hasattr(input, "value") else array_like(input, seq, np.result_type(seq, type(input)))
    where = "right" if right or side == "right" else "left"
    if seq.ndim > 1 and seq.shape[:-1] != x.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            f"tensor and input value tensor must match, but we got {list(seq.shape)} and {list(x.shape)}"
        )
    lib = library(seq)
    with beside(seq):
        if seq.ndim == 1:
            found = lib.searchsorted(seq, x, where)
        else:
            rows = zip(seq.reshape(-1, seq.shape[-1]), x.reshape(-1, x.shape[-1]), strict=True)
            found = lib.stack([lib.searchsorted(row, values, where) for row, values in rows]).reshape(x.shape)
    return make(sorted_sequence.result, lib.asarray(found).astype("int32" if out_int32 else "int64"))


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Which of the intervals between sorted boundaries each number lies in; `right` says which end belongs to one."""
    if boundaries.value.ndim != 1:
        raise RuntimeError(f"bucketize(): boundaries tensor must be 1 dimension, but got dim({boundaries.value.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@public
def argwhere(input: Tensor) -> Tensor:
    """The indices of all numbers that are not zero: (count, ndim)."""
    return nonzero(input)
