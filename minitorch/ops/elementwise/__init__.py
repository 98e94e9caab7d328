r"""Elementwise functions: multiply by $f'$.

$y_i = f(x_i)$ gives $\bar x_i = \bar y_i\, f'(x_i)$.  Arguments are broadcast against each other; the engine
sums their gradients back.  Every function works on a float, an array and a tensor alike.
"""

from .arithmetic import add, div, mul, neg, reciprocal, rsqrt, sqrt, square, sub
from .exponential import erf, erfc, exp, exp2, expm1, log, log1p, log2, log10, pow, sigmoid, softplus
from .piecewise import (
    abs,
    ceil,
    conj,
    eq,
    floor,
    ge,
    gt,
    isfinite,
    isinf,
    isnan,
    le,
    lt,
    maximum,
    minimum,
    ne,
    relu,
    round,
    sign,
    trunc,
    where,
    zero,
    zeros_like,
)
from .trigonometric import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "conj", "cos", "cosh", "div",
    "eq", "erf", "erfc", "exp", "exp2", "expm1", "floor", "ge", "gt", "isfinite", "isinf", "isnan", "le", "log",
    "log10", "log1p", "log2", "lt", "maximum", "minimum", "mul", "ne", "neg", "pow", "reciprocal", "relu", "round",
    "rsqrt", "sigmoid", "sign", "sin", "sinh", "softplus", "sqrt", "square", "sub", "tan", "tanh", "trunc", "where",
    "zero", "zeros_like",
]  # fmt: skip
