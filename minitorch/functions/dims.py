"""From PyTorch's `dim` to NumPy's `axis`: one number or several, from the front or the back, or None for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Dim = int | Sequence[int] | None


def axis_of(dim: int, ndim: int) -> int:
    """Return the axis, counted from the front.  A 0-d tensor may be called 1-d here, as in PyTorch."""
    n = max(ndim, 1)
    if isinstance(dim, bool) or not hasattr(dim, "__index__"):
        raise TypeError(f"dim must be int, not {type(dim).__name__}")
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return int(dim) % n


def axes_of(dim: Dim, ndim: int, keepdim: bool = False) -> tuple[int, ...]:
    """Return the axes as a tuple; all of them for None and for an empty sequence."""
    if keepdim is not False and keepdim is not True:
        raise TypeError(
            f"argument 'keepdim' must be bool, not {type(keepdim).__name__}: write several dimensions as a tuple"
        )
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return tuple(range(ndim))
    axes = [axis_of(d, ndim) for d in ([dim] if isinstance(dim, int) else dim)]
    if len(set(axes)) != len(axes):
        raise RuntimeError(
            f"dim {next(a for a in axes if axes.count(a) > 1)} appears multiple times in the list of dims"
        )
    return tuple(axes) if ndim else ()


def sizes_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Return sizes given one by one, `view(2, 3)`, or together, `view((2, 3))`."""
    if len(sizes) == 1 and not hasattr(sizes[0], "__index__"):
        sizes = tuple(sizes[0])
    if not all(hasattr(n, "__index__") for n in sizes):
        raise TypeError(f"expected integers, one by one or in one tuple, got {sizes}")
    return tuple(int(n.__index__()) for n in sizes)
