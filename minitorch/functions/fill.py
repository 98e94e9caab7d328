"""Writing constants and random numbers into a tensor (`fill_`, `normal_`, …), and new tensors like one (`new_zeros`, …)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.devices import CPU, device_of, put
from ..backend.dtypes import DTYPES
from ..backend.random import Generator, draw
from ..engine import Variable, check_writable, make
from ..ops.declare import NUMBERS
from .convert import as_dtype, to_device
from .dims import sizes_of
from .history import requires_grad_
from .inplace import assign_any

if TYPE_CHECKING:
    from ..tensor import Tensor


def fill_(self: Tensor, value: Any) -> Tensor:
    """Write one value everywhere."""
    if not isinstance(value, (Variable, *NUMBERS)):
        raise TypeError(f"fill_(): argument 'value' must be Number or Tensor, not {type(value).__name__}")
    if isinstance(value, Variable) and value.value.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.value.ndim} dimensions."
        )
    check_writable(self)
    return assign_any(self, value)


def zero_(self: Tensor) -> Tensor:
    """Write zeros everywhere."""
    return fill_(self, 0)


def _write(self: Any, numbers: Any) -> Tensor:
    check_writable(self)
    array = put(np.asarray(numbers).astype(self.value.dtype, copy=False), device_of(self.value))
    return assign_any(self, make(self.result, array))


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the normal distribution $N(\mu, \sigma^2)$."""
    if std < 0:
        raise RuntimeError(f"normal_ expects std >= 0.0, but found std {std}")
    return _write(self, draw("standard_normal", self.value.shape, generator=generator) * std + mean)


def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the uniform distribution on $[a, b)$."""
    if from_ > to:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}")
    return _write(self, draw("random", self.value.shape, generator=generator) * (to - from_) + from_)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with probability p, else 0."""
    chance = put(p.value, CPU) if isinstance(p, Variable) else p
    if np.any(chance < 0) or np.any(chance > 1):
        raise RuntimeError("bernoulli_ expects p to be in [0, 1]")
    return _write(self, draw("random", self.value.shape, generator=generator) < chance)


def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the exponential distribution with rate $\lambda$."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return _write(self, draw("standard_exponential", self.value.shape, generator=generator) / lambd)


def random_(self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """Write random integers from [from, to); without bounds, any that the type holds exactly."""
    low, high = (0, from_) if to is None and from_ else (from_, to)
    if high is None:
        kind = self.value.dtype
        high = 2 ** (np.finfo(kind).nmant + 1) if kind.kind == "f" else int(np.iinfo(kind).max)
    return _write(self, draw("integers", low, high, self.value.shape, generator=generator))


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor full of one value, with this tensor's type and device unless others are given."""
    kind = (as_dtype(dtype) or DTYPES[self.value.dtype]).numpy
    where = device_of(self.value) if device is None else to_device(device)
    out = make(self.result, put(np.full(tuple(size), fill_value, dtype=kind), where))
    return requires_grad_(out) if requires_grad else out


def new_zeros(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros, with this tensor's type and device unless others are given."""
    return new_full(self, sizes_of(size), 0, dtype=dtype, device=device, requires_grad=requires_grad)


def new_ones(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones, with this tensor's type and device unless others are given."""
    return new_full(self, sizes_of(size), 1, dtype=dtype, device=device, requires_grad=requires_grad)


def new_empty(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor to be written before it is read (its numbers are zero)."""
    return new_zeros(self, *size, dtype=dtype, device=device, requires_grad=requires_grad)


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of the data, with this tensor's type and device unless others are given."""
    host = np.asarray(put(data.value, CPU) if isinstance(data, Variable) else data)
    out = new_full(self, host.shape, 0, dtype=dtype, device=device)
    assign_any(out, host)
    return requires_grad_(out) if requires_grad else out
