"""Writing constants into a tensor (`fill_`, `zero_`), and new tensors like one (`new_zeros`, …)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.devices import CPU, device_of, put
from ..backend.dtypes import DTYPES
from ..engine import Variable, check_writable, make
from ..ops.refusals import NUMBERS
from .convert import as_dtype, to_device
from .dims import sizes_of
from .fits import as_number
from .history import requires_grad_
from .inplace import assign_any
from .public import public

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


@public
def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor full of one value, with this tensor's type and device unless others are given."""
    kind = as_dtype(dtype) or DTYPES[self.value.dtype]
    where = device_of(self.value) if device is None else to_device(device)
    number = as_number(getattr(fill_value, "value", fill_value), kind)
    out = make(self.result, put(np.full(sizes_of((size,)), number, dtype=kind.numpy), where))
    return requires_grad_(out) if requires_grad else out


@public
def new_zeros(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros, with this tensor's type and device unless others are given."""
    return new_full(self, sizes_of(size), 0, dtype=dtype, device=device, requires_grad=requires_grad)


@public
def new_ones(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones, with this tensor's type and device unless others are given."""
    return new_full(self, sizes_of(size), 1, dtype=dtype, device=device, requires_grad=requires_grad)


@public
def new_empty(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor to be written before it is read (its numbers are zero)."""
    return new_zeros(self, *size, dtype=dtype, device=device, requires_grad=requires_grad)


@public
def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of the data, with this tensor's type and device unless others are given."""
    host = np.asarray(put(data.value, CPU) if isinstance(data, Variable) else data)
    out = new_full(self, host.shape, 0, dtype=dtype, device=device)
    assign_any(out, host)
    return requires_grad_(out) if requires_grad else out
