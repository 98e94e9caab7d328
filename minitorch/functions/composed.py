"""More functions of numbers: formulas in those of the table, whose derivatives follow by themselves.

The few that are primitives have a value, or a derivative, that their formula would not reach in floating point.
"""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any

from ..backend.arrays import array_like
from ..backend.devices import library
from ..backend.dtypes import DTYPES, finfo, get_default_dtype
from ..engine import defvjp
from ..ops import elementwise as e
from ..ops.declare import cast, elementwise
from ..ops.refusals import refuse_kind
from .fits import kind_of, only_tensors, refuse_integer_zero
from .logic import bitwise_or, signbit
from .pointwise import clamp, mul, sign, trunc_div
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "copysign", "deg2rad", "float_power", "fmax", "fmin", "fmod", "frac", "heaviside", "hypot", "logaddexp",
    "logaddexp2", "logit", "nan_to_num", "rad2deg", "sgn", "sinc", "xlogy",
]  # fmt: skip


def frac(input: Tensor) -> Tensor:
    r"""The fraction.  $y = x - \mathrm{trunc}(x)$."""
    if kind_of(input) in "iub":
        raise refuse_kind("frac", [input.value])
    return e.sub(input, e.trunc(input))


def fmod(input: Tensor, other: Tensor | float) -> Tensor:
    r"""$a - b\,\mathrm{trunc}(a / b)$, with the sign of a (`remainder` has that of b)."""
    refuse_integer_zero(input, other)
    return _fmod(input, other)


@elementwise(refuses="bc")
def _fmod(a: Any, b: Any) -> Any:
    r"""$y = a - b\,\mathrm{trunc}(a / b)$;  $\bar a = \bar y$,  $\bar b = -\bar y\,\mathrm{trunc}(a / b)$."""
    return library(a, b).fmod(a, b)


defvjp(_fmod, a=lambda g: g, b=lambda g, a, b: -g * trunc_div(a, b))


def fmax(input: Tensor, other: Tensor) -> Tensor:
    """The larger one of each pair; of a number and a not-a-number, the number.  Of equal ones, the first."""
    a, b = only_tensors("fmax", input, other)
    return e.where(bitwise_or(e.ge(a, b), e.isnan(b)), a, b)


def fmin(input: Tensor, other: Tensor) -> Tensor:
    """The smaller one of each pair; of a number and a not-a-number, the number.  Of equal ones, the first."""
    a, b = only_tensors("fmin", input, other)
    return e.where(bitwise_or(e.le(a, b), e.isnan(b)), a, b)


@elementwise(refuses="biuc")
def logaddexp(input: Any, other: Any) -> Any:
    r"""$y = \ln(e^a + e^b)$;  $\bar a = \bar y\,\sigma(a - b)$,  $\bar b = \bar y\,\sigma(b - a)$."""
    return library(input, other).logaddexp(input, other)


@elementwise(refuses="biuc")
def logaddexp2(input: Any, other: Any) -> Any:
    r"""$y = \log_2(2^a + 2^b)$;  $\bar a = \bar y\,2^a / (2^a + 2^b)$, and so for b."""
    return library(input, other).logaddexp2(input, other)


defvjp(
    logaddexp,
    input=lambda g, input, other: g * e.sigmoid(input - other),
    other=lambda g, input, other: g * e.sigmoid(other - input),
)
defvjp(
    logaddexp2,
    input=lambda g, input, other: g * e.sigmoid((input - other) * math.log(2)),
    other=lambda g, input, other: g * e.sigmoid((other - input) * math.log(2)),
)


@elementwise(floating=True, refuses="c")
def xlogy(input: Any, other: Any) -> Any:
    r"""$y = a \ln b$, and 0 where $a = 0$ (unless b is not a number);  $\bar a = \bar y \ln b$,  $\bar b = \bar y\,a / b$."""
    lib = library(input, other)
    other = other if hasattr(other, "dtype") else array_like(other, input)  # log(0) of a Python number is float64
    zero = (input == 0) & ~lib.isnan(other)
    return lib.where(zero, 0.0, input * lib.log(lib.where(zero, 1.0, other)))


