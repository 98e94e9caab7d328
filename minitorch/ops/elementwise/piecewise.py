"""Choices, kinks and steps, and the comparisons that they rest on, which are constants."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from ...backend import many
from ...backend.devices import library
from ...engine import Primitive, deftwin, defvjp, lift
from ..declare import common_dtype, elementwise, same_device, sum_to, to_one_type
from ..refusals import explain
from .arithmetic import div

FLOAT = np.dtype(np.float64)
COMPLEX = (np.dtype(np.complex64), np.dtype(np.complex128))

T = TypeVar("T", bound=Any)  # a tensor, an array or a number: the result is of the same kind


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


def where_tuned(condition: Any, a: Any, b: Any) -> Any:
    """`where`, many numbers at a time on a CPU."""
    return many.where(condition, a, b)


deftwin(where, where_tuned)


@elementwise(refuses="b")
def abs(x: T) -> T:
    r"""Absolute value.  $y = |x|$;  $\bar x = \bar y\,\mathrm{sign}\,x$, 0 at 0."""
    return library(x).abs(x)


def abs_dx(g: Any, x: Any) -> Any:
    r"""$\bar y\,\mathrm{sign}(x)$; for complex x, $\bar y\,\overline{x} / |x|$ (a plain transpose)."""
    return g * conj(sign(x))


@elementwise
def sign(x: T) -> T:
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
def conj(x: T) -> T:
    r"""Complex conjugate.  $\bar x = \overline{\bar y}$."""
    return library(x).conj(x)


defvjp(abs, x=abs_dx)
defvjp(conj, x=lambda g: conj(g))


def zero(g: Any) -> Any:
    """The derivative of a step function: zero, and recorded as such."""
    return zeros_like(g)


@elementwise(constant=True)
def zeros_like(x: T) -> T:
    """Zeros of the shape and type of x."""
    return library(x).zeros_like(x)


def _to_whole(function: str, x: Any) -> Any:
    """Round by a function of the library; integers are copied (NumPy would make floats of some)."""
    lib = library(x)
    return x.copy() if getattr(x, "dtype", FLOAT).kind in "iu" else getattr(lib, function)(x)


@elementwise(refuses="bc")
def floor(x: T) -> T:
    r"""$\lfloor x \rfloor$.  Its derivative is zero."""
    return _to_whole("floor", x)


@elementwise(refuses="bc")
def ceil(x: T) -> T:
    r"""$\lceil x \rceil$.  Its derivative is zero."""
    return _to_whole("ceil", x)


@elementwise(refuses="bc")
def trunc(x: T) -> T:
    """The integer part.  Its derivative is zero."""
    return _to_whole("trunc", x)


@elementwise(refuses="bc")
def round(x: T) -> T:
    """The nearest integer, halves to the even one.  Its derivative is zero."""
    return _to_whole("rint", x)


defvjp(sign, x=sign_dx)
for _step in (floor, ceil, trunc, round):
    defvjp(_step, x=zero)


@elementwise(refuses="c")
def maximum(a: T, b: Any) -> T:
    r"""The larger one.  The gradient goes to it; half to each where they are equal."""
    return library(a, b).maximum(a, b)


@elementwise(refuses="c")
def minimum(a: T, b: Any) -> T:
    r"""The smaller one.  The gradient goes to it; half to each where they are equal."""
    return library(a, b).minimum(a, b)


def _share(wins: Any, ties: Any, g: Any) -> Any:
    return where(ties, g * 0.5, where(wins, g, 0.0))


defvjp(maximum, a=lambda g, a, b: _share(a > b, a == b, g), b=lambda g, a, b: _share(b > a, a == b, g))
defvjp(minimum, a=lambda g, a, b: _share(a < b, a == b, g), b=lambda g, a, b: _share(b < a, a == b, g))


@elementwise(refuses="bc")
def relu(x: T) -> T:
    r"""Rectified linear unit, F4.  $y = \max(x, 0)$;  $\bar x = \bar y\,[y > 0]$."""
    return library(x).maximum(x, 0)


defvjp(relu, x=lambda g, y: where(y != 0, g, 0.0))  # not-a-number passes on: it must not look healthy


def relu_tuned(x: Any) -> Any:
    """`relu`, many numbers at a time on a CPU."""
    return many.positive_part(x)


deftwin(relu, relu_tuned)


@elementwise(constant=True)
def eq(a: T, b: Any) -> T:
    """$a = b$."""
    return a == b


@elementwise(constant=True)
def ne(a: T, b: Any) -> T:
    r"""$a \ne b$."""
    return a != b


@elementwise(constant=True, refuses="c")
def lt(a: T, b: Any) -> T:
    """$a < b$."""
    return a < b


@elementwise(constant=True, refuses="c")
def le(a: T, b: Any) -> T:
    r"""$a \le b$."""
    return a <= b


@elementwise(constant=True, refuses="c")
def gt(a: T, b: Any) -> T:
    """$a > b$."""
    return a > b


@elementwise(constant=True, refuses="c")
def ge(a: T, b: Any) -> T:
    r"""$a \ge b$."""
    return a >= b


@elementwise(constant=True)
def isnan(x: T) -> T:
    """Whether x is not a number."""
    return library(x).isnan(x)


@elementwise(constant=True)
def isinf(x: T) -> T:
    """Whether x is an infinity."""
    return library(x).isinf(x)


@elementwise(constant=True)
def isfinite(x: T) -> T:
    """Whether x is neither an infinity nor not-a-number."""
    return library(x).isfinite(x)
