"""Containers of parameters: a list and a dictionary whose tensors belong to the module that holds them.

A tensor that is put in becomes a `Parameter`; other objects are kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..tensor import Tensor
from .containers import place, require_iterable
from .module import Module
from .parameter import Parameter


def as_parameter(value: Any) -> Any:
    """Return a tensor as a Parameter, and anything else as it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def description(name: object, value: Any, kind: object) -> str:
    """Return the line that shows an entry: its type and size, not its numbers."""
    if not isinstance(value, Tensor):
        return f"  ({name}): Object of type: {type(value).__name__}"
    size = "x".join(map(str, value.shape))
    where = "" if value.device.type == "cpu" else f" ({value.device})"
    return f"  ({name}): Parameter containing: [{kind} of size {size}{where}]"


class ParameterList(Module):
    """A list of parameters.

    >>> from minitorch import ones
    >>> ParameterList([ones(2), ones(2, 3)])
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2]
        (1): Parameter containing: [torch.float32 of size 2x3]
    )
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend([] if values is None else values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, str(place(index, len(self))))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(place(index, len(self))), as_parameter(value))

    def append(self, value: Any) -> ParameterList:
        """Add a value at the end; return the list."""
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add values at the end; return the list."""
        require_iterable("ParameterList.extend", None if isinstance(values, Tensor) else values)
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self) -> str:
        """Show every entry."""
        return "\n".join(description(i, p, getattr(p, "dtype", None)) for i, p in enumerate(self))

    def forward(self, *args: Any) -> Any:
        """Refuse: a list is no function."""
        raise RuntimeError("ParameterList should not be called.")


class ParameterDict(Module):
    """A dictionary of parameters, in the order of insertion."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        self.update({} if parameters is None else parameters)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string "
                f"(type is '{type(key).__name__}')"
            )
        setattr(self, key, as_parameter(value))
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._keys.keys()

    def values(self) -> Iterator[Any]:
        """Return the entries."""
        return (self[key] for key in self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return the names and the entries."""
        return ((key, self[key]) for key in self)

    def get(self, key: str, default: Any = None) -> Any:
        """Return an entry, or the default."""
        return self[key] if key in self._keys else default

    def pop(self, key: str) -> Any:
        """Take an entry out and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last entry out and return its name and the entry."""
        key = list(self)[-1] if len(self) else ""
        return key, self.pop(key)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return an entry; where there is none, the default, which is put there."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> ParameterDict:
        """Return another dictionary of the same parameters."""
        return ParameterDict(dict(self.items()))

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return a dictionary with these names, which all have the default."""
        return ParameterDict(dict.fromkeys(keys, default))

    def clear(self) -> None:
        """Remove all entries."""
        for key in list(self):
            del self[key]

    def update(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add the entries of a mapping, or of (name, value) pairs."""
        require_iterable("ParametersDict.update", parameters)
        pairs = parameters.items() if isinstance(parameters, (Mapping, ParameterDict)) else parameters
        for key, value in pairs:
            self[key] = value

    def extra_repr(self) -> str:
        """Show every entry."""
        return "\n".join(description(key, p, p.type() if isinstance(p, Tensor) else None) for key, p in self.items())

    def forward(self, *args: Any) -> Any:
        """Refuse: a dictionary is no function."""
        raise RuntimeError("ParameterDict should not be called.")
