"""Affine maps, and looking things up in a table."""

from __future__ import annotations

import numpy as np

from ...backend.arrays import arange_like
from ...functions.linalg import matmul
from ...ops import elementwise as e
from ...ops import indexing as ix
from ...ops import linalg as la
from ...ops import shape as s
from ...tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""$y = xW^\top + b$ (F1, F3, F5).

    Shapes:  input (*, I), weight (O, I) or (I), bias (O) -> (*, O).
    """
    if weight.value.ndim == 1:
        y = matmul(input, weight)
        return y if bias is None else e.add(y, bias)
    if input.value.shape[-1:] != weight.value.shape[1:]:
        rows = input.value.size // max(input.value.shape[-1], 1) if input.value.ndim else 1
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.value.shape[-1] if input.value.ndim else 1} and "
            f"{weight.value.shape[1]}x{weight.value.shape[0]}): linear needs the last size of the input to be "
            f"the {weight.value.shape[1]} "
            "features that the weight takes; flatten the input first?"
        )
    if input.value.dtype != weight.value.dtype:
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {input.dtype} and {weight.dtype}: convert one "
            f"with .to(dtype)"
        )
    return la.linear(input, weight) if bias is None else la.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""$y_o = x_1^\top W_o x_2 + b_o$.  Shapes:  (*, I), (*, J), weight (O, I, J) -> (*, O)."""
    y = la.einsum(la.flat(input1), weight, la.flat(input2), subscripts=(("ni", "oij", "nj"), "no"))
    y = s.reshape(y, (*input1.value.shape[:-1], weight.value.shape[0]))
    return y if bias is None else e.add(y, bias)


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

    Shapes:  input (*) of integers, weight (V, D) -> (*, D).
    """
    indices = input.value
    if indices.dtype.kind not in "iu":
        raise RuntimeError(
            f"embedding: expected indices of type int64 or int32, got {input.dtype}: convert them with .long()"
        )
    if max_norm is not None or scale_grad_by_freq or sparse:
        raise NotImplementedError("embedding: max_norm, scale_grad_by_freq and sparse are not supported")
    rows = weight.value.shape[0]
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= rows):
        raise IndexError(
            f"embedding: index out of range in self: the table has {rows} rows, the indices run from "
            f"{int(indices.min())} to {int(indices.max())}"
        )
    if padding_idx is None:
        return ix.take(weight, (indices,))
    row = padding_idx % rows
    padding = Tensor.wrap((indices == row)[..., None])
    taken = ix.take(weight, (indices,))
    return e.where(padding, taken.detach(), taken)


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
