"""The graph of a computation as a picture: values in black, gradients in red, derivatives at the edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..engine import Node, Variable, edge_of
from ..engine.backward import in_order
from ..tensor import Tensor
from .layout import arrange
from .svg import Box, Svg, picture
from .watch import Constant, Step, watch

SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "matmul": "@"}
LONGEST = 22  # letters of a value; beyond this its shape is shown


def draw(root: Variable, seen: watch | None = None, names: Mapping[str, Any] | None = None) -> Svg:
    """Draw everything that `root` was computed from, from left to right.

    Inputs show their value and gradient.  What lies between was forgotten, unless it was computed inside `watch()`:
    then every box has its value and its gradient, constants appear, and for a Scalar each edge is marked with the
    derivative of its target by its source.  `names` are the names of variables; `locals()` will do.

    Raises:  TypeError if `root` is neither a Scalar nor a Tensor.

    >>> from minitorch import Scalar
    >>> x, w = Scalar(2.0), Scalar(-0.5)
    >>> with watch() as seen:
    ...     y = (w * x).tanh()
    >>> y.backward()
    >>> picture = draw(y, seen, names={"x": x, "w": w})
    >>> picture.count('class="leaf"'), picture.count('class="op"')
    (2, 2)
    >>> "grad 0.84" in picture                                  # dy/dw = (1 - tanh²(wx)) x
    True
    """
    if not isinstance(root, Variable):
        raise TypeError(f"draw: expected a Scalar or a Tensor, got {type(root).__name__}")
    boxes = boxes_of(root, {} if seen is None else seen.steps, names or {})
    places = arrange(list(boxes), gap=88.0 if any(any(box.marks) for box in boxes) else 48.0)
    return picture(boxes, places)


def boxes_of(root: Variable, steps: Mapping[Node, Step], names: Mapping[str, Any]) -> list[Box]:
    """Return a box for every node and input, each after those that it was computed from."""
    end = edge_of(root)[0]
    variables = {name: v for name, v in names.items() if isinstance(v, Variable)}
    named = {edge_of(v)[0]: name for name, v in variables.items()}
    values = {edge_of(v)[0]: v.value for v in [*variables.values(), root]}
    boxes: dict[Any, Box] = {}
    for node in reversed(in_order([end])):
        if isinstance(node, Variable):
            boxes[node] = input_box(node, named.get(node, ""))
            continue
        step = steps.get(node, Step("", values.get(node)))
        for constant in step.constants.values():
            boxes.setdefault(constant, input_box(constant, named.get(constant, "")))
        arguments = list(arguments_of(node, step))
        boxes[node] = Box(
            kind="op",
            sources=[boxes[source] for _, source in arguments],
            marks=[f"{step.local[i]:.3g}" if i in step.local else "" for i, _ in arguments],
            label=SYMBOLS.get(node.op.name, node.op.name),
            name=named.get(node, ""),
            value=written(step.value, node.metas[0][0]),
            gradient="" if step.gradient is None else f"grad {written(step.gradient)}",
        )
    return list(boxes.values())


def arguments_of(node: Node, step: Step) -> Iterator[tuple[int, Any]]:
    """Yield every argument of an operation that has a box, with its number."""
    for i, parent in enumerate(node.parents):
        source = step.constants.get(i) if parent is None else parent
        if source is not None:
            yield i, source


def input_box(source: Variable | Constant, name: str) -> Box:
    """Return the box of a leaf, or of a constant."""
    tracked = isinstance(source, Variable) and source.tracked
    gradient = getattr(source, "grad", None)
    return Box(
        kind="leaf" if tracked else "constant",
        label=name,
        value=written(source.value),
        gradient="" if gradient is None else f"grad {written(gradient.value)}",
    )


def written(value: Any, shape: tuple[int, ...] = ()) -> str:
    """Return a number, or a few numbers, in a few letters; of more, or of an unknown value, the shape."""
    if isinstance(value, int | float):
        return f"{value:.3g}"
    if value is None:
        return str(shape) if shape else ""
    letters = nested(Tensor.wrap(value).tolist()) if value.size <= LONGEST else ""
    return letters if 0 < len(letters) <= LONGEST else str(value.shape)


def nested(numbers: Any) -> str:
    """Return nested lists of numbers, three digits each."""
    return f"[{', '.join(map(nested, numbers))}]" if isinstance(numbers, list) else f"{numbers:.3g}"