def _xlogy_da(g: Any, input: Any, other: Any) -> Any:
    return e.where((input == 0) & (other <= 0), 0.0, xlogy(g, other))


defvjp(xlogy, input=_xlogy_da, other=lambda g, input, other: g * e.div(input, other))


@elementwise(refuses="biuc")
def hypot(input: Any, other: Any) -> Any:
    r"""$y = \sqrt{a^2 + b^2}$, without overflow;  $\bar a = \bar y\,a / y$,  $\bar b = \bar y\,b / y$."""
    return library(input, other).hypot(input, other)


defvjp(
    hypot,
    input=lambda g, input, y: g * e.div(input, y),
    other=lambda g, other, y: g * e.div(other, y),
)


@public
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Numbers for what is none: `nan` (0), and the largest and smallest of the type for the infinities."""
    if kind_of(input) not in "fc":
        return input.clone()
    limits = finfo(DTYPES[input.value.dtype])
    y = e.where(e.isnan(input), 0.0 if nan is None else nan, input)
    y = e.where(e.eq(y, math.inf), limits.max if posinf is None else posinf, y)
    return e.where(e.eq(y, -math.inf), limits.min if neginf is None else neginf, y)


@public
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    r"""$\ln \frac{x}{1 - x}$, the inverse of the sigmoid; x is first clamped to $[\epsilon, 1 - \epsilon]$ if eps is given."""
    x = cast(input, get_default_dtype().numpy) if kind_of(input) in "iub" else input  # the -x of uint8 wraps around
    x = x if eps is None else clamp(x, eps, 1 - eps)
    return e.sub(e.log(x), e.log1p(e.neg(x)))


@public
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 for negative numbers, 1 for positive ones, `values` at 0."""
    if input.value.dtype != values.value.dtype:
        raise RuntimeError(
            f"heaviside is not yet implemented for tensors with different dtypes: {input.dtype} and {values.dtype}"
        )
    step = cast(e.gt(input, 0), input.value.dtype)
    return e.where(e.eq(input, 0), values.detach(), step)


@public
def rad2deg(input: Tensor) -> Tensor:
    r"""From radians to degrees.  $y = 180\,x / \pi$."""
    return mul(input, 180 / math.pi)


@public
def deg2rad(input: Tensor) -> Tensor:
    r"""From degrees to radians.  $y = \pi x / 180$."""
    return mul(input, math.pi / 180)


@public
def sgn(input: Tensor) -> Tensor:
    """-1, 0 or 1; for complex numbers $z / |z|$, and 0 at 0."""
    if kind_of(input) != "c":
        return sign(input)
    nothing = e.eq(input, 0)
    return e.where(nothing, 0.0, e.div(input, e.abs(e.where(nothing, 1.0, input))))


def copysign(input: Tensor, other: Tensor | float) -> Tensor:
    r"""$|a|$ with the sign of b (that of -0.0 too)."""
    negative = math.copysign(1.0, other) < 0 if isinstance(other, builtins.float | int) else signbit(other)
    size = e.abs(input)
    if isinstance(negative, bool):
        return e.mul(size, -1.0 if negative else 1.0)
    return e.mul(size, e.where(negative, -1.0, 1.0))


@public
def sinc(input: Tensor) -> Tensor:
    r"""$\frac{\sin \pi x}{\pi x}$, and 1 at 0."""
    zero = e.eq(input, 0)
    x = e.mul(e.where(zero, 1.0, input), math.pi)
    return e.where(zero, 1.0, e.div(e.sin(x), x))


def float_power(input: Tensor | float, exponent: Tensor | float) -> Tensor:
    """$a^b$ in double precision."""
    kind = "complex128" if "c" in (kind_of(input), kind_of(exponent)) else "float64"
    a, b = (cast(x, kind) if hasattr(x, "value") else x for x in (input, exponent))
    y: Any = e.pow(a, b)
    return y
