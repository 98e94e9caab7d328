"""Watching a computation, since the graph itself forgets the values between its ends.

A node keeps what its rules read, until backward; a drawing wants every value, and every gradient that
passed.  So `watch` asks the engine's observer for the values, and hangs a hook on each node for the gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..engine import Node, Primitive, Variable, observe
from ..engine.hooks import hooks_at

SMALL = 16  # of a larger array only the shape is kept
HOOK = "watch"  # the key of our hook at a node; users' hooks have numbers


@dataclass(eq=False)
class Constant:
    """A plain number that went into an operation."""

    value: float


@dataclass(eq=False)
class Step:
    r"""One operation that was seen.

    `value` is what came out, and `gradient`, after backward, $\partial L / \partial\,\text{value}$; both are plain
    numbers or arrays, None where there are more than 16 numbers.  `local` has, for a Scalar, the derivative of the
    value by each argument: $\partial L / \partial\,\text{argument}$ is the sum of gradient × local over its users.
    """

    op: str
    value: Any
    local: dict[int, float] = field(default_factory=dict)
    constants: dict[int, Variable | Constant] = field(default_factory=dict)  # arguments that are not in the graph
    gradient: Any = None

    def receive(self, g: Variable) -> None:
        """Remember the gradient that arrives here on the way back."""
        self.gradient = kept(g)


class watch:
    """Collect the value of every operation, and later its gradient: `with watch() as seen: …`.

    What was seen is an iterable of `Step`, in the order of computation.

    >>> from minitorch import Scalar
    >>> x = Scalar(3.0)
    >>> with watch() as seen:
    ...     y = x * x + 1
    >>> y.backward()
    >>> for step in seen:
    ...     print(step.op, step.value, step.local, step.gradient)
    mul 9.0 {0: 3.0, 1: 3.0} 1.0
    add 10.0 {0: 1.0} 1.0
    """

    def __init__(self) -> None:
        self.steps: dict[Node, Step] = {}
        self.switch = observe(partial(see, self.steps))  # knows the steps, not us: no cycle

    def __enter__(self) -> watch:
        self.switch.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.switch.__exit__(*exception)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps.values())

    def __len__(self) -> int:
        return len(self.steps)


def see(steps: dict[Node, Step], op: Primitive, args: tuple[Any, ...], options: dict[str, Any], result: Any) -> None:
    """Add an operation to the steps, unless it was not recorded, and ask its node for the gradient."""
    outputs = result if isinstance(result, tuple) else (result,)
    output = next((out for out in outputs if out.node is not None), None)
    if output is None:
        return
    node = output.node
    step = steps[node] = Step(op.name, kept(output))
    if isinstance(output.value, float):
        step.local = dict(node.steps(1.0, False, None))
    for i, argument in enumerate(args):
        if node.parents[i] is not None:
            continue
        if isinstance(argument, Variable):
            step.constants[i] = argument
        elif op.unbroadcast is not None and isinstance(argument, int | float):  # of other operations it is an axis
            step.constants[i] = Constant(argument)
    hooks_at(node, output.slot)[HOOK] = step.receive  # knows the step, not the node: no cycle


def kept(variable: Variable) -> Any:
    """Return a copy of a value, or None if it is large."""
    return variable.own(variable.value) if getattr(variable.value, "size", 1) <= SMALL else None
