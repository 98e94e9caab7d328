"""The table of rows: for every primitive, inputs to try it on, and what NumPy makes of them.

A row is checked in every way there is: its value, its derivatives of first and second order, other layouts of memory,
float32, the mutants of its rules.  A primitive without a row fails a test.
"""

import importlib
import pkgutil

import minitorch
from minitorch.engine import TABLE

from . import activations, elementwise, indexing, matrices, products, recurrent, reductions, shapes, windows
from .row import ROWS, Row

__all__ = [
    "ROWS",
    "TABLE_OF_MINITORCH",
    "Row",
    "activations",
    "elementwise",
    "indexing",
    "matrices",
    "products",
    "recurrent",
    "reductions",
    "shapes",
    "windows",
]

for _module in pkgutil.walk_packages(minitorch.__path__, "minitorch."):
    importlib.import_module(_module.name)  # every primitive enters the table

TABLE_OF_MINITORCH = {f: op for f, op in TABLE.items() if f.__module__.startswith("minitorch.")}
