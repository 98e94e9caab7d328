"""A tensor's place in the graph: who computed it, who wants its gradient, and the walk back from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import array_like
from ..engine import Variable, backward, current, edge_of, hooks_at, make, retain
from ..ops.declare import cast

if TYPE_CHECKING:
    from ..tensor import Tensor

_ids = itertools.count()


class RemovableHandle:
    """What a `register_…hook` returns: call `remove()` to take the hook back, or use it in a `with`."""

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self.hooks, self.id = hooks, next(_ids)
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook back."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Ask for gradients of this leaf, or no longer."""
    if self.node is not None:
        if requires_grad:
            return self
        raise RuntimeError(
            "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
            "in a subgraph that "
            "doesn't require differentiation use var_no_grad = var.detach()."
        )
    if requires_grad and self.value.dtype.kind not in "fc":
        raise RuntimeError(
            f"Only Tensors of floating point and complex dtype can require gradients, this one is {self.dtype}"
        )
    if requires_grad and self.inference and not current.mode.inference:
        raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
    self.tracked = bool(requires_grad)
    self.view_record = None  # a leaf has no history, so what is written to its base is none of its business
    return self


def detach(self: Tensor) -> Tensor:
    """Return the same memory without history.  Writes to either are noticed by whoever saved the other."""
    out = make(type(self).result, self.value)
    out.cell = self.cell
    return out


def is_inference(input: Tensor) -> bool:
    """Tell whether it was made in inference mode: then it can never enter a graph."""
    return input.inference


def detach_(self: Tensor) -> Tensor:
    """Forget the history of this tensor."""
    if self.view_record is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    self.node, self.slot, self.tracked, self.retains_grad = None, 0, False, False
    return self


def start_gradient(root: Any, gradient: Any, create_graph: bool, i: int = 0) -> Any:
    r"""Return the cotangent that the walk back from `root`, output i, starts with: 1, or what the user gave; conjugated."""
    if not root.requires_grad:
        raise RuntimeError(
            f"element {i} of tensors does not require grad and does not have a grad_fn: nothing that it was "
            "computed from has requires_grad=True, or it was computed under no_grad()"
        )
    if gradient is None:
        if root.value.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, and this output has shape "
                f"{list(root.shape)}: "
                "reduce it with .sum() or .mean(), or pass gradient="
            )
        if root.value.dtype.kind == "c":
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {root.dtype}: pass gradient="
            )
        gradient = make(root.result, array_like(np.ones(root.value.shape), root.value))
    if not isinstance(gradient, Variable):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient.value.shape != root.value.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {list(gradient.value.shape)} and output[{i}] "
            f"has a shape of "
            f"{list(root.value.shape)}."
        )
    if gradient.value.dtype != root.value.dtype:
        gradient = cast(gradient, root.value.dtype)
    gradient = root.conjugate(gradient)
    return gradient if create_graph else gradient.value


def backward_(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    r"""Add $\partial L/\partial v$ to the `.grad` of every leaf v, where $L = \sum \text{gradient} \odot \text{self}$ (F6, F7).

    Raises:  RuntimeError if nothing requires grad, or if no gradient is given and self is not one number.

    With `create_graph` the gradients can be differentiated again.  They then refer to the graph, and the graph's
    leaves to them: a cycle, which only the garbage collector frees.  `autograd.grad` makes none.
    """
    retain = create_graph if retain_graph is None else retain_graph
    start = start_gradient(self, gradient, create_graph)
    backward([self], [start], retain, create_graph, None if inputs is None else check_inputs(inputs))


def check_inputs(inputs: Any) -> list[Tensor]:
    """Return the tensors that a backward is restricted to, as a list; raise if one can have no gradient."""
    wanted: list[Any] = [inputs] if isinstance(inputs, Variable) else list(inputs)
    if not wanted:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    for i, x in enumerate(wanted):
        if not x.requires_grad:
            raise RuntimeError(f"One of the differentiated Tensors does not require grad (input {i})")
    return wanted


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this inner tensor in `.grad`, too."""
    if not self.requires_grad:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self.node is not None and not self.retains_grad:
        retain(self)


def register_hook(self: Tensor, hook: Callable[[Any], Any]) -> RemovableHandle:
    """Call `hook(gradient)` whenever the gradient of this tensor is computed; what it returns replaces it."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return RemovableHandle(hooks_at(*edge_of(self)), hook)


def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Any], None]) -> RemovableHandle:
    """Call `hook(self)` after this leaf has received its gradient."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self.node is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    if self.after_hooks is None:
        self.after_hooks = {}
    return RemovableHandle(self.after_hooks, hook)
