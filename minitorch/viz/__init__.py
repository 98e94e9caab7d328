"""Pictures: the graph of a computation as SVG, by the standard library alone."""

from .graph import Svg, draw
from .watch import Step, watch

__all__ = ["Step", "Svg", "draw", "watch"]
