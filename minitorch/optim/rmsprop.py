"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class RMSprop(Optimizer):
    r"""Divide the gradient by a running root mean square of itself.

    $$v \leftarrow \rho v + (1-\rho) g^2, \qquad \theta \leftarrow \theta - \alpha \frac{g}{\sqrt{v} + \epsilon}$$

    `centered` takes the variance, $v - \bar g^2$ with $\bar g \leftarrow \rho \bar g + (1-\rho) g$, for $v$; with
    momentum, $b \leftarrow \mu b + g / (\sqrt{v} + \epsilon)$ and $\theta \leftarrow \theta - \alpha b$.

    Source:  Tieleman & Hinton 2012, Coursera lecture 6.5; centred: Graves 2013, eq. 38-41 (arXiv:1308.0850).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("epsilon value", eps)
        require("momentum value", momentum)
        require("weight_decay value", weight_decay)
        require("alpha value", alpha)
        options = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, {**options, "centered": centered, "maximize": maximize}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the running mean square, then the parameter by $\alpha g / (\sqrt{v} + \epsilon)$."""
        lib, rho = library(p), group["alpha"]
        state["step"] = state.get("step", 0) + 1
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        v = slot(state, "square_avg", p)
        v *= rho
        v += (1 - rho) * g * g
        if group["centered"]:
            mean = slot(state, "grad_avg", p)
            mean *= rho
            mean += (1 - rho) * g
            v = lib.maximum(v - mean * mean, 0.0)  # rounding can leave a variance just below zero
        direction = g / (lib.sqrt(v) + group["eps"])
        if group["momentum"] > 0:
            b = slot(state, "momentum_buffer", p)
            b *= group["momentum"]
            b += direction
            direction = b
        p -= float(group["lr"]) * direction
