"""Nodes: what the graph is made of.

A node's parents are nodes, or leaf variables.  It keeps *values*, each with the version cell of its
storage, never the variables themselves: so an inner variable dies as soon as nobody holds it, and a
graph dies, by reference counting alone, with its root.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from traceback import format_stack
from typing import TYPE_CHECKING, Any

from .mode import current
from .variable import Edge, Meta, Variable, make

if TYPE_CHECKING:
    from .primitive import Plan, Primitive

_count = itertools.count(1)
_FIRST = (0,) * 10_000  # all arguments are the first output of whatever made them


class Node:
    """One application of a primitive: where its gradients go, and what its rules will read."""

    __slots__ = (
        "__weakref__",
        "guards",
        "hooks",
        "kind",
        "metas",
        "number",
        "op",
        "parents",
        "plan",
        "slots",
        "trace",
        "values",
    )
    parents: list[Any]  # a node, a leaf variable, or None, for every argument
    slots: Sequence[int]  # which output of that parent
    metas: Sequence[Meta]  # (shape, dtype, device) of each output: what its gradient must agree with
    plan: Plan  # what to keep, and which rules to run
    values: Sequence[Any] | None  # what the rules read; None once freed
    guards: Sequence[tuple[list[int], int, int]]  # version cell, version when kept, and which value it guards
    hooks: dict[int, dict[int, Callable[[Any], Any]]] | None  # by output
    trace: str | None  # where the node was made, in anomaly mode

    def __init__(self, op: Primitive, kind: type[Variable], metas: Sequence[Meta]) -> None:
        self.op, self.kind, self.metas = op, kind, metas
        self.number = next(_count)  # later than all its parents
        self.hooks = self.trace = None

    def name(self) -> str:
        """Return the name that PyTorch gives such a node: AddBackward0."""
        title = self.op.title
        return title if isinstance(title, str) else title(self)

    def name_of_kept(self, j: int) -> str:
        """Return what a kept value is called in the table."""
        return self.plan.reads[j][2]

    def __repr__(self) -> str:
        return f"<{self.name()}>"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes, or leaves, that the gradients go to, and which output of each."""
        return tuple(zip(self.parents, self.slots, strict=False))

    def remember_line(self) -> None:
        """Remember where in the user's program the node is being made."""
        self.trace = "".join(format_stack()[:-3])

    def check(self) -> None:
        """Raise if the values that the rules read are gone, or were changed since."""
        if self.values is None:
            raise RuntimeError(
                f"Trying to backward through the graph a second time ({self.op.name}): the saved values were "
                f"freed by the "
                "first backward. Specify retain_graph=True there, or compute the output again."
            )
        for cell, version, j in self.guards:
            if cell[0] != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"'{self.name_of_kept(j)}' of {self.op.name}, whose output has shape "
                    f"{tuple(self.metas[0][0])}, is at version "
                    f"{cell[0]}; expected version {version} instead. Use an out-of-place operation, or clone() "
                    f"before writing."
                )

    def steps(self, g: Any, create_graph: bool, wanted: set[Any] | None) -> list[tuple[int, Any]]:
        """Return (argument, gradient) for every argument that needs one, given the gradient(s) of the output(s).

        What was broadcast in forward is still to be summed.
        """
        self.check()
        steps: list[tuple[int, Any]] = []
        parents = self.parents
        values: Any = self.saved_variables() if create_graph else self.values
        for arguments, function, twin, reads, joint in self.plan.rules:
            if wanted is not None and all(parents[i] not in wanted for i in arguments if i < len(parents)):
                continue
            if twin is not None and not create_graph:
                function = twin
            found = function(g, values[reads[0]]) if len(reads) == 1 else function(g, *[values[k] for k in reads])
            if joint:
                pairs = zip(arguments, found, strict=True)
                steps += [(i, x) for i, x in pairs if x is not None and i < len(parents) and parents[i] is not None]
            else:
                steps.append((arguments[0], found))
        return steps

    def saved_variables(self) -> list[Any]:
        """Return the saved values, each in its place in the graph, for another derivative."""
        assert self.values is not None
        wrapped = []
        for (source, which, _), value in zip(self.plan.reads, self.values, strict=True):
            if source == "argument":
                wrapped.append(self._rewrap(self.parents[which], self.slots[which], value))
            elif source == "arguments":
                wrapped.append(
                    [self._rewrap(p, s, v) for p, s, v in zip(self.parents, self.slots, value, strict=False)]
                )
            elif source == "output" and self.kind.differentiable(value):
                wrapped.append(self._rewrap(self, which, value))
            else:
                wrapped.append(value)
        return wrapped

    def _rewrap(self, parent: Any, slot: int, value: Any) -> Any:
        if parent is None or isinstance(parent, Variable):
            return value if parent is None else parent  # a constant stays what it is; a leaf is itself
        variable = make(self.kind, value)
        variable.tracked, variable.node, variable.slot = True, parent, slot
        return variable

    def free(self) -> None:
        """Let go of the saved values; a node that keeps no more than options and shapes may be walked again."""
        if self.guards or any(type(v) in self.kind.payloads for v in self.values or ()):
            self.values, self.guards = None, ()


