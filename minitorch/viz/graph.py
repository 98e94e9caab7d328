"""The graph of a computation as a picture: values in black, gradients in red, derivatives at the edges."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from ..engine import Variable, edge_of
from ..engine.backward import in_order
from ..tensor import Tensor
from ..utils.files import replacing
from .layout import Place, arrange
from .watch import Step, watch

SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "matmul": "@"}  # noqa: RUF001
COLOURS = {"op": ("#eef3fb", "#4a78c2"), "leaf": ("#fff6e0", "#c9901a"), "constant": ("#f1f1f1", "#8f8f8f")}
INK, RED, TEAL = "#1c2430", "#b0392b", "#0f6b5c"  # written on boxes and patches, which are light on every page
PATCH, LINE = "#dff1ec", "#8a8f98"  # the line is seen on white and on black
FONT = "ui-monospace, DejaVu Sans Mono, monospace"
LETTER, SMALL_LETTER = 7.9, 6.7  # the width of a letter of 13 and of 11 points
PILL_X, PILL_Y = 0.658, 0.784  # where on an edge a patch is: the curve at t = 0.7, nearer to the target than to the source
EDGE = 4.0  # around the picture
LONGEST = 22  # letters of a value; beyond this its shape is shown


class Svg(str):
    """A picture: a string that notebooks show as a picture."""

    def _repr_svg_(self) -> str:
        return str(self)

    _repr_html_ = _repr_svg_

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, which browsers open."""
        with replacing(path) as file:
            file.write(self.encode())


def draw(root: Variable, seen: watch | None = None, names: Mapping[str, Any] | None = None) -> Svg:
    """Draw everything that `root` was computed from, from left to right.

    Inputs show their value and gradient.  What lies between was forgotten, unless it was computed inside `watch()`:
    then every box has its value and its gradient, constants appear, and for a Scalar each edge is marked with the
    derivative of its target by its source.  `names` are the names of variables; `locals()` will do.

    >>> from minitorch import Scalar
    >>> x, w = Scalar(2.0), Scalar(-0.5)
    >>> with watch() as seen:
    ...     y = (w * x).tanh()
    >>> y.backward()
    >>> picture = draw(y, seen, names={"x": x, "w": w})
    >>> picture.count("<rect"), "grad 0.84" in picture      # dy/dw = (1 - tanh²(wx)) x
    (4, True)
    """
    if not isinstance(root, Variable):
        raise TypeError(f"draw: expected a Scalar or a Tensor, got {type(root).__name__}")
    boxes = boxes_of(root, {} if seen is None else dict(seen.steps), names or {})
    labelled = any(box.edges for box in boxes)
    places = arrange(list(boxes), gap=88.0 if labelled else 48.0)
    top = min(place.y - place.height / 2 for place in places)
    for place in places:
        place.x += EDGE
        place.y += EDGE - top
    width = max(box.x + box.width for box in boxes) + EDGE
    height = max(place.y + place.height / 2 for place in places) + EDGE
    edges = [line for place in places for line in edges_into(place)]
    return Svg(
        f'<svg class="mt-graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="computation graph" font-family="{FONT}">\n'
        + "\n".join(edges + [box.svg() for box in boxes])
        + "\n</svg>\n"
    )


# ---- from the graph to boxes -----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Box(Place):
    """A node, a leaf or a constant, with what is written in it."""

    kind: str = "op"
    label: str = ""
    name: str = ""
    value: str = ""
    gradient: str = ""
    edges: tuple[str, ...] = ()  # what is written at each incoming edge

    def __post_init__(self) -> None:
        lines = [(self.label, self.value), (self.name, self.gradient)]
        self.height = 46.0 if self.name or self.gradient else 28.0
        self.width = max(18 + LETTER * (len(left) + len(right) + (left != "") * (right != "")) for left, right in lines)

    def svg(self) -> str:
        """Return the box with its texts: label and value above, name and gradient below."""
        fill, stroke = COLOURS[self.kind]
        left, right, up = self.x + 9, self.x + self.width - 9, self.y - (5 if self.height > 28 else -4.5)
        return (
            f'<g class="{self.kind}"><rect x="{self.x:.1f}" y="{self.y - self.height / 2:.1f}" width="{self.width:.1f}" '
            f'height="{self.height:.0f}" rx="7" fill="{fill}" stroke="{stroke}"/>'
            + text(left, up, self.label, INK, "start", "bold")
            + text(right, up, self.value, INK, "end")
            + text(left, self.y + 14, self.name, INK, "start", "bold")
            + text(right, self.y + 14, self.gradient, RED, "end")
            + "</g>"
        )


