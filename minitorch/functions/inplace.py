"""In-place methods: `x.add_(y)` computes `add(x, y)` and writes it into x, values and history."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..backend.arrays import array_like
from ..backend.devices import device_of
from ..backend.dtypes import DTYPES, can_cast
from ..engine import Variable, check_writable, current, make, mark, write
from ..ops.declare import cast
from ..ops.refusals import NUMBERS, type_word
from ..ops.shape import broadcast_to, overwrite
from .convert import to
from .fits import as_number

F = TypeVar("F", bound=Callable[..., Any])


def in_place(function: F) -> F:
    """Return the method that writes the function's result into its first argument and returns that."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        check_writable(self)
        since = mark()
        return assign(self, function(self, *args, **options), since)

    method.__name__ = f"{function.__name__}_"
    method.__qualname__ = f"Tensor.{method.__name__}"
    method.__doc__ = f"In-place form of `{function.__name__}`: write the result into this tensor and return it."
    return method  # type: ignore[return-value]


def reshaped_in_place(function: F) -> F:
    """Return the method that gives its first argument the shape of the function's result: `squeeze_`, `t_`, …"""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        check_writable(self)
        before = make(type(self).result, self.value)  # what this tensor was: now it becomes a view of that
        before.cell, before.view_record = self.cell, self.view_record
        before.node, before.slot, before.tracked = self.node, self.slot, self.tracked
        new = function(before, *args, **options)
        self.value = new.value
        self.cell[0] += 1
        if current.mode.recording:
            self.node, self.slot, self.tracked = new.node, new.slot, new.tracked
        if current.mode.recording or self.view_record is not None:
            self.view_record = new.view_record
            self.view_record.version = self.cell[0]
        return self

    method.__name__ = f"{function.__name__}_"
    method.__qualname__ = f"Tensor.{method.__name__}"
    method.__doc__ = f"In-place form of `{function.__name__}`: this tensor itself gets the new shape."
    return method  # type: ignore[return-value]


def placed(input: Any, result: Any, inplace: bool) -> Any:
    """Return the result, a function of `input` alone; if `inplace`, write it into `input` and return that."""
    if not inplace:
        return result
    check_writable(input)
    return assign(input, result, input.node.number if input.node is not None else None)


def assign(target: Any, new: Any, since: int | None = None) -> Any:
    """Write a functional result into a tensor, whose shape, type and device stay as they are (see `engine.write`)."""
    if new.shape != target.shape:
        raise RuntimeError(
            f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(new.shape)}: "
            "an in-place operation cannot change the shape; use the out-of-place one"
        )
    if new.value.dtype != target.value.dtype:
        here, there = DTYPES[new.value.dtype], DTYPES[target.value.dtype]
        if not can_cast(here, there):
            raise RuntimeError(
                f"result type {type_word(here)} can't be cast to the desired output type {type_word(there)}"
            )
        new = cast(new, target.value.dtype)
    check_memory(target)
    return write(target, new, since)


def check_memory(target: Any) -> None:
    """Refuse to write where one place in memory is several numbers of the tensor, as after expand()."""
    value = target.value
    if value.size and any(step == 0 and n > 1 for step, n in zip(value.strides, value.shape, strict=True)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Copy the numbers of another tensor, broadcast and converted, into this one."""
    if not isinstance(src, (Variable, *NUMBERS)):
        raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {type(src).__name__}")
    if isinstance(src, Variable) and src.value.ndim > self.value.ndim:
        raise RuntimeError(
            f"output with shape {list(self.shape)} doesn't match the broadcast shape {list(src.value.shape)}: copy_() writes into "
            "a tensor, whose shape stays as it is"
        )
    check_writable(self)
    return assign_any(self, src)


def assign_any(target: Any, src: Any) -> Any:
    """Write values of any type into a tensor: broadcast, converted, from any device."""
    if not isinstance(src, Variable) and not hasattr(src, "shape"):
        src = array_like(as_number(src, DTYPES[target.value.dtype]), target.value)
    new: Any = src if isinstance(src, Variable) else make(target.result, src)
    if device_of(new.value) != device_of(target.value):
        new = to(new, device_of(target.value))
    if new.value.dtype != target.value.dtype:
        new = cast(new, target.value.dtype)
    if new.value.shape != target.value.shape:
        new = _spread(new, tuple(target.value.shape))
    check_memory(target)
    whole = target.tracked and target.view_record is None  # then its old value has a place in the graph, and gradient 0
    return write(target, overwrite(target if whole else target.value, new) if whole or new.tracked else new)


def _spread(new: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast what is to be written to the shape of its place; it may have leading dimensions of size 1."""
    given = new.value.shape
    extra = len(given) - len(shape)
    try:
        return broadcast_to(new.reshape(given[extra:]) if extra > 0 and set(given[:extra]) == {1} else new, shape)
    except ValueError:
        raise RuntimeError(
            f"The expanded size of the tensor must match the existing size: Target sizes: {list(shape)}.  Tensor sizes: "
            f"{list(given)}: the value does not broadcast to the place that it is written to"
        ) from None
