"""Functions of one's own: `class Square(Function)` with a `forward` and a `backward`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from ..creation import zeros
from ..engine import Variable, change, check_writable, current, edge_of, make
from ..engine.node import Node
from ..tensor import Tensor


class Context:
    """What a Function's forward leaves for its backward: `ctx`."""

    def __init__(self) -> None:
        self.needs_input_grad: tuple[bool, ...] = ()
        self.to_save: tuple[Any, ...] = ()
        self.dirty: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.materialize = True
        self.node: Any = None

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs (or None) for backward; a write to one before that is noticed."""
        self.to_save = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs forward has written to and returned."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether backward gets zeros (True) or None for outputs that nobody used."""
        self.materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept."""
        if self.node is None:
            return self.to_save
        return self.node.saved_tensors()  # type: ignore[no-any-return]


class FunctionNode(Node):
    """The node of a user's Function: its rule is the user's `backward`."""

    __slots__ = ("ctx", "function", "saved")

    class _Op:
        unbroadcast = None

        def __init__(self, name: str) -> None:
            self.name = name

    def __init__(self, function: Any, ctx: Context, metas: Any) -> None:
        super().__init__(FunctionNode._Op(function.__name__), Tensor, metas)  # type: ignore[arg-type]
        self.function, self.ctx = function, ctx

    def name(self) -> str:
        """Return the name that PyTorch gives such a node: SquareBackward."""
        return f"{self.op.name}Backward"

    def save(self, tensors: tuple[Any, ...], outputs: list[Any]) -> None:
        """Keep values with their places in the graph."""
        self.values, self.guards, self.saved = [], [], []
        for t in tensors:
            if t is None:
                self.values.append(None)
                self.saved.append(None)
                continue
            k = next((k for k, o in enumerate(outputs) if o is t), None)
            self.saved.append((None, k) if k is not None else (edge_of(t) if t.tracked else None))
            self.guards.append((t.cell, t.cell[0], len(self.values)))
            self.values.append(t.value)

    def check(self) -> None:
        """Raise if the saved tensors are gone, or were changed since."""
        if self.values is not None:
            for cell, version, _ in self.guards:
                if cell[0] != version:
                    raise RuntimeError(
                        "one of the variables needed for gradient computation has been modified by an inplace operation: a tensor "
                        f"saved by {self.op.name} is at version {cell[0]}; expected version {version} instead."
                    )
            return
        raise RuntimeError(
            f"Trying to backward through the graph a second time ({self.op.name}): the saved values were freed by the first "
            "backward. Specify retain_graph=True there, or compute the output again."
        )

    def saved_tensors(self) -> tuple[Any, ...]:
        """Return the saved tensors, each in its place in the graph."""
        self.check()
        out = []
        for value, edge in zip(self.values or (), self.saved, strict=True):
            if value is None:
                out.append(None)
                continue
            if edge is not None and isinstance(edge[0], Variable):
                out.append(edge[0])
                continue
            t = make(Tensor, value)
            if edge is not None:
                t.node, t.slot = (self, edge[1]) if edge[0] is None else edge
                t.tracked = True
            out.append(t)
        return tuple(out)

    def steps(self, g: Any, create_graph: bool, needed: set[Any] | None) -> Iterator[tuple[int, Any]]:
        """Yield the gradients that the user's backward returns."""
        self.check()
        gs = g if len(self.metas) > 1 else [g]
        tensors = [None if x is None else x if isinstance(x, Variable) else Tensor.wrap(x) for x in gs]
        if self.ctx.materialize:
            tensors = [_zeros(self.metas[k]) if x is None else x for k, x in enumerate(tensors)]
        tensors = [None if x is None else Tensor.conjugate(x) for x in tensors]
        with change(recording=create_graph):
            found = self.function.backward(self.ctx, *tensors)
        found = found if isinstance(found, tuple) else (found,)
        if len(found) > len(self.parents) and all(x is None for x in found[len(self.parents) :]):
            found = found[: len(self.parents)]
        if len(found) != len(self.parents):
            raise RuntimeError(
                f"function {self.op.name}Backward returned an incorrect number of gradients (expected {len(self.parents)}, got {len(found)})"
            )
        for i, step in enumerate(found):
            if step is not None and self.parents[i] is not None:
                if not isinstance(step, Variable):
                    raise TypeError(f"{self.op.name}.backward must return tensors or None, got {type(step).__name__} at position {i}")
                step = Tensor.conjugate(step)
                yield i, step if create_graph else step.value


def _zeros(meta: Any) -> Tensor:
    return Tensor.wrap(zeros(*meta[0]).value.astype(meta[1]))


class Function:
    r"""A function with a derivative of one's own.

    >>> class Square(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> from minitorch import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; keep for backward what it needs."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return one gradient (or None) for every argument of forward."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call the function and record it."""
        ctx = Context()
        ctx.needs_input_grad = tuple(isinstance(a, Tensor) and bool(a.requires_grad) for a in args)
        with change(recording=False):
            if "setup_context" in cls.__dict__:
                outputs = cls.forward(*args, **kwargs)  # type: ignore[call-arg]
                cls.setup_context(ctx, args, outputs)  # type: ignore[attr-defined]
            else:
                outputs = cls.forward(ctx, *args, **kwargs)
        several = isinstance(outputs, tuple)
        outs = list(outputs) if several else [outputs]
        if any(ctx.needs_input_grad) and current.mode.recording:
            outs = _record(cls, ctx, args, outs)
        return tuple(outs) if several else outs[0]


def _record(function: Any, ctx: Context, args: Any, outputs: list[Any]) -> list[Any]:
    """Make the node of the call, and hang the outputs on it."""
    node = FunctionNode(function, ctx, tuple(Tensor.meta(o.value) if isinstance(o, Tensor) else ((), None, None) for o in outputs))
    edges = [edge_of(a) if needs else (None, 0) for a, needs in zip(args, ctx.needs_input_grad, strict=True)]
    node.parents, node.slots = tuple(e[0] for e in edges), tuple(e[1] for e in edges)
    dirty = [id(t) for t in ctx.dirty]
    for t in ctx.dirty:
        check_writable(t)
    fresh = []
    for o in outputs:
        is_input = any(o is a for a in args)
        fresh.append(o.detach() if isinstance(o, Tensor) and is_input and id(o) not in dirty else o)
    saved = tuple(
        next((f for f, o in zip(fresh, outputs, strict=True) if o is t), t) if not any(t is a for a in args) else t for t in ctx.to_save
    )
    node.save(saved, fresh)
    constant = [id(t) for t in ctx.non_differentiable]
    for k, (o, f) in enumerate(zip(outputs, fresh, strict=True)):
        if isinstance(f, Tensor) and id(o) not in constant and Tensor.differentiable(f.value):
            f.node, f.slot, f.tracked, f.view_record = node, k, True, None
    ctx.node, ctx.to_save = node, ()
    return fresh


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that cannot be differentiated again; trying to raises."""

    @functools.wraps(function)
    def once(ctx: Any, *grads: Any) -> Any:
        recording = current.mode.recording
        with change(recording=False):
            found = function(ctx, *grads)
        if not recording:
            return found
        found = found if isinstance(found, tuple) else (found,)
        return tuple(_Refuse.apply(x, *grads) if isinstance(x, Tensor) else x for x in found)

    return once


class _Refuse(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, *others: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")
