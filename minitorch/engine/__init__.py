"""The engine: variables, nodes, primitives and the walk back.  It knows nothing of arrays."""

from .backward import backward, gradients
from .hooks import deliver, hooks_at, retain
from .mode import Mode, anomaly, change, current, observe
from .node import Node, attach, edge_of, mark
from .primitive import TABLE, Primitive, defjoint, deftwin, defvjp, lift
from .twins import untuned
from .variable import Variable, make
from .views import View, check_writable, rebase, refresh, write

__all__ = [
    "TABLE", "Mode", "Node", "Primitive", "Variable", "View", "anomaly", "attach", "backward", "change",
    "check_writable", "current", "defjoint", "deftwin", "defvjp", "deliver", "edge_of", "gradients", "hooks_at",
    "lift", "make", "mark", "observe", "rebase", "refresh", "retain", "untuned", "write",
]  # fmt: skip
