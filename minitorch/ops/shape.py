r"""Shapes: the same numbers, elsewhere.  Every operation here is linear; its rule is its transpose.

They come in pairs: reshape and reshape back, a permutation and its inverse, repeating and summing, joining
and slicing, taking a part and putting it back among zeros.
"""

from __future__ import annotations

import itertools
from typing import Any

from ..backend.arrays import compact, writable
from ..backend.devices import library
from ..engine import defvjp
from .declare import _sum_to, cast, primitive, put_back, repeating_view, sum_to, view, views
from .elementwise import conj, zeros_like

Shape = tuple[int, ...]
Axes = tuple[int, ...]


@view
def reshape(x: Any, shape: Shape) -> Any:
    r"""The same numbers, in the same order, in another shape; a view where the memory allows it."""
    return x.reshape(shape)


defvjp(reshape, x=lambda g, x_shape: reshape(g, x_shape))


@repeating_view
def broadcast_to(x: Any, shape: Shape) -> Any:
    r"""Repeat along axes of size 1 and new leading ones, without copying.  Transpose: `sum_to`."""
    return library(x).broadcast_to(x, shape)


defvjp(broadcast_to, x=lambda g, x_shape: sum_to(g, x_shape))
defvjp(_sum_to, x=lambda g, x_shape: broadcast_to(g, x_shape))


@view
def transpose(x: Any, axes: Axes) -> Any:
    r"""Permute the axes: $y_{i_{a_0} i_{a_1} \dots} = x_{i_0 i_1 \dots}$.  Transpose: the inverse permutation."""
    return x.transpose(axes)


def inverse(axes: Axes) -> Axes:
    """Return the permutation that undoes this one."""
    back = [0] * len(axes)
    for new, old in enumerate(axes):
        back[old] = new
    return tuple(back)


defvjp(transpose, x=lambda g, axes: transpose(g, inverse(axes)))


def swap(x: Any, a: int = -1, b: int = -2) -> Any:
    """Exchange two axes."""
    axes = list(range(len(x.shape)))
    axes[a], axes[b] = axes[b], axes[a]
    return transpose(x, tuple(axes))


def unsqueeze(x: Any, axis: int) -> Any:
    """Insert an axis of size 1."""
    return reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))


@primitive
def flip(x: Any, axes: Axes) -> Any:
    """Reverse the order along axes; its own transpose."""
    return library(x).flip(x, axes).copy()


defvjp(flip, x=lambda g, axes: flip(g, axes))


@primitive
def copy(x: Any) -> Any:
    r"""A copy in memory of its own, C-contiguous.  $y = x$;  $\bar x = \bar y$."""
    return x.copy()


defvjp(copy, x=lambda g: g)
defvjp(cast, x=lambda g, x_dtype: cast(g, x_dtype))


@view
def alias(x: Any) -> Any:
    r"""The same numbers in the same memory, as another variable."""
    return x[...]


defvjp(alias, x=lambda g: g)


@primitive
def cat(*xs: Any, axis: int) -> Any:
    r"""Join along an axis.  The gradient of each part is its slice of $\bar y$."""
    return compact(library(*xs).concatenate(xs, axis))


def cat_dx(g: Any, k: int, xs_shapes: list[Shape], axis: int) -> Any:
    r"""Part k of the gradient: $\bar x_k = \bar y[o_k : o_k + n_k]$ along the axis, $o_k = \sum_{j<k} n_j$."""
    start = 0
    for shape in xs_shapes[:k]:
        start += shape[axis]
    return index(g, (slice(None),) * axis + (slice(start, start + xs_shapes[k][axis]),))


defvjp(cat, xs=cat_dx)


@primitive
def stack(*xs: Any, axis: int) -> Any:
    r"""Join along a new axis.  The gradient of each part is its slice of $\bar y$."""
    return compact(library(*xs).stack(xs, axis))


defvjp(stack, xs=lambda g, k, axis: index(g, (slice(None),) * axis + (k,)))


@view
def index(x: Any, key: tuple[Any, ...]) -> Any:
    r"""Take a part: integers, slices, None and Ellipsis.  A view.  Transpose: put it among zeros."""
    return x[key]


@primitive
def among_zeros(part: Any, shape: Shape, key: tuple[Any, ...]) -> Any:
    """An array of zeros with a part put where `key` says: the transpose of `index`."""
    whole = library(part).zeros(shape, dtype=part.dtype)
    whole[key] = part
    return whole


defvjp(index, x=lambda g, x_shape, key: among_zeros(g, x_shape, key))
defvjp(among_zeros, part=lambda g, key: index(g, key))


