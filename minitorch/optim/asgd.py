"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array
from .optimizer import Group, Optimizer, State, require, slot


class ASGD(Optimizer):
    r"""Gradient descent with shrinking steps, and the average of where it has been, which is the better estimate.

    $$\theta_t = (1 - \lambda\eta_t)\,\theta_{t-1} - \eta_t g_t, \qquad
      \eta_t = \frac{\alpha}{(1 + \lambda\alpha (t-1))^{\kappa}}$$
    $$\bar\theta_t = \bar\theta_{t-1} + \mu_t (\theta_t - \bar\theta_{t-1}), \qquad
      \mu_t = \frac{1}{\max(1,\, t - 1 - t_0)}$$

    So $\bar\theta$ (`state[p]["ax"]`) follows $\theta$ until time $t_0$, and is the mean since then.  The options are
    $\alpha$ `lr`, $\lambda$ `lambd`, $\kappa$ `alpha` and $t_0$ `t0`; `weight_decay` is added to the gradient.

    Source:  Polyak & Juditsky 1992; the schedule of $\eta$: Xu 2011 (arXiv:1107.2490).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        require("learning rate", lr)
        require("weight_decay value", weight_decay)
        options = {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay}
        super().__init__(params, {**options, "maximize": maximize}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the parameter by $\eta g$, the average towards it by $\mu$, then set both for the next time."""
        lr, lambd = float(group["lr"]), group["lambd"]
        t = state["step"] = state.get("step", 0) + 1
        eta, mu = state.setdefault("eta", lr), state.setdefault("mu", 1.0)
        average = slot(state, "ax", p)
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        p *= 1 - lambd * eta
        p -= eta * g
        average += mu * (p - average)
        state["eta"] = lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"] = 1 / max(1, t - group["t0"])
