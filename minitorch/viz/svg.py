"""Boxes and lines as SVG.

All colours are attributes, so that the picture is the same everywhere and a page can change them by CSS.  The
boxes are light and the lines are grey: both are seen on a white and on a black page.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from ..utils.files import replacing
from .layout import Place

COLOURS = {"op": ("#eef3fb", "#4a78c2"), "leaf": ("#fff6e0", "#c9901a"), "constant": ("#f1f1f1", "#8f8f8f")}
INK, RED, TEAL, PATCH, LINE = "#1c2430", "#b0392b", "#0f6b5c", "#dff1ec", "#8a8f98"
FONT = "ui-monospace, DejaVu Sans Mono, monospace"
LETTER, SMALL_LETTER = 7.9, 6.7  # the width of a letter of 13 and of 11 points
PATCH_X, PATCH_Y = 0.658, 0.784  # where on an edge its mark is: the curve at t = 0.7, nearer to its end
EDGE = 4.0  # around the picture


class Svg(str):
    """A picture: a string that notebooks show as a picture."""

    def _repr_svg_(self) -> str:
        return str(self)

    _repr_html_ = _repr_svg_

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, which browsers open."""
        with replacing(path) as file:
            file.write(self.encode())


@dataclass(eq=False)
class Box(Place):
    """A box with two lines: label and value above, name and gradient below."""

    kind: str = "op"
    label: str = ""
    value: str = ""
    name: str = ""
    gradient: str = ""
    marks: list[str] = field(default_factory=list)  # what is written at each incoming edge

    def __post_init__(self) -> None:
        lines = [(self.label, self.value), (self.name, self.gradient)]
        letters = max(len(left) + len(right) + bool(left and right) for left, right in lines)
        self.width = 18 + LETTER * letters
        self.height = 46.0 if self.name or self.gradient else 28.0

    def svg(self) -> str:
        """Return the box with its texts."""
        fill, stroke = COLOURS[self.kind]
        left, right, top = self.x + 9, self.x + self.width - 9, self.y - self.height / 2
        return (
            f'<g class="{self.kind}"><rect x="{self.x:.1f}" y="{top:.1f}" width="{self.width:.1f}" '
            f'height="{self.height:.0f}" rx="7" fill="{fill}" stroke="{stroke}"/>'
            + text(left, top + 18, self.label, INK, 'font-weight="bold"')
            + text(right, top + 18, self.value, INK, 'text-anchor="end"')
            + text(left, top + 37, self.name, INK, 'font-weight="bold"')
            + text(right, top + 37, self.gradient, RED, 'text-anchor="end" class="grad"')
            + "</g>"
        )


def picture(boxes: Sequence[Box], places: Sequence[Place]) -> Svg:
    """Return the picture of boxes that have their places, and of the lines between all places."""
    top = min(place.y - place.height / 2 for place in places)
    for place in places:
        place.x += EDGE
        place.y += EDGE - top
    width = max(box.x + box.width for box in boxes) + EDGE
    height = max(place.y + place.height / 2 for place in places) + EDGE
    lines = [line for place in places for line in edges_into(place)]
    return Svg(
        f'<svg class="mt-graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="computation graph" font-family="{FONT}">\n'
        + "\n".join(lines + [box.svg() for box in boxes])
        + "\n</svg>\n"
    )


def edges_into(place: Place) -> list[str]:
    """Return the lines that arrive at a place, each at a height of its own, in the order of where they come from."""
    count = len(place.sources)
    marks = place.marks if isinstance(place, Box) else [""] * count
    spread = (place.height - 20) / max(count - 1, 1)
    lines = []
    arrivals = sorted(zip(place.sources, marks, strict=True), key=lambda arrival: arrival[0].y)
    for i, (source, mark) in enumerate(arrivals):
        x, y, port = source.x + source.width, source.y, place.y + (i - (count - 1) / 2) * spread
        middle = (x + place.x) / 2
        curve = f"M{x:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {port:.1f} {place.x:.1f} {port:.1f}"
        through = f"H{place.x + place.width:.1f}" if place.is_bend else ""
        lines.append(f'<path class="edge" d="{curve}{through}" fill="none" stroke="{LINE}" stroke-width="1.4"/>')
        if not place.is_bend:
            lines.append(f'<path class="tip" d="M{place.x:.1f} {port:.1f}l-8 -4v8z" fill="{LINE}"/>')
        if mark:
            lines.append(patch(x + (place.x - x) * PATCH_X, y + (port - y) * PATCH_Y, mark))
    return lines


def patch(x: float, y: float, mark: str) -> str:
    """Return what is written at an edge, on a patch that hides the line."""
    width = 8 + SMALL_LETTER * len(mark)
    return (
        f'<g class="local"><rect x="{x - width / 2:.1f}" y="{y - 8:.1f}" width="{width:.1f}" height="16" rx="8" '
        f'fill="{PATCH}"/>' + text(x, y + 4, mark, TEAL, 'text-anchor="middle"', size=11) + "</g>"
    )


def text(x: float, y: float, content: str, colour: str, attributes: str, size: int = 13) -> str:
    """Return a text, or nothing for an empty one."""
    if not content:
        return ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" {attributes}>{escape(content)}</text>'
