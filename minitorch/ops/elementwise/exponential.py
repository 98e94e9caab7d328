"""Powers, exponentials and logarithms, and the functions that are made of them."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from ...backend import special
from ...backend.devices import library
from ...engine import defvjp
from ..declare import elementwise
from .arithmetic import div
from .piecewise import FLOAT, abs, where, zeros_like

T = TypeVar("T", bound=Any)  # a tensor, an array or a number: the result is of the same kind


@elementwise(refuses="b")
def pow(a: T, b: Any) -> T:
    r"""Power.  $y = a^b$;  $\bar a = \bar y\,b\,a^{b-1}$,  $\bar b = \bar y\,y\ln a$.

    Where $b = 0$, $\bar a = 0$, also at $a = 0$; where $a = 0$ and $b \ge 0$, $\bar b = 0$.
    """
    lib = library(a, b)
    if getattr(b, "dtype", FLOAT).kind in "i":
        return _integer_power(lib, a, b)
    return lib.power(a, b)


def _integer_power(lib: Any, a: Any, b: Any) -> Any:
    r"""$a^b$ of integers, 0 where it is a fraction: only 1 and -1 have integer powers below the 0th."""
    y = lib.power(a, lib.maximum(b, 0))
    of_one = lib.where(a == 1, 1, lib.where(a == -1, 1 - 2 * (b & 1), 0))
    return lib.where(b < 0, of_one, y).astype(y.dtype, copy=False)


def pow_da(g: Any, a: Any, b: Any) -> Any:
    r"""$\bar y\,b\,a^{b-1}$, and 0 where $b = 0$."""
    nothing = b == 0
    return where(nothing, 0.0, g * (b * pow(a, where(nothing, 1.0, b - 1))))


def pow_db(g: Any, y: Any, a: Any, b: Any) -> Any:
    r"""$\bar y\,y\ln a$, and 0 where $a = 0 \le b$ (a complex b is not negative where $b = |b|$)."""
    nothing = where(b == abs(b), a == 0, False)
    base = a + zeros_like(y)  # a may be a number, which has no type of its own
    return where(nothing, 0.0, g * (y * log(where(nothing, 1.0, base))))


defvjp(pow, a=pow_da, b=pow_db)


@elementwise(floating=True)
def exp(x: T) -> T:
    r"""Exponential.  $y = e^x$;  $\bar x = \bar y\,y$."""
    return library(x).exp(x)


defvjp(exp, x=lambda g, y: g * y)


@elementwise(floating=True)
def exp2(x: T) -> T:
    r"""Power of two.  $y = 2^x$;  $\bar x = \bar y\,y \ln 2$."""
    return library(x).exp2(x)


defvjp(exp2, x=lambda g, y: g * (y * math.log(2.0)))


@elementwise(floating=True)
def expm1(x: T) -> T:
    r"""$y = e^x - 1$, exact near 0;  $\bar x = \bar y\,(y + 1)$."""
    return library(x).expm1(x)


defvjp(expm1, x=lambda g, y: g * (y + 1))


@elementwise(floating=True)
def log(x: T) -> T:
    r"""Natural logarithm.  $y = \ln x$;  $\bar x = \bar y / x$."""
    return library(x).log(x)


defvjp(log, x=lambda g, x: div(g, x))


@elementwise(floating=True)
def log2(x: T) -> T:
    r"""Binary logarithm.  $y = \log_2 x$;  $\bar x = \bar y / (x \ln 2)$."""
    return library(x).log2(x)


defvjp(log2, x=lambda g, x: div(g, x * math.log(2.0)))


@elementwise(floating=True)
def log10(x: T) -> T:
    r"""Decimal logarithm.  $y = \log_{10} x$;  $\bar x = \bar y / (x \ln 10)$."""
    return library(x).log10(x)


defvjp(log10, x=lambda g, x: div(g, x * math.log(10.0)))


@elementwise(floating=True)
def log1p(x: T) -> T:
    r"""$y = \ln(1 + x)$, exact near 0;  $\bar x = \bar y / (1 + x)$."""
    return library(x).log1p(x)


defvjp(log1p, x=lambda g, x: div(g, x + 1))


@elementwise(floating=True)
def sigmoid(x: T) -> T:
    r"""Logistic function, F4.  $y = 1 / (1 + e^{-x})$;  $\bar x = \bar y\,y(1 - y)$.

    Numerics: $e^{-x}$ may overflow to inf, which gives the right 0.
    """
    lib = library(x)
    return lib.divide(1.0, 1.0 + lib.exp(-x))


defvjp(sigmoid, x=lambda g, y: g * (y * (1 - y)))


@elementwise(floating=True)
def softplus(x: T) -> T:
    r"""$y = \ln(1 + e^x)$;  $\bar x = \bar y\,\sigma(x)$.

    Numerics: $\max(x, 0) + \ln(1 + e^{-|x|})$ neither overflows nor cancels.
    """
    lib = library(x)
    return lib.maximum(x, 0.0) + lib.log1p(lib.exp(-lib.abs(x)))


defvjp(softplus, x=lambda g, x: g * sigmoid(x))


@elementwise(floating=True, refuses="c")
def erf(x: T) -> T:
    r"""Error function.  $y = \frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt$;

    $\bar x = \bar y\,\frac{2}{\sqrt\pi} e^{-x^2}$.
    """
    return special.erf(x)


@elementwise(floating=True, refuses="c")
def erfc(x: T) -> T:
    r"""Complement of the error function.  $y = 1 - \mathrm{erf}\,x$, exact for large x."""
    return special.erfc(x)


defvjp(erf, x=lambda g, x: g * (2 / math.sqrt(math.pi) * exp(-(x * x))))
defvjp(erfc, x=lambda g, x: g * (-2 / math.sqrt(math.pi) * exp(-(x * x))))
