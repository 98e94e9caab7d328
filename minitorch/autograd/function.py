"""Functions of one's own: `class Square(Function)` with a `forward` and a `backward`."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from ..creation import zeros
from ..engine import Node, Variable, change, check_writable, current, edge_of, make, rebase
from ..ops.shape import alias
from ..tensor import Tensor


class Context:
    """What a Function's forward leaves for its backward: `ctx`."""

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.needs_input_grad = tuple([isinstance(a, Tensor) and bool(a.requires_grad) for a in args])
        self.to_save: tuple[Any, ...] = ()
        self.dirty: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.materialize = True
        self.node: Callable[[], Any] | None = None  # a weak reference: the node holds its context

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs (or None) for backward; a write to one before that is noticed."""
        for i, t in enumerate(tensors):
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(t).__name__}"
                )
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
        node = self.node()
        if node is None:
            raise RuntimeError(
                "ctx.saved_tensors: the graph that this context belongs to is gone; keep its output alive"
            )
        return node.saved_tensors()


class _Op(NamedTuple):
    """What a node asks of its operation."""

    name: str
    single: bool
    unbroadcast: None = None


class FunctionNode(Node):
    """The node of a user's Function: its rule is the user's `backward`."""

    __slots__ = ("ctx", "function", "likes", "places")

    def __init__(self, function: type[Function], ctx: Context, args: tuple[Any, ...], outputs: list[Any]) -> None:
        metas = [Tensor.meta(o.value) if isinstance(o, Tensor) else ((), None, None) for o in outputs]
        super().__init__(_Op(function.__name__, len(outputs) == 1), Tensor, metas)  # type: ignore[arg-type]
        self.function, self.ctx = function, ctx
        self.likes = [(tuple(o.shape), o.dtype, o.device) if isinstance(o, Tensor) else None for o in outputs]
        edges = [edge_of(a) if needs else (None, 0) for a, needs in zip(args, ctx.needs_input_grad, strict=True)]
        self.parents, self.slots = [parent for parent, _ in edges], [slot for _, slot in edges]
        ctx.node = weakref.ref(self)

    def name(self) -> str:
        """Return the name that PyTorch gives such a node: SquareBackward."""
        return f"{self.op.name}Backward"

    def name_of_kept(self, j: int) -> str:
        """Return what a kept value is called in messages."""
        return f"saved tensor {j}"

    def save(self, tensors: tuple[Any, ...], outputs: list[Any]) -> None:
        """Keep values with their places in the graph; that of an output, which would be a cycle, is just its number."""
        self.values, self.guards, self.places = [], [], []
        for j, t in enumerate(tensors):
            number = next((k for k, o in enumerate(outputs) if o is t), None)
            if number is not None:
                place: Any = (None, number)
            else:
                place = edge_of(t) if t is not None and t.tracked else None
            self.places.append(place)
            if t is not None:
                self.guards.append((t.cell, t.cell[0], j))
            self.values.append(None if t is None else t.value)

    def saved_tensors(self) -> tuple[Any, ...]:
        """Return the saved tensors, each in its place in the graph."""
        self.check()
        assert self.values is not None
        return tuple([self._put_in_place(value, place) for value, place in zip(self.values, self.places, strict=True)])

    def _put_in_place(self, value: Any, place: Any) -> Any:
        if value is None:
            return None
        if place is not None and isinstance(place[0], Variable):
            return place[0]  # a leaf is itself
        t = make(Tensor, value)
        if place is not None:
            t.node, t.slot, t.tracked = self if place[0] is None else place[0], place[1], True
        return t

    def steps(self, g: Any, create_graph: bool, wanted: set[Any] | None) -> list[tuple[int, Any]]:
        """Return the gradients that the user's backward returns."""
        self.check()
        gs: list[Any] = [g] if self.op.single else g
        if self.ctx.materialize:
            gs = [_zeros(like) if x is None else x for x, like in zip(gs, self.likes, strict=True)]
        tensors = [x if x is None or isinstance(x, Variable) else Tensor.wrap(x) for x in gs]
        tensors = [x if x is None else Tensor.conjugate(x) for x in tensors]
        found = self.function.backward(self.ctx, *tensors)
        found = found if isinstance(found, tuple) else (found,)
        count = len(self.parents)
        if len(found) < count or any(x is not None for x in found[count:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {count}, got "
                f"{len(found)}): "
                "return one for every argument of forward, None where there is none"
            )
        steps = []
        for i, step in enumerate(found[:count]):
            if step is None:
                continue
            if not isinstance(step, Tensor):
                raise TypeError(
                    f"{self.name()}: expected a Tensor or None as gradient {i}, but got {type(step).__name__}"
                )
            if self.parents[i] is not None:
                step = Tensor.conjugate(step)
                steps.append((i, step if create_graph else step.value))
        return steps


def _zeros(like: Any) -> Any:
    """Return zeros of a shape, type and device; None for an output that was no tensor."""
    return None if like is None else zeros(like[0], dtype=like[1], device=like[2])


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
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep for backward what it needs, where forward itself takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return one gradient (or None) for every argument of forward."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function "
            "to use it with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call the function and record it."""
        ctx = Context(args)
        with change(recording=False):
            if cls.setup_context is Function.setup_context:
                outputs = cls.forward(ctx, *args, **kwargs)
            else:
                outputs = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, outputs)
        outs = list(outputs) if isinstance(outputs, tuple) else [outputs]
        if any(ctx.needs_input_grad) and current.mode.recording:
            outs = _record(cls, ctx, args, outs)
        return tuple(outs) if isinstance(outputs, tuple) else outs[0]


def _record(function: type[Function], ctx: Context, args: tuple[Any, ...], outputs: list[Any]) -> list[Any]:
    """Make the node of the call, and hang the outputs on it."""
    dirty, constant = {id(t) for t in ctx.dirty}, {id(t) for t in ctx.non_differentiable}
    if not dirty <= {id(o) for o in outputs}:
        raise RuntimeError(
            "Some elements marked as dirty during the forward method were not returned as output. "
            "The inputs that are modified inplace must all be outputs of the Function."
        )
    for t in ctx.dirty:
        check_writable(t)
    node = FunctionNode(function, ctx, args, outputs)
    if current.mode.anomaly:
        node.remember_line()
    inputs = {id(a) for a in args} - dirty
    with change(recording=False):  # an input that is returned as it is becomes another tensor on the same memory
        fresh = [alias(o) if isinstance(o, Tensor) and id(o) in inputs else o for o in outputs]
    node.save(ctx.to_save, fresh)
    for k, (o, f) in enumerate(zip(outputs, fresh, strict=True)):
        if isinstance(f, Tensor) and id(o) not in constant and Tensor.differentiable(f.value):
            result = make(Tensor, f.value)
            result.node, result.slot, result.tracked = node, k, True
            if id(o) in dirty:
                rebase(f, result)
            else:
                f.node, f.slot, f.tracked = node, k, True
    ctx.to_save = ()
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
        return tuple([_Refuse.apply(x, *grads) if isinstance(x, Tensor) else x for x in found])

    return once


class _Refuse(Function):
    """The identity, whose derivative is refused."""

    @staticmethod
    def forward(ctx: Any, x: Any, *others: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")
