r"""Gathering and scattering: indices choose, and what was chosen twice adds up.

$y_k = x_{t_k}$ has the transpose $\bar x_i = \sum_{k: t_k = i} \bar y_k$.  The indices are constants.
"""

from __future__ import annotations

from typing import Any

from ..backend.arrays import add_at, compact
from ..backend.devices import library
from ..engine import defvjp
from .declare import constant, primitive

Shape = tuple[int, ...]


@primitive
def take(x: Any, key: tuple[Any, ...]) -> Any:
    r"""$x[\text{key}]$ with arrays among the indices: a copy.  Transpose: `scatter_key`."""
    return compact(x[key])


@primitive
def scatter_key(part: Any, shape: Shape, key: tuple[Any, ...]) -> Any:
    """Zeros with the parts added where `key` says; the transpose of `take`."""
    return add_at(shape, part.dtype, key, part)


defvjp(take, x=lambda g, x_shape, key: scatter_key(g, x_shape, key))
defvjp(scatter_key, part=lambda g, key: take(g, key))


def along(index: Any, axis: int) -> tuple[Any, ...]:
    """Return the key that `index` means when it counts along one axis and each other axis counts itself."""
    lib, n = library(index), index.ndim
    key = [lib.arange(index.shape[i]).reshape((-1,) + (1,) * (n - i - 1)) for i in range(n)]
    key[axis] = index
    return tuple(key)


@primitive
def gather(x: Any, index: Any, axis: int) -> Any:
    r"""$y_{ij} = x_{t_{ij} j}$ for axis 0: one index for every number of the result.  Transpose: `scatter_add`."""
    return x[along(index, axis)]


@primitive
def scatter_add(x: Any, index: Any, src: Any, axis: int) -> Any:
    r"""$y = x$, then $y_{t_{ij} j} \mathrel{+}= s_{ij}$ for axis 0;  $\bar x = \bar y$,  $\bar s = \mathrm{gather}(\bar y, t)$."""
    y = x.copy()
    library(x).add.at(y, along(index, axis), src)
    return y


def gather_dx(g: Any, x_shape: Shape, x_dtype: Any, index: Any, axis: int) -> Any:
    """Add the gradients where the numbers came from."""
    return scatter_add(library(index).zeros(x_shape, dtype=x_dtype), index, g, axis)


defvjp(gather, x=gather_dx)
defvjp(scatter_add, x=lambda g: g, src=lambda g, index, axis: gather(g, index, axis))


@primitive
def scatter(x: Any, index: Any, src: Any, axis: int) -> Any:
    r"""$y = x$, then $y_{t_{ij} j} = s_{ij}$ for axis 0; the indices must differ.

    $\bar x$ is $\bar y$ with zeros at the places written;  $\bar s = \mathrm{gather}(\bar y, t)$.
    """
    y = x.copy()
    y[along(index, axis)] = src
    return y


def scatter_dx(g: Any, index: Any, axis: int) -> Any:
    """The gradient with zeros where something else was written."""
    return scatter(g, index, 0.0, axis)


defvjp(scatter, x=scatter_dx, src=lambda g, index, axis: gather(g, index, axis))


@constant
def argsort(x: Any, axis: int, descending: bool = False) -> Any:
    """The order that sorts along an axis; equal numbers keep their order."""
    lib = library(x)
    if not descending:
        return lib.argsort(x, axis=axis, kind="stable")
    back = lib.argsort(lib.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - lib.flip(back, axis)
