"""Circular and hyperbolic functions, and their inverses."""

from __future__ import annotations

from typing import Any, TypeVar

from ...backend.devices import library
from ...engine import defvjp
from ..declare import elementwise
from .arithmetic import div, rsqrt
from .piecewise import where

T = TypeVar("T", bound=Any)  # a tensor, an array or a number: the result is of the same kind


@elementwise(floating=True)
def sin(x: T) -> T:
    r"""Sine.  $y = \sin x$;  $\bar x = \bar y \cos x$."""
    return library(x).sin(x)


@elementwise(floating=True)
def cos(x: T) -> T:
    r"""Cosine.  $y = \cos x$;  $\bar x = -\bar y \sin x$."""
    return library(x).cos(x)


defvjp(sin, x=lambda g, x: g * cos(x))
defvjp(cos, x=lambda g, x: -g * sin(x))


@elementwise(floating=True)
def tan(x: T) -> T:
    r"""Tangent.  $y = \tan x$;  $\bar x = \bar y\,(1 + y^2)$."""
    return library(x).tan(x)


defvjp(tan, x=lambda g, y: g * (1 + y * y))


@elementwise(floating=True)
def asin(x: T) -> T:
    r"""Arc sine.  $\bar x = \bar y / \sqrt{1 - x^2}$."""
    return library(x).arcsin(x)


@elementwise(floating=True)
def acos(x: T) -> T:
    r"""Arc cosine.  $\bar x = -\bar y / \sqrt{1 - x^2}$."""
    return library(x).arccos(x)


defvjp(asin, x=lambda g, x: g * rsqrt(1 - x * x))
defvjp(acos, x=lambda g, x: -g * rsqrt(1 - x * x))


@elementwise(floating=True)
def atan(x: T) -> T:
    r"""Arc tangent.  $\bar x = \bar y / (1 + x^2)$."""
    return library(x).arctan(x)


defvjp(atan, x=lambda g, x: div(g, x * x + 1))


@elementwise(floating=True, refuses="c")
def atan2(a: T, b: Any) -> T:
    r"""Angle of the point (b, a).  $\bar a = \bar y\,b / (a^2 + b^2)$,  $\bar b = -\bar y\,a / (a^2 + b^2)$."""
    return library(a, b).arctan2(a, b)


def _over_square(p: Any, a: Any, b: Any) -> Any:
    r"""$p / (a^2 + b^2)$, and 0 at the origin."""
    size = a * a + b * b
    origin = size == 0
    return where(origin, 0.0, div(p, where(origin, 1.0, size)))


defvjp(
    atan2,
    a=lambda g, a, b: g * _over_square(b, a, b),
    b=lambda g, a, b: -g * _over_square(a, a, b),
)


@elementwise(floating=True)
def sinh(x: T) -> T:
    r"""Hyperbolic sine.  $\bar x = \bar y \cosh x$."""
    return library(x).sinh(x)


@elementwise(floating=True)
def cosh(x: T) -> T:
    r"""Hyperbolic cosine.  $\bar x = \bar y \sinh x$."""
    return library(x).cosh(x)


defvjp(sinh, x=lambda g, x: g * cosh(x))
defvjp(cosh, x=lambda g, x: g * sinh(x))


@elementwise(floating=True)
def tanh(x: T) -> T:
    r"""Hyperbolic tangent.  $y = \tanh x$;  $\bar x = \bar y\,(1 - y^2)$."""
    return library(x).tanh(x)


defvjp(tanh, x=lambda g, y: g * (1 - y * y))


@elementwise(floating=True)
def asinh(x: T) -> T:
    r"""Inverse hyperbolic sine.  $\bar x = \bar y / \sqrt{x^2 + 1}$."""
    return library(x).arcsinh(x)


@elementwise(floating=True)
def acosh(x: T) -> T:
    r"""Inverse hyperbolic cosine.  $\bar x = \bar y / \sqrt{x^2 - 1}$."""
    return library(x).arccosh(x)


@elementwise(floating=True)
def atanh(x: T) -> T:
    r"""Inverse hyperbolic tangent.  $\bar x = \bar y / (1 - x^2)$."""
    return library(x).arctanh(x)


defvjp(asinh, x=lambda g, x: g * rsqrt(x * x + 1))
defvjp(acosh, x=lambda g, x: g * rsqrt(x * x - 1))
defvjp(atanh, x=lambda g, x: div(g, 1 - x * x))
