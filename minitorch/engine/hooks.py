"""Where gradients arrive: in the `.grad` of a leaf, and at hooks, which see a gradient on its way and may replace it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .mode import current
from .variable import Variable, make

if TYPE_CHECKING:
    from .node import Node

Hooks = dict[Any, Callable[[Any], Any]]

KEEP = "keep"  # the key of the hook that keeps a gradient in `.grad`: one a place, and called after all others


def deliver(variable: Variable, held: list[Any], create: bool) -> None:
    """Give a variable the gradient that has arrived for it, alone in a list, and tell those who wait for that."""
    held[0] = variable.conjugate(held[0])
    add_to_grad(variable, held, create)
    for hook in list((variable.after_hooks or {}).values()):
        hook(variable)


def add_to_grad(variable: Variable, held: list[Any], create: bool) -> None:
    """Add to `.grad`, which is a variable of its own, writable and shared with nobody."""
    kind, old = variable.result, variable._grad
    if create:
        g = held[0] if isinstance(held[0], Variable) else make(kind, held[0])
        variable._grad = kind.own(g) if old is None else old + g
    elif old is None:
        variable._grad = make(kind, kind.own_or_keep(held))
    elif old.node is not None:  # it can be differentiated again: leave it to whoever holds it
        variable._grad = make(kind, old.value + held[0])
    else:
        old.value = kind.accumulate(old.value, held[0])
        old.cell[0] += 1


def hooks_at(node: Any, slot: int) -> Hooks:
    """Return the hooks of one place in the graph, to be read and changed."""
    if node.hooks is None:
        node.hooks = {}
    hooks: Hooks = node.hooks if isinstance(node, Variable) else node.hooks.setdefault(slot, {})
    return hooks


def call_hooks(node: Any, gs: list[Any], create: bool) -> None:
    """Let hooks see, and replace, the gradients that have arrived at a node or a leaf."""
    kind = node.result if isinstance(node, Variable) else node.kind
    by_slot: dict[int, Any] = {0: node.hooks} if isinstance(node, Variable) else node.hooks
    for slot, hooks in by_slot.items():
        in_order = [hook for key, hook in hooks.items() if key != KEEP]
        for hook in [*in_order, hooks[KEEP]] if KEEP in hooks else in_order:
            if gs[slot] is not None:
                gs[slot] = _ask(hook, kind, gs[slot], create)


def _ask(hook: Callable[[Any], Any], kind: type[Variable], g: Any, create: bool) -> Any:
    """Return the gradient that goes on after a hook has seen it."""
    seen = kind.conjugate(g)
    given = seen if isinstance(seen, Variable) else make(kind, seen)
    answer = hook(given)
    if answer is None:
        return g
    if not isinstance(answer, Variable):
        raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}': return a tensor, or None")
    if kind.meta(answer.value) != kind.meta(given.value):
        raise RuntimeError(
            f"hook '{getattr(hook, '__name__', hook)}' has changed the shape, type or device of the gradient (was "
            f"{kind.meta(given.value)} got {kind.meta(answer.value)}): return one like it, or None"
        )
    answer = kind.conjugate(answer)
    return answer if create else answer.value


def retain(variable: Variable) -> None:
    """Keep the gradient of an inner variable in its `.grad`, too."""
    variable.retains_grad = True
    this = weakref.ref(variable)  # the graph must not keep the variable alive

    def keep(g: Variable) -> None:
        kept, create = this(), current.mode.recording
        if kept is not None:
            add_to_grad(kept, [g if create else g.value], create)

    hooks_at(variable.node, variable.slot)[KEEP] = keep


def move_retained(variable: Variable, node: Node | None, slot: int) -> None:
    """After a write, keep the gradient of the new value instead of the old one's, which belongs to `node`."""
    if variable.retains_grad and node is not None and variable.node is not None:
        keep = hooks_at(node, slot).pop(KEEP, None)
        if keep is not None:
            hooks_at(variable.node, variable.slot)[KEEP] = keep
