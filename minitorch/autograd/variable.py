"""`Variable`: PyTorch's old name for a tensor that takes part in differentiation."""

from __future__ import annotations

from typing import Any

from ..functions.history import requires_grad_
from ..tensor import Tensor


class _TensorsAreVariables(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_TensorsAreVariables):
    """`Variable(data)` returns a tensor with the same memory.  Tensors have been variables since PyTorch 0.4."""

    def __new__(cls, data: Any, requires_grad: bool = False) -> Any:
        """Return a tensor, not an instance of this class."""
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return requires_grad_(data.detach(), requires_grad)
