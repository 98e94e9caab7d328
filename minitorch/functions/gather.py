"""Gathering and scattering along a dimension, and by a mask.  The formulas are in `ops/indexing.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..backend.arrays import array_like, nonzero
from ..backend.dtypes import DTYPES
from ..engine import Variable, make
from ..ops import elementwise as e
from ..ops import indexing as ix
from ..ops import shape as s
from ..ops.declare import cast
from .dims import axis_of
from .fits import as_number
from .indexing import check_indices
from .public import public
from .view import broadcast_tensors

if TYPE_CHECKING:
    from ..tensor import Tensor


def _along(x: Any) -> Any:
    """Return a tensor, or an array, with a dimension at least."""
    if isinstance(x, Variable):
        return x if x.value.ndim else s.reshape(x, (1,))
    return x if x.ndim else x.reshape(1)


def _places(name: str, input: Any, dim: int, index: Any, src: Any = None) -> tuple[Any, Any, int]:
    """Return the input and the indices, with a dimension at least, and the axis; refuse what does not fit together."""
    if index.value.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}(): Expected dtype int32/int64 for index, got {index.dtype}: convert it with .long()"
        )
    x, where = _along(input), _along(index.value)
    axis = axis_of(dim, x.value.ndim)
    if where.size == 0:
        return x, None, axis
    if where.ndim != x.value.ndim:
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {'input' if src is None else 'self'} tensor: "
            f"{list(index.shape)} and {list(input.shape)}"
        )
    bounds = x.value.shape if src is None else [min(n, m) for n, m in zip(x.value.shape, src.shape, strict=False)]
    for i, (n, bound) in enumerate(zip(where.shape, bounds, strict=True)):
        if n > (bound if i != axis else n if src is None else src.shape[i]):
            raise RuntimeError(
                f"Size does not match at dimension {i} expected index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {axis}"
                if src is None
                else f"Expected index {list(index.shape)} to be no larger than self {list(input.shape)} apart "
                f"from dimension "
                f"{axis} and to be no larger size than src {list(src.shape)}"
            )
    try:
        check_indices(where, x.value.shape[axis], axis, negative=False)
    except IndexError as error:
        raise RuntimeError(str(error)) from None
    return x, where, axis


@public
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    r"""$y_{ij} = x_{t_{ij} j}$ for dim 0, $x_{i t_{ij}}$ for dim 1, …: one index for every number of the result."""
    x, where, axis = _places("gather", input, dim, index)
    if where is None:
        return s.reshape(s.index(s.reshape(x, (x.value.size,)), (slice(0, 0),)), tuple(index.value.shape))
    y = ix.gather(x, where, axis)
    return y if index.value.ndim else s.reshape(y, ())


@public
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    r"""$y = x$, then $y_{t_{ij} j} = s_{ij}$ for dim 0: the reverse of `gather`.  `src` may be one number."""
    if reduce not in (None, "add"):
        raise NotImplementedError(f"scatter: reduce={reduce!r} is not supported; use 'add', or scatter_reduce")
    source = value if src is None else src
    if not isinstance(source, Variable):
        number = as_number(source, DTYPES[input.value.dtype])
        source = s.broadcast_to(make(input.result, array_like(number, input.value)), tuple(index.value.shape))
    return _scatter(ix.scatter if reduce is None else ix.scatter_add, input, dim, index, source)


@public
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    r"""$y = x$, then $y_{t_{ij} j} \mathrel{+}= s_{ij}$ for dim 0; equal indices add up."""
    return _scatter(ix.scatter_add, input, dim, index, src)


def _scatter(write: Any, input: Any, dim: int, index: Any, src: Any) -> Any:
    if src.value.dtype != input.value.dtype:
        raise RuntimeError(
            f"scatter(): Expected self.dtype to be equal to src.dtype: convert one of {input.dtype} and {src.dtype}"
        )
    src = _along(src)
    x, where, axis = _places("scatter", input, dim, index, src.value)
    if where is None:
        return s.copy(input)
    y = write(x, where, s.index(src, tuple(slice(0, n) for n in where.shape)), axis)
    return y if input.value.ndim else s.reshape(y, ())


@public
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The parts at some indices of a dimension, in their order (a copy)."""
    if index.value.dtype.kind not in "iu":
        raise RuntimeError(f"index_select(): Expected dtype int32 or int64 for index, got {index.dtype}")
    if index.value.ndim > 1:
        raise IndexError(f"index_select(): Index is supposed to be a vector, got shape {list(index.shape)}")
    x = _along(input)
    axis = axis_of(dim, x.value.ndim)
    check_indices(index.value, x.value.shape[axis], axis, negative=False)
    y = ix.take(x, (slice(None),) * axis + (_along(index.value),))
    return y if input.value.ndim else s.reshape(y, ())


@public
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """x with one value written where the mask holds."""
    if mask.value.dtype != bool:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if not isinstance(value, Variable):
        value = as_number(value, DTYPES[input.value.dtype])
    elif value.value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.value.ndim} "
            f"dimension(s)."
        )
    elif value.value.dtype != input.value.dtype:
        value = cast(value, input.value.dtype)
    return e.where(mask, value, input)


@public
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The numbers where the mask holds, as a vector."""
    if mask.value.dtype != bool:
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, got {mask.dtype}")
    x, wide = broadcast_tensors(_along(input), _along(mask))
    return ix.take(x, nonzero(wide.value))
