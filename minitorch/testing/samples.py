"""Numbers to test with: no two equal, none near a kink, in every layout that memory can have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..backend.devices import library

Shape = int | Sequence[int]


def numbers(
    shape: Shape = (), low: float = -2.0, high: float = 2.0, avoid: Sequence[float] = (0.0,), seed: int = 0
) -> np.ndarray[Any, Any]:
    """Return random float64 numbers from [low, high), no two of them close, none close to one to `avoid`.

    Differences are wrong where a function has a kink, or where two numbers that are compared are nearly equal.  So
    one number is drawn from the middle of each of n equal cells, and the cells keep clear of the kinks.

    >>> numbers(4).round(2)
    array([ 0.36, -1.75, -0.43,  1.72])
    """
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    cells = (rng.permutation(n) + rng.uniform(0.25, 0.75, n)) / max(n, 1)  # in (0, 1)
    kinks = sorted(k for k in avoid if low <= k < high)
    gap = (high - low) / 20
    room = high - low - gap * len(kinks)
    x = low + room * cells
    for kink in kinks:
        x = np.where(x > kink - gap / 2, x + gap, x)
    return x.reshape(shape)


def contiguous(x: Any) -> Any:
    """C order, without gaps."""
    return library(x).array(x, copy=True, order="C")


def fortran(x: Any) -> Any:
    """The first axis innermost."""
    return x.T.copy().T


def strided(x: Any) -> Any:
    """Every other number of a larger memory; what lies between is not-a-number (or the largest integer)."""
    if x.ndim == 0:
        return x.copy()
    big = library(x).empty((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
    big[...] = np.nan if x.dtype.kind in "fc" else x.dtype.kind == "b" or np.iinfo(x.dtype).max
    big[..., ::2] = x
    return big[..., ::2]


def reversed_(x: Any) -> Any:
    """Last number first in memory: negative strides."""
    if x.ndim == 0:
        return x.copy()
    back = (slice(None, None, -1),) * x.ndim
    return x[back].copy()[back]


def read_only(x: Any) -> Any:
    """Memory that refuses to be written to (only NumPy's can)."""
    x = x.copy()
    if isinstance(x, np.ndarray):
        x.flags.writeable = False
    return x


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "contiguous": contiguous,
    "fortran": fortran,
    "strided": strided,
    "reversed": reversed_,
    "read-only": read_only,
}
