"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class Adagrad(Optimizer):
    r"""Smaller steps where the gradient has been large: divide by the root of the sum of all squares.

    $$\alpha_t = \frac{\alpha}{1 + (t-1)\eta}, \qquad s \leftarrow s + g^2, \qquad
      \theta \leftarrow \theta - \alpha_t \frac{g}{\sqrt{s} + \epsilon}$$

    Source:  Duchi, Hazan & Singer 2011, the diagonal update of Figure 1.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("lr_decay value", lr_decay)
        require("weight_decay value", weight_decay)
        require("initial_accumulator_value value", initial_accumulator_value)
        require("epsilon value", eps)
        options = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, {**options, "initial_accumulator_value": initial_accumulator_value}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Add up the squares, then move the parameter by $\alpha_t g / (\sqrt{s} + \epsilon)$."""
        t = state["step"] = state.get("step", 0) + 1
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        s = slot(state, "sum", p, start=group["initial_accumulator_value"])
        s += g * g
        lr = float(group["lr"]) / (1 + (t - 1) * group["lr_decay"])
        p -= lr * g / (library(p).sqrt(s) + group["eps"])
