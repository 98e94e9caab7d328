"""Parametrizations: a weight that is computed from other parameters, anew whenever it is read.

`register_parametrization(module, "weight", f)` makes `module.weight` the value $f(\\theta)$; what was the weight lies in
`module.parametrizations.weight.original`, where training finds it.  `f` is a module; with a method `right_inverse`,
$f(f^{-1}(W)) = W$, the weight starts with, and can be given, a value: `module.weight = W`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ...autograd import no_grad
from ...tensor import Tensor
from ..containers import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


class Cache:
    """What `cached` keeps: the values that were computed since its beginning."""

    depth = 0
    values: dict[tuple[int, str], Tensor] = {}  # noqa: RUF012 (there is one)


@contextmanager
def cached() -> Iterator[None]:
    """Inside, compute each parametrized tensor once only, however often it is read."""
    Cache.depth += 1
    try:
        yield
    finally:
        Cache.depth -= 1
        if not Cache.depth:
            Cache.values = {}


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, first to last, and the originals that they compute it from."""

    def __init__(self, modules: Sequence[Module], original: Tensor) -> None:
        super().__init__(modules)
        with no_grad():
            values = self._inverse(original.detach())
        self.is_tensor = isinstance(values, Tensor)
        for name, value in zip(self._names(values), self._several(values), strict=True):
            if isinstance(original, Parameter):
                self.register_parameter(name, Parameter(value, original.requires_grad))
            else:
                self.register_buffer(name, value)

    def _inverse(self, value: Any) -> Any:
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                value = module.right_inverse(value)
        return value

    @staticmethod
    def _several(values: Any) -> list[Tensor]:
        return [values] if isinstance(values, Tensor) else list(values)

    @staticmethod
    def _names(values: Any) -> list[str]:
        return ["original"] if isinstance(values, Tensor) else [f"original{i}" for i in range(len(values))]

    def originals(self) -> list[Tensor]:
        """Return what the tensor is computed from."""
        return [t for table in (self._parameters, self._buffers) for t in table.values() if t is not None]

    def forward(self) -> Tensor:
        """Compute the tensor."""
        first, *others = self
        value: Tensor = first(*self.originals())
        for module in others:
            value = module(value)
        return value

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the tensor becomes `value`."""
        if not all(hasattr(module, "right_inverse") for module in self):
            raise RuntimeError(
                "a parametrized tensor can be assigned to only if all its parametrizations have a right_inverse"
            )
        with no_grad():
            for original, new in zip(self.originals(), self._several(self._inverse(value.detach())), strict=True):
                original.copy_(new)


def register_parametrization(module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> M:
    """Let a parameter, or a buffer, of a module be computed by a parametrization; return the module.

    A second parametrization computes from what the first gives.  The value must keep shape and dtype, unless `unsafe`.

    Raises:  ValueError for a name that is no parameter and no buffer, or a value of another shape or dtype.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        before = getattr(module, tensor_name)
        tensors: Any = module.parametrizations[tensor_name]
        tensors.append(parametrization)
        try:
            _check(module, tensor_name, before, unsafe)
        except ValueError:
            tensors.pop(-1)
            raise
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'"
        )
    original = getattr(module, tensor_name)
    tensors = ParametrizationList([parametrization], original)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.parametrizations = ModuleDict()
        _change_class(module)
    module.parametrizations[tensor_name] = tensors
    setattr(type(module), tensor_name, _property(tensor_name))
    try:
        _check(module, tensor_name, original, unsafe)
    except ValueError:
        _restore(module, tensor_name, original)
        raise
    return module


def _check(module: Module, name: str, before: Tensor, unsafe: bool) -> None:
    """Refuse a value of another shape or dtype than before."""
    if unsafe:
        return
    with no_grad():
        after = getattr(module, name)
    for what, old, new in (("dtype", before.dtype, after.dtype), ("shape", list(before.shape), list(after.shape))):
        if old != new:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is "
                f"enabled: '{name}' had {what} {old}, and would have {new}"
            )


def _change_class(module: Module) -> None:
    """Give the module a class of its own, which can have properties of its own."""
    kind = type(module)
    module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__module__": kind.__module__})


def _property(name: str) -> property:
    def read(module: Any) -> Tensor:
        if not Cache.depth:
            return module.parametrizations[name]()
        key = (id(module), name)
        if key not in Cache.values:
            Cache.values[key] = module.parametrizations[name]()
        return Cache.values[key]

    def assign(module: Any, value: Tensor) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(read, assign)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Tell whether a module has parametrizations, or whether this tensor of it has."""
    found = module._modules.get("parametrizations")
    return isinstance(found, ModuleDict) and (tensor_name is None or tensor_name in found)


def type_before_parametrizations(module: Module) -> type:
    """Return the class that a module had before it was parametrized."""
    kind = type(module)
    return kind.__bases__[0] if is_parametrized(module) else kind


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make a tensor an ordinary one again, with the value that it has, or had originally; return the module.

    Raises:  ValueError for a tensor that is not parametrized, or has several originals, of which none is its value.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    tensors: Any = module.parametrizations[tensor_name]
    original = tensors.originals()[0]
    if leave_parametrized:
        value = getattr(module, tensor_name).detach()
        original = Parameter(value, original.requires_grad) if tensors._parameters else value
    elif not tensors.is_tensor:
        raise ValueError("Cannot leave unparametrized a tensor that is parametrized in terms of a sequence of tensors.")
    _restore(module, tensor_name, original)
    return module


def _restore(module: Module, name: str, tensor: Tensor) -> None:
    """Put a tensor back in its place."""
    delattr(type(module), name)
    del module.parametrizations[name]
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
