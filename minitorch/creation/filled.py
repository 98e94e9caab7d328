"""Tensors filled with one number, and tensors that count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..backend import dtypes
from ..backend.arrays import quiet
from ..backend.dtypes import DTYPES
from ..engine import Variable
from ..functions.fits import as_number
from ..functions.public import public
from ..functions.view import broadcast_tensors
from ..ops import shape as s
from ..ops.refusals import NUMBERS, type_word
from ..tensor import Tensor
from .place import checked, finish, like, number_type


@public
def full(
    size: Sequence[int], fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of one value everywhere; its type is that of the value."""
    if isinstance(fill_value, Variable) and fill_value.value.ndim == 0:
        fill_value = fill_value.value.item()
    if isinstance(fill_value, np.generic):
        fill_value = fill_value.item()
    if not isinstance(fill_value, NUMBERS):
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}")
    kind = number_type(dtype, dtypes.scalar_type(type(fill_value)))
    return finish(np.full(checked(size), as_number(fill_value, kind), dtype=kind.numpy), device, requires_grad)


@public
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return finish(np.zeros(checked(_given("zeros", size)), dtype=number_type(dtype).numpy), device, requires_grad)


@public
def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones: `ones(2, 3)` or `ones((2, 3))`."""
    return finish(np.ones(checked(_given("ones", size)), dtype=number_type(dtype).numpy), device, requires_grad)


@public
def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor to be written before it is read.  (Its numbers are zero here: the same program gives the same result.)"""
    return finish(np.zeros(checked(_given("empty", size)), dtype=number_type(dtype).numpy), device, requires_grad)


def _given(name: str, size: tuple[Any, ...]) -> tuple[Any, ...]:
    if not size:
        raise TypeError(f"{name}() missing 1 required positional argument: 'size'; for a 0-d tensor it is ()")
    return size


@public
def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of another tensor's shape, type and device."""
    return zeros(tuple(input.shape), requires_grad=requires_grad, **like(input, dtype, device))


@public
def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of another tensor's shape, type and device."""
    return ones(tuple(input.shape), requires_grad=requires_grad, **like(input, dtype, device))


@public
def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of another one's shape, type and device, to be written before it is read."""
    return empty(tuple(input.shape), requires_grad=requires_grad, **like(input, dtype, device))


@public
def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value everywhere, of another tensor's shape, type and device."""
    return full(tuple(input.shape), fill_value, requires_grad=requires_grad, **like(input, dtype, device))


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix (n, n), or ones on the diagonal of (n, m)."""
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return finish(np.eye(n, m, dtype=number_type(dtype).numpy), device, requires_grad)


@quiet
def arange(
    start: float | None = None,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""start, start + step, … below end.  Integers give int64, otherwise the default float.

    >>> arange(2, 10, 3)
    tensor([2, 5, 8])
    """
    if start is None and end is None:
        raise TypeError("arange() missing 1 required positional argument: 'end'")
    start, end = (0, start) if end is None else (start or 0, end)
    ends: Any = (x.value.item() if isinstance(x, Variable) else x for x in (start, end, step))
    first, last, by = ends
    whole = all(isinstance(x, (int, np.integer)) for x in (first, last, by))
    kind = number_type(dtype, dtypes.int64 if whole else None)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    if kind.rank < 2:
        first, last, by = int(first), int(last), int(by)
    if by == 0:
        raise RuntimeError("step must be nonzero")
    if (last - first) * by < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = np.arange(math.ceil((last - first) / by), dtype=np.int64 if kind.rank < 2 else np.float64)
    return finish((count * by + first).astype(kind.numpy), device, requires_grad)


@quiet
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """So many numbers at equal distances from start to end, both included."""
    numbers = _even(start, end, steps)
    kind = number_type(dtype, dtypes.scalar_type(type(numbers.dtype.type().item())))
    return finish(numbers.astype(kind.numpy), device, requires_grad)


def _even(start: Any, end: Any, steps: int) -> Any:
    if steps < 0:
        raise RuntimeError(f"number of steps must be non-negative, got {steps}")
    first, last = (x.value.item() if isinstance(x, Variable) else x for x in (start, end))
    return np.linspace(first, last, steps)


@quiet
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""$b^x$ for so many x at equal distances from start to end."""
    return finish((base ** _even(start, end, steps)).astype(number_type(dtype).numpy), device, requires_grad)


def complex(real: Tensor, imag: Tensor) -> Tensor:
    r"""$a + ib$ of two floating tensors of one shape and type."""
    one, two = (DTYPES[x.value.dtype] for x in (real, imag))
    if one.rank != 2 or two.rank != 2:
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {type_word(one)} and {type_word(two)}"
        )
    if one is not two:
        raise RuntimeError(
            f"Expected object of scalar type {type_word(one)} but got scalar type {type_word(two)} for second argument"
        )
    a, b = broadcast_tensors(real, imag)
    return s.complex(a, b)
