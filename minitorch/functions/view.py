"""Views: the same memory, looked at in another shape or order.  What they do to gradients is in `ops/shape.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..backend.dtypes import DTYPES, dtype
from ..engine import make
from ..ops import elementwise as e
from ..ops import shape as s
from ..ops.refusals import clash, type_word
from ..size import Size
from .dims import Dim, axes_of, axis_of, sizes_of
from .fits import kind_of
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor


def _fill_in(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Replace the one -1 by what is missing; refuse a shape of another size."""
    known, unknown = 1, shape.count(-1)
    for n in shape:
        known *= 1 if n == -1 else n
    if unknown > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if unknown and known == 0:
        raise RuntimeError(
            f"cannot reshape tensor of {size} elements into shape {list(shape)} because the unspecified "
            f"dimension size -1 can be any value"
        )
    if (size % known if unknown else size != known) if known else size != 0:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")
    return tuple(size // known if n == -1 else n for n in shape)


@public
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same numbers in another shape (one size may be -1); a view where the memory allows it, else a copy."""
    return s.reshape(input, _fill_in(sizes_of(shape), input.value.size))


@public
def view(input: Tensor, *size: Any) -> Tensor:
    """The same memory in another shape; refuses what cannot be viewed so.  With a dtype: the same bytes as that type."""
    if len(size) == 1 and isinstance(size[0], dtype):
        return _view_bytes(input, size[0])
    new = _fill_in(sizes_of(size), input.value.size)
    out = s.reshape(input, new)
    if input.value.size and not input.shares_memory(input.value, out.value):
        raise RuntimeError(
            f"view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            f"contiguous subspaces): {list(input.shape)} as {list(new)}. Use .reshape(...) instead."
        )
    return out


def _view_bytes(input: Any, kind: dtype) -> Any:
    """The same bytes as numbers of another type; not differentiable."""
    try:
        out = make(input.result, input.value.view(kind.numpy))
    except ValueError:
        raise RuntimeError(
            f"self.size(-1) must be divisible by {kind.itemsize / input.value.itemsize:g}, and self.stride(-1) "
            f"must be 1, "
            f"to view {input.dtype} as {kind} (different element sizes): the shape is {list(input.shape)}, "
            f"the strides are {input.stride()}"
        ) from None
    out.cell = input.cell
    return out


@public
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """View with the shape of another tensor."""
    return view(input, *other.value.shape)


@public
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Reshape to the shape of another tensor."""
    return reshape(input, *other.value.shape)


@public
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Make one dimension of several neighbours."""
    shape = input.value.shape
    if not shape:
        return s.reshape(input, (1,))
    start, end = axis_of(start_dim, len(shape)), axis_of(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return input
    merged = 1
    for n in shape[start : end + 1]:
        merged *= n
    return s.reshape(input, (*shape[:start], merged, *shape[end + 1 :]))


@public
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Make several dimensions of one."""
    axis = axis_of(dim, input.value.ndim)
    shape = input.value.shape
    try:
        parts = _fill_in(tuple(sizes), shape[axis])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {axis} "
            f"({shape[axis]}) in the "
            "input tensor"
        ) from None
    return s.reshape(input, (*shape[:axis], *parts, *shape[axis + 1 :]))


@public
def ravel(input: Tensor) -> Tensor:
    """All numbers in one dimension."""
    return s.reshape(input, (input.value.size,))


@public
def squeeze(input: Tensor, dim: Dim = None) -> Tensor:
    """Drop dimensions of size 1: all, or those named (a named one of another size stays)."""
    shape = input.value.shape
    axes = axes_of(dim, len(shape)) if dim is None or isinstance(dim, int) or len(dim) else ()
    return s.reshape(input, tuple(n for i, n in enumerate(shape) if not (n == 1 and i in axes)))


