"""Order: medians, quantiles, extremes, covariances; sums without not-a-numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, overload

from ..backend.arrays import array_like
from ..backend.dtypes import dtype as Dtype
from ..backend.dtypes import get_default_dtype
from ..engine import make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import reduction as r
from ..ops import shape as s
from ..ops.declare import cast
from . import results
from .dims import Dim, axis_of
from .logic import bitwise_or
from .public import public
from .reduction import mean, sum, to_dtype
from .running import along, scan
from .search import amax, amin, sort
from .shape import roll, select

if TYPE_CHECKING:
    from ..tensor import Tensor


@public
def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many numbers are not zero."""
    return sum(e.ne(input, 0), dim)


@public
def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    """The sum of what is a number."""
    return sum(
        e.where(e.isnan(input), 0.0, input) if input.value.dtype.kind == "f" else input, dim, keepdim, dtype=dtype
    )


@public
def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    """The mean of what is a number."""
    input = to_dtype(input, dtype)
    valid = cast(e.eq(input, input), input.value.dtype)
    return e.div(nansum(input, dim, keepdim), sum(valid, dim, keepdim))


def _ranked(result: Any, input: Any, k: int, axis: int, keepdim: bool) -> Any:
    """Return the k-th smallest number along an axis, counted from 0, and where it is."""
    if input.value.ndim == 0:
        return result(s.copy(input), cast(e.zeros_like(input), "int64"))
    indices = s.copy(s.index(sort(input, axis).indices, (slice(None),) * axis + (slice(k, k + 1),)))
    if result is results.median and input.value.dtype.kind == "f":  # not-a-number is found before every number
        first = r.argmax(e.isnan(input), axis, True)
        indices = e.where(e.isnan(ix.gather(input, first, axis)), first, indices)
    values = ix.gather(input, indices, axis)
    return result(values, indices) if keepdim else result(select(values, axis, 0), select(indices, axis, 0))


@public
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> results.kthvalue:
    """The k-th smallest number along a dimension (k counts from 1): a named tuple (values, indices)."""
    axis = axis_of(dim, input.value.ndim)
    n = input.value.shape[axis] if input.value.ndim else 1
    if not 1 <= k <= n:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}: k is {k}, there are {n}")
    return _ranked(results.kthvalue, input, k - 1, axis, keepdim)