def mark() -> int:
    """Return a number that is above those of all nodes made so far, and below those of all to come."""
    return next(_count)


def edge_of(variable: Variable) -> Edge:
    """Return the place of a variable in the graph: its node and output, or itself if it is a leaf."""
    return (variable, 0) if variable.node is None else (variable.node, variable.slot)


def attach(op: Primitive, kind: type[Variable], args: Any, options: dict[str, Any], needs: int, outs: Any) -> None:
    """Make the node of an application, keep what its rules will read, and hang the outputs on it."""
    plan = op.plans.get((needs, len(args))) or op.make_plan(needs, len(args))
    meta = kind.meta
    node = Node(op, kind, (meta(outs[0].value),) if len(outs) == 1 else [meta(o.value) for o in outs])
    parents: list[Any] = [None] * len(args)
    slots: Any = _FIRST  # few operations have several outputs: a list is made only for their readers
    for i in plan.wanted:
        a = args[i]
        parents[i] = a.node or a
        if a.slot:
            slots = slots if slots is not _FIRST else [0] * len(args)
            slots[i] = a.slot
    values: Any = [] if plan.reads else ()
    guards: Any = [] if plan.reads else ()
    node.parents, node.slots, node.plan, node.values, node.guards = parents, slots, plan, values, guards
    for source, which, name in plan.reads:
        if source == "argument":
            a = args[which]
        elif source == "output":
            a = outs[which]
        else:
            values.append(_keep(node, op, source, which, name, args, options))
            continue
        if isinstance(a, Variable):  # as `_guard` does, without the call
            if a.inference:
                _refuse_inference()
            cell = a.cell
            guards.append((cell, cell[0], len(values)))
            a = a.value
        values.append(a)
    if current.mode.anomaly:
        node.remember_line()
    if len(outs) == 1 and not op.changes_kind:
        out = outs[0]
        out.tracked, out.node = True, node
        return
    for k, out in enumerate(outs):
        if kind.differentiable(out.value):
            out.tracked, out.node, out.slot = True, node, k


def _keep(node: Node, op: Primitive, source: str, which: Any, name: str, args: Any, options: dict[str, Any]) -> Any:
    """Return what else a rule may read: an option, a shape, a type, all arguments, or all their shapes."""
    if source == "option":
        return options[name] if name in options else op.defaults.get(name)
    if source == "arguments":
        return [_guard(node, a) for a in args]
    if source == "shapes":
        return [getattr(a, "value", a).shape for a in args]
    value = getattr(args[which], "value", args[which]) if which < len(args) else None
    return getattr(value, source, () if source == "shape" else None)


def _guard(node: Node, a: Any) -> Any:
    """Return the value of an argument, and remember the version of its storage."""
    if not isinstance(a, Variable):
        return a
    if a.inference:
        _refuse_inference()
    guards: Any = node.guards  # a list until the values are freed
    assert node.values is not None
    guards.append((a.cell, a.cell[0], len(node.values)))
    return a.value


def _refuse_inference() -> None:
    raise RuntimeError(
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor"
    )