@public
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Insert a dimension of size 1."""
    return s.unsqueeze(input, axis_of(dim, input.value.ndim + 1))


@public
def permute(input: Tensor, *dims: Any) -> Tensor:
    """Put the dimensions in another order; a view."""
    axes = [axis_of(d, input.value.ndim) for d in sizes_of(dims)]
    if sorted(axes) != list(range(input.value.ndim)):
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
            f"desired ordering "
            f"of dimensions i.e. input.dim() = {input.value.ndim} is not equal to len(dims) = {len(axes)}"
            if len(axes) != input.value.ndim
            else "permute(): duplicate dims are not allowed."
        )
    return s.transpose(input, tuple(axes))


@public
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions; a view."""
    ndim = input.value.ndim
    a, b = axis_of(dim0, ndim), axis_of(dim1, ndim)
    return s.swap(input, a, b) if ndim else s.alias(input)


swapaxes = swapdims = transpose


@public
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a view.  A vector stays a vector."""
    if input.value.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.value.ndim}D")
    return s.transpose(input, tuple(reversed(range(input.value.ndim))))


@public
def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions exchanged; of complex numbers, the conjugates."""
    turned = transpose(input, -2, -1)
    return e.conj(turned) if kind_of(input) == "c" else turned


@public
def movedim(input: Tensor, source: Dim, destination: Dim) -> Tensor:
    """Move dimensions to other places; a view."""
    ndim = input.value.ndim
    from_, to = _places("source", source, ndim), _places("destination", destination, ndim)
    if len(from_) != len(to):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(from_)} dims) should contain the same "
            f"number of "
            f"dims as destination ({list(to)} dims)"
        )
    order = [i for i in range(ndim) if i not in from_]
    for place, axis in sorted(zip(to, from_, strict=True)):
        order.insert(place, axis)
    return s.transpose(input, tuple(order))


def _places(what: str, dim: Dim, ndim: int) -> tuple[int, ...]:
    try:
        return axes_of(dim, ndim)
    except RuntimeError:
        raise RuntimeError(f"movedim: repeated dim in `{what}` ({dim})") from None


moveaxis = movedim


@public
def expand(input: Tensor, *size: Any) -> Tensor:
    """Repeat along dimensions of size 1, without copying (-1 keeps a size); a view that cannot be written."""
    target, shape = sizes_of(size), input.value.shape
    lead = len(target) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand(torch.{type_word(DTYPES[input.value.dtype])}Tensor{{{list(shape)}}}, size={list(target)}): "
            f"the number "
            f"of sizes provided ({len(target)}) must be greater or equal to "
            f"the number of dimensions in the tensor ({len(shape)})"
        )
    new = []
    for i, n in enumerate(target):
        have = shape[i - lead] if i >= lead else None
        if n == -1 and have is None:
            raise RuntimeError(
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
            )
        if have is not None and n not in (-1, have) and have != 1:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}. "
                f"Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )
        new.append(int(have) if n == -1 and have is not None else n)
    return s.broadcast_to(input, tuple(new))


@public
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of another tensor."""
    return expand(input, *other.value.shape)


@public
def broadcast_to(input: Tensor, *size: Any) -> Tensor:
    """Expand to a shape."""
    return expand(input, *size)


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """Return the shape that shapes broadcast to.

    >>> broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    result: tuple[int, ...] = ()
    for k, sizes in enumerate(shapes):
        shape = (sizes,) if isinstance(sizes, int) else tuple(sizes)
        ndim = max(len(result), len(shape))
        a, b = ((1,) * (ndim - len(x)) + x for x in (result, shape))
        for i, (n, m) in enumerate(zip(a, b, strict=True)):
            if n != m and 1 not in (n, m):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {m} at {i - ndim}! Mismatching argument at "
                    f"index {k} had "
                    f"{shape}; but expected shape should be broadcastable to {list(result)}"
                )
        result = tuple(m if n == 1 else n for n, m in zip(a, b, strict=True))
    return Size(result)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Expand tensors to their common shape."""
    shapes = [tuple(x.value.shape) for x in tensors]
    refusal = clash(shapes)
    if refusal is not None:
        raise RuntimeError(refusal)
    shape = broadcast_shapes(*shapes)
    return tuple(expand(x, *shape) for x in tensors)


@public
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of two dimensions, as the last dimension; a view."""
    ndim = input.value.ndim
    a, b = axis_of(dim1, ndim), axis_of(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return s.diagonal(input, offset, a, b)