def boxes_of(root: Variable, steps: Mapping[Any, Step], names: Mapping[str, Any]) -> list[Box]:
    """Return a box for every node, leaf and constant, each after those it was computed from."""
    end, slot = edge_of(root)
    named = {edge_of(v)[0]: name for name, v in names.items() if isinstance(v, Variable)}
    values = {edge_of(v): v for v in [root, *names.values()] if isinstance(v, Variable)}
    boxes: dict[Any, Box] = {}
    for node in reversed(in_order([end])):
        if isinstance(node, Variable):
            boxes[node] = leaf_box(node, named.get(node, ""))
            continue
        step = steps.get(node)
        constants = {} if step is None else step.constants
        for i, constant in constants.items():
            key = constant if isinstance(constant, Variable) else (node, i)
            if key not in boxes:
                boxes[key] = leaf_box(constant, named.get(constant, ""))
        sources: list[Place] = []
        marks = []
        for i, parent in enumerate(node.parents):
            constant = constants.get(i)
            key = parent if parent is not None else constant if isinstance(constant, Variable) else (node, i)
            if key in boxes:
                sources.append(boxes[key])
                marks.append(f"{step.local[i]:.3g}" if step is not None and i in step.local else "")
        variable = values.get((node, slot if node is end else 0))
        boxes[node] = Box(
            sources=sources,
            label=SYMBOLS.get(node.op.name, node.op.name),
            name=named.get(node, ""),
            value=op_value(node, step, variable),
            gradient="" if step is None or step.gradient is None else f"grad {written(step.gradient)}",
            edges=tuple(marks) if any(marks) else (),
        )
    return list(boxes.values())


def leaf_box(leaf: Any, name: str) -> Box:
    """Return the box of an input: a variable, or a plain number."""
    if not isinstance(leaf, Variable):
        return Box(kind="constant", value=written(leaf))
    gradient = "" if leaf.grad is None else f"grad {written(leaf.grad.value)}"
    return Box(kind="leaf" if leaf.tracked else "constant", label=name, value=written(leaf.value), gradient=gradient)


def op_value(node: Any, step: Step | None, variable: Variable | None) -> str:
    """Return what is known of the value of a node: the value, or its shape."""
    if step is not None and step.value is not None:
        return written(step.value)
    if variable is not None:
        return written(variable.value)
    shape = node.metas[0][0]
    return str(tuple(shape)) if shape else ""


def written(value: Any) -> str:
    """Return a number, or a few numbers, in a few letters; of more, the shape."""
    if isinstance(value, int | float):
        return f"{value:.3g}"
    letters = nested(Tensor.wrap(value).tolist()) if value.size <= LONGEST else ""
    return letters if 0 < len(letters) <= LONGEST else str(value.shape)


def nested(numbers: Any) -> str:
    """Return nested lists of numbers, three digits each."""
    return f"[{', '.join(map(nested, numbers))}]" if isinstance(numbers, list) else f"{numbers:.3g}"


# ---- from boxes to SVG -----------------------------------------------------------------------------------------------


def edges_into(place: Place) -> list[str]:
    """Return the lines that arrive at a place, each at a height of its own, in the order of where they come from."""
    count = len(place.sources)
    spread = min(26.0, place.height - 16) / max(count - 1, 1)
    marks = place.edges if isinstance(place, Box) and place.edges else ("",) * count
    lines = []
    arrivals = sorted(zip(place.sources, marks, strict=True), key=lambda arrival: arrival[0].y)
    for i, (source, mark) in enumerate(arrivals):
        x, y = source.x + source.width, source.y
        port = place.y + (i - (count - 1) / 2) * spread
        middle = (x + place.x) / 2
        path = f"M{x:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {port:.1f} {place.x:.1f} {port:.1f}"
        path += f"H{place.x + place.width:.1f}" if place.is_bend else ""
        lines.append(f'<path class="edge" d="{path}" fill="none" stroke="{LINE}" stroke-width="1.4"/>')
        if not place.is_bend:
            lines.append(f'<path d="M{place.x:.1f} {port:.1f}l-8 -4v8z" fill="{LINE}"/>')
        if mark:
            lines.append(pill(x + (place.x - x) * PILL_X, y + (port - y) * PILL_Y, mark))
    return lines


def pill(x: float, y: float, mark: str) -> str:
    """Return what is written at an edge, on a patch that hides the line."""
    width = 8 + SMALL_LETTER * len(mark)
    return (
        f'<g class="local"><rect x="{x - width / 2:.1f}" y="{y - 8:.1f}" width="{width:.1f}" height="16" rx="8" '
        f'fill="{PATCH}"/>' + text(x, y + 4, mark, TEAL, "middle", size=11) + "</g>"
    )


def text(x: float, y: float, content: str, colour: str, anchor: str, weight: str = "normal", size: int = 13) -> str:
    """Return a text, or nothing for an empty one."""
    if not content:
        return ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}">'
        f"{escape(content)}</text>"
    )
