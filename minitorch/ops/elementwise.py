r"""Elementwise functions: multiply by $f'$.

$y_i = f(x_i)$ gives $\bar x_i = \bar y_i\, f'(x_i)$.  Arguments are broadcast against each other; the engine
sums their gradients back.  Every function works on a float, an array and a tensor alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backend import special
from ..backend.devices import library
from ..engine import Primitive, defvjp, lift
from .declare import common_dtype, elementwise, quiet, same_device, sum_to, to_one_type
from .refusals import explain

FLOAT = np.dtype(np.float64)
COMPLEX = (np.dtype(np.complex64), np.dtype(np.complex128))

# ---- arithmetic ------------------------------------------------------------------------------------------------------


@elementwise
def add(a: Any, b: Any) -> Any:
    r"""Sum.  $y = a + b$;  $\bar a = \bar b = \bar y$."""
    return a + b


defvjp(add, a=lambda g: g, b=lambda g: g)


@elementwise(bans="b")
def sub(a: Any, b: Any) -> Any:
    r"""Difference.  $y = a - b$;  $\bar a = \bar y$,  $\bar b = -\bar y$."""
    return a - b


defvjp(sub, a=lambda g: g, b=lambda g: -g)


@elementwise
def mul(a: Any, b: Any) -> Any:
    r"""Product.  $y = ab$;  $\bar a = \bar y\,b$,  $\bar b = \bar y\,a$."""
    return a * b


defvjp(mul, a=lambda g, b: g * b, b=lambda g, a: g * a)


@elementwise(floating=True)
@quiet
def div(a: Any, b: Any) -> Any:
    r"""Quotient.  $y = a / b$;  $\bar a = \bar y / b$,  $\bar b = -\bar y\,y / b$."""
    return library(a, b).divide(a, b)


defvjp(div, a=lambda g, b: div(g, b), b=lambda g, y, b: -div(g * y, b))


@elementwise
def neg(x: Any) -> Any:
    r"""Negative.  $y = -x$;  $\bar x = -\bar y$."""
    return -x


defvjp(neg, x=lambda g: -g)


@elementwise
def square(x: Any) -> Any:
    r"""Square.  $y = x^2$;  $\bar x = 2\bar y\,x$."""
    return x * x


defvjp(square, x=lambda g, x: g * (2 * x))


@elementwise(floating=True)
@quiet
def reciprocal(x: Any) -> Any:
    r"""Reciprocal.  $y = 1/x$;  $\bar x = -\bar y\,y^2$."""
    return library(x).divide(1.0, x)


defvjp(reciprocal, x=lambda g, y: -g * (y * y))


@elementwise(refuses="b")
@quiet
def pow(a: Any, b: Any) -> Any:
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
    r"""$\bar y\,y\ln a$, and 0 where $a = 0 \le b$."""
    nothing = where(b >= 0, a == 0, False)
    base = a + zeros_like(y)  # a may be a number, which has no type of its own
    return where(nothing, 0.0, g * (y * log(where(nothing, 1.0, base))))


defvjp(pow, a=pow_da, b=pow_db)


# ---- exponentials ----------------------------------------------------------------------------------------------------


@elementwise(floating=True)
@quiet
def exp(x: Any) -> Any:
    r"""Exponential.  $y = e^x$;  $\bar x = \bar y\,y$."""
    return library(x).exp(x)


defvjp(exp, x=lambda g, y: g * y)


@elementwise(floating=True)
@quiet
def exp2(x: Any) -> Any:
    r"""Power of two.  $y = 2^x$;  $\bar x = \bar y\,y \ln 2$."""
    return library(x).exp2(x)


defvjp(exp2, x=lambda g, y: g * (y * math.log(2.0)))


@elementwise(floating=True)
@quiet
def expm1(x: Any) -> Any:
    r"""$y = e^x - 1$, exact near 0;  $\bar x = \bar y\,(y + 1)$."""
    return library(x).expm1(x)


defvjp(expm1, x=lambda g, y: g * (y + 1))


@elementwise(floating=True)
@quiet
def log(x: Any) -> Any:
    r"""Natural logarithm.  $y = \ln x$;  $\bar x = \bar y / x$."""
    return library(x).log(x)


defvjp(log, x=lambda g, x: div(g, x))


@elementwise(floating=True)
@quiet
def log2(x: Any) -> Any:
    r"""Binary logarithm.  $y = \log_2 x$;  $\bar x = \bar y / (x \ln 2)$."""
    return library(x).log2(x)


defvjp(log2, x=lambda g, x: div(g, x * math.log(2.0)))


@elementwise(floating=True)
@quiet
def log10(x: Any) -> Any:
    r"""Decimal logarithm.  $y = \log_{10} x$;  $\bar x = \bar y / (x \ln 10)$."""
    return library(x).log10(x)


defvjp(log10, x=lambda g, x: div(g, x * math.log(10.0)))


@elementwise(floating=True)
@quiet
def log1p(x: Any) -> Any:
    r"""$y = \ln(1 + x)$, exact near 0;  $\bar x = \bar y / (1 + x)$."""
    return library(x).log1p(x)


defvjp(log1p, x=lambda g, x: div(g, x + 1))


@elementwise(floating=True)
@quiet
def sqrt(x: Any) -> Any:
    r"""Square root.  $y = \sqrt x$;  $\bar x = \bar y / 2y$."""
    return library(x).sqrt(x)


defvjp(sqrt, x=lambda g, y: div(g, 2 * y))


@elementwise(floating=True)
@quiet
def rsqrt(x: Any) -> Any:
    r"""Reciprocal square root.  $y = x^{-1/2}$;  $\bar x = -\tfrac12 \bar y\,y^3$."""
    lib = library(x)
    return lib.divide(1.0, lib.sqrt(x))


defvjp(rsqrt, x=lambda g, y: g * (-0.5 * (y * y * y)))


# ---- trigonometric and hyperbolic ------------------------------------------------------------------------------------


@elementwise(floating=True)
@quiet
def sin(x: Any) -> Any:
    r"""Sine.  $y = \sin x$;  $\bar x = \bar y \cos x$."""
    return library(x).sin(x)


@elementwise(floating=True)
@quiet
def cos(x: Any) -> Any:
    r"""Cosine.  $y = \cos x$;  $\bar x = -\bar y \sin x$."""
    return library(x).cos(x)


defvjp(sin, x=lambda g, x: g * cos(x))
defvjp(cos, x=lambda g, x: -g * sin(x))


@elementwise(floating=True)
@quiet
def tan(x: Any) -> Any:
    r"""Tangent.  $y = \tan x$;  $\bar x = \bar y\,(1 + y^2)$."""
    return library(x).tan(x)


defvjp(tan, x=lambda g, y: g * (1 + y * y))


@elementwise(floating=True)
@quiet
def asin(x: Any) -> Any:
    r"""Arc sine.  $\bar x = \bar y / \sqrt{1 - x^2}$."""
    return library(x).arcsin(x)


@elementwise(floating=True)
@quiet
def acos(x: Any) -> Any:
    r"""Arc cosine.  $\bar x = -\bar y / \sqrt{1 - x^2}$."""
    return library(x).arccos(x)


defvjp(asin, x=lambda g, x: g * rsqrt(1 - x * x))
defvjp(acos, x=lambda g, x: -g * rsqrt(1 - x * x))


@elementwise(floating=True)
def atan(x: Any) -> Any:
    r"""Arc tangent.  $\bar x = \bar y / (1 + x^2)$."""
    return library(x).arctan(x)


defvjp(atan, x=lambda g, x: div(g, x * x + 1))


@elementwise(floating=True, refuses="c")
def atan2(a: Any, b: Any) -> Any:
    r"""Angle of the point (b, a).  $\bar a = \bar y\,b / (a^2 + b^2)$,  $\bar b = -\bar y\,a / (a^2 + b^2)$."""
    return library(a, b).arctan2(a, b)


defvjp(atan2, a=lambda g, a, b: g * div(b, a * a + b * b), b=lambda g, a, b: -g * div(a, a * a + b * b))


@elementwise(floating=True)
@quiet
def sinh(x: Any) -> Any:
    r"""Hyperbolic sine.  $\bar x = \bar y \cosh x$."""
    return library(x).sinh(x)


@elementwise(floating=True)
@quiet
def cosh(x: Any) -> Any:
    r"""Hyperbolic cosine.  $\bar x = \bar y \sinh x$."""
    return library(x).cosh(x)


defvjp(sinh, x=lambda g, x: g * cosh(x))
defvjp(cosh, x=lambda g, x: g * sinh(x))


@elementwise(floating=True)
def tanh(x: Any) -> Any:
    r"""Hyperbolic tangent.  $y = \tanh x$;  $\bar x = \bar y\,(1 - y^2)$."""
    return library(x).tanh(x)


defvjp(tanh, x=lambda g, y: g * (1 - y * y))


@elementwise(floating=True)
@quiet
def asinh(x: Any) -> Any:
    r"""Inverse hyperbolic sine.  $\bar x = \bar y / \sqrt{x^2 + 1}$."""
    return library(x).arcsinh(x)


@elementwise(floating=True)
@quiet
def acosh(x: Any) -> Any:
    r"""Inverse hyperbolic cosine.  $\bar x = \bar y / \sqrt{x^2 - 1}$."""
    return library(x).arccosh(x)


@elementwise(floating=True)
@quiet
def atanh(x: Any) -> Any:
    r"""Inverse hyperbolic tangent.  $\bar x = \bar y / (1 - x^2)$."""
    return library(x).arctanh(x)


defvjp(asinh, x=lambda g, x: g * rsqrt(x * x + 1))
defvjp(acosh, x=lambda g, x: g * rsqrt(x * x - 1))
defvjp(atanh, x=lambda g, x: div(g, 1 - x * x))


# ---- of the normal distribution --------------------------------------------------------------------------------------


@elementwise(floating=True, refuses="c")
def erf(x: Any) -> Any:
    r"""Error function.  $y = \frac{2}{\sqrt\pi}\int_0^x e^{-t^2} dt$;  $\bar x = \bar y\,\frac{2}{\sqrt\pi} e^{-x^2}$."""
    return special.erf(x)


@elementwise(floating=True, refuses="c")
def erfc(x: Any) -> Any:
    r"""Complement of the error function.  $y = 1 - \mathrm{erf}\,x$, exact for large x."""
    return special.erfc(x)


defvjp(erf, x=lambda g, x: g * (2 / math.sqrt(math.pi) * exp(-(x * x))))
defvjp(erfc, x=lambda g, x: g * (-2 / math.sqrt(math.pi) * exp(-(x * x))))


# ---- kinks and steps -------------------------------------------------------------------------------------------------


@elementwise(refuses="b")
def abs(x: Any) -> Any:
    r"""Absolute value.  $y = |x|$;  $\bar x = \bar y\,\mathrm{sign}\,x$, 0 at 0."""
    return library(x).abs(x)


def abs_dx(g: Any, x: Any) -> Any:
    r"""$\bar y\,\mathrm{sign}(x)$; for complex x, $\bar y\,\overline{x} / |x|$ (a plain transpose: conjugated at the boundary)."""
    return g * conj(sign(x))


@elementwise
def sign(x: Any) -> Any:
    r"""Sign: -1, 0 or 1, with zero as its derivative; for complex numbers $x / |x|$, 0 at 0."""
    lib = library(x)
    if getattr(x, "dtype", float) not in COMPLEX:
        return lib.sign(x)
    size = lib.abs(x)
    return x / lib.where(size == 0, 1.0, size)


def sign_dx(g: Any, x: Any, x_dtype: Any, y: Any) -> Any:
    r"""0; for complex x the part of $\bar y$ that turns x, $(\bar y - \overline y\,\mathrm{Re}(\bar y\,y)) / |x|$."""
    if x_dtype not in COMPLEX:
        return zeros_like(g)
    along = g * y
    nothing = x == 0
    return where(nothing, 0.0, div(g - conj(y) * (0.5 * (along + conj(along))), where(nothing, 1.0, abs(x))))


@elementwise
def conj(x: Any) -> Any:
    r"""Complex conjugate.  $\bar x = \overline{\bar y}$."""
    return library(x).conj(x)


defvjp(abs, x=abs_dx)
defvjp(conj, x=lambda g: conj(g))


def zero(g: Any) -> Any:
    """The derivative of a step function: zero, and recorded as such."""
    return zeros_like(g)


@elementwise(constant=True)
def zeros_like(x: Any) -> Any:
    """Zeros of the shape and type of x."""
    return library(x).zeros_like(x)


def _to_whole(function: str, x: Any) -> Any:
    """Round by a function of the library; integers are copied (NumPy would make floats of some)."""
    lib = library(x)
    return x.copy() if getattr(x, "dtype", FLOAT).kind in "iu" else getattr(lib, function)(x)


@elementwise(refuses="bc")
def floor(x: Any) -> Any:
    r"""$\lfloor x \rfloor$.  Its derivative is zero."""
    return _to_whole("floor", x)


@elementwise(refuses="bc")
def ceil(x: Any) -> Any:
    r"""$\lceil x \rceil$.  Its derivative is zero."""
    return _to_whole("ceil", x)


@elementwise(refuses="bc")
def trunc(x: Any) -> Any:
    """The integer part.  Its derivative is zero."""
    return _to_whole("trunc", x)


@elementwise(refuses="bc")
def round(x: Any) -> Any:
    """The nearest integer, halves to the even one.  Its derivative is zero."""
    return _to_whole("rint", x)


defvjp(sign, x=sign_dx)
for _step in (floor, ceil, trunc, round):
    defvjp(_step, x=zero)


@elementwise(refuses="c")
def maximum(a: Any, b: Any) -> Any:
    r"""The larger one.  The gradient goes to it; half to each where they are equal."""
    return library(a, b).maximum(a, b)


@elementwise(refuses="c")
def minimum(a: Any, b: Any) -> Any:
    r"""The smaller one.  The gradient goes to it; half to each where they are equal."""
    return library(a, b).minimum(a, b)


def _share(wins: Any, ties: Any, g: Any) -> Any:
    return where(ties, g * 0.5, where(wins, g, 0.0))


defvjp(maximum, a=lambda g, a, b: _share(a > b, a == b, g), b=lambda g, a, b: _share(b > a, a == b, g))
defvjp(minimum, a=lambda g, a, b: _share(a < b, a == b, g), b=lambda g, a, b: _share(b < a, a == b, g))


@elementwise(refuses="bc")
def relu(x: Any) -> Any:
    r"""Rectified linear unit, F4.  $y = \max(x, 0)$;  $\bar x = \bar y\,[y > 0]$."""
    return library(x).maximum(x, 0)


defvjp(relu, x=lambda g, y: g * (y > 0))


@elementwise(floating=True)
@quiet
def sigmoid(x: Any) -> Any:
    r"""Logistic function, F4.  $y = 1 / (1 + e^{-x})$;  $\bar x = \bar y\,y(1 - y)$.

    Numerics: $e^{-x}$ may overflow to inf, which gives the right 0.
    """
    lib = library(x)
    return lib.divide(1.0, 1.0 + lib.exp(-x))


defvjp(sigmoid, x=lambda g, y: g * (y * (1 - y)))


@elementwise(floating=True)
@quiet
def softplus(x: Any) -> Any:
    r"""$y = \ln(1 + e^x)$;  $\bar x = \bar y\,\sigma(x)$.

    Numerics: $\max(x, 0) + \ln(1 + e^{-|x|})$ neither overflows nor cancels.
    """
    lib = library(x)
    return lib.maximum(x, 0.0) + lib.log1p(lib.exp(-lib.abs(x)))


defvjp(softplus, x=lambda g, x: g * sigmoid(x))


# ---- choices, and what is constant -----------------------------------------------------------------------------------


_values_door = to_one_type("where")


def _where_door(args: tuple[Any, ...], plain: list[Any]) -> Any:
    """Bring the two values, but not the condition, to one type; two numbers get the type that PyTorch gives them."""
    condition, *values = plain
    if not any(hasattr(v, "dtype") for v in values):
        if not hasattr(condition, "dtype"):
            return None
        first = library(condition).asarray(values[0], dtype=common_dtype(values).numpy)
        return (args[0], first, args[2])
    passed = _values_door(args[1:], values)
    if passed is not None:
        return (args[0], *passed)
    return same_device(args, plain)


def where(condition: Any, a: Any, b: Any) -> Any:
    r"""$a$ where the condition holds, else $b$.  Each gradient is $\bar y$ where its argument was taken, else 0."""
    return library(condition, a, b).where(condition, a, b)


where = lift(Primitive(where, door=_where_door, unbroadcast=sum_to, explain=explain))
defvjp(where, a=lambda g, condition: where(condition, g, 0.0), b=lambda g, condition: where(condition, 0.0, g))


@elementwise(constant=True)
def eq(a: Any, b: Any) -> Any:
    """$a = b$."""
    return a == b


@elementwise(constant=True)
def ne(a: Any, b: Any) -> Any:
    r"""$a \ne b$."""
    return a != b


@elementwise(constant=True, refuses="c")
def lt(a: Any, b: Any) -> Any:
    """$a < b$."""
    return a < b


@elementwise(constant=True, refuses="c")
def le(a: Any, b: Any) -> Any:
    r"""$a \le b$."""
    return a <= b


@elementwise(constant=True, refuses="c")
def gt(a: Any, b: Any) -> Any:
    """$a > b$."""
    return a > b


@elementwise(constant=True, refuses="c")
def ge(a: Any, b: Any) -> Any:
    r"""$a \ge b$."""
    return a >= b


@elementwise(constant=True)
def isnan(x: Any) -> Any:
    """Whether x is not a number."""
    return library(x).isnan(x)


@elementwise(constant=True)
def isinf(x: Any) -> Any:
    """Whether x is an infinity."""
    return library(x).isinf(x)


@elementwise(constant=True)
def isfinite(x: Any) -> Any:
    """Whether x is neither an infinity nor not-a-number."""
    return library(x).isfinite(x)
