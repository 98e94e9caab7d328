"""Gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array
from .optimizer import Group, Optimizer, State, require, slot


class SGD(Optimizer):
    r"""Gradient descent, stochastic when the gradient is that of a batch, with momentum if wanted.

    F2: $\theta \leftarrow \theta - \alpha \nabla_\theta J(\theta)$; for the weights and the biases of a layer that is
    F8: $W \leftarrow W - \alpha\, \partial L / \partial W$ and F9: $b \leftarrow b - \alpha\, \partial L / \partial b$.

    With weight decay $\lambda$, momentum $\mu$ and dampening $\tau$ (the first time, $v = g$):

    $$g \leftarrow g + \lambda\theta, \quad v \leftarrow \mu v + (1-\tau) g, \quad \theta \leftarrow \theta - \alpha v$$

    and Nesterov's variant moves by $g + \mu v$ instead of $v$.

    Source:  Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013, eq. 1-4, as PyTorch writes them
             (the learning rate multiplies the velocity, it is not inside it).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("momentum value", momentum)
        require("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
            switches,
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""F2, F8, F9: $\theta \leftarrow \theta - \alpha g$, with the velocity for $g$ if there is momentum."""
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        if group["momentum"] != 0:
            g = self.velocity(p, g, state, group)
        p -= float(group["lr"]) * g

    @staticmethod
    def velocity(p: Array, g: Array, state: State, group: Group) -> Array:
        r"""$v \leftarrow \mu v + (1 - \tau) g$; return $v$, or Nesterov's $g + \mu v$."""
        momentum, first = group["momentum"], state.get("momentum_buffer") is None
        if first:
            state.pop("momentum_buffer", None)
        v = slot(state, "momentum_buffer", p)
        v *= momentum
        v += g if first else (1 - group["dampening"]) * g
        return g + momentum * v if group["nesterov"] else v
