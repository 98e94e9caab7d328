"""Parameters: the tensors that training changes."""

from __future__ import annotations

from typing import Any

from ..creation import empty
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer moves; results computed from it are plain tensors.

    It shares its storage with `data`, and requires a gradient unless told otherwise.

    >>> from minitorch import ones
    >>> Parameter(ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        source = empty(0) if data is None else data
        if not isinstance(source, Tensor):
            raise TypeError(
                f"Parameter: data must be a Tensor, got {type(source).__name__}; write Parameter(tensor(data))"
            )
        self.value, self.cell = source.value, source.cell
        self.requires_grad_(requires_grad)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Any:
        """Copy the numbers, not the gradient: a copy of a network starts without any."""
        memo[id(self)] = out = type(self)(self.detach().clone(), self.requires_grad)
        return out

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Parameter containing:\n{super().__repr__()}"
