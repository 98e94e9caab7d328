"""Adadelta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class Adadelta(Optimizer):
    r"""Steps in the units of the parameter: the root mean square of past steps, over that of the gradients.

    $$v \leftarrow \rho v + (1-\rho) g^2, \qquad
      \delta = \frac{\sqrt{u + \epsilon}}{\sqrt{v + \epsilon}}\, g, \qquad
      u \leftarrow \rho u + (1-\rho) \delta^2, \qquad \theta \leftarrow \theta - \alpha\delta$$

    Weight decay is added to the gradient, $g \leftarrow g + \lambda\theta$.

    Source:  Zeiler 2012, Algorithm 1 (arXiv:1212.5701), where $\alpha = 1$.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        require("epsilon value", eps)
        require("weight_decay value", weight_decay)
        options = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, options, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the mean square of the gradients, take the step $\delta$, move the mean square of the steps."""
        lib, rho, eps = library(p), group["rho"], group["eps"]
        state["step"] = state.get("step", 0) + 1
        v, u = slot(state, "square_avg", p), slot(state, "acc_delta", p)
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        v *= rho
        v += (1 - rho) * g * g
        delta = lib.sqrt(u + eps) / lib.sqrt(v + eps) * g
        u *= rho
        u += (1 - rho) * delta * delta
        p -= float(group["lr"]) * delta
