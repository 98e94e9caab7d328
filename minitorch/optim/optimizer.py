"""Optimizer: what all of them share; each one's own file holds its formula.

An optimizer works on the raw arrays of parameters and gradients, in place, so that a step never enters
a graph.  Writing moves the version cell on: a backward pass through values that a step has changed is
refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from copy import deepcopy
from itertools import chain
from typing import Any

from ..autograd import enable_grad
from ..backend.arrays import SILENT
from ..backend.devices import Array, beside, library, type_name
from ..engine import make
from ..tensor import Tensor

State = dict[str, Any]
Group = dict[str, Any]


class Optimizer:
    """Base class: groups of parameters, each with its options, and a state for each parameter.

    A subclass gives `defaults` and writes `update`, which moves one parameter; one that needs more than one
    gradient a step writes a `step` of its own.  `switches` are PyTorch's `foreach`, `fused`, `capturable` and
    `differentiable`, which say how to compute, not what.

    Raises:  TypeError for what are no tensors; ValueError for an empty list, a tensor that is no leaf, or a
             parameter that comes twice.
    """

    def __init__(
        self, params: Iterable[Any], defaults: dict[str, Any], switches: Mapping[str, bool | None] | None = None
    ) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + type_name(params)
            )
        check_switches(type_name(self), switches or {})
        self.defaults = defaults
        self.state: defaultdict[Any, State] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.steps = 0  # how often `step` was called; schedulers look at it
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with options of their own: `{"params": …, "lr": 0.1}`; the rest are the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        params = [given] if isinstance(given, Tensor) else list(given)
        named = [p for p in params if isinstance(p, tuple)]
        if named and len(named) < len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group = {**self.defaults, **param_group, "params": [p for _, p in named] if named else params}
        if named:
            group["param_names"] = [name for name, _ in named]
        self._check(group["params"])
        self.param_groups.append(group)

    def _check(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type_name(p)}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(p) for p in params}) < len(params):
            raise ValueError(
                "optimizer contains a parameter group with duplicate parameters: each would move twice a step"
            )
        if {id(p) for p in params} & {id(p) for group in self.param_groups for p in group["params"]}:
            raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; or, with `set_to_none=False`, fill them with zeros."""
        for p in chain.from_iterable(group["params"] for group in self.param_groups):
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad = p.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient, once; return what the closure, called first, returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self.steps += 1
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    with at_home(p):
                        g = -p.grad.value if group["maximize"] else p.grad.value
                        SILENT.copy().run(self.update, p.value, g, self.state[p], group)
                    p.cell[0] += 1
        return loss

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        """Move one parameter `p`, in place, given its gradient `g`, its state and the options of its group."""
        raise NotImplementedError(f"{type_name(self)} has neither an `update` nor a `step`")

    def state_dict(self) -> dict[str, Any]:
        """Return {"state": …, "param_groups": …}, where numbers stand for the parameters, in their order.

        The tensors are those that the optimizer goes on changing.
        """
        number: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                number.setdefault(id(p), len(number))
            groups.append({**group, "params": [number[id(p)] for p in group["params"]]})
        states = {number[id(p)]: state for p, state in self.state.items() if state}
        return {"state": states, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue exactly where `state_dict` was taken; everything is copied, onto the devices of the parameters.

        Raises:  ValueError for another number of groups, or of parameters in a group.
        """
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(new["params"]) != len(old["params"]) for new, old in zip(saved, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        order = [number for group in saved for number in group["params"]]
        params = [p for group in self.param_groups for p in group["params"]]
        self.state = defaultdict(dict)
        for number, p in zip(order, params, strict=True):
            if number in state_dict["state"]:
                self.state[p] = {name: _adapted(value, name, p) for name, value in state_dict["state"][number].items()}
        for new, old in zip(saved, self.param_groups, strict=True):
            old.update({**new, "params": old["params"]})

    def __repr__(self) -> str:
        lines = [f"{type_name(self)} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


NUMBERS = ("step", "eta", "mu", "mu_product", "H_diag", "ro")  # PyTorch keeps these in tensors


def _adapted(value: Any, name: str, p: Tensor) -> Any:
    """Return a copy of a part of the state for a parameter: on its device, and of its dtype."""
    if isinstance(value, list):
        return [_adapted(part, name, p) for part in value]
    if not isinstance(value, Tensor):
        return deepcopy(value)
    if name in NUMBERS:
        return int(value.item()) if name == "step" else float(value.item())
    return value.detach().clone().to(device=p.device, dtype=p.dtype if p.dtype.is_floating_point else value.dtype)


SWITCHES = ("foreach", "fused", "capturable", "differentiable")


def check_switches(name: str, switches: Mapping[str, bool | None]) -> None:
    """Accept what tells PyTorch how to compute a step: here there is one way, and the numbers are the same.

    Raises:  TypeError for any other option; NotImplementedError for a step that is to be differentiated.
    """
    for switch in switches:
        if switch not in SWITCHES:
            raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{switch}'")
    if switches.get("differentiable"):
        raise NotImplementedError(
            f"{name}: differentiable=True is not supported: a step never enters a graph; write p - lr * g yourself, "
            "with g of autograd.grad(..., create_graph=True)"
        )


NOWHERE = nullcontext()


def at_home(p: Tensor) -> Any:
    """Return a context in which arrays are made on the device of a parameter, which need not be the current one."""
    return NOWHERE if Tensor.home is None else beside(p.value)


def slot(state: State, name: str, p: Array, start: float = 0.0) -> Array:
    """Return the array of this name in the state of a parameter `p`; a new one is like `p`, filled with `start`."""
    if name not in state:
        state[name] = make(Tensor, library(p).full_like(p, start))
    array: Array = state[name].value
    return array


def require(what: str, value: float, low: float = 0.0, high: float = float("inf")) -> None:
    """Raise ValueError for an option that is not in [low, high)."""
    if not low <= value < high:
        raise ValueError(f"Invalid {what}: {value}")
