"""What Hypothesis draws: shapes that broadcast, arrays without ties, axes, indices, geometries of convolution, layouts.

Hypothesis is imported when the first strategy is made, not before: pip install hypothesis.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, NamedTuple, ParamSpec

import numpy as np

from .samples import LAYOUTS, numbers

P = ParamSpec("P")
Sizes = tuple[int, ...]
Strategy = Any  # a hypothesis.strategies.SearchStrategy


def hypothesis() -> Any:
    """Return the module of Hypothesis's strategies."""
    try:
        import hypothesis.extra.numpy
        import hypothesis.strategies
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("minitorch.testing.strategies needs Hypothesis: pip install hypothesis") from error
    return hypothesis.strategies


def composite(build: Callable[Concatenate[Any, P], Any]) -> Callable[P, Strategy]:
    """Make a strategy of a function of `draw`, as `hypothesis.strategies.composite` does, but import it later."""

    @functools.wraps(build)
    def strategy(*args: P.args, **options: P.kwargs) -> Strategy:
        return hypothesis().composite(build)(*args, **options)

    return strategy


@composite
def shapes(draw: Any, min_dims: int = 0, max_dims: int = 4, min_side: int = 1, max_side: int = 4) -> Sizes:
    """Draw a shape; with `min_side=0`, also of nothing."""
    st = hypothesis()
    return tuple(draw(st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims)))


@composite
def broadcastable_shapes(draw: Any, count: int = 2, max_dims: int = 4, max_side: int = 4) -> tuple[Sizes, ...]:
    """Draw shapes that broadcast: each lacks some leading sizes of a common shape, and has 1 for some of the others."""
    st = hypothesis()
    common = draw(shapes(0, max_dims, 1, max_side))
    found = []
    for _ in range(count):
        keep = draw(st.integers(0, len(common)))
        stretched = draw(st.lists(st.booleans(), min_size=keep, max_size=keep))
        tail = common[len(common) - keep :]
        found.append(tuple(1 if one else n for one, n in zip(stretched, tail, strict=True)))
    return tuple(found)


@composite
def arrays(
    draw: Any, shape: Any = None, low: float = -2.0, high: float = 2.0, avoid: Sequence[float] = (0.0,)
) -> np.ndarray[Any, Any]:
    """Draw a float64 array without ties, and without numbers near a kink to `avoid`.  The shape may be a strategy."""
    st = hypothesis()
    if shape is None or not isinstance(shape, (int, tuple, list)):
        shape = draw(shapes() if shape is None else shape)
    return numbers(shape, low, high, avoid, seed=draw(st.integers(0, 2**16)))


@composite
def axes(draw: Any, ndim: int, min_size: int = 0) -> int | Sizes | None:
    """Draw what a reduction takes as `dim`: None, one axis, or a tuple of different ones, counted from either end."""
    st = hypothesis()
    signed = [draw(st.sampled_from([a, a - ndim])) for a in range(ndim)]
    chosen = draw(st.lists(st.sampled_from(signed), unique=True, min_size=min_size)) if ndim else []
    forms: list[Any] = [tuple(chosen)]
    if len(chosen) == 1:
        forms.append(chosen[0])
    if not min_size:
        forms.append(None)
    return draw(st.sampled_from(forms))


def keepdims() -> Strategy:
    """Draw whether reduced axes stay, with size 1."""
    return hypothesis().booleans()


@composite
def basic_indices(draw: Any, shape: Sizes) -> tuple[Any, ...]:
    """Draw integers, slices with positive steps, None and at most one Ellipsis: the key of a view."""
    st = hypothesis()
    named = draw(st.integers(0, len(shape)))
    gap = draw(st.integers(0, named)) if draw(st.booleans()) else None
    key: list[Any] = []
    for i in range(named):
        axis = i if gap is None or i < gap else len(shape) - named + i
        if i == gap:
            key.append(Ellipsis)
        if draw(st.integers(0, 4)) == 0:
            key.append(None)
        key.append(draw(_integers_or_slices(shape[axis])))
    if gap == named:
        key.append(Ellipsis)
    return tuple(key)


def _integers_or_slices(n: int) -> Strategy:
    st = hypothesis()
    bounds = st.none() | st.integers(-n - 1, n + 1)
    slices = st.builds(slice, bounds, bounds, st.none() | st.integers(1, 3))
    return slices | st.integers(-n, n - 1) if n else slices


@composite
def advanced_indices(draw: Any, shape: Sizes) -> tuple[Any, ...]:
    """Draw a key with arrays: integers of either sign that may repeat, or masks, among integers and slices."""
    st = hypothesis()
    count = draw(st.integers(1, 3))  # numbers that every array of indices chooses
    key: list[Any] = []
    arrays_drawn = 0
    for n in shape:
        kind = draw(st.sampled_from(["indices", "mask", "basic"])) if n else "basic"
        if kind == "indices" or (kind == "mask" and arrays_drawn):
            key.append(np.array(draw(st.lists(st.integers(-n, n - 1), min_size=count, max_size=count)), np.int64))
            arrays_drawn += 1
        elif kind == "mask":
            mask = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
            key.append(mask)
            arrays_drawn, count = 1, int(mask.sum())
        else:
            key.append(draw(_integers_or_slices(n)))
    return tuple(key)


class Convolution(NamedTuple):
    """The geometry of a convolution: sizes of the image, and of everything that moves over it, for every axis."""

    N: int
    C: int
    O: int
    groups: int
    size: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @property
    def input_shape(self) -> Sizes:
        """(N, C, *size)."""
        return (self.N, self.C, *self.size)

    @property
    def weight_shape(self) -> Sizes:
        """(O, C / groups, *kernel)."""
        return (self.O, self.C // self.groups, *self.kernel)

    @property
    def output_size(self) -> Sizes:
        r"""$\lfloor (S + 2p - d(K - 1) - 1) / s \rfloor + 1$ for every axis."""
        rows = zip(self.size, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in rows)


@composite
def convolutions(draw: Any, ndim: int = 2, max_size: int = 6, max_groups: int = 2) -> Convolution:
    """Draw a geometry whose kernel fits: strides that do not divide, padding, dilation, groups, an empty batch."""
    st = hypothesis()
    groups = draw(st.integers(1, max_groups))
    rows = []
    for _ in range(ndim):
        kernel, dilation, padding = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(0, 2))
        least = max(1, dilation * (kernel - 1) + 1 - 2 * padding)
        size, stride = draw(st.integers(least, max(least, max_size))), draw(st.integers(1, 3))
        rows.append((size, kernel, stride, padding, dilation))
    return Convolution(
        draw(st.integers(0, 2)),
        groups * draw(st.integers(1, 2)),
        groups * draw(st.integers(1, 2)),
        groups,
        *(tuple(column) for column in zip(*rows, strict=True)),
    )


def layouts() -> Strategy:
    """Draw a function that returns an array's numbers in another layout of memory."""
    return hypothesis().sampled_from(list(LAYOUTS.values()))
