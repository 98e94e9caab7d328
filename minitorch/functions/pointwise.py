"""Pointwise functions with PyTorch's signatures.  The formulas and their derivatives are in `ops/elementwise/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ..backend.devices import library
from ..backend.dtypes import float16
from ..engine import Variable, defvjp
from ..ops import elementwise as e
from ..ops import shape as s
from ..ops.declare import cast, common_dtype, elementwise
from ..ops.elementwise import (
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    ceil,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    log,
    log1p,
    log2,
    log10,
    mul,
    neg,
    reciprocal,
    relu,
    rsqrt,
    sigmoid,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    trunc,
)  # fmt: skip
from ..ops.refusals import refuse_kind
from .fits import check_fits, kind_of, only_tensors, refuse_integer_zero
from .search import nonzero
from .shape import clone

if TYPE_CHECKING:
    from ..tensor import Tensor

Number = int | float | bool | complex

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "arccos", "arcsin", "arctan", "asin", "asinh",
    "atan", "atan2", "atanh", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "conj", "cos", "cosh", "div", "divide",
    "erf", "erfc", "exp", "exp2", "expm1", "floor", "floor_divide", "imag", "lerp", "log", "log10", "log1p", "log2", "maximum",
    "minimum", "mul", "multiply", "neg", "negative", "positive", "pow", "real", "reciprocal", "relu", "remainder", "round",
    "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh", "true_divide", "trunc",
    "where",
]  # fmt: skip


def add(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    r"""Sum.  $y = a + \alpha b$."""
    return e.add(input, other if alpha == 1 else _times(alpha, input, other))


def sub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    r"""Difference.  $y = a - \alpha b$."""
    return e.sub(input, other if alpha == 1 else _times(alpha, input, other))


def _times(alpha: Number, input: Any, other: Any) -> Any:
    kinds = kind_of(input) + kind_of(other)
    if isinstance(alpha, (float, complex)) and not set(kinds) & set("fc"):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if kinds == "bb" and not isinstance(alpha, bool):
        alpha = bool(alpha)
    return e.mul(other, alpha)


def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1; for complex numbers $x / |x|$.  Its derivative is zero."""
    return clone(input) if kind_of(input) == "b" else e.sign(input)


def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    if input.value.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger one of each pair.  The gradient goes to it; half to each where they are equal."""
    return e.maximum(*only_tensors("maximum", input, other))


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller one of each pair.  The gradient goes to it; half to each where they are equal."""
    return e.minimum(*only_tensors("minimum", input, other))


def atan2(input: Tensor, other: Tensor) -> Tensor:
    r"""The angle of the point $(b, a)$, between $-\pi$ and $\pi$."""
    return e.atan2(*only_tensors("atan2", input, other))


def square(input: Tensor) -> Tensor:
    r"""Square.  $y = x^2$."""
    return e.square(input if input.value.dtype.kind != "b" else cast(input, "int64"))


def div(input: Tensor, other: Tensor | Number, *, rounding_mode: str | None = None) -> Tensor:
    r"""Quotient.  $y = a / b$; with `rounding_mode` "floor" or "trunc", rounded to an integer.

    Integers give floats, unless rounded.
    """
    if rounding_mode is None:
        return e.div(input, other)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    refuse_integer_zero(input, other)
    return _floor_div(input, other) if rounding_mode == "floor" else trunc_div(input, other)


@elementwise(refuses="bc")
def _floor_div(a: Any, b: Any) -> Any:
    r"""$\lfloor a / b \rfloor$.  Its derivative is zero."""
    return library(a, b).floor_divide(a, b)


@elementwise(refuses="bc")
def trunc_div(a: Any, b: Any) -> Any:
    r"""a / b without its fraction.  Its derivative is zero."""
    lib = library(a, b)
    if lib.result_type(a, b).kind not in "iu":
        return lib.trunc(lib.divide(a, b))
    y = lib.floor_divide(a, b)  # a quotient of floats would not be exact
    return y + ((y * b != a) & ((a < 0) != (b < 0)))


@elementwise(refuses="bc")
def _floor_divide(a: Any, b: Any) -> Any:
    r"""$\lfloor a / b \rfloor$.  No derivative is written, as in PyTorch: asking for it raises."""
    return library(a, b).floor_divide(a, b)


def floor_divide(input: Tensor, other: Tensor | Number) -> Tensor:
    r"""$\lfloor a / b \rfloor$, the operator `//`.  Its derivative is refused; `div(rounding_mode="floor")` has zero."""
    refuse_integer_zero(input, other)
    return _floor_divide(input, other)


def remainder(input: Tensor, other: Tensor | Number) -> Tensor:
    r"""$a - b \lfloor a / b \rfloor$, with the sign of b; the operator `%`."""
    refuse_integer_zero(input, other)
    return _remainder(input, other)


@elementwise(refuses="bc")
def _remainder(a: Any, b: Any) -> Any:
    r"""$y = a - b \lfloor a / b \rfloor$;  $\bar a = \bar y$,  $\bar b = -\bar y \lfloor a / b \rfloor$."""
    return library(a, b).remainder(a, b)


