r"""Matrix products.  $Y = AB$ gives $\bar A = \bar Y B^\top$ and $\bar B = A^\top \bar Y$."""

from __future__ import annotations

from typing import Any

from ..backend.arrays import compact
from ..backend.devices import library
from ..engine import defvjp
from .declare import primitive, sum_to
from .reduction import sum
from .shape import broadcast_to, reshape, swap, transpose

Shape = tuple[int, ...]


@primitive
def matmul(a: Any, b: Any) -> Any:
    r"""Product of matrices, over broadcast batches.  $Y = AB$;  $\bar A = \bar Y B^\top$,  $\bar B = A^\top \bar Y$.

    Shapes:  a (*, n, k), b (*, k, m) -> (*, n, m).
    """
    return library(a).matmul(a, b)


defvjp(
    matmul,
    a=lambda g, a_shape, b: sum_to(matmul(g, swap(b)), a_shape),
    b=lambda g, a, b_shape: sum_to(matmul(swap(a), g), b_shape),
)


@primitive
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    r"""Affine map.  $y = xW^\top + b$ (F1, F3);  $\bar x = \bar y W$, $\bar W = \bar y^\top x$ (F6), $\bar b = \sum \bar y$ (F7).

    Shapes:  x (*, I), weight (O, I), bias (O) -> (*, O).
    """
    y = library(x).matmul(x, weight.T)
    if bias is not None:
        y += bias
    return y


def flat(x: Any) -> Any:
    """All axes but the last as one: (*, n) -> (rows, n)."""
    rows = 1
    for n in x.shape[:-1]:
        rows *= n
    return reshape(x, (rows, x.shape[-1]))


defvjp(
    linear,
    x=lambda g, weight: linear(g, transpose(weight, (1, 0))),
    weight=lambda g, x: matmul(swap(flat(g)), flat(x)),
    bias=lambda g: sum(flat(g), (0,)),
)


@primitive
def einsum(*xs: Any, subscripts: tuple[tuple[str, ...], str]) -> Any:
    r"""Einstein's sum.  The gradient of an operand is the sum with it and the result exchanged.

    `subscripts` are the letters of each operand, without a repeated one, and of the result.
    """
    inputs, output = subscripts
    y = library(*xs).einsum(",".join(inputs) + "->" + output, *xs, optimize=len(xs) > 1)
    return y.copy() if len(xs) == 1 else compact(y)  # of one operand, NumPy returns a view where it can


def einsum_dx(g: Any, k: int, xs: list[Any], subscripts: tuple[tuple[str, ...], str]) -> Any:
    r"""$\bar x_k$: contract $\bar y$ with the other operands; letters that only $x_k$ had were summed, so repeat along them."""
    inputs, output = subscripts
    others = [(letters, x) for j, (letters, x) in enumerate(zip(inputs, xs, strict=True)) if j != k]
    known = set(output).union(*[letters for letters, _ in others])
    target = "".join(c for c in inputs[k] if c in known)
    step = einsum(g, *[x for _, x in others], subscripts=((output, *[letters for letters, _ in others]), target))
    shape = xs[k].shape
    step = reshape(step, tuple(n if c in known else 1 for c, n in zip(inputs[k], shape, strict=True)))
    return broadcast_to(step, shape)


defvjp(einsum, xs=einsum_dx)
