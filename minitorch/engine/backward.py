"""The walk back: from the outputs to the leaves, each node once, iteratively."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from .mode import current
from .node import Node, edge_of
from .variable import Edge, Variable, make

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
        if any(p in needed for p in node.parents):
            needed.add(node)
    return needed


def backward(roots: Sequence[Variable], cotangents: Sequence[Any], retain_graph: bool, create_graph: bool) -> None:
    r"""Add $\partial L / \partial v$ to the `.grad` of every leaf $v$, where $L = \sum_i \langle \bar y_i, y_i \rangle$."""
    _walk(roots, cotangents, retain_graph, create_graph, None)


def gradients(
    roots: Sequence[Variable], cotangents: Sequence[Any], inputs: Sequence[Variable], retain_graph: bool, create_graph: bool
) -> list[Any]:
    """Return the gradient for each of the inputs (None for one that the roots do not depend on); no `.grad` changes."""
    edges = [edge_of(v) for v in inputs]
    found = _walk(roots, cotangents, retain_graph, create_graph, edges)
    return [found.get(edge) for edge in edges]


def _walk(
    roots: Sequence[Variable], cotangents: Sequence[Any], retain: bool, create: bool, targets: list[Edge] | None
) -> dict[Edge, Any]:
    starts = [edge_of(root) for root in roots]
    order = in_order([node for node, _ in starts])
    needed = None if targets is None else leading_to({node for node, _ in targets}, order)
    caught: dict[Edge, Any] = {}
    captured = set(targets or ())
    bar: dict[Any, list[Any]] = {}
    for (node, slot), g in zip(starts, cotangents, strict=True):
        _add(bar, node, slot, g)
    old = current.mode
    current.mode = old._replace(recording=create)
    quiet = roots[0].quiet()
    quiet.__enter__()
    try:
        for node in order:
            gs = bar.pop(node, None)
            if gs is None or (needed is not None and node not in needed):
                continue
            if node.hooks:
                _call_hooks(node, gs, create)
            if captured:
                for slot, g in enumerate(gs):
                    if g is not None and (node, slot) in captured:
                        caught[node, slot] = g
            if node.number == 0:  # a leaf
                if targets is None:
                    _deliver(node, gs[0], create)
                continue
            if needed is not None and not any(p in needed for p in node.parents):
                continue
            parents, slots, meta = node.parents, node.slots, node.kind.meta
            steps: Any = node.steps(gs if len(gs) > 1 else gs[0], create, needed)
            if node.kind.home is not None:
                with node.kind.home(gs):
                    steps = list(steps)
            for i, step in steps:
                parent, slot = parents[i], slots[i]
                if needed is None or parent in needed:
                    value = step.value if create and isinstance(step, Variable) else step
                    metas = parent.metas
                    if meta(value) != metas[slot]:
                        _refuse(node, i, value)
                    if old.anomaly and node.kind.has_nan(value):
                        _accuse(node, i)
                    sums = bar.get(parent)  # as `_add` does, without the call
                    if sums is None:
                        sums = bar[parent] = [None] * len(metas)
                    sums[slot] = step if sums[slot] is None else sums[slot] + step
            if not retain:
                node.free()
    finally:
        quiet.__exit__(None, None, None)
        current.mode = old
    return caught


def _add(bar: dict[Any, list[Any]], node: Any, slot: int, g: Any) -> None:
    """Add a contribution; never in place, since a step may be shared with another node."""
    gs = bar.get(node)
    if gs is None:
        gs = bar[node] = [None] * len(node.metas)
    gs[slot] = g if gs[slot] is None else gs[slot] + g


def _call_hooks(node: Any, gs: list[Any], create: bool) -> None:
    """Let hooks see, and replace, a gradient on its way."""
    kind = node.result if isinstance(node, Variable) else node.kind
    by_slot = {0: node.hooks} if isinstance(node, Variable) else node.hooks
    for slot, hooks in by_slot.items():
        for hook in list(hooks.values()):
            if gs[slot] is None:
                continue
            seen = kind.conjugate(gs[slot])
            given = seen if isinstance(seen, Variable) else make(kind, seen)
            answer = hook(given)
            if answer is None:
                continue
            if not isinstance(answer, Variable) or kind.meta(answer.value) != kind.meta(given.value):
                raise RuntimeError(
                    f"a hook must return None or a gradient like the one it was given, {kind.meta(given.value)}; "
                    f"it returned {kind.meta(answer.value) if isinstance(answer, Variable) else type(answer).__name__}"
                )
            answer = kind.conjugate(answer)
            gs[slot] = answer if create else answer.value


def _deliver(leaf: Variable, g: Any, create: bool) -> None:
    """Give a leaf its gradient: a variable of its own, writable, shared with nobody."""
    g = leaf.conjugate(g)
    kind = leaf.result
    if create:
        g = g if isinstance(g, Variable) else make(kind, g)
        leaf.grad = g if leaf.grad is None else leaf.grad + g
    elif leaf.grad is None:
        leaf.grad = make(kind, kind.own(g))
    elif leaf.grad.node is not None:
        leaf.grad = make(kind, leaf.grad.value + g)
    else:
        leaf.grad.value = kind.accumulate(leaf.grad.value, g)
        leaf.grad.cell[0] += 1
    for hook in list((leaf.after_hooks or {}).values()):
        hook(leaf)


def _refuse(node: Node, i: int, value: Any) -> None:
    parent, slot = node.parents[i], node.slots[i]
    raise RuntimeError(
        f"Function {node.name()} returned an invalid gradient at index {i} - got (shape, dtype, device) {node.kind.meta(value)} "
        f"but expected {parent.metas[slot]}: a gradient has the shape, dtype and device of its argument"
    )


def _accuse(node: Node, i: int) -> None:
    where = f" It was computed here:\n{node.trace}" if node.trace else " Run the forward pass inside detect_anomaly() to see where it was computed."
    raise RuntimeError(f"Function '{node.name()}' returned nan values in its gradient {i}.{where}")
