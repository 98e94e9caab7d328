"""A tensor's place in the graph: who computed it, who wants its gradient, and the walk back from it."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import array_like
from ..engine import Variable, backward, edge_of, gradients, make

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
            f"only Tensors of floating point and complex dtype can require gradients, this one is {self.dtype}"
        )
    if requires_grad and self.inference:
        raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
    self.tracked = bool(requires_grad)
    self.view_record = None  # a leaf has no history, so what is written to its base is none of its business
    return self


def detach(self: Tensor) -> Tensor:
    """Return the same memory without history.  Writes to either are noticed by whoever saved the other."""
    out = make(type(self).result, self.value)
    out.cell = self.cell
    return out


def detach_(self: Tensor) -> Tensor:
    """Forget the history of this tensor."""
    if self.view_record is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    self.node, self.slot, self.tracked = None, 0, False
    return self


def start_gradient(root: Any, gradient: Any, create_graph: bool) -> Any:
    r"""Return the cotangent that the walk back from `root` starts with: 1, or what the user gave; conjugated inside."""
    if not root.requires_grad:
        raise RuntimeError(
            "element 0 of tensors does not require grad and does not have a grad_fn: nothing that it was "
            "computed from has "
            "requires_grad=True, or it was computed under no_grad()"
        )
    if gradient is None:
        if root.value.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, and this output has shape "
                f"{list(root.shape)}: "
                "reduce it with .sum() or .mean(), or pass gradient="
            )
        gradient = make(root.result, array_like(np.ones(root.value.shape), root.value))
    if not isinstance(gradient, Variable):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient.value.shape != root.value.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[0] has a shape of {list(gradient.value.shape)} and output[0] has a shape of "
            f"{root.shape}."
        )
    if gradient.value.dtype != root.value.dtype:
        raise RuntimeError(
            f"the gradient has dtype {gradient.value.dtype} and the output {root.dtype}: convert it with .to({root.dtype})"
        )
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
    if inputs is None:
        backward([self], [start], retain, create_graph)
        return
    wanted: Sequence[Any] = [inputs] if isinstance(inputs, Variable) else list(inputs)
    if not wanted:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    for leaf, g in zip(wanted, gradients([self], [start], wanted, retain, create_graph), strict=True):
        if g is not None:
            receive(leaf, g, create_graph)


def receive(leaf: Any, g: Any, create_graph: bool) -> None:
    """Add a gradient to the `.grad` of a tensor."""
    g = leaf.conjugate(g)
    new = g if isinstance(g, Variable) else make(leaf.result, leaf.own(g))
    old = leaf.grad
    leaf.grad = new if old is None else old + new if create_graph else make(leaf.result, old.value + new.value)


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this inner tensor in `.grad`, too."""
    if not self.requires_grad:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self.node is None or self.retains_grad:
        return
    self.retains_grad = True
    this = weakref.ref(self)

    def keep(g: Any) -> None:
        tensor = this()
        if tensor is not None:
            tensor.grad = g if tensor.grad is None else tensor.grad + g

    register_hook(self, keep)


def register_hook(self: Tensor, hook: Callable[[Any], Any]) -> RemovableHandle:
    """Call `hook(gradient)` whenever the gradient of this tensor is computed; what it returns replaces it."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    node, slot = edge_of(self)
    if node.hooks is None:
        node.hooks = {}
    return RemovableHandle(node.hooks if isinstance(node, Variable) else node.hooks.setdefault(slot, {}), hook)


def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Any], None]) -> RemovableHandle:
    """Call `hook(self)` after this leaf has received its gradient."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self.node is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    if self.after_hooks is None:
        self.after_hooks = {}
    return RemovableHandle(self.after_hooks, hook)
