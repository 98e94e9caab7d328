"""Shapes with PyTorch's signatures.  What they do to gradients is in `ops/shape.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..backend.arrays import arange_like
from ..backend.dtypes import DTYPES, promote_types
from ..engine import Variable, make
from ..ops import elementwise as e
from ..ops import shape as s
from ..ops.declare import cast
from .dims import Dim, axes_of, axis_of, sizes_of

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


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same numbers in another shape (one size may be -1); a view where the memory allows it, else a copy."""
    return s.reshape(input, _fill_in(sizes_of(shape), input.value.size))


def view(input: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape; refuses what cannot be viewed so.  With a dtype: the same bytes as that type."""
    if len(shape) == 1 and hasattr(shape[0], "numpy") and hasattr(shape[0], "itemsize"):
        return make(input.result, input.value.view(shape[0].numpy))
    new = _fill_in(sizes_of(shape), input.value.size)
    out = s.reshape(input, new)
    if input.value.size and not input.shares_memory(input.value, out.value):
        raise RuntimeError(
            f"view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            f"contiguous subspaces): {list(input.shape)} as {list(new)}. Use .reshape(...) instead."
        )
    return out


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """View with the shape of another tensor."""
    return view(input, *other.value.shape)


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Reshape to the shape of another tensor."""
    return reshape(input, *other.value.shape)


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


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Make several dimensions of one."""
    axis = axis_of(dim, input.value.ndim)
    shape = input.value.shape
    return s.reshape(input, (*shape[:axis], *_fill_in(tuple(sizes), shape[axis]), *shape[axis + 1 :]))


def squeeze(input: Tensor, dim: Dim = None) -> Tensor:
    """Drop dimensions of size 1: all, or those named (a named one of another size stays)."""
    shape = input.value.shape
    axes = axes_of(dim, len(shape)) if dim is None or isinstance(dim, int) or len(dim) else ()
    return s.reshape(input, tuple(n for i, n in enumerate(shape) if not (n == 1 and i in axes)))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Insert a dimension of size 1."""
    return s.unsqueeze(input, axis_of(dim, input.value.ndim + 1))


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


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions; a view."""
    ndim = input.value.ndim
    a, b = axis_of(dim0, ndim), axis_of(dim1, ndim)
    return s.swap(input, a, b) if ndim else s.alias(input)


swapaxes = swapdims = transpose


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a view.  A vector stays a vector."""
    if input.value.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.value.ndim}D")
    return s.transpose(input, tuple(reversed(range(input.value.ndim))))


def movedim(input: Tensor, source: Dim, destination: Dim) -> Tensor:
    """Move dimensions to other places; a view."""
    ndim = input.value.ndim
    from_, to = axes_of(source, ndim), axes_of(destination, ndim)
    order = [i for i in range(ndim) if i not in from_]
    for place, axis in sorted(zip(to, from_, strict=True)):
        order.insert(place, axis)
    return s.transpose(input, tuple(order))


def expand(input: Tensor, *sizes: Any) -> Tensor:
    """Repeat along dimensions of size 1, without copying (-1 keeps a size); a view that cannot be written."""
    target, shape = sizes_of(sizes), input.value.shape
    lead = len(target) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({list(target)}): the number of sizes provided ({len(target)}) must be greater or equal to "
            f"the number of "
            f"dimensions in the tensor ({len(shape)})"
        )
    new = []
    for i, n in enumerate(target):
        have = shape[i - lead] if i >= lead else None
        if n == -1 and have is None:
            raise RuntimeError(f"expand: the size -1 at the new leading dimension {i} is not allowed")
        if have is not None and n not in (-1, have) and have != 1:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}. "
                f"Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )
        new.append(int(have) if n == -1 and have is not None else n)
    return s.broadcast_to(input, tuple(new))


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of another tensor."""
    return expand(input, *other.value.shape)


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Expand to a shape."""
    return expand(input, *size)


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """Return the shape that shapes broadcast to."""
    ndim = max((len(x) for x in shapes), default=0)
    result = [1] * ndim
    for shape in shapes:
        for i, n in enumerate(shape, ndim - len(shape)):
            if n != 1 and result[i] not in (1, n):
                raise RuntimeError(
                    f"Shape mismatch: objects cannot be broadcast to a single shape: {', '.join(map(str, shapes))}"
                )
            result[i] = result[i] if n == 1 else n
    return tuple(result)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Expand tensors to their common shape."""
    shape = broadcast_shapes(*[x.value.shape for x in tensors])
    return tuple(expand(x, *shape) for x in tensors)


def repeat(input: Tensor, *sizes: Any) -> Tensor:
    """Repeat the whole tensor so many times along every dimension (a copy)."""
    times, shape = sizes_of(sizes), input.value.shape
    if len(times) < len(shape):
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    shape = (1,) * (len(times) - len(shape)) + shape
    paired = tuple(n for pair in zip(times, shape, strict=True) for n in pair)
    spread = s.broadcast_to(s.reshape(input, tuple(n for size in shape for n in (1, size))), paired)
    return s.copy(s.reshape(spread, tuple(k * n for k, n in zip(times, shape, strict=True))))


def _to_common_type(name: str, tensors: Sequence[Any]) -> list[Any]:
    if isinstance(tensors, Variable):
        raise TypeError(f"{name}(): argument 'tensors' must be tuple of Tensors, not Tensor")
    for i, x in enumerate(tensors):
        if not isinstance(x, Variable):
            raise TypeError(f"{name}(): expected Tensor as element {i} in argument 0, but got {type(x).__name__}")
    if not tensors:
        raise RuntimeError(f"{name}(): expected a non-empty list of Tensors")
    kinds = {x.value.dtype for x in tensors}
    if len(kinds) > 1:
        target = DTYPES[tensors[0].value.dtype]
        for x in tensors[1:]:
            target = promote_types(target, DTYPES[x.value.dtype])
        return [x if x.value.dtype == target.numpy else cast(x, target.numpy) for x in tensors]
    return list(tensors)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join along a dimension that is there.  The other sizes must agree."""
    xs = _to_common_type("cat", tensors)
    xs = [x for x in xs if x.value.shape != (0,)] or xs[:1]  # PyTorch lets empty vectors pass
    shape = xs[0].value.shape
    axis = axis_of(dim, len(shape))
    for i, x in enumerate(xs):
        if x.value.ndim != len(shape):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(shape)} and {x.value.ndim}")
        if not shape:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        for a, (n, m) in enumerate(zip(shape, x.value.shape, strict=True)):
            if a != axis and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size {n} but got size {m} "
                    f"for tensor number {i} in the list."
                )
    return s.cat(*xs, axis=axis)


