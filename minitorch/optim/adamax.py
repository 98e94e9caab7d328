"""Adamax."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class Adamax(Optimizer):
    r"""Adam with the largest gradient in recent memory in place of the root mean square.

    $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad u \leftarrow \max(\beta_2 u,\ |g| + \epsilon), \qquad
      \theta \leftarrow \theta - \frac{\alpha}{1-\beta_1^t} \frac{m}{u}$$

    Weight decay is added to the gradient, $g \leftarrow g + \lambda\theta$.

    Source:  Kingma & Ba 2015, Algorithm 2 (arXiv:1412.6980); $\epsilon$ is PyTorch's.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("epsilon value", eps)
        require("beta parameter at index 0", betas[0], high=1.0)
        require("beta parameter at index 1", betas[1], high=1.0)
        require("weight_decay value", weight_decay)
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, options, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the mean and the largest, then the parameter by $\alpha / (1-\beta_1^t) \cdot m / u$."""
        lib, (beta1, beta2) = library(p), group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m, u = slot(state, "exp_avg", p), slot(state, "exp_inf", p)
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        m *= beta1
        m += (1 - beta1) * g
        u[...] = lib.maximum(beta2 * u, lib.abs(g) + group["eps"])
        p -= (float(group["lr"]) / (1 - beta1**t)) * m / u
