"""Does a number fit into a type?  Arithmetic wraps around; writing, choosing and clamping refuse what does not fit."""

from __future__ import annotations

import math
from typing import Any

from ..backend.dtypes import ALL, DTYPES, dtype, finfo
from ..engine import Variable
from ..ops.declare import wrap_around

_OF_C = {  # the names in PyTorch's messages
    "int32": "int", "float16": "c10::Half", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip
_LARGEST = {kind: finfo(kind).max for kind in ALL if kind.rank > 1}
_OF_PYTHON = {bool: "b", int: "i", float: "f", complex: "c"}


def kind_of(x: Any) -> str:
    """Return the kind of a tensor's numbers, or of a number, in NumPy's letters: b, i, u, f, c."""
    kind = getattr(getattr(x, "value", x), "dtype", None)
    return str(kind.kind) if kind is not None else _OF_PYTHON.get(type(x), "O")


def only_tensors(name: str, *xs: Any) -> tuple[Any, ...]:
    """Return the arguments; raise if one is not a tensor."""
    for i, x in enumerate(xs):
        if not isinstance(x, Variable):
            raise TypeError(f"{name}(): argument {i + 1} must be Tensor, not {type(x).__name__}: use torch.tensor(...)")
    return xs


def check_fits(number: Any, beside: Any) -> None:
    """Raise if a Python number does not fit into the type of the tensor that it is used with (a float beside integers
    makes floats of them, and so fits).
    """
    if type(number) in (int, float) and hasattr(beside, "value"):
        kind = DTYPES[beside.value.dtype]
        if type(number) is int or kind.rank > 1:
            check_limits(number, kind)


def as_number(number: Any, kind: dtype) -> Any:
    """Return a number as one of a type: truncated to an integer, or to whether it is not zero.

    Raises:  RuntimeError if the type has no such number.
    """
    if isinstance(number, complex) and not kind.is_complex:
        if number.imag:
            raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow: {number}")
        number = number.real
    if kind.rank == 0:
        return bool(number)
    if kind.rank > 1:
        if isinstance(number, (int, float, complex)):
            check_limits(number, kind)
        return number
    if isinstance(number, float) and not math.isfinite(number):
        raise _overflow(number, kind)
    number = int(number)
    check_limits(number, kind)
    return wrap_around(number, kind)


def check_limits(number: int | float | complex, kind: dtype) -> None:
    """Raise if a number is beyond the limits of a type; infinity and nan are within those of floats."""
    if kind.rank > 1:
        largest = _LARGEST[kind]
        if any(largest < abs(part) < math.inf for part in (number.real, number.imag)):
            raise _overflow(number, kind)
        return
    if kind.rank == 0 or isinstance(number, complex):
        return
    bits = 8 * kind.itemsize
    high = (1 << bits - kind.is_signed) - 1
    low = -high - kind.is_signed  # negative ones wrap around in unsigned types, as in PyTorch
    if not low <= number <= high:
        raise _overflow(number, kind)


def _overflow(number: Any, kind: dtype) -> RuntimeError:
    name = _OF_C.get(kind.name, f"{kind.name}_t")
    return RuntimeError(
        f"value cannot be converted to type {name} without overflow: {number} (the tensor is of {kind})"
    )


def refuse_integer_zero(a: Any, b: Any) -> None:
    """Raise where an integer is divided by the integer zero, which has no infinity to give."""
    kinds = kind_of(a) + kind_of(b)
    if set(kinds) <= set("iub") and kinds != "bb":
        divisor = getattr(b, "value", b)
        if (divisor == 0).any() if hasattr(divisor, "any") else divisor == 0:
            raise RuntimeError("ZeroDivisionError")