@views
def split(x: Any, lengths: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    r"""Cut along an axis into parts of given lengths: views.  Transpose: join them."""
    inner = (slice(None),) * axis
    ends = itertools.accumulate(lengths)
    return tuple([x[inner + (slice(end - n, end),)] for n, end in zip(lengths, ends, strict=True)])


@views
def unbind(x: Any, axis: int) -> tuple[Any, ...]:
    r"""All parts along an axis, which goes away: views.  Transpose: `stack`."""
    inner = (slice(None),) * axis
    return tuple([x[inner + (i, Ellipsis)] for i in range(x.shape[axis])])


def _with_zeros(gs: list[Any], shapes: list[Shape]) -> list[Any]:
    """Return the gradients of parts, with zeros for those that nobody used."""
    known = next(getattr(g, "value", g) for g in gs if g is not None)
    lib = library(known)
    return [lib.zeros(n, dtype=known.dtype) if g is None else g for g, n in zip(gs, shapes, strict=True)]


def split_dx(gs: list[Any], x_shape: Shape, lengths: tuple[int, ...], axis: int) -> Any:
    """Join the gradients of the parts."""
    return cat(*_with_zeros(gs, [(*x_shape[:axis], n, *x_shape[axis + 1 :]) for n in lengths]), axis=axis)


def unbind_dx(gs: list[Any], x_shape: Shape, axis: int) -> Any:
    """Stack the gradients of the parts."""
    return stack(*_with_zeros(gs, [(*x_shape[:axis], *x_shape[axis + 1 :])] * x_shape[axis]), axis=axis)


defvjp(split, x=split_dx)
defvjp(unbind, x=unbind_dx)


@view
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of two axes, as the last axis.  A view."""
    return x.diagonal(offset, axis1, axis2)


@primitive
def on_diagonal(part: Any, shape: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """An array of zeros with a part on the diagonal of two axes: the transpose of `diagonal`."""
    whole = library(part).zeros(shape, dtype=part.dtype)
    writable(diagonal(whole, offset, axis1, axis2))[...] = part
    return whole


def diagonal_dx(g: Any, x_shape: Shape, offset: int, axis1: int, axis2: int) -> Any:
    """Put the gradient on the diagonal of zeros."""
    return on_diagonal(g, x_shape, offset, axis1, axis2)


defvjp(diagonal, x=diagonal_dx)
defvjp(on_diagonal, part=lambda g, offset, axis1, axis2: diagonal(g, offset, axis1, axis2))


@view
def real(x: Any) -> Any:
    r"""The real part, a view.  $\bar x = \bar y$."""
    return x.real


@view
def imag(x: Any) -> Any:
    r"""The imaginary part, a view.  $\bar x = -i\,\bar y$ (a plain transpose; conjugated at the boundary)."""
    return x.imag


@primitive
def complex(a: Any, b: Any) -> Any:
    r"""$y = a + ib$;  $\bar a = \mathrm{Re}\,\bar y$,  $\bar b = \mathrm{Re}(i\,\bar y) = -\mathrm{Im}\,\bar y$."""
    lib = library(a)
    y = lib.empty(a.shape, dtype=lib.result_type(a.dtype, lib.complex64))
    y.real[...], y.imag[...] = a, b
    return y


defvjp(real, x=lambda g: complex(g, zeros_like(g)))
defvjp(imag, x=lambda g: complex(zeros_like(g), -g))
defvjp(complex, a=lambda g: real(g), b=lambda g: -imag(g))


# Writing a part back: what a write through a view does to its base.
def put_back_dpart(g: Any, base_dtype: Any, part_dtype: Any, take: Any) -> Any:
    r"""$\mathrm{take}(\bar y)$; of real numbers written among complex ones, $\mathrm{take}(\overline{\bar y})$, for
    $\mathrm{Re}(\bar y \cdot i\,dx) = -\mathrm{Im}\,\bar y\;dx$.
    """
    return take(g) if base_dtype == part_dtype else take(conj(g))


defvjp(
    put_back,
    part=put_back_dpart,
    base=lambda g, take: put_back(g, zeros_like(take(g)), take=take),
)


@primitive
def overwrite(x: Any, value: Any) -> Any:
    r"""The value, written over all of x.  $y = v$;  $\bar v = \bar y$,  $\bar x = 0$."""
    return value


defvjp(overwrite, x=lambda g: zeros_like(g), value=lambda g: g)


@primitive
def pad(x: Any, widths: tuple[tuple[int, int], ...], value: float = 0.0) -> Any:
    """Put a border of one value around; `widths` are (before, after) for every axis.  Transpose: cut it off."""
    return library(x).pad(x, widths, constant_values=value)


def pad_dx(g: Any, x_shape: Shape, widths: tuple[tuple[int, int], ...]) -> Any:
    """Cut the border off."""
    return index(g, tuple(slice(before, before + n) for (before, _), n in zip(widths, x_shape, strict=True)))


defvjp(pad, x=pad_dx)


@primitive
def cumsum(x: Any, axis: int) -> Any:
    r"""Running sum.  $y_i = \sum_{j \le i} x_j$;  $\bar x_j = \sum_{i \ge j} \bar y_i$."""
    return compact(library(x).cumsum(x, axis, dtype=x.dtype if x.dtype.kind in "fc" else None))


defvjp(cumsum, x=lambda g, axis: flip(cumsum(flip(g, (axis,)), axis), (axis,)))
