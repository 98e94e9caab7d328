"""Tensors drawn at random.  Every function takes a `generator`; without one, the stream of `manual_seed`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backend import dtypes, random
from ..backend.dtypes import DTYPES, iinfo
from ..backend.random import default_generator, draw
from ..functions.public import public
from ..functions.query import is_tensor
from ..ops.refusals import refuse_kind
from ..tensor import Tensor
from .place import checked, finish, like, number_type


class Generator(random.Generator):
    """A random stream of one's own: the same seed gives the same numbers, on whichever device they are wanted.

    >>> g = Generator().manual_seed(1)
    >>> g.initial_seed()
    1
    """

    def get_state(self) -> Tensor:
        """Return the position in the stream, as bytes."""
        return _as_tensor(self.state_bytes())

    def set_state(self, new_state: Tensor) -> None:
        """Go to a position that `get_state` returned."""
        self.restore_bytes(_as_bytes(new_state))


def _as_tensor(state: bytes) -> Tensor:
    return Tensor.wrap(np.frombuffer(state, dtype=np.uint8).copy())


def _as_bytes(state: Any) -> bytes:
    if not is_tensor(state) or state.dtype is not dtypes.uint8:
        raise TypeError(
            f"expected a torch.ByteTensor, but got {state.dtype if is_tensor(state) else type(state).__name__}"
        )
    return bytes(state.value)


def get_rng_state() -> Tensor:
    """The position of the default random stream, as bytes."""
    return _as_tensor(default_generator.state_bytes())


def set_rng_state(new_state: Tensor) -> None:
    """Go to a position of the default random stream."""
    default_generator.restore_bytes(_as_bytes(new_state))


def initial_seed() -> int:
    """The seed that the default random stream was started from."""
    return default_generator.initial_seed()


def seed() -> int:
    """Start the default random stream from a seed that the operating system draws; return it."""
    return default_generator.seed()


@public
def rand(
    *size: Any,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers from the uniform distribution on [0, 1)."""
    return finish(_floats("random", checked(size), dtype, generator), device, requires_grad)


@public
def randn(
    *size: Any,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers from the standard normal distribution."""
    return finish(_floats("standard_normal", checked(size), dtype, generator), device, requires_grad)


def _floats(method: str, shape: tuple[int, ...], dtype: Any, generator: random.Generator | None) -> Any:
    kind = number_type(dtype).numpy
    if kind.kind == "c":
        parts = [draw(method, shape, generator=generator) for _ in range(2)]
        return ((parts[0] + 1j * parts[1]) / (math.sqrt(2) if method == "standard_normal" else 1)).astype(kind)
    if kind.kind != "f":
        raise refuse_kind(method, [np.empty(0, kind)])
    drawn = draw(method, shape, generator=generator, dtype=np.float32 if kind.itemsize < 8 else np.float64)
    return drawn.astype(kind, copy=False)


@public
def rand_like(
    input: Tensor,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform random numbers of another tensor's shape, type and device."""
    wanted = like(input, dtype, device)
    return rand(tuple(input.shape), generator=generator, requires_grad=requires_grad, **wanted)


@public
def randn_like(
    input: Tensor,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal random numbers of another tensor's shape, type and device."""
    wanted = like(input, dtype, device)
    return randn(tuple(input.shape), generator=generator, requires_grad=requires_grad, **wanted)


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers from [low, high): `randint(10, (3,))` or `randint(5, 10, (3,))`."""
    if size is None and isinstance(high, (tuple, list)):
        high, size = None, high
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"randint(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    if high is None:
        low, high = 0, low
    kind = number_type(dtype, dtypes.int64)
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if kind.rank == 1 and not iinfo(kind).min <= low <= high - 1 <= iinfo(kind).max:
        raise RuntimeError(f"from = {low} or to - 1 = {high - 1} is out of bounds for {kind}")
    drawn = draw("integers", int(low), int(high), checked(tuple(size)), generator=generator)
    return finish(drawn.astype(kind.numpy, copy=False), device, requires_grad)


@public
def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers of another tensor's shape, type and device."""
    low, high = (0, low) if high is None else (low, high)
    wanted = like(input, dtype, device)
    return randint(low, high, tuple(input.shape), generator=generator, requires_grad=requires_grad, **wanted)


def randperm(
    n: int,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers 0 … n-1 in random order."""
    order = draw("permutation", checked((n,))[0], generator=generator)
    return finish(order.astype(number_type(dtype, dtypes.int64).numpy), device, requires_grad)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: random.Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""Random numbers from $N(\mu, \sigma^2)$, where mean and std are numbers (with `size`) or tensors."""
    given = [x for x in (mean, std) if is_tensor(x)]
    if is_tensor(std) and std.numel() and bool((std < 0).any()):
        raise RuntimeError(f"normal expects all elements of std >= 0.0, but found {std.min().item()}")
    if not is_tensor(std) and std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    if size is None and not given:
        raise TypeError("normal(): give tensors for mean or std, or a size")
    if size is None:
        shape = np.broadcast_shapes(*[x.value.shape for x in given])
        noise = randn(shape, generator=generator, dtype=DTYPES[given[0].value.dtype], device=given[0].device)
        return (noise * std + mean).detach()
    drawn = randn(size, generator=generator, dtype=dtype, device=device) * std + mean
    return drawn.requires_grad_() if requires_grad else drawn
