"""Views and writes: memory shared by several variables, and what a write does to their history.

A view remembers its base and how it was taken.  A write computes the functional result, writes the
bytes, moves the version cell on, and gives the written variable the history of that result; for a view,
the base's new history is `put_back(old base, new part)`, the transpose of the view operation.  Other
views of the same storage rebuild their node when they find the cell newer than their own mark.  Because
a node's parents are nodes, whoever read the old values keeps the old history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .mode import current
from .node import attach
from .variable import Variable, make

if TYPE_CHECKING:
    from .primitive import Primitive


class View:
    """How a variable is a view: its value is output `which` of `op(base.value, *args, **options)`, and shares memory with it."""

    __slots__ = ("args", "base", "op", "options", "recorded", "version", "which")

    def __init__(self, base: Variable, op: Primitive, args: Any, options: Any, which: int, recorded: bool) -> None:
        self.base, self.op, self.args, self.options, self.which = base, op, args, options, which
        self.version = base.cell[0]  # of the storage, when the variable's node was right
        self.recorded = recorded  # False under no_grad: then later writes must not enter a graph

    def take(self, x: Any) -> Any:
        """Look at another array or variable through the same window."""
        y = self.op.call(x, *self.args, **self.options)
        return y if len(self.op.outputs) == 1 else y[self.which]


def remember(op: Primitive, args: Any, options: dict[str, Any], outs: Any) -> None:
    """Mark the outputs of a view operation as views of its first argument, if they do share its memory."""
    base = args[0]
    for k, out in enumerate(outs):
        if base.shares_memory(base.value, out.value):
            out.cell = base.cell
            out.view_record = View(base, op, args[1:], options, k, current.mode.recording)


def refresh(variable: Variable) -> None:
    """Rebuild the history of a view, if its storage was written since it was made."""
    view = variable.view_record
    assert view is not None
    if view.base.view_record is not None:
        refresh(view.base)
    if view.version == variable.cell[0] or not view.recorded:
        return
    view.version = variable.cell[0]
    view_history(variable)


def view_history(variable: Variable) -> None:
    """Give a view the node that its view operation has, applied to the base as it is now."""
    view = variable.view_record
    assert view is not None
    variable.node, variable.slot, variable.tracked = None, 0, False
    if view.base.tracked:
        outs = [make(variable.result, variable.value) for _ in view.op.outputs]
        attach(view.op, variable.result, (view.base, *view.args), view.options, 1, outs)
        variable.node, variable.slot, variable.tracked = outs[view.which].node, view.which, True


def check_writable(target: Variable) -> None:
    """Raise where a write would lose a gradient that somebody was promised."""
    if not current.mode.recording:
        return
    if target.inference and not current.mode.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a normal tensor"
        )
    root = target
    while root.view_record is not None:
        refresh(root)
        if not root.view_record.recorded and (root.view_record.base.tracked or root.tracked):
            raise RuntimeError(
                "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
                "Do both under no_grad, or neither."
            )
        if len(root.view_record.op.outputs) > 1 and root.tracked:
            raise RuntimeError(
                f"Output {root.view_record.which} of {root.view_record.op.name} is a view and is being modified inplace. This view is the "
                "output of a function that returns multiple views. Such functions do not allow the output views to be "
                "modified inplace. You should replace the inplace operation by an out-of-place one."
            )
        root = root.view_record.base
    if root.tracked and root.node is None:
        which = "a leaf Variable" if root is target else "a view of a leaf Variable"
        raise RuntimeError(
            f"{which} that requires grad is being used in an in-place operation. "
            "Write under torch.no_grad(), or into a clone()."
        )


def write(target: Variable, new: Variable) -> Variable:
    """Make `target` equal to `new`, a functional result computed from it: memory, version and history."""
    node = new.node
    if node is not None and node.values is not None:
        for k, (cell, version, j) in enumerate(node.guards):
            if cell is target.cell:  # the rules of `new` read what is about to be overwritten
                kept = node.values[j]
                node.values[j] = [target.own(v) for v in kept] if isinstance(kept, list) else target.own(kept)
                node.guards[k] = ([version], version, j)
    target.store(target.value, new.value)
    target.cell[0] += 1
    if node is not None and node.values is not None:
        for k, (cell, _, j) in enumerate(node.guards):
            if cell is new.cell and node.values[j] is new.value:  # the rules read the output: now it is the target
                node.values[j] = target.value
                node.guards[k] = (target.cell, target.cell[0], j)
    if current.mode.recording and (new.tracked or target.tracked):
        _rebase(target, new)
    if target.view_record is not None:
        refresh(target)
    return target


def _rebase(target: Variable, new: Variable) -> None:
    """Hang the history of `new` on the target; for a view, on its base."""
    if target.view_record is None:
        target.node, target.slot, target.tracked = new.node, new.slot, new.tracked
        return
    view = target.view_record
    base_after = make(view.base.result, view.base.value)
    needs = view.base.tracked | new.tracked << 1
    assert view.op.put_back is not None
    attach(view.op.put_back, view.base.result, (view.base, new), {"take": view.take}, needs, (base_after,))
    _rebase(view.base, base_after)
