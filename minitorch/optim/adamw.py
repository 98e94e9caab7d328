"""AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class AdamW(Optimizer):
    r"""Adam, with weights that decay by themselves instead of through the gradient.

    $$\theta \leftarrow \theta - \alpha\lambda\theta$$
    $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2$$
    $$\theta \leftarrow \theta - \alpha \frac{m / (1-\beta_1^t)}{\sqrt{v / (1-\beta_2^t)} + \epsilon}$$

    AMSGrad divides by the largest $v$ so far.

    Source:  Loshchilov & Hutter 2019, Algorithm 2 (arXiv:1711.05101), with the decay multiplied by the learning rate
             as in PyTorch.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("epsilon value", eps)
        require("beta parameter at index 0", betas[0], high=1.0)
        require("beta parameter at index 1", betas[1], high=1.0)
        require("weight_decay value", weight_decay)
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        super().__init__(params, {**options, "maximize": maximize}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Let the parameter decay, move the averages, then go $\alpha \hat m / (\sqrt{\hat v} + \epsilon)$ down."""
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m, v = slot(state, "exp_avg", p), slot(state, "exp_avg_sq", p)
        p *= 1 - lr * group["weight_decay"]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        if group["amsgrad"]:
            largest = slot(state, "max_exp_avg_sq", p)
            largest[...] = library(p).maximum(largest, v)
            v = largest
        root = library(p).sqrt(v) / math.sqrt(1 - beta2**t)  # of v̂
        p -= (lr / (1 - beta1**t)) * m / (root + group["eps"])