concat = concatenate = cat


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join along a new dimension.  All sizes must agree."""
    xs = _to_common_type("stack", tensors)
    for i, x in enumerate(xs):
        if x.value.shape != xs[0].value.shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(xs[0].shape)} at entry 0 and "
                f"{list(x.shape)} at entry {i}"
            )
    return s.stack(*xs, axis=axis_of(dim, xs[0].value.ndim + 1))


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The part of `length` from `start` along a dimension; a view."""
    axis = axis_of(dim, input.value.ndim)
    size = input.value.shape[axis]
    start = start + size if start < 0 else start
    if length < 0 or start < 0 or start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return s.index(input, (slice(None),) * axis + (slice(start, start + length), Ellipsis))


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The part at one index of a dimension, which goes away; a view."""
    axis = axis_of(dim, input.value.ndim)
    size = input.value.shape[axis] if input.value.ndim else 0
    if not -size <= index < size:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {axis}"
        )
    return s.index(input, (slice(None),) * axis + (int(index), Ellipsis))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into parts of one size (the last may be smaller), or of given sizes; views."""
    axis = axis_of(dim, tensor.value.ndim)
    size = tensor.value.shape[axis]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise RuntimeError(f"split expects split_size be positive, but got split_size={step}")
        lengths = [min(step, size - i) for i in range(0, size, step)] if size else [0]
    else:
        lengths = list(split_size_or_sections)
        if sum(lengths) != size:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at "
                f"dimension {axis}), "
                f"but got split_sizes={lengths}"
            )
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return tuple(narrow(tensor, axis, start, n) for start, n in zip(starts, lengths, strict=True))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into at most so many parts of equal size (the last may be smaller); views."""
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input.value.shape[axis_of(dim, input.value.ndim)]
    return split(input, max(1, -(-size // chunks)), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All parts along a dimension, which goes away; views."""
    axis = axis_of(dim, input.value.ndim)
    return tuple(select(input, axis, i) for i in range(input.value.shape[axis]))


def flip(input: Tensor, *dims: Any) -> Tensor:
    """Reverse the order along dimensions (a copy)."""
    return s.flip(input, axes_of(sizes_of(dims), input.value.ndim))


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own, differentiable."""
    return s.copy(input)


def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its memory is in row-major order without gaps, else a copy that is."""
    return input if input.value.flags.c_contiguous else s.copy(input)


def _triangle(input: Any, diagonal: int, lower: bool) -> Any:
    if input.value.ndim < 2:
        raise RuntimeError("tril and triu need a tensor with at least 2 dimensions")
    rows, columns = input.value.shape[-2:]
    below = arange_like(columns, input.value)[None, :] - arange_like(rows, input.value)[:, None]
    return e.where(below <= diagonal if lower else below >= diagonal, input, 0)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with zeros above a diagonal."""
    return _triangle(input, diagonal, lower=True)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with zeros below a diagonal."""
    return _triangle(input, diagonal, lower=False)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of two dimensions, as the last dimension; a view."""
    ndim = input.value.ndim
    return s.diagonal(input, offset, axis_of(dim1, ndim), axis_of(dim2, ndim))


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift along dimensions; what falls off comes back at the other end."""
    if dims is None:
        return reshape(roll(reshape(input, -1), shifts, 0), *input.value.shape)
    shifts, axes = [shifts] if isinstance(shifts, int) else shifts, axes_of(dims, input.value.ndim)
    for shift, axis in zip(shifts, axes, strict=True):
        n = input.value.shape[axis]
        if n and shift % n:
            input = cat([narrow(input, axis, n - shift % n, shift % n), narrow(input, axis, 0, n - shift % n)], axis)
    return input
