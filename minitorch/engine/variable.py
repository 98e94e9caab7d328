"""Variables: values that remember how they were computed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .node import Node
    from .views import View

Meta = tuple[Any, ...]  # what a gradient must agree with: (shape, dtype, device); () for floats
Edge = tuple[Any, int]  # a node, or a leaf variable, and which of its outputs


class Variable:
    """A value that remembers how it was computed.

    A subclass is a kind of number (`Scalar`, `Tensor`).  It says which class results have (`result`), which
    types a payload may have (`payloads`), and how to do the few things that depend on the payload.
    """

    __array_ufunc__ = None  # NumPy's operators leave `array * variable` to the variable
    value: Any
    cell: list[int]  # the version of the storage: one object for a variable, its views, its detach() and its readers
    _grad: Any = None  # its gradient, once one has arrived: what users see as grad
    tracked: bool = False  # whether gradients flow to it: what users call requires_grad
    node: Node | None = None  # how it was computed; None for a leaf
    slot: int = 0  # which output of the node
    view_record: View | None = None  # of what it is a view, and how it was taken
    hooks: dict[int, Callable[[Any], Any]] | None = None  # called with the gradient of a leaf
    after_hooks: dict[int, Callable[[Any], Any]] | None = None  # called when a leaf has received its gradient
    retains_grad = False
    inference = False
    number = 0  # leaves come after all nodes on the way back
    parents: tuple[Any, ...] = ()

    result: type[Variable]
    payloads: ClassVar[dict[type, None]]
    home: ClassVar[Callable[[Any], Any] | None] = None  # a context on the device of some payloads
    aside: ClassVar[Callable[[], Context]] = Context  # a new context for a function of payloads to run in

    @staticmethod
    def coerce(value: Any) -> Any:
        """Turn what a function returned into a payload (NumPy turns 0-d results into scalars)."""
        raise NotImplementedError

    @staticmethod
    def meta(value: Any) -> Meta:
        """Return what a gradient of this value must agree with."""
        raise NotImplementedError

    @property
    def metas(self) -> tuple[Meta]:
        """What the gradient of a leaf must agree with, as a node has it for each of its outputs."""
        return (self.meta(self.value),)

    @staticmethod
    def differentiable(value: Any) -> bool:
        """Tell whether a value can have a gradient: floats and complex numbers can, integers and booleans cannot."""
        raise NotImplementedError

    @staticmethod
    def own(value: Any) -> Any:
        """Return a writable copy that shares memory with nothing; of a variable, a recorded one."""
        raise NotImplementedError

    @classmethod
    def own_or_keep(cls, held: list[Any]) -> Any:
        """Return the only value in a list as one that shares memory with nothing; `own`, where a copy is not needed."""
        return cls.own(held[0])

    @staticmethod
    def shares_memory(base: Any, part: Any) -> bool:
        """Tell whether the second payload lies in the memory of the first."""
        return False

    @staticmethod
    def store(target: Any, value: Any) -> None:
        """Write a value into the memory of a payload."""
        raise NotImplementedError

    @staticmethod
    def accumulate(total: Any, step: Any) -> Any:
        """Return total + step; in the memory of `total` where the payload has one."""
        raise NotImplementedError

    @staticmethod
    def conjugate(value: Any) -> Any:
        """Return the complex conjugate: the boundary between plain transposes inside and PyTorch's convention outside."""
        return value

    @staticmethod
    def quiet() -> Any:
        """Return a context in which the array library does not warn of infinities and nan."""
        return contextlib.nullcontext()

    @staticmethod
    def has_nan(value: Any) -> bool:
        """Tell whether a value has a nan in it."""
        raise NotImplementedError


def make(kind: type[Variable], value: Any) -> Any:
    """Return a new variable around a payload, past the constructors that users see."""
    variable = kind.__new__(kind)
    variable.value = value
    variable.cell = [0]
    return variable
