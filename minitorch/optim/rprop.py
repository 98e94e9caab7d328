"""Rprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class Rprop(Optimizer):
    r"""Steps that only look at the sign: each number has a step size, which grows while the sign stays.

    $$\Delta \leftarrow \begin{cases} \min(\eta^+ \Delta, \Delta_{max}) & g\,g_{old} > 0 \\
      \max(\eta^- \Delta, \Delta_{min}),\quad g \leftarrow 0 & g\,g_{old} < 0 \end{cases} \qquad
      \theta \leftarrow \theta - \Delta\,\mathrm{sign}(g), \qquad g_{old} \leftarrow g$$

    Where the sign has changed, a minimum was jumped over: the parameter waits for one step.  All step sizes start at
    `lr`.  For full batches: the signs of small ones are mostly noise.

    Source:  Riedmiller & Braun 1993, without weight-backtracking: iRprop- of Igel & Hüsken 2000.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Let the step sizes grow or shrink, then go one of them against the sign of the gradient."""
        lib, (shrink, grow) = library(p), group["etas"]
        state["step"] = state.get("step", 0) + 1
        old, size = slot(state, "prev", p), slot(state, "step_size", p, start=float(group["lr"]))
        agreement = lib.sign(g * old)
        size[...] = lib.where(agreement > 0, grow * size, lib.where(agreement < 0, shrink * size, size))
        size[...] = lib.clip(size, *group["step_sizes"])
        g = g * (agreement >= 0)  # zero where the sign has changed
        p -= size * lib.sign(g)
        old[...] = g
