"""The walk back: from the outputs to the leaves, each node once, iteratively."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from .hooks import call_hooks, deliver
from .mode import change, current
from .node import Node, edge_of
from .variable import Edge, Variable

_number = attrgetter("number")


def in_order(ends: Sequence[Any]) -> list[Any]:
    """Return the nodes and leaves that `ends` depend on, each after all of its consumers.

    A node is numbered when it is made, after its parents; so it is enough to collect and to sort.
    """
    seen = dict.fromkeys(ends)
    stack = list(seen)
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent not in seen:
                seen[parent] = None
                stack.append(parent)
    return sorted(seen, key=_number, reverse=True)


def leading_to(targets: set[Any], order: list[Any]) -> set[Any]:
    """Return the nodes through which a gradient must pass to reach the targets."""
    needed = set(targets)
    for node in reversed(order):
        if not needed.isdisjoint(node.parents):
            needed.add(node)
    return needed


def backward(
    roots: Sequence[Variable],
    cotangents: Sequence[Any],
    retain_graph: bool,
    create_graph: bool,
    inputs: Sequence[Variable] | None = None,
) -> None:
    r"""Add $\partial L / \partial v$ to the `.grad` of every leaf $v$, where $L = \sum_i \langle \bar y_i, y_i \rangle$.

    With `inputs`, to theirs alone, be they leaves or not.
    """
    if inputs is None:
        _walk(roots, cotangents, retain_graph, create_graph, None)
        return
    found = gradients(roots, cotangents, inputs, retain_graph, create_graph)
    with change(recording=create_graph), roots[0].quiet():
        for v, g in zip(inputs, found, strict=True):
            if g is not None:
                deliver(v, [g], create_graph)


def gradients(
    roots: Sequence[Variable],
    cotangents: Sequence[Any],
    inputs: Sequence[Variable],
    retain_graph: bool,
    create_graph: bool,
) -> list[Any]:
    """Return the gradient for each of the inputs (None for one that the roots do not depend on); no `.grad` changes."""
    edges = [edge_of(v) for v in inputs]
    found = _walk(roots, cotangents, retain_graph, create_graph, edges)
    return [found.get(edge) for edge in edges]


def _walk(
    roots: Sequence[Variable], cotangents: Sequence[Any], retain: bool, create: bool, targets: list[Edge] | None
) -> dict[Edge, Any]:
    """Walk from the roots to the leaves; return the gradients found at the targets, if there are any."""
    if not roots:
        return {}
    starts = [edge_of(root) for root in roots]
    order = in_order([node for node, _ in starts])
    captured, wanted = set(targets or ()), None
    if targets is not None:
        wanted = leading_to({node for node, _ in targets}, order)
        order = [node for node in order if node in wanted]
    caught: dict[Edge, Any] = {}
    bar: dict[Any, list[Any]] = {}  # what has arrived so far at each node, by output
    for (node, slot), g in zip(starts, cotangents, strict=True):
        _add(bar, node, slot, g)
    old = current.mode
    current.mode = old._replace(recording=create)
    try:
        with roots[0].quiet():
            for node in order:
                gs = bar.pop(node, None)
                if gs is None:
                    continue
                if node.hooks:
                    call_hooks(node, gs, create)
                if captured:
                    caught.update({(node, k): g for k, g in enumerate(gs) if g is not None and (node, k) in captured})
                if node.number == 0:
                    if wanted is None:
                        _arrive(node, gs, create)
                elif wanted is None or not wanted.isdisjoint(node.parents):
                    if node.kind.home is None:
                        _pass_on(node, gs, bar, wanted, create, old.anomaly)
                    else:
                        with node.kind.home(gs):
                            _pass_on(node, gs, bar, wanted, create, old.anomaly)
                    if not retain:
                        node.free()
    finally:
        current.mode = old
    return caught


def _add(bar: dict[Any, list[Any]], node: Any, slot: int, g: Any) -> None:
    """Add a contribution; never in place, since a step may be shared with another node."""
    gs = bar.get(node)
    if gs is None:
        gs = bar[node] = [None] * len(node.metas)
    gs[slot] = g if gs[slot] is None else gs[slot] + g


def _pass_on(
    node: Node, gs: list[Any], bar: dict[Any, list[Any]], wanted: set[Any] | None, create: bool, anomaly: bool
) -> None:
    """Ask a node for its steps, and add each to what has arrived at its parent."""
    parents, slots, meta, unbroadcast = node.parents, node.slots, node.kind.meta, node.op.unbroadcast
    for i, step in node.steps(gs[0] if node.op.single else gs, create, wanted):
        parent, slot = parents[i], slots[i]
        if wanted is None or parent in wanted:
            metas = parent.metas
            if unbroadcast is not None:
                step = unbroadcast(step, metas[slot][0])
            value = step.value if create and isinstance(step, Variable) else step
            if meta(value) != metas[slot]:
                _refuse(node, i, value)
            if anomaly and node.kind.has_nan(value):
                _accuse(node, i)
            sums = bar.get(parent)  # as `_add` does, without the call
            if sums is None:
                sums = bar[parent] = [None] * len(metas)
            sums[slot] = step if sums[slot] is None else sums[slot] + step


def _arrive(leaf: Variable, gs: list[Any], create: bool) -> None:
    """Give a leaf its gradient, if it is still a leaf, and still wants one."""
    if leaf.node is not None:
        raise RuntimeError(
            "leaf variable has been moved into the graph interior: it was written to after it had been used, "
            "with detach_() in between. Write into a clone() instead."
        )
    if leaf.tracked:
        deliver(leaf, gs, create)


def _refuse(node: Node, i: int, value: Any) -> None:
    parent, slot = node.parents[i], node.slots[i]
    raise RuntimeError(
        f"Function {node.name()} returned an invalid gradient at index {i} - got {node.kind.meta(value)} but expected "
        f"{parent.metas[slot]}: a gradient has the shape, dtype and device of its argument"
    )


def _accuse(node: Node, i: int) -> None:
    where = "Run the forward pass inside detect_anomaly() to see where it was computed."
    if node.trace:
        where = f"It was computed here:\n{node.trace}"
    raise RuntimeError(f"Function '{node.name()}' returned nan values in its gradient {i}. {where}")
