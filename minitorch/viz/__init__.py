"""Pictures: the graph of a computation as SVG, by the standard library alone."""

from .graph import draw
from .svg import Svg
from .watch import Step, watch

__all__ = ["Step", "Svg", "draw", "watch"]
