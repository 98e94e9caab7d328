"""What an elementwise function refuses, in PyTorch's words: kinds of numbers, shapes that do not broadcast, strangers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend.dtypes import DTYPES

NUMBERS = (bool, int, float, complex, np.generic)

_WORDS = {
    "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long", "float16": "Half",
    "float32": "Float", "float64": "Double", "bool": "Bool", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip

_OF_BOOLEANS = {
    "sub": "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
    "use the `~` or `logical_not()` operator instead.",
    "neg": "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, "
    "use the `~` or `logical_not()` operator instead.",
    "relu": "Boolean inputs not supported for relu: convert them with .float()",
}


def type_word(dtype: Any) -> str:
    """Return the name that PyTorch's messages give a type: Float, Long, …"""
    return _WORDS.get(dtype.name, dtype.name)


def refuse_kind(name: str, values: list[Any]) -> Exception:
    """Return what to raise where a function has no answer for numbers of this kind."""
    kinds = [DTYPES[x.dtype] for x in values if hasattr(x, "dtype")]
    worst = max(kinds, key=lambda kind: kind.rank)
    if name in _OF_BOOLEANS and (worst.rank == 0 or name == "sub"):
        if name == "sub" and len(kinds) == 2 and kinds[0] is kinds[1]:
            return RuntimeError(_OF_BOOLEANS[name].replace("a bool tensor", "two bool tensors"))
        return RuntimeError(_OF_BOOLEANS[name])
    return NotImplementedError(
        f"\"{name}\" not implemented for '{type_word(worst)}': convert to another type with .to()"
    )


def refuse_stranger(name: str, values: list[Any], i: int) -> TypeError:
    """Return what to raise where an argument is neither a tensor nor a number."""
    return TypeError(
        f"{name}(): argument {i + 1} must be Tensor or Number, not {_class_name(values[i])}: convert it with torch.as_tensor"
    )


def _class_name(x: Any) -> str:
    """Return the name of the class of a value; of an array with elements that no tensor has, of these too."""
    elements = getattr(x, "dtype", None)
    return type(x).__name__ if elements is None else f"{type(x).__name__} of {elements.type.__name__}"


def explain(name: str, values: list[Any], error: Exception) -> Exception:
    """Return PyTorch's exception for what an array library raised; the same one, if nothing better is known."""
    shapes = [tuple(x.shape) for x in values if hasattr(x, "shape")]
    strangers = [i for i, x in enumerate(values) if not isinstance(x, NUMBERS) and not hasattr(x, "shape")]
    if strangers:
        return refuse_stranger(name, values, strangers[0])
    if not shapes:
        return error
    if isinstance(error, TypeError):
        return refuse_kind(name, values)
    refusal = clash(shapes)
    return error if refusal is None else RuntimeError(refusal)


def clash(shapes: list[tuple[int, ...]]) -> str | None:
    """Say which sizes do not broadcast; None if all do."""
    shape = shapes[0]
    for other in shapes[1:]:
        ndim = max(len(shape), len(other))
        a, b = ((1,) * (ndim - len(s)) + s for s in (shape, other))
        for i in reversed(range(ndim)):
            if a[i] != b[i] and 1 not in (a[i], b[i]):
                return (
                    f"The size of tensor a ({a[i]}) must match the size of tensor b ({b[i]}) at non-singleton "
                    f"dimension {i}: the shapes {list(shape)} and {list(other)} do not broadcast"
                )
        shape = tuple(m if n == 1 else n for n, m in zip(a, b, strict=True))
    return None
