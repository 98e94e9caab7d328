"""The few operations that need more than one call of the array library, or a different one on each."""

from __future__ import annotations

import sys
from contextvars import copy_context
from typing import Any

import numpy as np

from .devices import Array, beside, library

# What runs in a copy of this context gets IEEE results (log 0 = -inf) without a warning, as in PyTorch, and the user's
# `np.seterr` stays what it is.  `SILENT.copy().run(f)` costs a tenth of `with np.errstate(...)`.
SILENT = copy_context()
SILENT.run(np.seterr, all="ignore")
quiet = np.errstate(all="ignore")  # the same as a decorator, for what takes longer

BLOCK = 512  # so many float32 numbers may be added one after the other


def total(x: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
    """Sum over axes, with an error that hardly grows with the number of terms.

    NumPy adds pairwise along the innermost axis, but one after the other along an outer one, where
    2²⁵ float32 ones make 16,777,216.  A long outer axis is therefore added in blocks first.
    """
    if type(x) is np.ndarray and x.dtype.kind == "f" and x.itemsize < 8:
        inner = x.ndim - 1
        for a in sorted(axis):
            if x.shape[a] > BLOCK and a != inner:
                x = _add_blocks(x, a)
    return compact(x.sum(axis=axis, keepdims=keepdims, dtype=x.dtype if x.dtype.kind in "fc" else np.int64))


def compact(x: Array) -> Array:
    """Return an array in row-major order without gaps: so are new results, that a user may take a `view` of them."""
    return x if x.ndim < 2 or x.flags.c_contiguous else x.copy()


def held_alone(held: list[Array]) -> bool:
    """Tell whether only this list, of one array, holds the array and its memory, in row-major order and writable.

    Then its owner may keep it instead of a copy.  The copy of a gradient costs as much as a step of gradient descent:
    0.25 ms for a million numbers, and twice that where the memory has to be asked for.
    """
    if type(held[0]) is not np.ndarray or references is None or references(held[0]) != ALONE:
        return False
    flags = held[0].flags
    return bool(flags.owndata and flags.c_contiguous and flags.writeable)


references = getattr(sys, "getrefcount", None)  # None where nobody counts: PyPy
_fresh = [np.empty(1)]
ALONE = references(_fresh[0]) if references else 0  # what Python says of an array that only a list holds


def writable(x: Array) -> Array:
    """Return the same memory, to be written to: NumPy marks parts of what it broadcast as read-only.

    Raises:  ValueError if the memory itself is read-only.
    """
    if type(x) is np.ndarray and not x.flags.writeable:
        x = x[...]
        try:
            x.flags.writeable = True
        except ValueError:
            raise ValueError("assignment destination is read-only: clone() the tensor before writing to it") from None
    return x


def _add_blocks(x: Array, axis: int) -> Array:
    """Add every BLOCK neighbours along an axis, until no more than BLOCK are left."""
    while x.shape[axis] > BLOCK:
        blocks, rest = divmod(x.shape[axis], BLOCK)
        head = x[(slice(None),) * axis + (slice(0, blocks * BLOCK),)]
        sums = head.reshape(*x.shape[:axis], blocks, BLOCK, *x.shape[axis + 1 :]).sum(axis=axis + 1, dtype=x.dtype)
        if rest:
            tail = x[(slice(None),) * axis + (slice(blocks * BLOCK, None),)]
            sums = np.concatenate([sums, tail.sum(axis=axis, keepdims=True, dtype=x.dtype)], axis=axis)
        x = sums
    return x


def add_at(shape: tuple[int, ...], dtype: Any, key: Any, values: Array) -> Array:
    """Return zeros of a shape with the values added at the places that `key` selects; repeated places add up."""
    lib = library(values)
    with beside(values):
        result = lib.zeros(shape, dtype=dtype)
        lib.add.at(result, key, values)
    return result


def array_like(values: Any, array: Array, dtype: Any = None) -> Array:
    """Return numbers of the host as an array on the device of another array, of its type unless one is given."""
    host = np.asarray(values, dtype=array.dtype if dtype is None else dtype)
    with beside(array):
        return library(array).asarray(host)


def arange_like(n: int, array: Array) -> Array:
    """Return 0 … n-1 on the device of an array."""
    with beside(array):
        return library(array).arange(n)


def nonzero(x: Array) -> tuple[Array, ...]:
    """Return where an array is not zero, as indices for every axis; a 0-d one counts as of one axis."""
    with beside(x):
        found: tuple[Array, ...] = library(x).nonzero(x if x.ndim else x.reshape(1))
    return found


def extremes(x: Array) -> tuple[int, int]:
    """Return the smallest and the largest of an array of integers that is not empty."""
    with beside(x):
        return int(x.min()), int(x.max())
