"""Views and writes: memory shared by several variables, and what a write does to their history.

A view remembers its base and how it was taken.  A write computes the functional result, writes the
bytes, moves the version cell on, and gives the written variable the history of that result; for a view,
the base's new history is `put_back(old base, new part)`, the transpose of the view operation.  Other
views of the same storage rebuild their node when they find the cell newer than their own mark.  Because
a node's parents are nodes, whoever read the old values keeps the old history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .hooks import move_retained
from .mode import current
from .node import Node, attach
from .variable import Variable, make

if TYPE_CHECKING:
    from .primitive import Primitive


class Window:
    """How a part is taken from a whole: as output `which` of `op(whole, *args, **options)`."""

    __slots__ = ("args", "count", "op", "options", "which")

    def __init__(self, op: Primitive, args: Any, options: Any, which: int, count: int) -> None:
        self.op, self.args, self.options = op, args, options
        self.which, self.count = which, count  # one of so many outputs

    def __call__(self, x: Any) -> Any:
        """Look at an array or a variable through the window."""
        y = self.op.call(x, *self.args, **self.options)
        return y if self.op.single else y[self.which]


class Windows:
    """Several windows, one behind the other."""

    __slots__ = ("windows",)

    def __init__(self, windows: list[Window]) -> None:
        self.windows = windows

    def __call__(self, x: Any) -> Any:
        """Look through all of them."""
        for window in self.windows:
            x = window(x)
        return x


class View:
    """A variable is a view: it shares the memory of a base, seen through a window."""

    __slots__ = ("base", "recorded", "seen", "version", "window")

    def __init__(self, base: Variable, window: Window, recorded: bool) -> None:
        self.base, self.window = base, window
        self.seen = base.value  # the window fits this payload
        self.version = base.cell[0]  # of the storage, when the variable's node was right
        self.recorded = recorded  # False under no_grad: then later writes must not enter a graph


def remember(op: Primitive, args: Any, options: dict[str, Any], outs: Any) -> None:
    """Mark the outputs of a view operation as views of its first argument, if they do share its memory."""
    base = args[0]
    for k, out in enumerate(outs):
        if base.shares_memory(base.value, out.value):
            out.cell = base.cell
            if base.inference:
                out.inference = True
            out.view_record = View(base, Window(op, args[1:], options, k, len(outs)), current.mode.recording)


def refresh(variable: Variable) -> None:
    """Rebuild the history of a view, if its storage was written since it was made."""
    stale: list[Variable] = []
    view = variable.view_record
    while view is not None and view.version != variable.cell[0]:
        stale.append(variable)
        variable = view.base
        view = variable.view_record
    for variable in reversed(stale):  # bases first
        view = variable.view_record
        if view is not None and view.recorded:
            view.version = variable.cell[0]
            _rebuild(variable, view)


def _rebuild(variable: Variable, view: View) -> None:
    """Give a view the node that its view operation has, applied to the base as it is now."""
    node, slot, window = variable.node, variable.slot, view.window
    variable.node, variable.slot, variable.tracked = None, 0, False
    if not view.base.tracked:
        return
    if view.base.value is not view.seen:
        raise RuntimeError(
            f"the base of a view ({window.op.name}) was given another shape or other data in place, and was "
            f"then written to: "
            "take the view again"
        )
    outs = [make(variable.result, variable.value) for _ in range(window.count)]
    attach(window.op, variable.result, (view.base, *window.args), window.options, 1, outs)
    variable.node, variable.slot, variable.tracked = outs[window.which].node, window.which, True
    move_retained(variable, node, slot)


def check_writable(target: Variable) -> None:
    """Raise where a write would lose a gradient that somebody was promised."""
    mode = current.mode
    if target.inference and not mode.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. "
            "You can make a clone to get a normal tensor before doing inplace update."
        )
    if not mode.recording:
        return
    root = target
    while root.view_record is not None:
        refresh(root)
        if root.tracked or root.view_record.base.tracked:
            _check_view(root.view_record)
        root = root.view_record.base
    if root.tracked and root.node is None:
        which = "a leaf Variable" if root is target else "a view of a leaf Variable"
        raise RuntimeError(
            f"{which} that requires grad is being used in an in-place operation. Write under no_grad(), or into "
            f"a clone()."
        )


def _check_view(view: View) -> None:
    """Raise if what is written through a view cannot enter the history of its base."""
    if not view.recorded:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
            "Do both under no_grad, or neither; the views that a custom Function returns cannot be written to."
        )
    if not view.window.op.single:
        raise RuntimeError(
            f"Output {view.window.which} of {view.window.op.name} is a view and is being modified inplace. This "
            f"view is the "
            "output of a function that returns multiple views. Such functions do not allow the output views to be "
            "modified inplace. You should replace the inplace operation by an out-of-place one."
        )


def write(target: Variable, new: Variable, since: int | None = None) -> Variable:
    """Make `target` equal to `new`, a functional result computed from it: memory, version and history.

    The nodes of that computation are those with a number above `since` (by default the last one alone).
    """
    recording = current.mode.recording
    if recording and new.tracked and target.view_record is not None:
        view: View | None = target.view_record
        while view is not None:
            _check_view(view)
            view = view.base.view_record
    node = new.node
    if node is not None:
        for reader in _nodes_since(node, node.number - 1 if since is None else since):
            _keep_old(reader, target)
    target.store(target.value, new.value)
    target.cell[0] += 1
    if node is not None and node.values:
        for k, (cell, _, j) in enumerate(node.guards):
            if cell is new.cell and node.values[j] is new.value:  # the rules read the output: now it is the target
                node.values[j] = target.value  # type: ignore[index]
                node.guards[k] = (target.cell, target.cell[0], j)  # type: ignore[index]
    if recording and (new.tracked or target.tracked):
        rebase(target, new)
    return target


def _nodes_since(node: Node, number: int) -> Iterator[Node]:
    """Yield a node and those of its ancestors whose number is above the given one."""
    seen, stack = {node}, [node]
    while stack:
        node = stack.pop()
        yield node
        for parent in node.parents:
            if parent is not None and parent.number > number and parent not in seen:
                seen.add(parent)
                stack.append(parent)


def _keep_old(node: Node, target: Variable) -> None:
    """Give a node copies of what its rules read and is about to be overwritten."""
    for k, (cell, version, j) in enumerate(node.guards):
        if cell is target.cell and cell[0] == version and node.values:
            kept = node.values[j]
            node.values[j] = [target.own(v) for v in kept] if isinstance(kept, list) else target.own(kept)  # type: ignore[index]
            node.guards[k] = ([version], version, j)  # type: ignore[index]


def rebase(target: Variable, new: Variable) -> None:
    """Hang the history of `new` on the target; for a view, on its base: it will look at that when it is next used."""
    for base, windows in _bases(target):
        put_back, base_after = windows[-1].op.put_back, make(base.result, base.value)
        assert put_back is not None
        take = windows[-1] if len(windows) == 1 else Windows(windows)
        attach(put_back, base.result, (base, new), {"take": take}, base.tracked | new.tracked << 1, (base_after,))
        target, new = base, base_after
    node, slot = target.node, target.slot
    target.node, target.slot, target.tracked = new.node, new.slot, new.tracked
    move_retained(target, node, slot)


def _bases(target: Variable) -> Iterator[tuple[Variable, list[Window]]]:
    """Yield the bases of a view, the nearest first, each with the windows through which it shows what lies below.

    Into what shows a number several times nothing can be put back: it is skipped, with all that lies below.
    """
    views: list[View] = []
    while target.view_record is not None:
        views.append(target.view_record)
        target = target.view_record.base
    below = max((i for i, view in enumerate(views) if view.window.op.repeats), default=0)
    if views:
        yield views[below].base, [view.window for view in reversed(views[: below + 1])]
    for view in views[below + 1 :]:
        yield view.base, [view.window]
