"""The engine: variables, nodes, primitives and the walk back.  It knows nothing of arrays."""

from .backward import backward, gradients
from .mode import Mode, anomaly, change, current, observe
from .node import Node, attach, edge_of
from .primitive import TABLE, Primitive, defjoint, defvjp, deftwin, lift
from .variable import Variable, make
from .views import View, check_writable, refresh, write

__all__ = [
    "TABLE", "Mode", "Node", "Primitive", "Variable", "View", "anomaly", "attach", "backward", "change", "check_writable",
    "current", "defjoint", "deftwin", "defvjp", "edge_of", "gradients", "lift", "make", "observe", "refresh", "write",
]  # fmt: skip
