"""Schedules that go up and down again, the momentum the other way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, per_group, set_momentum


def require_momentum(optimizer: Optimizer) -> None:
    """Raise ValueError for an optimizer without a momentum to cycle."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")


class CyclicLR(LRScheduler):
    r"""Triangles between two rates.  $\alpha_t = \alpha_{\min} + (\alpha_{\max} - \alpha_{\min})\, h(t)\, s$.

    $h$ rises from 0 to 1 in `step_size_up` steps and falls in `step_size_down`. The scale $s$ is 1 ("triangular"),
    $2^{1-c}$ in cycle $c$ ("triangular2"), $\gamma^t$ ("exp_range"), or a function of the user's.

    Source:  Smith 2017 (arXiv:1506.01186).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.mode, self.gamma, self.scale_fn, self.scale_mode = mode, gamma, scale_fn, scale_mode
        self.up, self.down = step_size_up, step_size_up if step_size_down is None else step_size_down
        self.min_lrs, self.max_lrs = per_group("base_lr", optimizer, base_lr), per_group("max_lr", optimizer, max_lr)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            require_momentum(optimizer)
            self.base_momentums = per_group("base_momentum", optimizer, base_momentum)
            self.max_momentums = per_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, self.min_lrs, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = self.min_lrs

    def get_lr(self) -> list[float]:
        """Return the point on the triangle, and set the momentum opposite to it."""
        height = self._height(self.last_epoch)
        if self.cycle_momentum:
            limits = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in limits:
                set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.min_lrs, self.max_lrs, strict=True)]

    def _height(self, t: int) -> float:
        r"""Return $h(t)\, s$."""
        cycle, since = divmod(t, self.up + self.down)
        height = since / self.up if since <= self.up else 1 - (since - self.up) / self.down
        if self.scale_fn is not None:
            return height * self.scale_fn(cycle + 1 if self.scale_mode == "cycle" else t)
        scales = {"triangular": 1.0, "triangular2": 0.5**cycle, "exp_range": self.gamma**t}
        return height * scales[self.mode]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and the function of the user's."""
        return {key: value for key, value in super().state_dict().items() if key != "scale_fn"}


class OneCycleLR(LRScheduler):
    r"""One rise to the highest rate and one long fall, far below the start.

    From $\alpha_{\max} / d$ up to $\alpha_{\max}$ in the first `pct_start` of all steps, then down to
    $\alpha_{\max} / (d\, d_f)$; `three_phase` comes down to the start first. Between two values $a$ and $b$ the way
    is half a cosine, $b + \tfrac12 (a - b)(1 + \cos \pi u)$, or a line.

    Source:  Smith & Topin 2018 (arXiv:1708.07120).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= pct_start <= 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        self.max_lrs = per_group("max_lr", optimizer, max_lr)
        if cycle_momentum:
            require_momentum(optimizer)
            self.base_momentums = per_group("base_momentum", optimizer, base_momentum)
            self.max_momentums = per_group("max_momentum", optimizer, max_momentum)
        first = pct_start * self.total_steps - 1
        self.ends = [first, 2 * first, self.total_steps - 1.0] if three_phase else [first, self.total_steps - 1.0]
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, self.max_lrs, strict=True):
                group["lr"] = group["initial_lr"] = lr / div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the point on the cycle, and set the momentum opposite to it."""
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}"
            )
        if self.cycle_momentum:
            limits = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in limits:
                set_momentum(group, self._between([high, low] + [high] * (len(self.ends) - 1)))
        return [self._between(self._rates(high)) for high in self.max_lrs]

    def _rates(self, high: float) -> list[float]:
        """Return the rates at the ends of the phases."""
        low = high / self.div_factor
        return [low, high, *([low] if len(self.ends) == 3 else []), low / self.final_div_factor]

    def _between(self, values: list[float]) -> float:
        """Return the point at this time on the way from value to value."""
        phase = next((i for i, end in enumerate(self.ends) if self.last_epoch <= end), len(self.ends) - 1)
        start = self.ends[phase - 1] if phase else 0.0
        u = (self.last_epoch - start) / (self.ends[phase] - start)
        a, b = values[phase], values[phase + 1]
        return b + (a - b) / 2 * (1 + math.cos(math.pi * u)) if self.anneal_strategy == "cos" else a + (b - a) * u


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """Return the number of steps, given directly or as epochs times steps."""
    if total_steps is None and (epochs is None or steps_per_epoch is None):
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    given = (
        {"total_steps": total_steps}
        if total_steps is not None
        else {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
    )
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"Expected positive integer {name}, but got {value}")
    return math.prod(value for value in given.values() if value is not None)
