"""What a module owns: parameters, buffers and child modules, each reachable as an attribute.

Assigning is registering: `self.fc = Linear(2, 3)` puts the layer into the table of children, and
`self.weight = Parameter(…)` into the table of parameters.  Everything else is an ordinary attribute.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..backend.devices import type_name
from ..tensor import Tensor
from .parameter import Parameter


class Registry:
    """The attributes of a module, sorted into tables by what they are."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Any]

    def __init__(self) -> None:
        own = self.__dict__  # written directly: `__setattr__` reads these tables
        own["_parameters"], own["_buffers"], own["_modules"] = {}, {}, {}
        own["_non_persistent_buffers_set"] = set()

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or a name that has none (None: it shows in no state_dict).

        Raises:  KeyError for a name that is taken, empty or has a dot; TypeError for what is not a Parameter;
                 ValueError for the result of an operation.
        """
        self._check_name("parameter", "_parameters", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. "
                f"To express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the module's state but is not trained, such as a running mean.

        Raises:  KeyError for a name that is taken, empty or has a dot; TypeError for what is not a Tensor.
        """
        self._check_name("buffer", "_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Any) -> None:
        """Add a child module, or a name that has none (None).

        Raises:  KeyError for a name that is taken, empty or has a dot; TypeError for what is not a Module.
        """
        self._check_name("module", "_modules", name)
        if module is not None and not isinstance(module, Registry):
            hint = f": write {module.__name__}(…), not the class itself" if isinstance(module, type) else ""
            raise TypeError(f"{type_name(module)} is not a Module subclass{hint}")
        self._modules[name] = module

    register_module = add_module

    def _check_name(self, what: str, table: str, name: str) -> None:
        if table not in self.__dict__:
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type_name(name)}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    def __setattr__(self, name: str, value: Any) -> None:
        for table in TABLES:
            if isinstance(value, table.adds):
                if table.name not in self.__dict__:
                    raise AttributeError(f"cannot assign {table.members} before Module.__init__() call")
                self._forget(name, table.name)
                getattr(self, table.register)(name, value)
                return
            if name in self.__dict__.get(table.name, ()):
                if value is not None and not isinstance(value, table.takes):
                    raise TypeError(
                        f"cannot assign '{type_name(value)}' as {table.member} '{name}' "
                        f"({table.expected} or None expected)"
                    )
                self.__dict__[table.name][name] = value
                return
        object.__setattr__(self, name, value)

    def _forget(self, name: str, table: str) -> None:
        """Remove a name from wherever it stands, but for one table: there it keeps its place in the order."""
        for other in ("__dict__", "_parameters", "_buffers", "_modules"):
            if other != table:
                getattr(self, other).pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __getattr__(self, name: str) -> Any:
        """Find what is in no ordinary place: a parameter, a buffer, or a child."""
        for table in ("_parameters", "_buffers", "_modules"):
            found = self.__dict__.get(table, {})
            if name in found:
                return found[name]
        raise AttributeError(f"'{type_name(self)}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for table in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__[table]:
                del self.__dict__[table][name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        own = [*object.__dir__(self), *self._parameters, *self._buffers, *self._modules]
        return sorted(name for name in set(own) if not name[0].isdigit())


class Table(NamedTuple):
    """How assignment treats one of the tables."""

    name: str
    adds: Any  # assigning a value of this type adds it
    takes: Any  # a name that is in the table takes values of this type, and None
    register: str
    member: str
    members: str
    expected: str


TABLES = (
    Table("_parameters", Parameter, Parameter, "register_parameter", "parameter", "parameters", "torch.nn.Parameter"),
    Table("_modules", Registry, Registry, "add_module", "child module", "module", "torch.nn.Module"),
    Table("_buffers", (), Tensor, "register_buffer", "buffer", "buffers", "torch.Tensor"),
)
