"""Rows of shapes: views, joins, parts among zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.ops import shape as s

from .row import complex_, real, row

for _shape in ((3, 2), (6,), (1, 2, 3, 1)):
    row(s.reshape, real(2, 3), shape=_shape, reference=lambda x, shape=_shape: x.reshape(shape))
row(s.reshape, real(1), shape=(), reference=lambda x: x.reshape(()))
for _from, _shape in (((2, 1), (2, 3)), ((3,), (2, 3)), ((), (2,)), ((1, 3), (4, 2, 3))):
    row(s.broadcast_to, real(*_from), shape=_shape, reference=lambda x, shape=_shape: np.broadcast_to(x, shape))
for _axes in ((1, 2, 0), (2, 0, 1), (0, 2, 1)):  # the first two are not their own inverse
    row(s.transpose, real(2, 3, 4), axes=_axes, reference=lambda x, axes=_axes: x.transpose(axes))
row(s.transpose, real(2, 2, 2), axes=(1, 2, 0), reference=lambda x: x.transpose(1, 2, 0))
for _axes in ((0,), (1,), (0, 1)):
    row(s.flip, real(2, 3), axes=_axes, reference=lambda x, axes=_axes: np.flip(x, axes))
row(s.copy, real(2, 3), reference=np.copy)
row(s.overwrite, real(2, 3), real(2, 3), reference=lambda x, value: value)
for _lengths, _axis in (((1, 2), 1), ((2,), 0), ((1, 0, 1), 0)):
    row(
        s.split, real(2, 3), lengths=_lengths, axis=_axis,
        reference=lambda x, n=_lengths, axis=_axis: tuple(np.split(x, np.cumsum(n)[:-1], axis)),
    )  # fmt: skip
for _axis in (0, 1, 2):
    row(s.unbind, real(2, 3, 2), axis=_axis, reference=lambda x, axis=_axis: tuple(np.moveaxis(x, axis, 0)))
row(s.split, real(4, 2), reference=lambda x: x[1:2], apply=lambda x: s.split(x, (1, 1, 2), 0)[1])
row(s.unbind, real(3, 2), reference=lambda x: (x[2], x[0]), apply=lambda x: s.unbind(x, 0)[::-2])
row(s.alias, real(2, 3), reference=np.copy)
row(s.cat, real(2, 1), real(2, 3), real(2, 2), axis=1, reference=lambda *xs: np.concatenate(xs, axis=1))
row(s.cat, real(1, 2), real(0, 2), real(2, 2), axis=0, reference=lambda *xs: np.concatenate(xs, axis=0))
row(s.cat, real(2, 2), real(2, 2), axis=0, reference=lambda *xs: np.concatenate(xs, axis=0))
for _axis in (0, 1, 2):
    row(s.stack, real(2, 2), real(2, 2), real(2, 2), axis=_axis, reference=lambda *xs, axis=_axis: np.stack(xs, axis))
KEYS = [
    (1,), (slice(None), 2), (slice(0, 2), slice(1, None)), (Ellipsis, slice(None, None, 2)), (None, 1, Ellipsis, None),
    (slice(2, 2),), (-1, -2), (slice(None, None, 2), slice(-2, None)),
]  # fmt: skip
for _key in KEYS:
    row(s.index, real(3, 4), key=_key, reference=lambda x, key=_key: x[key])
    row(
        s.among_zeros, real(*np.empty((3, 4))[_key].shape), shape=(3, 4), key=_key,
        reference=lambda part, key=_key: written(np.zeros((3, 4)), key, part),
    )  # fmt: skip


def written(x: Any, key: Any, value: Any) -> Any:
    """x with a value written into a part."""
    x = x.copy()
    x[key] = value
    return x


def diagonal(x: Any, options: Any) -> Any:
    """NumPy's diagonal."""
    return np.diagonal(x, options["offset"], options["axis1"], options["axis2"])


for _from, _offset, _one, _two in (
    ((3, 4), 0, 0, 1), ((3, 4), 2, 0, 1), ((3, 4), -1, 0, 1), ((2, 4), 1, 0, 1), ((4, 2), -1, 0, 1),
    ((2, 3, 3), 1, 2, 0), ((3, 3), 0, 1, 0), ((3, 4), 5, 0, 1), ((3, 4), -3, 0, 1),
):  # fmt: skip
    _options = {"offset": _offset, "axis1": _one, "axis2": _two}
    _part = diagonal(np.empty(_from), _options).shape
    row(s.diagonal, real(*_from), **_options, reference=lambda x, o=_options: diagonal(x, o))
    row(
        s.on_diagonal, real(*_part), shape=_from, **_options,
        reference=lambda part, shape=_from, o=_options: on_diagonal(part, shape, o),
    )  # fmt: skip


def on_diagonal(part: Any, shape: Any, options: Any) -> Any:
    """Zeros with a part on a diagonal: the places are those that the diagonal of the numbers 0, 1, 2, … shows."""
    whole = np.zeros(shape)
    whole.reshape(-1)[diagonal(np.arange(whole.size).reshape(shape), options)] = part
    return whole


row(s.real, complex_(2, 3), reference=np.real)
row(s.imag, complex_(2, 3), reference=np.imag)
row(s.complex, real(2, 3), real(2, 3), reference=lambda a, b: a + 1j * b)
for _widths, _value in ((((1, 0), (0, 2)), 0.0), (((0, 0), (2, 1)), 0.5)):
    row(
        s.pad, real(2, 3), widths=_widths, value=_value,
        reference=lambda x, widths=_widths, value=_value: np.pad(x, widths, constant_values=value),
    )  # fmt: skip
for _axis in (0, 1):
    row(s.cumsum, real(3, 3), axis=_axis, reference=lambda x, axis=_axis: x.cumsum(axis))
row(s.cumsum, real(2, 0), axis=1, reference=lambda x: x)
