"""Pointwise functions with PyTorch's signatures.  The formulas and their derivatives are in `ops/elementwise.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..backend.devices import library
from ..backend.dtypes import DTYPES, dtype
from ..engine import Variable, defvjp, make
from ..ops import elementwise as e
from ..ops.declare import elementwise, quiet
from ..ops.elementwise import (
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceil,
    cos,
    cosh,
    eq,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    ge,
    gt,
    isfinite,
    isinf,
    isnan,
    le,
    log,
    log1p,
    log2,
    log10,
    lt,
    maximum,
    minimum,
    mul,
    ne,
    neg,
    reciprocal,
    relu,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
    trunc,
)  # fmt: skip

if TYPE_CHECKING:
    from ..tensor import Tensor

Number = int | float | bool | complex

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "arccos", "arcsin", "arctan", "asin", "asinh",
    "atan", "atan2", "atanh", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "cos", "cosh", "div", "divide",
    "eq", "erf", "erfc", "exp", "exp2", "expm1", "floor", "floor_divide", "ge", "gt", "isfinite", "isinf", "isnan",
    "le", "lerp", "log", "log10", "log1p", "log2", "logical_and", "logical_not", "logical_or", "logical_xor", "lt",
    "maximum", "minimum", "mul", "multiply", "ne", "neg", "negative", "pow", "reciprocal", "relu", "remainder",
    "round", "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh",
    "true_divide", "trunc", "where",
]  # fmt: skip


def add(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    r"""Sum.  $y = a + \alpha b$."""
    return e.add(input, other if alpha == 1 else e.mul(other, alpha))


def sub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    r"""Difference.  $y = a - \alpha b$."""
    if _is_bool(input) and _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    return e.sub(input, other if alpha == 1 else e.mul(other, alpha))


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
    return _floor_div(input, other) if rounding_mode == "floor" else _trunc_div(input, other)


@elementwise
@quiet
def _floor_div(a: Any, b: Any) -> Any:
    r"""$\lfloor a / b \rfloor$.  Its derivative is zero."""
    return library(a, b).floor_divide(a, b)


@elementwise
@quiet
def _trunc_div(a: Any, b: Any) -> Any:
    r"""a / b without its fraction.  Its derivative is zero."""
    lib = library(a, b)
    y = lib.trunc(lib.divide(a, b))
    return y.astype(lib.result_type(a, b)) if lib.result_type(a, b).kind in "iu" else y


def floor_divide(input: Tensor, other: Tensor | Number) -> Tensor:
    r"""$\lfloor a / b \rfloor$, the operator `//`."""
    _refuse_integer_zero("floor_divide", input, other)
    return _floor_div(input, other)


def remainder(input: Tensor, other: Tensor | Number) -> Tensor:
    r"""$a - b \lfloor a / b \rfloor$, with the sign of b; the operator `%`."""
    _refuse_integer_zero("remainder", input, other)
    return _remainder(input, other)


@elementwise
@quiet
def _remainder(a: Any, b: Any) -> Any:
    r"""$y = a - b \lfloor a / b \rfloor$;  $\bar a = \bar y$,  $\bar b = -\bar y \lfloor a / b \rfloor$."""
    return library(a, b).remainder(a, b)


for _step in (_floor_div, _trunc_div):
    defvjp(_step, a=e.zero, b=e.zero)
defvjp(_remainder, a=lambda g: g, b=lambda g, a, b: -g * _floor_div(a, b))


def _refuse_integer_zero(name: str, a: Any, b: Any) -> None:
    kinds = [getattr(getattr(x, "value", x), "dtype", None) for x in (a, b)]
    if all(k is None or k.kind in "iub" for k in kinds):
        divisor = getattr(b, "value", b)
        if (divisor == 0).any() if hasattr(divisor, "any") else divisor == 0 and not isinstance(divisor, float):
            raise RuntimeError(f"ZeroDivisionError: {name} of integers by zero")


def pow(input: Tensor | Number, exponent: Tensor | Number) -> Tensor:
    r"""Power.  $y = a^b$."""
    if type(exponent) is int and exponent == 2:
        return e.square(input)
    if isinstance(exponent, int) and exponent < 0 and _kind(input) in "iub":
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return e.pow(input, exponent)


def clamp(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    r"""$\min(\max(x, \text{min}), \text{max})$.  The gradient passes where x is within the bounds, on them too."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if min is not None:
        input = _clamp_min(input, min)
    return input if max is None else _clamp_max(input, max)


@elementwise
def _clamp_min(a: Any, b: Any) -> Any:
    r"""$\max(a, b)$;  $\bar a = \bar y\,[a \ge b]$,  $\bar b = \bar y\,[a < b]$."""
    return library(a, b).maximum(a, b)


@elementwise
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


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    r"""`input` where the condition holds, else `other`; with the condition alone, the indices where it holds."""
    if input is None and other is None:
        return tuple(make(condition.result, i) for i in library(condition.value).nonzero(condition.value))
    if _kind(condition) != "b":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {_dtype(condition)}"
        )
    return e.where(condition, input, other)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals, halves to the even one.  The derivative is zero."""
    if decimals == 0:
        return e.round(input)
    scale = 10.0**decimals
    return e.div(e.round(e.mul(input, scale)), scale)


def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Tensor:
    r"""$a + w\,(b - a)$."""
    return e.add(input, e.mul(weight, e.sub(end, input)))


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    r"""$x + v\,ab$."""
    return add(input, e.mul(tensor1, tensor2), alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    r"""$x + v\,a / b$."""
    return add(input, e.div(tensor1, tensor2), alpha=value)


def _as_bool(x: Any) -> Any:
    return x if _kind(x) == "b" else e.ne(x, 0)


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both are not zero."""
    return bitwise_and(_as_bool(input), _as_bool(other))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether one of both is not zero."""
    return bitwise_or(_as_bool(input), _as_bool(other))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether just one of both is not zero."""
    return e.ne(_as_bool(input), _as_bool(other))


def logical_not(input: Tensor) -> Tensor:
    """Whether it is zero."""
    return e.eq(_as_bool(input), False)


@elementwise(constant=True)
def bitwise_and(a: Any, b: Any) -> Any:
    """The bits that both have; of booleans, and."""
    return a & b


@elementwise(constant=True)
def bitwise_or(a: Any, b: Any) -> Any:
    """The bits that either has; of booleans, or."""
    return a | b


@elementwise(constant=True)
def bitwise_xor(a: Any, b: Any) -> Any:
    """The bits that just one has; of booleans, exclusive or."""
    return a ^ b


@elementwise(constant=True)
def bitwise_not(x: Any) -> Any:
    """The bits that it has not; of booleans, not."""
    return ~x


def _kind(x: Any) -> str:
    value = getattr(x, "value", x)
    found = getattr(value, "dtype", None)
    return str(found.kind) if found is not None else {bool: "b", int: "i", float: "f"}.get(type(value), "c")


def _dtype(x: Any) -> dtype:
    return DTYPES[x.value.dtype]


def _is_bool(x: Any) -> bool:
    return isinstance(x, Variable) and _kind(x) == "b"


absolute, multiply, negative, subtract, true_divide, divide, clip = abs, mul, neg, sub, div, div, clamp
arcsin, arccos, arctan = asin, acos, atan
