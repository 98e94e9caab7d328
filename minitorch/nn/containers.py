"""Containers of modules: a chain, a list, a dictionary."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from .module import Module
from .printing import list_text

S = TypeVar("S", bound="ModuleSequence")


def place(index: int, length: int) -> int:
    """Return an index counted from the front.

    Raises:  IndexError when there is no such element.
    """
    index = operator.index(index)
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of range")
    return index % length


def require_iterable(function: str, values: Any) -> None:
    """Raise TypeError for what cannot be iterated over."""
    if not isinstance(values, Iterable):
        raise TypeError(f"{function} should be called with an iterable, but got {type(values).__name__}")


class ModuleSequence(Module):
    """What `Sequential` and `ModuleList` share: children whose names are their numbers."""

    def _with(self: S, modules: Iterable[Any]) -> S:
        """Give the children new numbers."""
        modules = list(modules)
        self._modules.clear()
        for i, module in enumerate(modules):
            self.add_module(str(i), module)
        return self

    def _name(self, index: int) -> str:
        return list(self._modules)[place(index, len(self))]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __getitem__(self, index: int | slice) -> Any:
        return self._slice(index) if isinstance(index, slice) else self._modules[self._name(index)]

    def _slice(self, part: slice) -> Any:
        """Return a container of some of the modules."""
        raise NotImplementedError

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index if isinstance(index, slice) else place(index, len(self))]
        self._with(modules)

    def append(self: S, module: Module) -> S:
        """Add a module at the end; return the container."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: S, modules: Iterable[Module]) -> S:
        """Add modules at the end; return the container."""
        require_iterable(f"{self._get_name()}.extend", modules)
        for module in list(modules):
            self.append(module)
        return self

    def insert(self: S, index: int, module: Module) -> S:
        """Put a module before the one at an index; return the container."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")
        modules = list(self)
        modules.insert(index, module)
        return self._with(modules)

    def pop(self, key: int | slice) -> Any:
        """Take a module out and return it."""
        module = self[key]
        del self[key]
        return module

    def __iadd__(self: S, modules: Iterable[Module]) -> S:
        return self.extend(modules)


class Sequential(ModuleSequence):
    r"""A chain of modules.  $y = f_n(\dots f_2(f_1(x)))$.

    >>> from minitorch import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], Mapping):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self._with(args)

    def forward(self, input: Any) -> Any:
        """Send the input through all modules."""
        for module in self:
            input = module(input)
        return input

    def _slice(self, part: slice) -> Sequential:
        return type(self)(dict(list(self._modules.items())[part]))

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        if not isinstance(times, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(times)}")
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return Sequential(*[module for _ in range(times) for module in self])

    __rmul__ = __mul__


class ModuleList(ModuleSequence):
    """A list of modules; their parameters belong to the module that holds the list.

    >>> from minitorch import nn
    >>> nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    ModuleList(
      (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend([] if modules is None else modules)

    def _slice(self, part: slice) -> ModuleList:
        return type(self)(list(self)[part])

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        return list_text(self._get_name(), self)


class ModuleDict(Module):
    """A dictionary of modules, in the order of insertion."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take a module out and return it."""
        return self._modules.pop(key)

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._modules.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return the names and the modules."""
        return self._modules.items()

    def values(self) -> Iterable[Any]:
        """Return the modules."""
        return self._modules.values()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add the modules of a mapping, or of (name, module) pairs."""
        require_iterable("ModuleDict.update", modules)
        for key, module in dict(modules).items():
            self[key] = module