for _step in (_floor_div, trunc_div):
    defvjp(_step, a=e.zero, b=e.zero)
defvjp(_remainder, a=lambda g: g, b=lambda g, a, b: -g * _floor_div(a, b))


def pow(input: Any, exponent: Any) -> Tensor:
    r"""Power.  $y = a^b$."""
    if type(exponent) is int and hasattr(input, "value"):
        if exponent == 2:
            return square(input)
        if exponent < 0 and kind_of(input) in "iub":
            raise RuntimeError("Integers to negative integer powers are not allowed.")
    return e.pow(input, exponent)


def clamp(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    r"""$\min(\max(x, \text{min}), \text{max})$.  The gradient passes where x is within the bounds, on them too."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    for bound in (min, max):
        check_fits(bound, input)
    if isinstance(min, Variable) and isinstance(max, Variable):  # the three together have one type
        input = cast(input, common_dtype([input.value, min.value, max.value]).numpy)
    if min is not None:
        input = _clamp_min(input, min)
    return input if max is None else _clamp_max(input, max)


@elementwise(refuses="bc")
def _clamp_min(a: Any, b: Any) -> Any:
    r"""$\max(a, b)$;  $\bar a = \bar y\,[a \ge b]$,  $\bar b = \bar y\,[a < b]$."""
    return library(a, b).maximum(a, b)


@elementwise(refuses="bc")
def _clamp_max(a: Any, b: Any) -> Any:
    r"""$\min(a, b)$;  $\bar a = \bar y\,[a \le b]$,  $\bar b = \bar y\,[a > b]$."""
    return library(a, b).minimum(a, b)


defvjp(_clamp_min, a=lambda g, a, b: e.where(a >= b, g, 0.0), b=lambda g, a, b: e.where(a < b, g, 0.0))
defvjp(_clamp_max, a=lambda g, a, b: e.where(a <= b, g, 0.0), b=lambda g, a, b: e.where(a > b, g, 0.0))


def clamp_min(input: Tensor, min: Tensor | Number) -> Tensor:
    r"""$\max(x, \text{min})$."""
    return clamp(input, min=min)


def clamp_max(input: Tensor, max: Tensor | Number) -> Tensor:
    r"""$\min(x, \text{max})$."""
    return clamp(input, max=max)


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Any, other: Any) -> Tensor: ...
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    r"""`input` where the condition holds, else `other`; with the condition alone, the indices where it holds."""
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    only_tensors("where", condition)
    if condition.value.dtype.kind == "u":  # PyTorch's masks of old
        condition = e.ne(condition, 0)
    if condition.value.dtype.kind != "b":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype}"
        )
    for choice, beside in ((input, other), (other, input)):
        if type(choice) is int or getattr(beside, "dtype", None) is not float16:  # of a float PyTorch makes a float32
            check_fits(choice, beside)
    return e.where(condition, input, other)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals, halves to the even one.  The derivative is zero."""
    if decimals == 0:
        return e.round(input)
    scale = 10.0**decimals
    return e.div(e.round(e.mul(input, scale)), scale)


def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Tensor:
    r"""$a + w\,(b - a)$."""
    if input.value.dtype != end.value.dtype:
        raise RuntimeError(f"expected dtype {input.dtype} for `end` but got dtype {end.dtype}")
    if isinstance(weight, Variable) and weight.value.dtype != input.value.dtype:
        raise RuntimeError(f"expected dtype {input.dtype} for `weight` but got dtype {weight.dtype}")
    if kind_of(input) in "iub":
        raise refuse_kind("lerp", [input.value])
    return e.add(input, e.mul(weight, e.sub(end, input)))


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    r"""$x + v\,ab$."""
    only_tensors("addcmul", input, tensor1, tensor2)
    if {kind_of(input), kind_of(tensor1), kind_of(tensor2)} == {"b"}:
        raise refuse_kind("addcmul", [input.value])
    return add(input, e.mul(tensor1, tensor2), alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    r"""$x + v\,a / b$."""
    only_tensors("addcdiv", input, tensor1, tensor2)
    if {kind_of(tensor1), kind_of(tensor2)} <= set("iub"):
        raise RuntimeError("Integer division with addcdiv is no longer supported: convert one of both with .float()")
    return add(input, e.div(tensor1, tensor2), alpha=value)


def real(input: Tensor) -> Tensor:
    """The real part; a view.  A real tensor is its own."""
    return s.real(input) if kind_of(input) == "c" else input


def imag(input: Tensor) -> Tensor:
    """The imaginary part of a complex tensor; a view."""
    if kind_of(input) != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return s.imag(input)


def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a real tensor is its own."""
    return e.conj(input) if kind_of(input) == "c" else input


absolute, multiply, negative, subtract, true_divide, divide, clip = abs, mul, neg, sub, div, div, clamp
arcsin, arccos, arctan = asin, acos, atan
