"""Adam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class Adam(Optimizer):
    r"""Steps of about the learning rate, whatever the scale of the gradient.

    $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2$$
    $$\hat m = \frac{m}{1-\beta_1^t}, \qquad \hat v = \frac{v}{1-\beta_2^t}, \qquad
      \theta \leftarrow \theta - \alpha \frac{\hat m}{\sqrt{\hat v} + \epsilon}$$

    Weight decay is added to the gradient, $g \leftarrow g + \lambda\theta$ (`AdamW` decays the weights
    instead, and so does `decoupled_weight_decay`); AMSGrad divides by the largest $v$ so far.

    Source:  Kingma & Ba 2015, Algorithm 1 (arXiv:1412.6980); Reddi, Kale & Kumar 2018, Algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("epsilon value", eps)
        require("beta parameter at index 0", betas[0], high=1.0)
        require("beta parameter at index 1", betas[1], high=1.0)
        require("weight_decay value", weight_decay)
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        options |= {"maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, options, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the two averages, then the parameter by $\alpha \hat m / (\sqrt{\hat v} + \epsilon)$."""
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m, v = slot(state, "exp_avg", p), slot(state, "exp_avg_sq", p)
        if group["decoupled_weight_decay"]:
            p *= 1 - float(group["lr"]) * group["weight_decay"]
        elif group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        if group["amsgrad"]:
            largest = slot(state, "max_exp_avg_sq", p)
            largest[...] = library(p).maximum(largest, v)
            v = largest
        root = library(p).sqrt(v) / math.sqrt(1 - beta2**t)  # of v̂
        p -= (float(group["lr"]) / (1 - beta1**t)) * m / (root + group["eps"])
