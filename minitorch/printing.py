r"""How a tensor is printed: exactly as PyTorch prints it, from a plain NumPy array.

Three decisions make the text.

1. **Which elements are shown.**  Above `threshold` elements, each long axis shows only `edgeitems` at either end.
2. **How one number is written.**  One style for the whole tensor, chosen by the shown finite nonzero numbers $x$:
   whole numbers as `3.`, others with `precision` digits; in scientific notation if
   $$\frac{\max|x|}{\min|x|} > 1000 \quad\text{or}\quad \max|x| > 10^8 \quad\text{or}\quad \min|x| < 10^{-4}.$$
3. **Where lines break.**  A row takes as many numbers a line as fit in `linewidth`; a suffix (`dtype=...`) that would
   not fit starts a line of its own.

>>> print(format_tensor(np.array([[1.0, 2.5], [-3.0, np.inf]])))
tensor([[ 1.0000,  2.5000],
        [-3.0000,     inf]])
>>> print(format_tensor(np.arange(2000), ["requires_grad=True"]))
tensor([   0,    1,    2,  ..., 1997, 1998, 1999], requires_grad=True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .backend import dtypes

__all__ = ["dtype_suffix", "format_tensor", "get_printoptions", "printoptions", "set_printoptions"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """The options of printing; the values here are the profile "default"."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: float = 80
    sci_mode: bool | None = None


_PROFILES = {"default": Options(), "short": Options(precision=2, edgeitems=2), "full": Options(threshold=math.inf)}
_current = [_PROFILES["default"]]


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: float | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed: start from a `profile`, if one is named, and override it option by option.

    What is None stays as it is, except `sci_mode`, which every call sets: None means that the numbers decide.

    Args:
        precision: digits after the point.
        threshold: the largest number of elements that is printed in full.
        edgeitems: how many elements a summary shows at each end of an axis.
        linewidth: characters a line.
        profile: "default", "short" (precision 2, edgeitems 2) or "full" (nothing left out).
        sci_mode: write scientific notation always (True), never (False), or where it is needed (None).

    Raises:
        ValueError: a profile that does not exist, or a negative precision or edgeitems.
        TypeError: an option that is not a number (an integer, for precision and edgeitems).

    >>> set_printoptions(precision=2)
    >>> print(format_tensor(np.array([1.12345])))
    tensor([1.12])
    >>> set_printoptions(profile="default")
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions: profile must be one of {', '.join(_PROFILES)}, got {profile!r}")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name, value in changes.items():
        _check_option(name, value)
    base = _current[0] if profile is None else _PROFILES[profile]
    _current[0] = replace(base, **changes, sci_mode=sci_mode)


def _check_option(name: str, value: Any) -> None:
    """Complain when the option is set, not when a tensor is printed."""
    counts = name in ("precision", "edgeitems")
    if not isinstance(value, Integral if counts else Real):
        raise TypeError(f"set_printoptions: {name} must be {'an integer' if counts else 'a number'}, got {value!r}")
    if counts and value < 0:
        raise ValueError(f"set_printoptions: {name} must be at least 0, got {value}")


