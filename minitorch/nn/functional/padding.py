"""Padding: a border around the last dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...functions.public import public
from ...functions.shape import cat, flip, narrow
from ...ops import shape as s
from ...tensor import Tensor


@public
def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Add a border: `pad` is (left, right) of the last dimension, then of the one before it, and so on.

    Modes: "constant", "reflect", "replicate", "circular".  Negative widths cut off.
    """
    widths = [int(n) for n in pad]
    if len(widths) % 2 or len(widths) // 2 > input.value.ndim:
        raise RuntimeError(
            f"pad: expected two numbers for each of at most {input.value.ndim} dimensions, got {tuple(widths)}"
        )
    pairs = [(widths[2 * i], widths[2 * i + 1]) for i in range(len(widths) // 2)]
    if all(n <= 0 for n in widths):  # nothing is added: a copy all the same, never a view
        return s.copy(_constant(input, pairs, 0.0))
    if mode == "constant":
        return _constant(input, pairs, 0.0 if value is None else value)
    makers = {"reflect": _reflect, "replicate": _replicate, "circular": _circular}
    if mode not in makers:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value not in (None, 0):
        raise ValueError(f"Padding mode {mode!r} doesn't take in value argument")
    if input.value.ndim - len(pairs) not in (1, 2):
        raise NotImplementedError(
            f"Padding size {len(widths)} is not supported for {input.value.ndim}D input tensor: mode {mode!r} pads all "
            "dimensions but the first, or the first two, of (N, C, *)"
        )
    cuts = [(min(0, before), min(0, after)) for before, after in pairs]
    if mode == "circular":  # what was cut off does not come round again
        input, cuts = _constant(input, cuts, 0.0), []
    for i, (before, after) in enumerate(pairs):
        axis = input.value.ndim - 1 - i
        if before > 0 or after > 0:
            input = makers[mode](input, axis, max(0, before), max(0, after))
    return _constant(input, cuts, 0.0)


def _constant(x: Any, pairs: list[tuple[int, int]], value: float) -> Any:
    for i, (before, after) in enumerate(pairs):  # negative: cut off first
        axis = x.value.ndim - 1 - i
        cut_before, cut_after = max(0, -before), max(0, -after)
        if cut_before or cut_after:
            x = narrow(x, axis, cut_before, x.value.shape[axis] - cut_before - cut_after)
    border = [(0, 0)] * (x.value.ndim - len(pairs)) + [(max(0, a), max(0, b)) for a, b in reversed(pairs)]
    return s.pad(x, tuple(border), value) if any(a or b for a, b in border) else x


def _reflect(x: Any, axis: int, before: int, after: int) -> Any:
    n = x.value.shape[axis]
    if max(before, after) >= n:
        raise RuntimeError(
            f"Padding size should be less than the corresponding input dimension, but got: padding ({before}, "
            f"{after}) at dimension "
            f"{axis} of input {list(x.shape)}"
        )
    parts = [flip(narrow(x, axis, 1, before), axis), x, flip(narrow(x, axis, n - 1 - after, after), axis)]
    return cat([p for p in parts if p.value.shape[axis]], axis)


def _replicate(x: Any, axis: int, before: int, after: int) -> Any:
    n = x.value.shape[axis]
    sizes = list(x.value.shape)

    def edge(start: int, times: int) -> Any:
        sizes[axis] = times
        return narrow(x, axis, start, 1).expand(*sizes)

    return cat([p for p in (edge(0, before), x, edge(n - 1, after)) if p.value.shape[axis]], axis)


def _circular(x: Any, axis: int, before: int, after: int) -> Any:
    n = x.value.shape[axis]
    if max(before, after) > n:
        raise RuntimeError(
            f"Padding value causes wrapping around more than once: ({before}, {after}) at dimension {axis} of "
            f"{list(x.shape)}"
        )
    parts = [narrow(x, axis, n - before, before), x, narrow(x, axis, 0, after)]
    return cat([p for p in parts if p.value.shape[axis]], axis)