@overload
def median(input: Tensor) -> Tensor: ...
@overload
def median(input: Tensor, dim: int, keepdim: bool = ...) -> results.median: ...
@public
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle number, the lower one of two; with `dim`, a named tuple (values, indices) along it.

    Not-a-number if there is one.  Of all numbers, equal ones share the gradient.
    """
    if dim is None:
        if input.value.size == 0:
            return make(input.result, array_like(math.nan, input.value))
        return r.median(input, tuple(range(input.value.ndim)))
    axis = axis_of(dim, input.value.ndim)
    n = input.value.shape[axis] if input.value.ndim else 1
    if n == 0:
        raise IndexError(f"median(): Expected reduction dim {axis} to have non-zero size.")
    return _ranked(results.median, input, (n - 1) // 2, axis, keepdim)


@public
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> results.mode:
    """The most frequent number along a dimension, the smallest of several: a named tuple (values, indices)."""
    axis = axis_of(dim, input.value.ndim)
    if input.value.ndim == 0:
        return results.mode(s.copy(input), cast(e.zeros_like(input), "int64"))
    ranked, order = sort(input.detach(), axis)
    places = along(input, axis)
    n, first = input.value.shape[axis], e.eq(places, 0)
    starts = e.ne(ranked, roll(ranked, 1, axis)) if n > 1 else first
    start = scan(e.maximum, e.where(bitwise_or(starts, first), places, 0), axis)
    indices = ix.gather(order, r.argmax(e.sub(places, start), axis, True), axis)  # the longest run of equals ends there
    values = ix.gather(input, indices, axis)
    return results.mode(values, indices) if keepdim else results.mode(select(values, axis, 0), select(indices, axis, 0))


@public
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    r"""The number below which a share q lies: between the sorted numbers around $q\,(n - 1)$, interpolated.

    Shapes:  input (*, n, *) -> (*, *); with a vector of q, that dimension comes first.
    """
    shares = q if hasattr(q, "value") else make(input.result, array_like(q, input.value))
    if shares.value.dtype != input.value.dtype or input.value.dtype.kind != "f":
        raise RuntimeError(
            f"quantile() input tensor must be either float or double dtype, as q: got {input.dtype}, {shares.dtype}"
        )
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError("quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
                           f"but got {interpolation}")  # fmt: skip
    if shares.value.ndim > 1 or not bool(((shares.value >= 0) & (shares.value <= 1)).all()):
        raise RuntimeError("quantile() q must be a scalar or 1D tensor of values in the range [0, 1]")
    if input.value.size == 0:
        raise RuntimeError("quantile() input tensor must be non-empty")
    x = s.reshape(input, (-1,)) if dim is None or input.value.ndim == 0 else input
    axis = 0 if x is not input else axis_of(dim, x.value.ndim)  # type: ignore[arg-type]
    ranked = _in_front(sort(x, axis).values, axis)  # (n, *)
    y = _between(ranked, s.reshape(shares, (-1,)), interpolation)  # (q, *)
    y = e.where(r.amax(e.isnan(ranked), (0,), True), math.nan, y)
    shape = input.value.shape
    kept = tuple(1 if dim is None or i == axis else n for i, n in enumerate(shape))
    rest = kept if keepdim else tuple(n for i, n in enumerate(shape) if dim is not None and i != axis)
    return s.reshape(y, (*shares.value.shape, *rest))


def _in_front(x: Any, axis: int) -> Any:
    return s.transpose(x, (axis, *(i for i in range(x.value.ndim) if i != axis)))


def _between(ranked: Any, shares: Any, interpolation: str) -> Any:
    """Read sorted numbers (n, *) at places between them: (q, *)."""
    places = e.mul(shares, float(ranked.value.shape[0] - 1))
    if interpolation == "nearest":
        places = e.round(places)
    low = e.floor(places) if interpolation != "higher" else e.ceil(places)
    at_low = ix.take(ranked, (cast(low.detach(), "int64"),))
    if interpolation in ("nearest", "lower", "higher"):
        return at_low
    at_high = ix.take(ranked, (cast(e.ceil(places).detach(), "int64"),))
    weight = (
        0.5 if interpolation == "midpoint" else s.reshape(e.sub(places, low), (-1,) + (1,) * (ranked.value.ndim - 1))
    )
    return e.add(at_low, e.mul(e.sub(at_high, at_low), weight))


@public
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> results.aminmax:
    """Smallest and largest number: a named tuple (min, max)."""
    return results.aminmax(
        amin(input, () if dim is None else dim, keepdim), amax(input, () if dim is None else dim, keepdim)
    )


@public
def cov(input: Tensor, *, correction: int = 1) -> Tensor:
    r"""Covariances of variables (rows) over observations (columns).

    $\frac{1}{n - \delta} \sum_k (x_{ik} - \mu_i)\,\overline{(x_{jk} - \mu_j)}$ with $\delta$ = `correction`; of one
    variable, a number.
    """
    if input.value.ndim > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got {input.value.ndim}")
    input = cast(input, get_default_dtype().numpy) if input.value.dtype.kind in "iub" else input
    x = input if input.value.ndim == 2 else s.reshape(input, (1, -1))
    d = e.sub(x, mean(x, 1, True))
    turned = s.swap(e.conj(d) if d.value.dtype.kind == "c" else d)
    y = e.div(d @ turned, float(max(0, x.value.shape[1] - correction)))
    return s.reshape(y, ()) if y.value.size == 1 else y


@public
def corrcoef(input: Tensor) -> Tensor:
    r"""Correlations of variables (rows): $\Sigma_{ij} / \sqrt{\Sigma_{ii} \Sigma_{jj}}$, between -1 and 1."""
    covariance = cov(input)
    if covariance.value.ndim == 0:
        return e.div(covariance, covariance)
    deviation = e.sqrt(s.diagonal(covariance))
    y = e.div(e.div(covariance, s.unsqueeze(deviation, 1)), s.unsqueeze(deviation, 0))
    return y.clamp(-1, 1)
