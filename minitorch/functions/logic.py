"""Comparisons, logic and bits.  None of these has a derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ops.declare import elementwise
from ..ops.elementwise import eq, ge, gt, isfinite, isinf, isnan, le, lt, ne
from .fits import kind_of, only_tensors

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "eq",
    "ge", "greater", "greater_equal", "gt", "isfinite", "isinf", "isnan", "le", "less", "less_equal", "logical_and",
    "logical_not", "logical_or", "logical_xor", "lt", "ne", "not_equal",
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
