"""Looking things up in a table: rows, and sums, means or maxima of rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autograd import no_grad
from ...backend.arrays import arange_like, array_like
from ...functions.public import public
from ...ops import indexing as ix
from ...ops.elementwise import where
from ...tensor import Tensor


@public
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class, else 0.  Shapes:  (*) of integers -> (*, num_classes), int64."""
    t = tensor.value
    if t.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, got {tensor.dtype}")
    if t.size and int(t.min()) < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        if t.size == 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = int(t.max()) + 1
    if t.size and int(t.max()) >= num_classes:
        raise RuntimeError(
            f"Class values must be smaller than num_classes: {int(t.max())} with num_classes={num_classes}"
        )
    return Tensor.wrap((t[..., None] == arange_like(num_classes, t)).astype(np.int64))


@public
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    r"""Rows of a table: $y_k = W_{t_k}$.  The row `padding_idx` gets no gradient.

    With `max_norm`, rows that are looked up and longer than that are first shortened, in the table itself.  With
    `scale_grad_by_freq`, the gradient of a row is divided by how often it was looked up.  `sparse` changes nothing: the
    gradient is dense.

    Shapes:  input (*) of integers, weight (V, D) -> (*, D).
    """
    indices = _checked_indices("embedding", input, weight)
    if max_norm is not None:
        _shorten(weight, indices, max_norm, norm_type)
    rows = ix.take(weight, (indices,))
    if scale_grad_by_freq:
        rows = _shared(rows, indices, weight.shape[0])
    if padding_idx is None:
        return rows
    padding = Tensor.wrap((indices == padding_idx % weight.shape[0])[..., None])
    return where(padding, rows.detach(), rows)


def _checked_indices(name: str, input: Tensor, weight: Tensor) -> Any:
    indices = input.value
    if indices.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: expected indices of type int64 or int32, got {input.dtype}: convert them with .long()"
        )
    rows = weight.value.shape[0]
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= rows):
        raise IndexError(
            f"{name}: index out of range in self: the table has {rows} rows, the indices run from "
            f"{int(indices.min())} to {int(indices.max())}"
        )
    return indices


def _shorten(weight: Tensor, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale rows of the table, in place, so that no norm is larger than allowed."""
    with no_grad():
        used = Tensor.wrap(indices.reshape(-1))
        rows = weight.detach()[used]
        norms = rows.norm(norm_type, -1, keepdim=True)
        weight[used] = where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)


def _shared(rows: Tensor, indices: Any, V: int) -> Tensor:
    """Return the rows, with a gradient that is divided by the number of times that a row is there."""
    ones = Tensor.wrap(array_like(np.ones(indices.size), rows.value))
    counts = ix.scatter_key(ones, (V,), (indices.reshape(-1),))
    times = ix.take(counts, (indices,)).unsqueeze(-1)
    return rows.detach() + (rows - rows.detach()) / times


# ---- bags ------------------------------------------------------------------------------------------------------------


@public
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    r"""Sum, mean or maximum of the rows of each bag: $y_b = \sum_{k \in b} w_k W_{t_k}$; an empty bag gives zeros.

    Entries of `padding_idx` count as if they were not there.

    Shapes:  input (B, L), a bag a row; or (M) with `offsets` (B), where each bag begins -> (B, D).
    """
    _check_bags(input, offsets, mode, per_sample_weights)
    indices = _checked_indices("embedding_bag", input, weight).reshape(-1)
    starts = _starts(input, offsets, include_last_offset)
    bags = np.repeat(np.arange(len(starts)), np.diff(starts, append=indices.size))
    rows = embedding(
        Tensor.wrap(indices), weight, None, max_norm, norm_type, scale_grad_by_freq and mode != "max", sparse
    )
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    there = np.ones(indices.size, bool)
    if padding_idx is not None:
        there = np.asarray(Tensor.wrap(indices).cpu().value) != padding_idx % weight.shape[0]
        rows = rows.index_select(0, Tensor.wrap(array_like(np.flatnonzero(there), weight.value, np.int64)))
    bags, B = bags[there], len(starts)
    if mode == "max":
        return _maxima(rows, bags, B)
    sums = ix.scatter_key(rows, (B, weight.shape[1]), (array_like(bags, weight.value, np.int64),))
    if mode == "sum":
        return sums
    counts = np.maximum(np.bincount(bags, minlength=B), 1)
    return sums / Tensor.wrap(array_like(counts[:, None], weight.value))


def _maxima(rows: Tensor, bags: Any, B: int) -> Tensor:
    """Return the maxima of bags of rows: put each bag into a row of its own, padded by -∞."""
    sizes = np.bincount(bags, minlength=B)
    starts, longest = np.cumsum(sizes) - sizes, int(sizes.max(initial=0))
    if longest == 0:
        return rows.new_zeros(B, rows.shape[1])
    there = np.arange(longest) < sizes[:, None]  # (B, longest)
    places = np.where(there, starts[:, None] + np.arange(longest), 0)
    wide = ix.take(rows, (array_like(places, rows.value, np.int64),))  # (B, longest, D)
    mask = Tensor.wrap(array_like(there[:, :, None], rows.value, bool))
    best = where(mask, wide, -math.inf).max(1).values
    return where(Tensor.wrap(array_like(sizes[:, None] > 0, rows.value, bool)), best, 0.0)


def _starts(input: Tensor, offsets: Tensor | None, include_last_offset: bool) -> Any:
    """Return where each bag begins, as an array of the host."""
    if offsets is None:
        B, L = input.shape
        return np.arange(B) * L
    starts = np.asarray(offsets.cpu().value)
    if starts.size and starts[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {starts[0]}"
        )
    if starts.size and starts[-1] > input.shape[0]:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {input.shape[0]} but got offsets[-1] of {starts[-1]}"
        )
    return starts[:-1] if include_last_offset else starts


def _check_bags(input: Tensor, offsets: Tensor | None, mode: str, weights: Tensor | None) -> None:
    if input.ndim not in (1, 2):
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if input.ndim == 2 and offsets is not None:
        raise ValueError(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
            f"sequences. However, found offsets of type {type(offsets)}"
        )
    if input.ndim == 1 and (offsets is None or offsets.ndim != 1):
        raise ValueError(f"offsets has to be a 1D Tensor but got {offsets}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode has to be one of sum, mean or max, got {mode!r}")
    if weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}')."
        )
    if weights is not None and weights.shape != input.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({weights.shape}) is not None, then it must have the same shape as "
            f"the input ({input.shape})"
        )
