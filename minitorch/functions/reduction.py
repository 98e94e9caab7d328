"""Reductions with PyTorch's signatures.  The formulas and their derivatives are in `ops/reduction.py`."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, NamedTuple

from ..backend.devices import library
from ..backend.dtypes import DTYPES, float32
from ..backend.dtypes import dtype as Dtype
from ..engine import make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import reduction as r
from ..ops import shape as s
from ..ops.declare import cast, constant
from .dims import Dim, axes_of, axis_of
from .inplace import type_word

if TYPE_CHECKING:
    from ..tensor import Tensor


class _ValuesIndices(NamedTuple):
    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


class _max(_ValuesIndices): ...


class _min(_ValuesIndices): ...


class _sort(_ValuesIndices): ...


class _topk(_ValuesIndices): ...


for _type, _name in ((_max, "max"), (_min, "min"), (_sort, "sort"), (_topk, "topk")):
    _type.__name__ = _type.__qualname__ = _name


def to_dtype(input: Any, dtype: Dtype | None) -> Any:
    """Return the tensor in a type; itself if it has it, or for None."""
    return input if dtype is None or input.value.dtype == dtype.numpy else cast(input, dtype.numpy)


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Sum over dimensions (all of them for None).  $y = \sum_i x_i$.  Integers and booleans give int64."""
    return r.sum(to_dtype(input, dtype), axes_of(dim, input.value.ndim), keepdim)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Mean over dimensions.  $y = \frac1n \sum_i x_i$."""
    input = to_dtype(input, dtype)
    require_float("mean", input)
    return r.mean(input, axes_of(dim, input.value.ndim), keepdim)


def require_float(name: str, input: Any) -> None:
    """Refuse integers and booleans."""
    if input.value.dtype.kind not in "fc":
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {type_word(DTYPES[input.value.dtype])}"
        )


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Product of all numbers, or along one dimension.  $y = \prod_i x_i$."""
    input = to_dtype(input, dtype)
    if input.value.dtype.kind in "biu" and dtype is None:
        input = cast(input, "int64")
    if dim is None:
        return r.prod(s.reshape(input, (-1,)), 0)
    return r.prod(input, axis_of(dim, input.value.ndim), keepdim)


def var(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: int | None = None,
) -> Tensor:
    r"""Variance.  $\sigma^2 = \frac{1}{\max(0, n - \delta)} \sum_i (x_i - \mu)^2$ with $\delta$ = `correction` (1)."""
    return var_mean(input, dim, unbiased, keepdim, correction=correction)[0]


def std(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: int | None = None,
) -> Tensor:
    r"""Standard deviation: the square root of the variance.  At 0 its derivative is 0."""
    return _root(var(input, dim, unbiased, keepdim, correction=correction))


def _root(x: Any) -> Any:
    nothing = e.eq(x, 0)
    return e.where(nothing, 0.0, e.sqrt(e.where(nothing, 1.0, x)))


