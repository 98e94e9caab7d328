"""Where is what: largest and smallest numbers, order, and what is not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ..backend.arrays import nonzero as nonzero_of
from ..engine import make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import reduction as r
from ..ops import shape as s
from ..ops.refusals import refuse_kind
from . import results
from .dims import Dim, axes_of, axis_of
from .public import public
from .shape import select

if TYPE_CHECKING:
    from ..tensor import Tensor


@public
def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """Largest number over dimensions; equal ones share the gradient."""
    axes = _nonempty("amax", input, dim, keepdim)
    return r.amax(_ordered("amax", input), axes, keepdim)


@public
def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """Smallest number over dimensions; equal ones share the gradient."""
    axes = _nonempty("amin", input, dim, keepdim)
    return r.amin(_ordered("amin", input), axes, keepdim)


def _ordered(name: str, input: Any) -> Any:
    """Refuse complex numbers, which have no order."""
    if input.value.dtype.kind == "c":
        raise refuse_kind(name, [input.value])
    return input


def _nonempty(name: str, input: Any, dim: Dim, keepdim: bool = False) -> tuple[int, ...]:
    """Return the axes; refuse to look for the largest of no numbers."""
    axes = axes_of(dim, input.value.ndim, keepdim)
    if input.value.size == 0 and (dim is None or dim == ()):
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
            f"the 'dim' argument: the shape is {list(input.shape)}"
        )
    for axis in axes:
        if input.value.shape[axis] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {axis} to have non-zero size, the input has shape "
                f"{list(input.shape)}"
            )
    return axes


@overload
def max(input: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: bool = ...) -> results.max: ...
@overload
def max(input: Tensor, dim: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, *, other: Tensor) -> Tensor: ...
@public
def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Largest number of all; with `dim`, a named tuple (values, indices) along it; with a tensor, the larger of both.

    Where equal numbers are largest, all share the gradient; with `dim`, the one at the returned index has it.
    """
    return _extremum(input, dim, keepdim, other, "max")


@overload
def min(input: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = ...) -> results.min: ...
@overload
def min(input: Tensor, dim: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, *, other: Tensor) -> Tensor: ...
@public
def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Smallest number of all; with `dim`, a named tuple (values, indices) along it; with a tensor, the smaller of both."""
    return _extremum(input, dim, keepdim, other, "min")


def _extremum(input: Any, dim: Any, keepdim: bool, other: Any, name: str) -> Any:
    pair, all_, arg, result = {
        "max": (e.maximum, r.amax, r.argmax, results.max),
        "min": (e.minimum, r.amin, r.argmin, results.min),
    }[name]
    if hasattr(dim, "value"):
        other = dim
    if other is not None:
        return pair(input, other)
    axes = _nonempty(name, input, dim if dim is None else axis_of(dim, input.value.ndim), keepdim)
    _ordered(name, input)
    if dim is None:
        return all_(input, axes)
    if input.value.ndim == 0:
        return result(s.copy(input), arg(input))
    axis = axes[0]
    indices = arg(input, axis, True)
    values = ix.gather(input, indices, axis)
    return result(values, indices) if keepdim else result(select(values, axis, 0), select(indices, axis, 0))


@public
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the largest number; of the flattened tensor for `dim=None`."""
    return r.argmax(_countable("argmax", input), _arg_axis("argmax", input, dim), keepdim)


@public
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the smallest number; of the flattened tensor for `dim=None`."""
    return r.argmin(_countable("argmin", input), _arg_axis("argmin", input, dim), keepdim)


def _countable(name: str, input: Any) -> Any:
    """Refuse complex numbers and booleans."""
    if input.value.dtype.kind in "bc":
        raise refuse_kind(name, [input.value])
    return input


def _arg_axis(name: str, input: Any, dim: int | None) -> int | None:
    if dim is None and input.value.size == 0:
        raise IndexError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0, {list(input.shape)}."
        )
    axes = _nonempty(name, input, dim if dim is None else axis_of(dim, input.value.ndim))
    return None if dim is None or input.value.ndim == 0 else axes[0]


@public
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> results.sort:
    """Sort along a dimension: a named tuple (values, indices).  Equal numbers keep their order."""
    axis = axis_of(dim, input.value.ndim)
    _ordered("sort", input)
    if input.value.ndim == 0:
        return results.sort(s.copy(input), r.argmax(input))
    indices = ix.argsort(input, axis, descending)
    return results.sort(ix.gather(input, indices, axis), indices)


@public
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort along a dimension."""
    return sort(input, dim, descending).indices


@public
def msort(input: Tensor) -> Tensor:
    """Sort along the first dimension."""
    return sort(input, 0).values


@public
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> results.topk:
    """The k largest (or smallest) numbers along a dimension: a named tuple (values, indices)."""
    axis = axis_of(dim, input.value.ndim)
    n = input.value.shape[axis] if input.value.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError(f"selected index k out of range: k is {k}, dimension {dim} has {n} numbers")
    found = sort(_countable("topk", input), dim, descending=largest)
    if input.value.ndim == 0:
        return results.topk(*found)
    key = (slice(None),) * axis + (slice(0, k), Ellipsis)
    return results.topk(s.copy(s.index(found.values, key)), s.copy(s.index(found.indices, key)))


@public
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of all numbers that are not zero: (count, ndim), or one tensor a dimension."""
    found = tuple(make(input.result, i) for i in nonzero_of(input.value))
    if as_tuple:
        return found
    matrix = s.transpose(s.stack(*found, axis=0), (1, 0))  # by columns in memory, as PyTorch's
    return matrix if input.value.ndim else s.index(matrix, (slice(None), slice(0, 0)))
