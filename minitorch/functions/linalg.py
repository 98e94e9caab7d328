"""Matrix products with PyTorch's signatures.  The formulas and their derivatives are in `ops/linalg.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import Variable
from ..ops import elementwise as e
from ..ops import linalg as la
from ..ops import reduction as r
from ..ops import shape as s

if TYPE_CHECKING:
    from ..tensor import Tensor


def _sizes(x: Any) -> str:
    return "x".join(map(str, x.value.shape))


def _check_product(name: str, a: Any, b: Any, *ndims: int) -> None:
    """Refuse operands of other ranks than the function takes, of unequal inner sizes, or of unequal types."""
    for x, ndim, word in zip((a, b), ndims, ("self", "mat2"), strict=False):
        if x.value.ndim != ndim:
            raise RuntimeError(
                f"{name}: {word} must be a {'matrix' if ndim == 2 else f'{ndim}D tensor'}, got shape {list(x.shape)}"
            )
    inner = b.value.shape[-2] if b.value.ndim > 1 else b.value.shape[-1]
    if a.value.shape[-1] != inner:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({_sizes(a)} and {_sizes(b)}): {name} needs the last "
            f"size of the first, "
            f"{a.value.shape[-1]}, to be the {'next to last ' if b.value.ndim > 1 else ''}size of the second, {inner}"
        )
    if a.value.dtype != b.value.dtype:
        raise RuntimeError(
            f"{name}: expected m1 and m2 to have the same dtype, but got: {a.value.dtype} != {b.value.dtype}; "
            f"convert one with .to(dtype)"
        )


def matmul(input: Tensor, other: Tensor) -> Tensor:
    r"""Product of vectors, matrices, or broadcast batches of matrices; the operator `@`.

    Shapes:  (n) (n) -> ();  (*, n, k) (k) -> (*, n);  (k) (*, k, m) -> (*, m);  (*, n, k) (*, k, m) -> (*, n, m).
    """
    for x in (input, other):
        if not isinstance(x, Variable):
            raise TypeError(f"matmul(): argument must be Tensor, not {type(x).__name__}")
        if x.value.ndim == 0:
            raise RuntimeError(
                f"both arguments to matmul need to be at least 1D, but they are {input.value.ndim}D and "
                f"{other.value.ndim}D"
            )
    _check_product("matmul", input, other)
    a = s.unsqueeze(input, 0) if input.value.ndim == 1 else input
    b = s.unsqueeze(other, 1) if other.value.ndim == 1 else other
    try:
        y = la.matmul(a, b)
    except ValueError:
        raise RuntimeError(
            f"matmul: the batch sizes of {list(input.shape)} and {list(other.shape)} do not broadcast"
        ) from None
    shape = y.value.shape
    if input.value.ndim == 1:
        y = s.reshape(y, (*shape[:-2], shape[-1]))
    return s.reshape(y, y.value.shape[:-1]) if other.value.ndim == 1 else y


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Product of two matrices."""
    _check_product("mm", input, mat2, 2, 2)
    return la.matmul(input, mat2)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Products of two batches of matrices: (B, n, k) (B, k, m) -> (B, n, m)."""
    _check_product("bmm", input, mat2, 3, 3)
    if input.value.shape[0] != mat2.value.shape[0]:
        raise RuntimeError(f"bmm: the batch sizes differ: {list(input.shape)} and {list(mat2.shape)}")
    return la.matmul(input, mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Product of a matrix and a vector."""
    _check_product("mv", input, vec, 2, 1)
    return matmul(input, vec)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    r"""$\sum_i a_i b_i$ of two vectors."""
    if input.value.ndim != 1 or tensor.value.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.value.ndim}D and {tensor.value.ndim}D tensors")
    if input.value.shape != tensor.value.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor {list(input.shape)} and src {list(tensor.shape)} to "
            f"have the same number "
            f"of elements, but got {input.value.size} and {tensor.value.size} elements respectively"
        )
    return matmul(input, tensor)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    r"""$y_{ij} = a_i b_j$ of two vectors."""
    for x in (input, vec2):
        if x.value.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument, but got {x.value.ndim}-D")
    return e.mul(s.unsqueeze(input, 1), s.unsqueeze(vec2, 0))


