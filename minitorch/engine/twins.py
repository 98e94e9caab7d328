"""The switch that turns all tuned twins off: what is left are the formulas of the table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .primitive import TABLE


@contextlib.contextmanager
def untuned() -> Iterator[None]:
    """Compute by the plain formulas alone, for a while, in all threads: `with untuned(): …`.

    It says whether a twin pays, and whether it is to blame.  A graph that was recorded with tuned rules keeps them.
    """
    saved = [(op, op.run, op.twins) for op in TABLE.values()]
    for op in TABLE.values():
        op.run, op.twins, op.plans = op.forward, {}, {}
    try:
        yield
    finally:
        for op, run, twins in saved:
            op.run, op.twins, op.plans = run, twins, {}