def get_printoptions() -> dict[str, Any]:
    """Return the options in force.

    >>> get_printoptions()
    {'precision': 4, 'threshold': 1000, 'edgeitems': 3, 'linewidth': 80, 'sci_mode': None}
    """
    return asdict(_current[0])


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Set the options of :func:`set_printoptions` for the length of a `with` block.

    >>> with printoptions(precision=1):
    ...     print(format_tensor(np.array(0.25)))
    tensor(0.2)
    """
    before = _current[0]
    try:
        set_printoptions(**options)
        yield
    finally:
        _current[0] = before


# ---------------------------------------------------------------- which elements are shown


def _is_long(array: Array) -> bool:
    """Tell whether the array is printed as a summary."""
    return array.size > _current[0].threshold


def _shown(length: int, summary: bool) -> list[int | None]:
    """Return the positions shown on an axis, None standing for those left out.

    >>> _shown(9, summary=True)
    [0, 1, 2, None, 6, 7, 8]
    """
    edge = _current[0].edgeitems
    if not summary or length <= 2 * edge:
        return list(range(length))
    return [*range(edge), None, *range(length - edge, length)]


def _shown_values(array: Array) -> Array:
    """Return the elements that are shown, flat: they alone decide the style."""
    if _is_long(array):
        for axis, length in enumerate(array.shape):
            kept = [i for i in _shown(length, summary=True) if i is not None]
            array = array.take(kept, axis=axis)
    return array.reshape(-1)


# ---------------------------------------------------------------- how one number is written


class Style(NamedTuple):
    """How every number of a tensor is written: a function from number to text, and how wide the text is."""

    write: Callable[[Any], str]
    width: int


def _style(values: Array) -> Style:
    """Choose the style for these values by their kind of number."""
    if values.dtype.kind == "c":
        return _complex_style(values)
    return _float_style(values) if values.dtype.kind == "f" else _exact_style(values)


def _exact_style(values: Array) -> Style:
    """Write integers and truth values in full, aligned to the right."""
    width = max((len(str(value)) for value in values.tolist()), default=0)
    return Style(lambda value: str(value).rjust(width), width)


def _float_style(values: Array) -> Style:
    """Write floats in one notation; zeros, infinities and nan have no say in it, nor in the width."""
    deciding = values[np.isfinite(values) & (values != 0)]
    spec, point = _notation(deciding)

    def text(value: float) -> str:
        return format(value, spec) + (point if math.isfinite(value) else "")

    width = max((len(text(value)) for value in deciding.tolist()), default=1)
    return Style(lambda value: text(value).rjust(width), width)


def _notation(values: Array) -> tuple[str, str]:
    """Return the format specification for these finite nonzero values, and what follows the digits."""
    precision = _current[0].precision
    if values.size and _is_scientific(np.abs(values)):
        return f".{precision}e", ""
    if (values == np.ceil(values)).all():
        return ".0f", "."
    return f".{precision}f", ""


def _is_scientific(magnitudes: Array) -> bool:
    """Tell whether scientific notation is asked for, or needed: a range too wide, numbers too large or too small."""
    chosen = _current[0].sci_mode
    if chosen is not None:
        return bool(chosen)
    low, high = float(magnitudes.min()), float(magnitudes.max())
    return high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4


def _complex_style(values: Array) -> Style:
    """Write real and imaginary parts each in a style of its own; only the real parts are aligned."""
    real, imag = _float_style(values.real), _float_style(values.imag)

    def write(value: complex) -> str:
        part = imag.write(value.imag).lstrip()
        return real.write(value.real) + ("" if part.startswith("-") else "+") + part + "j"

    return Style(write, real.width + 1 + imag.width)  # the j is not counted: PyTorch's lines are as long as these


# ---------------------------------------------------------------- where lines break


def _nested(array: Array, style: Style, indent: int, summary: bool) -> str:
    """Return the numbers in nested brackets; the opening bracket stands in column `indent`."""
    if array.ndim == 0:
        return style.write(array.item())
    shown = _shown(array.shape[0], summary)
    if array.ndim == 1:
        return _row([" ..." if i is None else style.write(array[i].item()) for i in shown], style.width, indent)
    parts = ["..." if i is None else _nested(array[i], style, indent + 1, summary) for i in shown]
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)  # matrices are a blank line apart
    return "[" + gap.join(parts) + "]"


def _row(cells: list[str], width: int, indent: int) -> str:
    """Return one row in brackets, broken into lines of as many cells as fit."""
    count = max(1, int((_current[0].linewidth - indent) // (width + 2)))
    lines = [", ".join(cells[start : start + count]) for start in range(0, len(cells), count)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _with_suffixes(text: str, suffixes: Sequence[str], column: int, indent: int) -> str:
    """Append the suffixes, each on a line of its own (at `column`) if it would not fit on the last one."""
    used = len((" " * indent + text).rpartition("\n")[2]) + 2  # room for the bracket that closes, and one to spare
    for suffix in suffixes:
        if used + len(", " + suffix) > _current[0].linewidth:
            text, used = f"{text},\n{' ' * column}{suffix}", column + len(suffix)
        else:
            text, used = f"{text}, {suffix}", used + len(", " + suffix)
    return text


def format_tensor(array: Array, suffixes: Sequence[str] = (), indent: int = 0, prefix: str = "tensor(") -> str:
    """Return the array as PyTorch prints a tensor with these values.

    Args:
        array: the values, in NumPy.
        suffixes: what follows the values (`"dtype=torch.float64"`), in PyTorch's order: device, dtype, gradient.
            Empty ones are left out.
        indent: the column in which the text will begin, for the lines after the first.
        prefix: the name and the bracket that opens.

    >>> print(format_tensor(np.zeros((0, 3), dtype=np.float32)))
    tensor([], size=(0, 3))
    >>> print(format_tensor(np.array([1e-5, 1.0]), ["dtype=torch.float64"]))
    tensor([1.0000e-05, 1.0000e+00], dtype=torch.float64)
    """
    column = indent + len(prefix)
    tail = [suffix for suffix in suffixes if suffix]
    if _hides_shape(array):
        after_device = sum(suffix.startswith("device=") for suffix in tail)
        tail.insert(after_device, f"size={array.shape}")
    return _with_suffixes(prefix + _values(array, column), tail, column, indent) + ")"


def _hides_shape(array: Array) -> bool:
    """Tell whether brackets alone may not show the shape: an empty array, or a summary without elements."""
    return (array.size == 0 and array.ndim != 1) or (array.size > 0 and _current[0].edgeitems == 0)


def _values(array: Array, column: int) -> str:
    if array.size == 0:
        return "[]"
    if _is_long(array) and array.ndim and _current[0].edgeitems == 0:
        return "[...]"
    return _nested(array, _style(_shown_values(array)), column, _is_long(array))


def dtype_suffix(array: Array, default_float: dtypes.dtype | np.dtype[Any]) -> str:
    """Return `"dtype=..."` where the values do not tell the type, else the empty string.

    >>> dtype_suffix(np.arange(3), dtypes.float32), dtype_suffix(np.arange(0), dtypes.float32)
    ('', 'dtype=torch.int64')
    """
    kind, default = dtypes.from_numpy(array.dtype), dtypes.from_numpy(default_float)
    told = {default}
    if array.size:
        told |= {dtypes.bool, dtypes.int64, default.to_complex()}
    return "" if kind in told else f"dtype={kind}"
