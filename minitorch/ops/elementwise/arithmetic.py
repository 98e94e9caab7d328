"""Sums, products, quotients and roots."""

from __future__ import annotations

from typing import Any, TypeVar

from ...backend.devices import library
from ...engine import defvjp
from ..declare import elementwise

T = TypeVar("T", bound=Any)  # a tensor, an array or a number: the result is of the same kind


@elementwise
def add(a: T, b: Any) -> T:
    r"""Sum.  $y = a + b$;  $\bar a = \bar b = \bar y$."""
    return a + b


defvjp(add, a=lambda g: g, b=lambda g: g)


@elementwise(bans="b")
def sub(a: T, b: Any) -> T:
    r"""Difference.  $y = a - b$;  $\bar a = \bar y$,  $\bar b = -\bar y$."""
    return a - b


defvjp(sub, a=lambda g: g, b=lambda g: -g)


@elementwise
def mul(a: T, b: Any) -> T:
    r"""Product.  $y = ab$;  $\bar a = \bar y\,b$,  $\bar b = \bar y\,a$."""
    return a * b


defvjp(mul, a=lambda g, b: g * b, b=lambda g, a: g * a)


@elementwise(floating=True)
def div(a: T, b: Any) -> T:
    r"""Quotient.  $y = a / b$;  $\bar a = \bar y / b$,  $\bar b = -\bar y\,y / b$."""
    return library(a, b).divide(a, b)


defvjp(div, a=lambda g, b: div(g, b), b=lambda g, y, b: -div(g * y, b))


@elementwise
def neg(x: T) -> T:
    r"""Negative.  $y = -x$;  $\bar x = -\bar y$."""
    return -x


defvjp(neg, x=lambda g: -g)


@elementwise
def square(x: T) -> T:
    r"""Square.  $y = x^2$;  $\bar x = 2\bar y\,x$."""
    return x * x


defvjp(square, x=lambda g, x: g * (2 * x))


@elementwise(floating=True)
def reciprocal(x: T) -> T:
    r"""Reciprocal.  $y = 1/x$;  $\bar x = -\bar y\,y^2$."""
    return library(x).divide(1.0, x)


defvjp(reciprocal, x=lambda g, y: -g * (y * y))


@elementwise(floating=True)
def sqrt(x: T) -> T:
    r"""Square root.  $y = \sqrt x$;  $\bar x = \bar y / 2y$."""
    return library(x).sqrt(x)


defvjp(sqrt, x=lambda g, y: div(g, 2 * y))


@elementwise(floating=True)
def rsqrt(x: T) -> T:
    r"""Reciprocal square root.  $y = x^{-1/2}$;  $\bar x = -\tfrac12 \bar y\,y^3$."""
    lib = library(x)
    return lib.divide(1.0, lib.sqrt(x))


defvjp(rsqrt, x=lambda g, y: g * (-0.5 * (y * y * y)))
