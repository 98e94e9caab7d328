"""Reductions with PyTorch's signatures.  The formulas and their derivatives are in `ops/reduction.py`."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from ..backend.dtypes import DTYPES, float16, get_default_dtype
from ..backend.dtypes import dtype as Dtype
from ..ops import elementwise as e
from ..ops import reduction as r
from ..ops import shape as s
from ..ops.declare import cast, constant
from ..ops.refusals import type_word
from .convert import as_dtype
from .dims import Dim, axes_of, axis_of
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor


def to_dtype(input: Any, dtype: Dtype | None) -> Any:
    """Return the tensor in a type; itself if it has it, or for None."""
    kind = as_dtype(dtype)
    return input if kind is None or input.value.dtype == kind.numpy else cast(input, kind.numpy)


@public
def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Sum over dimensions (all of them for None).  $y = \sum_i x_i$.  Integers and booleans give int64."""
    return to_dtype(r.sum(to_dtype(input, dtype), axes_of(dim, input.value.ndim, keepdim), keepdim), dtype)


@public
def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Mean over dimensions.  $y = \frac1n \sum_i x_i$."""
    input = to_dtype(input, dtype)
    require_float("mean", input)
    return r.mean(input, axes_of(dim, input.value.ndim, keepdim), keepdim)


def require_float(name: str, input: Any) -> None:
    """Refuse integers and booleans."""
    if input.value.dtype.kind not in "fc":
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {type_word(DTYPES[input.value.dtype])}"
        )


@public
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    r"""Product of all numbers, or along one dimension.  $y = \prod_i x_i$."""
    input = to_dtype(input, dtype)
    if input.value.dtype.kind in "biu":
        input = cast(input, "int64")
    if dim is None or input.value.ndim == 0:
        return to_dtype(r.prod(s.reshape(input, (-1,)), 0), dtype)
    return to_dtype(r.prod(input, axis_of(dim, input.value.ndim), keepdim), dtype)


@public
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


@public
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


@public
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
    if input.value.dtype.kind not in "fc":
        raise RuntimeError(f"std and var only support floating point and complex dtypes, got {input.dtype}")
    delta = correction if correction is not None else int(unbiased is not False)
    axes = axes_of(dim, input.value.ndim, keepdim)
    n = r.count(input.value.shape, axes)
    centre = r.mean(input, axes, keepdims=True)
    d = e.abs(e.sub(input, centre)) if input.value.dtype.kind == "c" else e.sub(input, centre)
    spread = e.div(r.sum(e.square(d), axes, keepdim), float(builtins.max(0, n - delta)))
    return spread, centre if keepdim else s.reshape(centre, spread.value.shape)


@public
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


@public
def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    r"""$\ln \sum_i e^{x_i}$, without overflow; $-\infty$ where nothing is added."""
    if input.value.dtype.kind in "iub":
        input = cast(input, get_default_dtype().numpy)
    axes = axes_of(dim, input.value.ndim, keepdim)
    if r.count(input.value.shape, axes) == 0:
        return e.log(r.sum(input, axes, keepdim))
    return r.logsumexp(input, axes, keepdim)


@public
def cumsum(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Tensor:
    r"""Running sum along a dimension.  $y_i = \sum_{j \le i} x_j$."""
    input = to_dtype(input, dtype)
    axis = axis_of(dim, input.value.ndim)
    if input.value.dtype.kind in "biu":
        input = cast(input, "int64")
    return to_dtype(s.cumsum(input, axis) if input.value.ndim else s.copy(input), dtype)


@public
def norm(
    input: Tensor, p: float | str | None = "fro", dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    r"""Vector norm.  $\|x\|_p = (\sum_i |x_i|^p)^{1/p}$; p = inf and -inf are the largest and smallest $|x_i|$.

    At 0 the derivative is 0 (the subgradient that PyTorch chooses).
    """
    input = to_dtype(input, dtype)
    if p == "nuc":
        raise NotImplementedError("norm: p='nuc', the sum of the singular values, is not supported")
    order = 2.0 if p is None or p == "fro" else float(p)
    kind = DTYPES[input.value.dtype]
    if kind.rank < 2:
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {type_word(kind)}"
        )
    axes = axes_of(dim, input.value.ndim, keepdim)
    if (order < 0 or order == float("inf")) and r.count(input.value.shape, axes) == 0:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {order:g} norm on an empty tensor because the operation does not "
            f"have an identity: the shape is {list(input.shape)}"
        )
    if kind is float16:  # the squares, and their sum, may be beyond it
        return cast(_norm(cast(e.abs(input), "float32"), order, axes, keepdim), "float16")
    return _norm(e.abs(input), order, axes, keepdim)


def _norm(size: Any, order: float, axes: tuple[int, ...], keepdim: bool) -> Any:
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
    if 0 < order < 1:  # a root, whose derivative at 0 is infinite: PyTorch's is 0
        zero = e.eq(size, 0)
        total = r.sum(e.where(zero, 0.0, e.pow(e.where(zero, 1.0, size), order)), axes, keepdim)
    else:
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


@public
def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether one of the numbers is not zero."""
    return _truth(_any, input, dim, keepdim)


@public
def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether none of the numbers is zero."""
    return _truth(_all, input, dim, keepdim)


def _truth(reduce: Any, input: Any, dim: Dim, keepdim: bool) -> Any:
    """Reduce to truth values; of uint8, PyTorch's masks of old, to uint8.  Here an empty tuple of dims means none."""
    axes = () if dim == () else axes_of(dim, input.value.ndim, keepdim)
    found = reduce(input, axes, keepdim)
    return cast(found, "uint8") if input.value.dtype == "uint8" else found


@public
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    r"""$\|a - b\|_p$."""
    return norm(e.sub(input, other), p)
