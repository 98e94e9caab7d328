"""Running results along a dimension: products, extremes, differences, areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..backend.arrays import arange_like
from ..backend.dtypes import dtype as Dtype
from ..engine import make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from ..ops.declare import cast
from . import results
from .composed import logaddexp
from .dims import axis_of
from .logic import bitwise_or, ne
from .public import public
from .reduction import cumsum, sum, to_dtype
from .shape import cat, narrow

if TYPE_CHECKING:
    from ..tensor import Tensor


def scan(op: Callable[[Any, Any], Any], x: Any, axis: int) -> Any:
    r"""Return $y_i = x_1 \circ \dots \circ x_i$ in $\lceil \log_2 n \rceil$ steps: after step k, of the last $2^k$ numbers.

    Source:  Hillis & Steele 1986, "Data parallel algorithms".
    """
    n, reach = x.value.shape[axis], 1
    if n < 2:
        return s.copy(x)
    while reach < n:
        start, rest = narrow(x, axis, 0, reach), narrow(x, axis, reach, n - reach)
        x = s.cat(start, op(rest, narrow(x, axis, 0, n - reach)), axis=axis)
        reach *= 2
    return x


def along(x: Any, axis: int) -> Any:
    """Return 0, 1, 2, … along an axis, in a shape that broadcasts with x."""
    n, ndim = x.value.shape[axis], x.value.ndim
    return s.reshape(make(x.result, arange_like(n, x.value)), tuple(n if i == axis else 1 for i in range(ndim)))


@public
def cumprod(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Tensor:
    r"""Running product along a dimension.  $y_i = \prod_{j \le i} x_j$; its derivative is right also with zeros."""
    input = to_dtype(input, dtype)
    if input.value.dtype.kind in "biu" and dtype is None:
        input = cast(input, "int64")
    axis = axis_of(dim, input.value.ndim)
    return scan(e.mul, input, axis) if input.value.ndim else s.copy(input)


@public
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    r"""$y_i = \ln \sum_{j \le i} e^{x_j}$, without overflow."""
    axis = axis_of(dim, input.value.ndim)
    return scan(logaddexp, input, axis) if input.value.ndim else s.copy(input)


@public
def cummax(input: Tensor, dim: int) -> results.cummax:
    """The largest number so far: a named tuple (values, indices); of equal ones the last."""
    return _so_far(results.cummax, input, axis_of(dim, input.value.ndim), largest=True)


@public
def cummin(input: Tensor, dim: int) -> results.cummin:
    """The smallest number so far: a named tuple (values, indices); of equal ones the last."""
    return _so_far(results.cummin, input, axis_of(dim, input.value.ndim), largest=False)


def _so_far(result: Any, input: Any, axis: int, largest: bool) -> Any:
    if input.value.ndim == 0:
        return result(s.copy(input), cast(e.zeros_like(input), "int64"))
    x = input.detach()
    record = e.eq(x, scan(e.maximum if largest else e.minimum, x, axis))  # of a not-a-number, all from then on are one
    record = bitwise_or(record, e.isnan(x)) if x.value.dtype.kind == "f" else record
    places = along(x, axis)
    indices = scan(e.maximum, e.where(record, places, 0), axis)
    return result(ix.gather(input, indices, axis), indices)


@public
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    r"""Differences of neighbours, n times.  $y_i = x_{i+1} - x_i$."""
    if input.value.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    axis = axis_of(dim, input.value.ndim)
    parts = [x for x in (prepend, input, append) if x is not None]
    x = cat(parts, axis) if len(parts) > 1 else input
    for _ in range(min(n, x.value.shape[axis])):
        size = x.value.shape[axis]
        after, before = narrow(x, axis, 1, size - 1), narrow(x, axis, 0, size - 1)
        x = ne(after, before) if x.value.dtype == bool else e.sub(after, before)
    return x if n else s.copy(x)


def _strips(name: str, y: Any, x: Any, dx: float, dim: int) -> tuple[Any, int]:
    """Return the areas under the lines between neighbours, and the axis."""
    axis = axis_of(dim, y.value.ndim)
    n = y.value.shape[axis]
    if n == 0:
        return y, axis
    heights = e.add(narrow(y, axis, 1, n - 1), narrow(y, axis, 0, n - 1))
    if x is None:
        return e.mul(heights, dx / 2), axis
    widths = diff(x, dim=-1 if x.value.ndim == 1 else axis)
    if x.value.ndim == 1:
        if x.value.shape[0] != n:
            raise RuntimeError(f"{name}: there must be one `x` value for each sample point: {x.value.shape[0]} for {n}")
        widths = s.reshape(widths, (n - 1,) + (1,) * (y.value.ndim - axis - 1))
    return e.mul(heights, e.mul(widths, 0.5)), axis


@public
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    r"""Area by the trapezoidal rule.  $\sum_i \tfrac12 (y_i + y_{i+1})(x_{i+1} - x_i)$."""
    strips, axis = _strips("trapezoid", y, x, dx, dim)
    return sum(strips, axis)


@public
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """Running area by the trapezoidal rule."""
    strips, axis = _strips("cumulative_trapezoid", y, x, dx, dim)
    return cumsum(strips, axis)


trapz = trapezoid
