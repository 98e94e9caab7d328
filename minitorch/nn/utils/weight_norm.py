"""Weight normalisation: the length and the direction of a weight are parameters of their own."""

from __future__ import annotations

from typing import Any, TypeVar

from ...functions.history import RemovableHandle
from ...tensor import Tensor
from ..module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


class WeightNorm:
    """The hook that computes the weight anew before every call of the module."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, dim
        self.handle: RemovableHandle | None = None

    def weight(self, module: Module) -> Tensor:
        r"""$w = g\,v / \lVert v \rVert$."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / length(v, self.dim))

    def __call__(self, module: Module, inputs: Any) -> None:
        """Set the weight."""
        setattr(module, self.name, self.weight(module))


def length(v: Tensor, dim: int | None) -> Tensor:
    """Return the norm over all dimensions but one, or over all."""
    if dim is None:
        return v.norm()
    return v.norm(2, tuple(d for d in range(v.ndim) if d != dim % v.ndim), keepdim=True)


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    r"""Replace a weight by $g\,v / \lVert v \rVert$ with parameters `weight_g` and `weight_v`; return the module.

    The norm is taken over all dimensions but `dim`: each output has a length of its own; None for one length in all.
    Source:  Salimans & Kingma 2016, eq. 2 (arXiv:1602.07868).
    """
    if _find(module, name) is not None:
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    hook = WeightNorm(name, dim)
    weight = getattr(module, name).detach()
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(length(weight, dim).clone()))
    module.register_parameter(f"{name}_v", Parameter(weight))
    hook(module, ())
    hook.handle = module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make the weight an ordinary parameter again, with the value that it has; return the module."""
    hook = _find(module, name)
    if hook is None or hook.handle is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    weight = hook.weight(module).detach()
    hook.handle.remove()
    for old in (name, f"{name}_g", f"{name}_v"):
        delattr(module, old)
    setattr(module, name, Parameter(weight))
    return module


def _find(module: Module, name: str) -> WeightNorm | None:
    hooks = [hook.function for hook in module._forward_pre_hooks.values()]
    return next((hook for hook in hooks if isinstance(hook, WeightNorm) and hook.name == name), None)
