"""Matrix products with PyTorch's signatures.  The formulas and their derivatives are in `ops/linalg.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import Variable
from ..ops import elementwise as e
from ..ops import linalg as la
from ..ops import reduction as r
from ..ops import shape as s
from ..ops.refusals import clash, refuse_kind
from .public import public
from .view import expand

if TYPE_CHECKING:
    from ..tensor import Tensor


_WORDS = {"float64": "double", "float32": "float", "float16": "c10::Half", "int64": "long int", "int32": "int"}


def _check_product(name: str, a: Any, b: Any, *ndims: int) -> None:
    """Refuse operands of other ranks than the function takes, of unequal inner sizes, or of unequal types."""
    n, m = a.value.shape, b.value.shape
    for shape, ndim, word in zip((n, m), ndims, ("self", "mat2"), strict=False):
        if len(shape) != ndim:
            raise RuntimeError(
                f"{word} must be a {'matrix' if ndim == 2 else f'{ndim}D tensor'}: {name} got {list(n)}, {list(m)}"
            )
    inner = m[-2] if len(m) > 1 else m[-1]
    if n[-1] != inner:
        if len(m) == 1:
            raise RuntimeError(
                f"size mismatch, got input ({n[0]}), mat ({_by(n)}), vec ({_by(m)})"
                if len(n) > 1
                else f"inconsistent tensor size, expected tensor {list(n)} and src {list(m)} to have the same "
                f"number of "
                f"elements, but got {n[0]} and {m[0]} elements respectively"
            )
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({_by(n)} and {_by(m)}): {name} needs the last size of "
            f"the first, "
            f"{n[-1]}, to be the {'next to last ' if len(m) > 1 else ''}size of the second, {inner}"
        )
    one, two = a.value.dtype, b.value.dtype
    if one.kind == two.kind == "b":
        raise refuse_kind(name, [a.value])
    if one != two:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {_WORDS.get(one.name, one.name)} != "
            f"{_WORDS.get(two.name, two.name)}; convert one with .to(dtype)"
        )


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


@public
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
        raise RuntimeError(f"matmul: {clash([tuple(x.value.shape[:-2]) for x in (a, b)])}") from None
    shape = y.value.shape
    if input.value.ndim == 1:
        y = s.reshape(y, (*shape[:-2], shape[-1]))
    return s.reshape(y, y.value.shape[:-1]) if other.value.ndim == 1 else y


@public
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Product of two matrices."""
    _check_product("mm", input, mat2, 2, 2)
    return la.matmul(input, mat2)


@public
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Products of two batches of matrices: (B, n, k) (B, k, m) -> (B, n, m)."""
    for x, word in ((input, "batch1"), (mat2, "batch2")):
        if x.value.ndim != 3:
            raise RuntimeError(f"{word} must be a 3D tensor, got shape {list(x.shape)}")
    n, m = input.value.shape, mat2.value.shape
    if (n[0], n[2]) != m[:2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {[n[0], n[2]]} but got: {list(m[:2])}."
        )
    _check_product("bmm", input, mat2)
    return la.matmul(input, mat2)


@public
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Product of a matrix and a vector."""
    if input.value.ndim != 2 or vec.value.ndim != 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got 1, {input.value.ndim}, {vec.value.ndim}: mv takes a matrix "
            f"and a vector"
        )
    return matmul(input, vec)


@public
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    r"""$\sum_i a_i b_i$ of two vectors."""
    if input.value.ndim != 1 or tensor.value.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.value.ndim}D and {tensor.value.ndim}D tensors")
    if input.value.dtype != tensor.value.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {input.dtype} and {tensor.dtype}"
        )
    return matmul(input, tensor)


@public
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    r"""$y_{ij} = a_i b_j$ of two vectors."""
    for x in (input, vec2):
        if x.value.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument, but got {x.value.ndim}-D")
    return e.mul(s.unsqueeze(input, 1), s.unsqueeze(vec2, 0))


ger = outer


@public
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    r"""$\beta\,C + \alpha\,AB$."""
    product = mm(mat1, mat2)
    input = expand(input, product.value.shape)
    product = product if alpha == 1 else e.mul(product, alpha)
    if beta == 0:
        return product
    return e.add(input if beta == 1 else e.mul(input, beta), product)


def einsum(equation: str, *operands: Any) -> Tensor:
    r"""Einstein's sum: letters name dimensions, a letter that the result lacks is summed over.

    `einsum("ij,jk->ik", a, b)` is the matrix product.  A letter that stands twice in one operand takes its
    diagonal; `...` stands for any dimensions; without `->`, the letters that occur once, sorted, are the result.
    """
    if not isinstance(equation, str):
        raise TypeError(
            "einsum(): the first argument is the equation, such as 'ij,jk->ik'; lists of numbers are not supported"
        )
    xs = list(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else list(operands)
    inputs, output = _parse(equation, xs)
    xs, inputs = _diagonals(xs, inputs)
    xs, inputs = _squeeze_ones(xs, inputs)
    return la.einsum(*xs, subscripts=(tuple(inputs), output))


def _parse(equation: str, xs: list[Any]) -> tuple[list[str], str]:
    """Return the letters of every operand and of the result, with the ellipses written out."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    if not xs:
        raise RuntimeError("einsum(): must specify the equation string and at least one operand")
    if len(inputs) != len(xs):
        raise RuntimeError(
            f"einsum(): {'fewer' if len(xs) < len(inputs) else 'more'} operands were provided than specified in "
            f"the equation "
            f"{equation!r}: {len(xs)} for {len(inputs)}"
        )
    for i, c in enumerate(equation):
        if not (c.isascii() and c.isalpha()) and c not in " .,->":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {i} in the equation string, subscripts must be in [a-zA-Z]"
            )
    kinds = [x.dtype for x in xs]
    if len(set(kinds)) > 1:
        raise RuntimeError(
            f"expected scalar type {kinds[0]} but found {next(k for k in kinds if k is not kinds[0])}: einsum"
        )
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in equation]
    widths = [x.value.ndim - len(t.replace("...", "")) for t, x in zip(inputs, xs, strict=True)]
    for k, (term, width, x) in enumerate(zip(inputs, widths, xs, strict=True)):
        if width < 0 or (width > 0 and "..." not in term):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term.replace('...', ''))}) does not "
                f"match the "
                f"number of dimensions ({x.value.ndim}) for operand {k} and no ellipsis was given: {term!r} for "
                f"{list(x.shape)}"
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
                    f"einsum(): subscript {c} has size {n} for operand {k} which does not broadcast with "
                    f"previously seen "
                    f"size {sizes[c]}: the operand's shape is {list(x.shape)}"
                )
    xs, inputs = list(xs), list(inputs)
    for k, (letters, x) in enumerate(zip(inputs, xs, strict=True)):
        keep = [n != 1 or c not in sizes for c, n in zip(letters, x.value.shape, strict=True)]
        if not np.all(keep):
            xs[k] = s.reshape(x, tuple(n for n, keeps in zip(x.value.shape, keep, strict=True) if keeps))
            inputs[k] = "".join(c for c, keeps in zip(letters, keep, strict=True) if keeps)
    return xs, inputs


@public
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    if input.value.ndim != 2:
        raise RuntimeError("trace: expected a matrix, but got tensor with dim " + str(input.value.ndim))
    return r.sum(s.diagonal(input), (0,))
