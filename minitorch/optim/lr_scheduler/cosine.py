"""Schedules along a cosine."""

from __future__ import annotations

import math

from ..optimizer import Optimizer
from .scheduler import LRScheduler


class CosineAnnealingLR(LRScheduler):
    r"""Half a cosine, from the initial rate to the least one at time $T$ (and up again after it).

    $$\alpha_t = \alpha_{\min} + \tfrac12 (\alpha - \alpha_{\min}) \Big(1 + \cos\frac{\pi t}{T}\Big)$$

    It is computed from the rate before, so that it can be chained:
    $\alpha_t - \alpha_{\min} = (\alpha_{t-1} - \alpha_{\min}) \cdot (1 + \cos \pi t/T) / (1 + \cos \pi (t-1)/T)$.

    Source:  Loshchilov & Hutter 2017, eq. 5, without the restarts (arXiv:1608.03983).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Move one time along the cosine."""
        if self._is_initial:
            return self.current()
        t, period = self.last_epoch, self.T_max
        if (t - 1 - period) % (2 * period) == 0:  # the rate before is the least one: nothing to multiply
            rise = (1 - math.cos(math.pi / period)) / 2
            return [lr + (base - self.eta_min) * rise for lr, base in zip(self.current(), self.base_lrs, strict=True)]
        ratio = (1 + math.cos(math.pi * t / period)) / (1 + math.cos(math.pi * (t - 1) / period))
        return [self.eta_min + (lr - self.eta_min) * ratio for lr in self.current()]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""A cosine that starts again and again; each period is `T_mult` times as long as the one before.

    $$\alpha_t = \alpha_{\min} + \tfrac12 (\alpha - \alpha_{\min}) \Big(1 + \cos\frac{\pi T_{cur}}{T_i}\Big)$$

    where $T_{cur}$ is the time since the last restart and $T_i$ the length of the period.

    Source:  Loshchilov & Hutter 2017, eq. 5 (arXiv:1608.03983).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.T_cur, self.T_i = 0.0, T_0
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the point on the cosine."""
        self._locate(self.last_epoch)
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next time, or to a time given: `step(epoch + batch / batches)` lies between two epochs."""
        if epoch is None:
            super().step()
            return
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        self.last_epoch = epoch  # type: ignore[assignment]
        self._set(self.get_lr())

    def _locate(self, t: float) -> None:
        """Find the period that a time lies in, its length, and the time since its start."""
        self.T_i = self.T_0
        while t >= self.T_i:
            if self.T_mult == 1:
                t %= self.T_i
                break
            t -= self.T_i
            self.T_i *= self.T_mult
        self.T_cur = t
