"""Types of numbers, and which type a mixture of them has.

NumPy and PyTorch differ here (float32 array times int64 array is float64 in NumPy, float32 in PyTorch),
so the result type is decided by these rules, which are PyTorch's, before an array library is called.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np


class dtype:
    """A type of number, named and printed as PyTorch's.

    >>> float32
    torch.float32
    >>> float32.itemsize, float32.is_floating_point
    (4, True)
    """

    __slots__ = ("is_complex", "is_floating_point", "is_signed", "itemsize", "name", "numpy", "rank")

    def __init__(self, name: str, numpy_name: str) -> None:
        self.name, self.numpy = name, np.dtype(numpy_name)
        self.itemsize = self.numpy.itemsize
        self.is_floating_point, self.is_complex = self.numpy.kind == "f", self.numpy.kind == "c"
        self.is_signed = self.numpy.kind in "ifc"
        self.rank = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}[self.numpy.kind]  # the category that decides

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)

    def to_complex(self) -> dtype:
        """Return the complex type with parts of this type (of float16 too: float32 is the narrowest there is)."""
        if self.rank < 2:
            raise RuntimeError(f"to_complex: there is no complex type with parts of type {self}")
        return self if self.is_complex else complex128 if self is float64 else complex64

    def to_real(self) -> dtype:
        """Return the type of the parts of this complex type."""
        return {complex128: float64, complex64: float32}.get(self, self)


bool = dtype("bool", "bool")
uint8 = dtype("uint8", "uint8")
uint16 = dtype("uint16", "uint16")
uint32 = dtype("uint32", "uint32")
uint64 = dtype("uint64", "uint64")
int8 = dtype("int8", "int8")
int16 = short = dtype("int16", "int16")
int32 = int = dtype("int32", "int32")
int64 = long = dtype("int64", "int64")
float16 = half = dtype("float16", "float16")
float32 = float = dtype("float32", "float32")
float64 = double = dtype("float64", "float64")
complex64 = cfloat = dtype("complex64", "complex64")
complex128 = cdouble = dtype("complex128", "complex128")

WIDE_UNSIGNED = (uint16, uint32, uint64)
ALL = (bool, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, float32, float64, complex64, complex128)
DTYPES: dict[Any, dtype] = {d.numpy: d for d in ALL}
_SCALARS = {builtins.bool: bool, builtins.int: int64, builtins.float: float32, complex: complex64}
_default = [float32]


def _by_name(name: str) -> dtype:
    return next(d for d in ALL if d.name == name)


def from_numpy(numpy_dtype: Any) -> dtype:
    """Return the dtype with this NumPy dtype (or scalar type, or name)."""
    if isinstance(numpy_dtype, dtype):
        return numpy_dtype
    if numpy_dtype in _SCALARS:
        return scalar_type(numpy_dtype)
    found = DTYPES.get(np.dtype(numpy_dtype).newbyteorder("="))
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{np.dtype(numpy_dtype).type.__name__}. The only supported types are: "
            + ", ".join(d.name for d in ALL)
        )
    return found


def scalar_type(kind: type) -> dtype:
    """Return the dtype that a Python number of this class gets: bool, int64, or the default float or complex."""
    if kind is builtins.float:
        return _default[0]
    return _default[0].to_complex() if kind is complex else _SCALARS[kind]


def get_default_dtype() -> dtype:
    """Return the dtype of new floating-point tensors (float32, unless set)."""
    return _default[0]


def set_default_dtype(d: dtype) -> None:
    """Set the dtype of new floating-point tensors."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {d}")
    _default[0] = d


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the smallest dtype that both convert to, by PyTorch's rules.

    >>> promote_types(int64, float32), promote_types(uint8, int8)
    (torch.float32, torch.int16)
    """
    a, b = type1, type2
    if a is b:
        return a
    for i, kind in enumerate((a, b)):
        if not isinstance(kind, dtype):
            raise TypeError(f"promote_types(): argument {i + 1} must be torch.dtype, not {type(kind).__name__}")
    if a.rank < b.rank:
        a, b = b, a
    if not a.is_floating_point and (a in WIDE_UNSIGNED or b in WIDE_UNSIGNED):
        raise RuntimeError(
            f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {a} and {b}; "
            "convert one of them first"
        )
    if a.rank != b.rank:  # the higher category wins; a complex type must hold the parts
        return complex128 if a is complex64 and b is float64 else a
    if {a, b} == {uint8, int8}:
        return int16
    return a if a.itemsize > b.itemsize else b  # the wider one


def combine(strong: dtype | None, weak: dtype | None) -> dtype | None:
    """Let `weak` (0-d tensors, or Python numbers) raise the category of `strong`, but not its width."""
    if strong is None or weak is None:
        return strong or weak
    if weak.rank <= strong.rank:
        return strong
    if strong.rank == 2:  # a float tensor with a complex scalar: complex, with parts of the tensor's width
        return strong.to_complex()
    return weak if strong.rank else promote_types(strong, weak)


def result_dtype(dimensioned: list[dtype], zero_dim: list[dtype], scalars: list[type]) -> dtype:
    """Return the type of a mixture of tensors with dimensions, tensors without, Python numbers, in order of weight."""
    found: list[dtype | None] = []
    for group in (dimensioned, zero_dim, [scalar_type(s) for s in scalars]):
        wide: dtype | None = None
        for d in group:
            wide = d if wide is None else promote_types(wide, d)
        found.append(wide)
    result = combine(found[0], combine(found[1], found[2]))
    if result is None:
        raise ValueError("result_type: at least one tensor or number is needed")
    return result


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Tell whether an in-place operation may convert: never to a lower category (bool < integer < float < complex).

    >>> can_cast(float64, float32), can_cast(float32, int64)
    (True, False)
    """
    return from_.rank <= to.rank


class finfo:
    """Limits of a floating-point type: bits, eps, max, min, tiny, smallest_normal, resolution."""

    def __init__(self, type: dtype | None = None) -> None:
        type = type or get_default_dtype()
        if type.rank < 2:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{type!r}'")
        info = np.finfo(type.numpy)
        self.dtype, self.bits = type.to_real().name, info.bits
        self.eps, self.max, self.min = info.eps.item(), info.max.item(), info.min.item()
        self.tiny = self.smallest_normal = info.tiny.item()
        self.resolution = 10.0**-info.precision

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{n}={getattr(self, n):g}' for n in names)}, dtype={self.dtype})"


class iinfo:
    """Limits of an integer type: bits, max, min."""

    def __init__(self, type: dtype) -> None:
        if type.rank != 1:
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{type!r}'")
        info = np.iinfo(type.numpy)
        self.dtype, self.bits, self.max, self.min = type.name, info.bits, info.max, info.min

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
