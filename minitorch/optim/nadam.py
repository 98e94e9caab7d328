"""NAdam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class NAdam(Optimizer):
    r"""Adam with Nesterov's momentum: the step looks one momentum ahead.

    $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2, \qquad
      \mu_t = \beta_1 \big(1 - \tfrac12\, 0.96^{t\psi}\big)$$
    $$\hat m = \frac{\mu_{t+1}\, m}{1 - \prod_{i=1}^{t+1} \mu_i} + \frac{(1-\mu_t)\, g}{1 - \prod_{i=1}^{t} \mu_i},
      \qquad \hat v = \frac{v}{1-\beta_2^t}, \qquad
      \theta \leftarrow \theta - \alpha \frac{\hat m}{\sqrt{\hat v} + \epsilon}$$

    $\psi$ is `momentum_decay`.  Weight decay is added to the gradient, $g \leftarrow g + \lambda\theta$, or with
    `decoupled_weight_decay` taken off the weights, $\theta \leftarrow \theta - \alpha\lambda\theta$, as in AdamW.

    Source:  Dozat 2016, "Incorporating Nesterov momentum into Adam" (ICLR workshop).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("epsilon value", eps)
        require("beta parameter at index 0", betas[0], high=1.0)
        require("beta parameter at index 1", betas[1], high=1.0)
        require("weight_decay value", weight_decay)
        require("momentum_decay value", momentum_decay)
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay}
        super().__init__(
            params, {**options, "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize}, switches
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the averages and the product of the $\mu$, then go $\alpha\hat m / (\sqrt{\hat v} + \epsilon)$ down."""
        lr, (beta1, beta2), decay = float(group["lr"]), group["betas"], group["weight_decay"]
        t = state["step"] = state.get("step", 0) + 1
        mu, next_mu = (beta1 * (1 - 0.5 * 0.96 ** (i * group["momentum_decay"])) for i in (t, t + 1))
        product = state["mu_product"] = state.get("mu_product", 1.0) * mu
        m, v = slot(state, "exp_avg", p), slot(state, "exp_avg_sq", p)
        if decay != 0 and group["decoupled_weight_decay"]:
            p *= 1 - lr * decay
        elif decay != 0:
            g = g + decay * p
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        ahead = (next_mu / (1 - product * next_mu)) * m + ((1 - mu) / (1 - product)) * g  # m̂
        root = library(p).sqrt(v) / math.sqrt(1 - beta2**t)  # of v̂
        p -= lr * ahead / (root + group["eps"])