def var_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Variance and mean."""
    if isinstance(dim, bool):  # var(x, False): PyTorch's oldest signature
        dim, unbiased = None, dim
    require_float("var", input)
    delta = correction if correction is not None else int(unbiased is not False)
    axes = axes_of(dim, input.value.ndim)
    n = r.count(input.value.shape, axes)
    centre = r.mean(input, axes, keepdims=True)
    d = e.abs(e.sub(input, centre)) if input.value.dtype.kind == "c" else e.sub(input, centre)
    spread = e.div(r.sum(e.square(d), axes, keepdim), float(builtins.max(0, n - delta)))
    return spread, centre if keepdim else s.reshape(centre, spread.value.shape)


def std_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean."""
    variance, centre = var_mean(input, dim, unbiased, keepdim, correction=correction)
    return _root(variance), centre


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """Largest number over dimensions; equal ones share the gradient."""
    return r.amax(input, _nonempty("amax", input, axes_of(dim, input.value.ndim)), keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """Smallest number over dimensions; equal ones share the gradient."""
    return r.amin(input, _nonempty("amin", input, axes_of(dim, input.value.ndim)), keepdim)


def _nonempty(name: str, input: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    if builtins.any(input.value.shape[a] == 0 for a in axes):
        raise IndexError(
            f"{name}(): Expected reduction dim to have non-zero size, the input has shape {list(input.shape)}"
        )
    return axes


def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Largest number of all; with `dim`, a named tuple (values, indices) along it; with a tensor, the larger of both.

    Where equal numbers are largest, all share the gradient; with `dim`, the one at the returned index has it.
    """
    return _extremum(input, dim, keepdim, other, "max")


def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Smallest number of all; with `dim`, a named tuple (values, indices) along it; with a tensor, the smaller of both."""
    return _extremum(input, dim, keepdim, other, "min")


def _extremum(input: Any, dim: Any, keepdim: bool, other: Any, name: str) -> Any:
    pair, all_, arg, result = {
        "max": (e.maximum, r.amax, r.argmax, _max),
        "min": (e.minimum, r.amin, r.argmin, _min),
    }[name]
    if (dim is not None and not hasattr(dim, "__index__")) or hasattr(dim, "value"):
        other = dim
    if other is not None:
        return pair(input, other)
    if dim is None:
        if input.value.size == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
                f"reduction dim with the 'dim' argument."
            )
        return all_(input, tuple(range(input.value.ndim)))
    axis = axis_of(dim, input.value.ndim)
    if input.value.ndim == 0:
        return result(s.alias(input), r.argmax(input))
    _nonempty(name, input, (axis,))
    indices = arg(input, axis, True)
    values = ix.gather(input, indices, axis)
    if keepdim:
        return result(values, indices)
    shape = tuple(n for i, n in enumerate(input.value.shape) if i != axis)
    return result(s.reshape(values, shape), s.reshape(indices, shape))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the largest number; of the flattened tensor for `dim=None`."""
    return r.argmax(input, None if dim is None else _arg_axis("argmax", input, dim), keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the smallest number; of the flattened tensor for `dim=None`."""
    return r.argmin(input, None if dim is None else _arg_axis("argmin", input, dim), keepdim)


def _arg_axis(name: str, input: Any, dim: int) -> int | None:
    axis = axis_of(dim, input.value.ndim)
    return _nonempty(name, input, (axis,))[0] if input.value.ndim else None


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    r"""$\ln \sum_i e^{x_i}$, without overflow."""
    if input.value.dtype.kind in "iub":
        input = cast(input, float32.numpy)
    return r.logsumexp(input, axes_of(dim, input.value.ndim), keepdim)


def cumsum(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Tensor:
    r"""Running sum along a dimension.  $y_i = \sum_{j \le i} x_j$."""
    input = to_dtype(input, dtype)
    axis = axis_of(dim, input.value.ndim)
    return s.cumsum(input, axis) if input.value.ndim else s.alias(input)


def norm(input: Tensor, p: float | str | None = "fro", dim: Dim = None, keepdim: bool = False) -> Tensor:
    r"""Vector norm.  $\|x\|_p = (\sum_i |x_i|^p)^{1/p}$; p = inf and -inf are the largest and smallest $|x_i|$.

    At 0 the derivative is 0 (the subgradient that PyTorch chooses).
    """
    axes = axes_of(dim, input.value.ndim)
    order = 2.0 if p is None or p == "fro" else float(p)
    size = e.abs(input)
    if order == float("inf"):
        return r.amax(size, axes, keepdim)
    if order == -float("inf"):
        return r.amin(size, axes, keepdim)
    if order == 0:
        return r.sum(cast(e.ne(size, 0), size.value.dtype), axes, keepdim)
    if order == 1:
        return r.sum(size, axes, keepdim)
    if order == 2:
        return _root(r.sum(e.square(size), axes, keepdim))
    total = r.sum(e.pow(size, order), axes, keepdim)
    nothing = e.eq(total, 0)
    return e.where(nothing, 0.0, e.pow(e.where(nothing, 1.0, total), 1.0 / order))


@constant
def _any(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Whether one of them is not zero."""
    return x.any(axis=axis, keepdims=keepdims)


@constant
def _all(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Whether none of them is zero."""
    return x.all(axis=axis, keepdims=keepdims)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether one of the numbers is not zero."""
    return _any(input, axes_of(dim, input.value.ndim), keepdim)


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether none of the numbers is zero."""
    return _all(input, axes_of(dim, input.value.ndim), keepdim)


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """Sort along a dimension: a named tuple (values, indices).  Equal numbers keep their order."""
    axis = axis_of(dim, input.value.ndim)
    if input.value.ndim == 0:
        return _sort(s.alias(input), r.argmax(input))
    indices = ix.argsort(input, axis, descending)
    return _sort(ix.gather(input, indices, axis), indices)


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort along a dimension."""
    return sort(input, dim, descending).indices


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) numbers along a dimension: a named tuple (values, indices)."""
    axis = axis_of(dim, input.value.ndim)
    n = input.value.shape[axis] if input.value.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError(f"selected index k out of range: k is {k}, dimension {dim} has {n} numbers")
    values, indices = sort(input, dim, descending=largest)
    key = (slice(None),) * axis + (slice(0, k), Ellipsis)
    return _topk(s.index(values, key), s.index(indices, key))


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of all numbers that are not zero: (count, ndim), or one tensor a dimension."""
    lib, kind = library(input.value), input.result
    found = (
        lib.nonzero(input.value) if input.value.ndim else lib.nonzero(input.value.reshape(1))[: input.value.ndim or 1]
    )
    if as_tuple:
        return tuple(make(kind, i) for i in found)
    if input.value.ndim == 0:
        return make(kind, lib.zeros((len(found[0]), 0), dtype="int64"))
    return make(kind, lib.stack(found, axis=1))


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    r"""$\|a - b\|_p$."""
    return norm(e.sub(input, other), p)