ger = outer


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,C + \alpha\,AB$."""
    product = mm(mat1, mat2)
    product = product if alpha == 1 else e.mul(product, alpha)
    if beta == 0:
        return product
    return e.add(input if beta == 1 else e.mul(input, beta), product)


def einsum(equation: str, *operands: Any) -> Tensor:
    r"""Einstein's sum: letters name dimensions, a letter that the result lacks is summed over.

    `einsum("ij,jk->ik", a, b)` is the matrix product.  A letter that stands twice in one operand takes its
    diagonal; `...` stands for any dimensions; without `->`, the letters that occur once, sorted, are the result.
    """
    xs = list(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else list(operands)
    inputs, output = _parse(equation, xs)
    xs, inputs = _diagonals(xs, inputs)
    xs, inputs = _squeeze_ones(xs, inputs)
    return la.einsum(*xs, subscripts=(tuple(inputs), output))


def _parse(equation: str, xs: list[Any]) -> tuple[list[str], str]:
    """Return the letters of every operand and of the result, with the ellipses written out."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(xs):
        raise ValueError(f"einsum(): the equation {equation!r} names {len(inputs)} operands, but {len(xs)} were given")
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in equation]
    widths = [x.value.ndim - len(t.replace("...", "")) for t, x in zip(inputs, xs, strict=True)]
    for term, width, x in zip(inputs, widths, xs, strict=True):
        if width < 0 or (width > 0 and "..." not in term):
            raise RuntimeError(
                f"einsum(): the subscripts {term!r} do not fit an operand of {x.value.ndim} dimensions, {list(x.shape)}"
            )
    dots = "".join(free[: max(widths, default=0)])
    inputs = [t.replace("...", dots[len(dots) - w :]) for t, w in zip(inputs, widths, strict=True)]
    letters = "".join(inputs)
    if not arrow:
        right = "..." + "".join(sorted(c for c in set(letters) - set(dots) if letters.count(c) == 1))
    right = right.replace("...", dots)
    for c in right:
        if c not in letters:
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")
        if right.count(c) > 1:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
    return inputs, right


def _diagonals(xs: list[Any], inputs: list[str]) -> tuple[list[Any], list[str]]:
    """Take the diagonal wherever a letter stands twice in one operand."""
    xs, inputs = list(xs), list(inputs)
    for k, letters in enumerate(inputs):
        while len(set(letters)) < len(letters):
            c = next(c for c in letters if letters.count(c) > 1)
            i, j = letters.index(c), letters.index(c, letters.index(c) + 1)
            if xs[k].value.shape[i] != xs[k].value.shape[j]:
                raise RuntimeError(
                    f"einsum(): subscript {c} is repeated for operand {k} but the sizes don't match, "
                    f"{list(xs[k].shape)}"
                )
            xs[k] = s.diagonal(xs[k], 0, i, j)
            letters = "".join(x for n, x in enumerate(letters) if n not in (i, j)) + c
        inputs[k] = letters
    return xs, inputs


def _squeeze_ones(xs: list[Any], inputs: list[str]) -> tuple[list[Any], list[str]]:
    """Drop dimensions of size 1 that broadcast against another size; refuse sizes that do not fit."""
    sizes: dict[str, int] = {}
    for k, (letters, x) in enumerate(zip(inputs, xs, strict=True)):
        for c, n in zip(letters, x.value.shape, strict=True):
            if n != 1 and sizes.setdefault(c, n) != n:
                raise RuntimeError(
                    f"einsum(): operands do not broadcast with remapped shapes: subscript {c} has size {sizes[c]} and, "
                    f"in operand {k} of shape {list(x.shape)}, size {n}"
                )
    xs, inputs = list(xs), list(inputs)
    for k, (letters, x) in enumerate(zip(inputs, xs, strict=True)):
        keep = [n != 1 or c not in sizes for c, n in zip(letters, x.value.shape, strict=True)]
        if not np.all(keep):
            xs[k] = s.reshape(x, tuple(n for n, keeps in zip(x.value.shape, keep, strict=True) if keeps))
            inputs[k] = "".join(c for c, keeps in zip(letters, keep, strict=True) if keeps)
    return xs, inputs


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    if input.value.ndim != 2:
        raise RuntimeError("trace: expected a matrix, but got tensor with dim " + str(input.value.ndim))
    return r.sum(s.diagonal(input), (0,))
