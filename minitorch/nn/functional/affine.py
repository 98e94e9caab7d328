"""Affine maps."""

from __future__ import annotations

from ...functions.linalg import matmul
from ...functions.public import public
from ...ops import elementwise as e
from ...ops import linalg as la
from ...ops import shape as s
from ...tensor import Tensor


@public
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
    if bias is not None and bias.value.shape not in ((weight.value.shape[0],), (1,), ()):
        raise RuntimeError(
            f"linear: the bias {list(bias.shape)} must have one number for each of the {weight.value.shape[0]} features that "
            f"the weight {list(weight.shape)} gives"
        )
    return la.linear(input, weight) if bias is None else la.linear(input, weight, bias)


@public
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""$y_o = x_1^\top W_o x_2 + b_o$.  Shapes:  (*, I), (*, J), weight (O, I, J) -> (*, O)."""
    y = la.einsum(la.flat(input1), weight, la.flat(input2), subscripts=(("ni", "oij", "nj"), "no"))
    y = s.reshape(y, (*input1.value.shape[:-1], weight.value.shape[0]))
    return y if bias is None else e.add(y, bias)
