"""Max unpooling: maxima go back to where they came from, everything else is zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...functions.public import public
from ...tensor import Tensor
from .conv import per_axis

Sizes = int | Sequence[int]


def _unpool(n: int, input: Tensor, indices: Tensor, kernel: Any, stride: Any, padding: Any, output_size: Any) -> Tensor:
    name = f"max_unpool{n}d"
    if indices.value.dtype != np.int64:
        raise RuntimeError(f"{name}: elements in indices should be type int64 but got: {indices.dtype}")
    if indices.shape != input.shape:
        raise RuntimeError(
            f"{name}: Expected shape of indices to be same as that of the input tensor ({list(input.shape)}) but got "
            f"indices tensor with shape: {list(indices.shape)}"
        )
    K, padding = per_axis(f"{name}: kernel_size", kernel, n), per_axis(f"{name}: padding", padding, n)
    stride = K if stride is None else per_axis(f"{name}: stride", stride, n)
    S = _output_size(input.shape[-n:], K, stride, padding, output_size)
    lead, size = tuple(input.shape[:-n]), math.prod(S)
    flat, places = input.reshape(*lead, -1), indices.reshape(*lead, -1)
    outside = (places.value < 0) | (places.value >= size)
    if bool(outside.any()):
        wrong = int(places.value[outside][0])
        raise RuntimeError(f"{name}: Found an invalid max index: {wrong} (output volumes are of size {S})")
    return input.new_zeros(*lead, size).scatter(-1, places, flat).reshape(*lead, *S)


def _output_size(L: Any, K: Any, stride: Any, padding: Any, output_size: Any) -> tuple[int, ...]:
    r"""$(L - 1)s - 2p + K$, or a size less than a stride away from that."""
    default = tuple((length - 1) * s - 2 * p + k for length, k, s, p in zip(L, K, stride, padding, strict=True))
    if output_size is None:
        return default
    wanted = tuple(int(size) for size in output_size)[-len(default) :]
    if len(output_size) not in (len(default), len(default) + 2):
        raise ValueError(
            f"output_size should be a sequence containing {len(default)} or {len(default) + 2} elements, but it has a "
            f"length of '{len(output_size)}'"
        )
    for d, (size, middle, s) in enumerate(zip(wanted, default, stride, strict=True)):
        if not middle - s < size < middle + s:
            raise ValueError(f'invalid output_size "{wanted}" (dim {d} must be between {middle - s} and {middle + s})')
    return wanted


@public
def max_unpool1d(
    input: Tensor, indices: Tensor, kernel_size: Sizes, stride: Any = None, padding: Sizes = 0, output_size: Any = None
) -> Tensor:
    """Undo `max_pool1d` as far as can be, with the indices that it returned.  (N, C, L) -> (N, C, L')."""
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


@public
def max_unpool2d(
    input: Tensor, indices: Tensor, kernel_size: Sizes, stride: Any = None, padding: Sizes = 0, output_size: Any = None
) -> Tensor:
    """Undo `max_pool2d` as far as can be, with the indices that it returned.  (N, C, H, W) -> (N, C, H', W')."""
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


@public
def max_unpool3d(
    input: Tensor, indices: Tensor, kernel_size: Sizes, stride: Any = None, padding: Sizes = 0, output_size: Any = None
) -> Tensor:
    """Undo `max_pool3d` as far as can be, with the indices that it returned."""
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)
