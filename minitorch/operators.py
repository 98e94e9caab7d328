"""Python's arithmetic operators, for every kind of variable: each is a primitive of the table."""

from __future__ import annotations

from typing import Any, TypeVar

from .engine import Variable
from .ops import elementwise as e

T = TypeVar("T")


class Operators(Variable):
    """A variable that Python's operators work on, with numbers on either side."""

    __add__ = __radd__ = e.add
    __mul__ = __rmul__ = e.mul
    __sub__ = e.sub
    __truediv__ = e.div
    __neg__ = e.neg
    __abs__ = e.abs
    __lt__, __le__, __gt__, __ge__ = e.lt, e.le, e.gt, e.ge

    def __eq__(self, other: Any) -> Any:
        try:
            return e.eq(self, other)
        except TypeError:  # of a stranger: Python then says that they differ
            return NotImplemented

    def __ne__(self, other: Any) -> Any:
        try:
            return e.ne(self, other)
        except TypeError:
            return NotImplemented

    __hash__ = object.__hash__

    def __rsub__(self: T, other: Any) -> T:
        return e.sub(other, self)

    def __rtruediv__(self: T, other: Any) -> T:
        return e.div(other, self)

    def __pow__(self: T, exponent: Any) -> T:
        return e.square(self) if type(exponent) is int and exponent == 2 else e.pow(self, exponent)

    def __rpow__(self: T, base: Any) -> T:
        return e.pow(base, self)

    def __pos__(self: T) -> T:
        return self
