"""IEEE functions on Python floats, under NumPy's names.

The table of derivatives is written once, for floats and for arrays.  An array finds its functions in
its library (`numpy.exp`); a float finds them here.  Python's own `math` raises where IEEE 754 has an
answer (`math.log(0.0)`, `math.exp(1000.0)`); these return it: an infinity, or not-a-number.

>>> log(0.0), exp(1000.0), sqrt(-1.0)
(-inf, inf, nan)
"""

import math
from collections.abc import Callable
from math import asinh as arcsinh
from math import atan as arctan
from math import atan2 as arctan2
from math import copysign, e, erf, erfc, inf, isfinite, isinf, isnan, nan, pi, tanh

__all__ = [
    "abs", "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "ceil", "conj",
    "copysign", "cos", "cosh", "divide", "e", "erf", "erfc", "exp", "exp2", "expm1", "floor", "inf", "isfinite",
    "isinf", "isnan", "lgamma", "log", "log10", "log1p", "log2", "maximum", "minimum", "nan", "ones_like", "pi",
    "power", "rint", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "where", "zeros_like",
]  # fmt: skip


def _ieee(function: Callable[[float], float], overflow: float, pole: float | None = None) -> Callable[[float], float]:
    """Return `function` with IEEE results: `overflow` if too large, -inf at the `pole`, nan outside the domain."""

    def safe(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return overflow
        except ValueError:
            return -inf if x == pole else nan

    safe.__name__, safe.__doc__ = function.__name__, function.__doc__
    return safe


exp = _ieee(math.exp, inf)
exp2 = _ieee(lambda x: 2.0**x, inf)
expm1 = _ieee(math.expm1, inf)
log = _ieee(math.log, inf, pole=0.0)
log2 = _ieee(math.log2, inf, pole=0.0)
log10 = _ieee(math.log10, inf, pole=0.0)
log1p = _ieee(math.log1p, inf, pole=-1.0)
sqrt = _ieee(math.sqrt, inf)
arcsin = _ieee(math.asin, inf)
arccos = _ieee(math.acos, inf)
arccosh = _ieee(math.acosh, inf)
cosh = _ieee(math.cosh, inf)
sin = _ieee(math.sin, inf)
cos = _ieee(math.cos, inf)
tan = _ieee(math.tan, inf)


def sinh(x: float) -> float:
    """Hyperbolic sine; overflows to an infinity of the sign of x."""
    try:
        return math.sinh(x)
    except OverflowError:
        return copysign(inf, x)


def arctanh(x: float) -> float:
    """Inverse hyperbolic tangent; ±inf at ±1, nan outside."""
    if x == 1.0 or x == -1.0:
        return copysign(inf, x)
    return math.atanh(x) if -1.0 < x < 1.0 else nan


def lgamma(x: float) -> float:
    """Logarithm of |Γ(x)|; inf at 0, -1, -2, …"""
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):
        return inf


def divide(a: float, b: float) -> float:
    """Quotient a / b; x / 0 is an infinity, 0 / 0 is nan."""
    if b != 0.0:
        return a / b
    return nan if a == 0.0 or isnan(a) else copysign(inf, a) * copysign(1.0, b)


def power(a: float, b: float) -> float:
    """Power a ** b; a negative base with a fractional exponent is nan, 0 to a negative power inf."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0.0 and b % 2.0 == 1.0 else inf
    except ValueError:
        if a != 0.0:
            return nan
        return copysign(inf, a) if b % 2.0 == 1.0 else inf


def maximum(a: float, b: float) -> float:
    """The larger one; nan if either is."""
    return a if a != a or a >= b else b


def minimum(a: float, b: float) -> float:
    """The smaller one; nan if either is."""
    return a if a != a or a <= b else b


def sign(x: float) -> float:
    """-1, 0 or 1; nan stays nan."""
    return x if x != x else float((x > 0.0) - (x < 0.0))


def abs(x: float) -> float:
    """Absolute value."""
    return math.fabs(x)


absolute = abs


def square(x: float) -> float:
    """The square, x * x."""
    return x * x


def conj(x: float) -> float:
    """The conjugate of a real number: itself."""
    return x


def _rounding(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return `function` as a float with the sign of x, leaving infinities and nan alone."""

    def safe(x: float) -> float:
        return copysign(float(function(x)), x) if isfinite(x) else x

    safe.__name__, safe.__doc__ = function.__name__, function.__doc__
    return safe


floor, ceil, trunc = _rounding(math.floor), _rounding(math.ceil), _rounding(math.trunc)
rint = _rounding(round)  # half to even, as NumPy's


def where(condition: bool, a: float, b: float) -> float:
    """Return a where the condition holds, else b."""
    return a if condition else b


def ones_like(x: float) -> float:
    """One."""
    return 1.0


def zeros_like(x: float) -> float:
    """Zero."""
    return 0.0
