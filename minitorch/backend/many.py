"""What NumPy does faster in another way, where an array is large; small ones, and other libraries', take the usual way."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arrays
from .devices import library

LARGE = 1 << 12  # numbers from which on it pays
CHUNK = 1 << 16  # so many stay in the cache
ROW = 1024  # so many float32 numbers BLAS may add at once
WORDS = {2: np.int16, 4: np.int32, 8: np.int64}  # integers as wide as floating-point numbers


def is_large(x: Any) -> bool:
    """Tell whether this is a large NumPy array in row-major order."""
    return type(x) is np.ndarray and x.size >= LARGE and x.flags.c_contiguous


def positive_part(x: Any) -> Any:
    r"""$\max(x, 0)$.  NumPy compares two arrays three times as fast as an array and a number.

    Measured: 0.11 ms instead of 0.32 for a million float32 numbers.
    """
    if not is_large(x):
        return library(x).maximum(x, 0)
    y, zeros, flat = np.empty(x.size, x.dtype), np.zeros(min(x.size, CHUNK), x.dtype), x.reshape(-1)
    for start in range(0, x.size, CHUNK):
        part = flat[start : start + CHUNK]
        np.maximum(part, zeros[: part.size], out=y[start : start + CHUNK])
    return y.reshape(x.shape)


def where(condition: Any, a: Any, b: Any) -> Any:
    """`where`; of an array or zero by the bits of the numbers: 0.44 ms for a million where NumPy's takes 4.6.

    A product with the condition takes as long, but makes nan of an infinity that was not chosen.
    """
    zero = type(b) is float and b == 0.0
    if (
        not zero
        or not is_large(a)
        or a.dtype.kind != "f"
        or not is_large(condition)
        or condition.shape != a.shape
        or condition.dtype != bool
    ):
        return library(condition, a, b).where(condition, a, b)
    word = WORDS[a.itemsize]
    bits = np.negative(condition.view(np.int8)).astype(word)  # all of them, or none
    np.bitwise_and(bits, a.view(word), out=bits)
    return bits.view(a.dtype)


def total(x: Any, axis: tuple[int, ...], keepdims: bool = False) -> Any:
    """`arrays.total`; of all of many float32 numbers a product with ones, whose few sums are added in double precision.

    As exact, and three times as fast: 0.04 ms, not 0.14, for a million numbers.
    """
    if not is_large(x) or x.dtype != np.float32 or len(axis) < x.ndim:
        return arrays.total(x, axis, keepdims)
    rows, flat = x.size // ROW, x.reshape(-1)
    parts = flat[: rows * ROW].reshape(rows, ROW) @ np.ones(ROW, x.dtype)
    y = parts.sum(dtype=np.float64) + flat[rows * ROW :].sum(dtype=np.float64)
    return np.full((1,) * x.ndim if keepdims else (), y, x.dtype)
