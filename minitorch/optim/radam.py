"""RAdam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, require, slot


class RAdam(Optimizer):
    r"""Adam that divides by $\sqrt v$ only when it has seen enough gradients to trust it: a warm-up of its own.

    $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2, \qquad
      \hat m = \frac{m}{1-\beta_1^t}$$
    $$\rho_\infty = \frac{2}{1-\beta_2} - 1, \qquad \rho_t = \rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t}, \qquad
      r_t = \sqrt{\frac{(\rho_t-4)(\rho_t-2)\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\rho_t}}$$
    $$\theta \leftarrow \theta - \alpha\,\hat m \cdot \begin{cases}
      r_t \sqrt{1-\beta_2^t} \,/\, (\sqrt v + \epsilon) & \rho_t > 5 \\ 1 & \text{else} \end{cases}$$

    Weight decay is added to the gradient, $g \leftarrow g + \lambda\theta$, or with `decoupled_weight_decay` taken off
    the weights, $\theta \leftarrow \theta - \alpha\lambda\theta$, as in AdamW.

    Source:  Liu et al. 2020, Algorithm 2 (arXiv:1908.03265); the threshold, 5 in place of the paper's 4, is that of
             the authors' own code, and PyTorch's.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
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
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(
            params, {**options, "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize}, switches
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the averages, then the parameter by $\alpha\hat m$, rectified and scaled once $\rho_t > 5$."""
        lr, (beta1, beta2), decay = float(group["lr"]), group["betas"], group["weight_decay"]
        t = state["step"] = state.get("step", 0) + 1
        m, v = slot(state, "exp_avg", p), slot(state, "exp_avg_sq", p)
        if decay != 0 and group["decoupled_weight_decay"]:
            p *= 1 - lr * decay
        elif decay != 0:
            g = g + decay * p
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        step = (lr / (1 - beta1**t)) * m  # α m̂
        rectification = self.rectification(t, beta2)
        if rectification > 0:
            step = (rectification * math.sqrt(1 - beta2**t)) * step / (library(p).sqrt(v) + group["eps"])
        p -= step

    @staticmethod
    def rectification(t: int, beta2: float) -> float:
        r"""Return $r_t$, or 0 while $\rho_t \le 5$: the variance of $1/\sqrt v$ is unknown, or infinite."""
        limit = 2 / (1 - beta2) - 1  # ρ∞
        rho = limit - 2 * t * beta2**t / (1 - beta2**t)
        if rho <= 5:
            return 0.0
        return math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
