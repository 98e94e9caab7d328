"""Comparisons, logic and bits.  None of these has a derivative."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..backend.devices import library
from ..engine import make
from ..ops import elementwise as e
from ..ops.declare import constant, elementwise
from ..ops.elementwise import eq, ge, gt, isfinite, isinf, isnan, le, lt, ne
from ..ops.refusals import type_word
from .fits import kind_of, only_tensors
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor",
    "eq", "equal", "ge", "greater", "greater_equal", "gt", "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf",
    "isposinf", "isreal", "le", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "lt",
    "ne", "not_equal", "signbit",
]  # fmt: skip

greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne


def _as_bools(name: str, *xs: Any) -> list[Any]:
    return [x if kind_of(x) == "b" else ne(x, 0) for x in only_tensors(name, *xs)]


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both are not zero."""
    return bitwise_and(*_as_bools("logical_and", input, other))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether one of both is not zero."""
    return bitwise_or(*_as_bools("logical_or", input, other))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether just one of both is not zero."""
    return ne(*_as_bools("logical_xor", input, other))


def logical_not(input: Tensor) -> Tensor:
    """Whether it is zero."""
    return bitwise_not(*_as_bools("logical_not", input))


@elementwise(constant=True)
def bitwise_and(a: Any, b: Any) -> Any:
    """The bits that both have; of booleans, and."""
    return a & b


@elementwise(constant=True)
def bitwise_or(a: Any, b: Any) -> Any:
    """The bits that either has; of booleans, or."""
    return a | b


@elementwise(constant=True)
def bitwise_xor(a: Any, b: Any) -> Any:
    """The bits that just one has; of booleans, exclusive or."""
    return a ^ b


@elementwise(constant=True)
def bitwise_not(x: Any) -> Any:
    """The bits that it has not; of booleans, not."""
    return ~x


@elementwise(constant=True, refuses="bfc")
def bitwise_left_shift(a: Any, b: Any) -> Any:
    r"""$a \cdot 2^b$ of integers."""
    return a << b


@elementwise(constant=True, refuses="bfc")
def bitwise_right_shift(a: Any, b: Any) -> Any:
    r"""$\lfloor a / 2^b \rfloor$ of integers."""
    return a >> b


def isposinf(input: Tensor) -> Tensor:
    r"""Whether it is $+\infty$."""
    return eq(only_tensors("isposinf", input)[0], math.inf)


def isneginf(input: Tensor) -> Tensor:
    r"""Whether it is $-\infty$."""
    return eq(only_tensors("isneginf", input)[0], -math.inf)


@public
def isreal(input: Tensor) -> Tensor:
    """Whether its imaginary part is zero."""
    if input.value.dtype.kind == "c":
        return make(input.result, input.value.imag == 0)
    return eq(input, input) if input.value.dtype.kind != "f" else bitwise_or(isnan(input), eq(input, input))


@elementwise(constant=True, refuses="c")
def signbit(x: Any) -> Any:
    """Whether it is negative, -0.0 included."""
    return library(x).signbit(x) if x.dtype.kind == "f" else x < 0


@public
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    r"""Whether $|a - b| \le \text{atol} + \text{rtol}\,|b|$.  Infinities are close to themselves alone."""
    if input.value.dtype != other.value.dtype:
        raise RuntimeError(
            f"{type_word(input.dtype)} did not match {type_word(other.dtype)}: isclose "
            "compares numbers of one type, convert one with .to(...)"
        )
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    a, b = input.detach(), other.detach()
    close = eq(a, b)
    if equal_nan and kind_of(a) in "fc":
        close = bitwise_or(close, bitwise_and(isnan(a), isnan(b)))
    if kind_of(a) == "b" or (rtol == 0 and atol == 0):
        return close
    allowed = e.add(e.mul(e.abs(b), rtol), atol)
    near = bitwise_and(isfinite(allowed), le(e.abs(e.sub(a, b)), allowed))
    return bitwise_or(close, near)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all numbers are close, as `isclose` says."""
    return bool(isclose(input, other, rtol, atol, equal_nan).value.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape and the same numbers."""
    a, b = only_tensors("equal", input, other)
    return a.value.shape == b.value.shape and bool(eq(a, b).value.all())


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element is among the test elements."""
    tensor = elements if hasattr(elements, "value") else test_elements
    only_tensors("isin", tensor)
    found = _isin(getattr(elements, "value", elements), getattr(test_elements, "value", test_elements), invert=invert)
    return make(tensor.result, tensor.coerce(found))


@constant
def _isin(x: Any, among: Any, invert: bool) -> Any:
    """Whether each number is one of some others."""
    return library(x, among).isin(x, among, invert=invert)
