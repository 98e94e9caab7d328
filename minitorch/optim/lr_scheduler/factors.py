r"""Schedules that multiply: $\alpha_t = \alpha_{t-1}\, r_t$, so that several of them can act at once."""

from __future__ import annotations

from collections.abc import Iterable

from ..optimizer import Optimizer
from .scheduler import LRScheduler


class FactorLR(LRScheduler):
    r"""What they share: $\alpha_t = \alpha_{t-1}\, r_t$, where a subclass says what $r_t$ is."""

    def ratio(self, t: int) -> float:
        """Return what the rate of time t - 1 is multiplied by; at time 0, what the initial rate is."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        """Multiply the current rates; when a run is taken up again, they are right already."""
        if self._is_initial and self.last_epoch > 0:
            return self.current()
        ratio = self.ratio(self.last_epoch)
        return [lr * ratio for lr in self.current()]


class StepLR(FactorLR):
    r"""A staircase.  $\alpha_t = \alpha\, \gamma^{\lfloor t / s \rfloor}$.

    >>> from minitorch import nn, optim
    >>> optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=8.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for t in range(5):
    ...     optimizer.step()
    ...     print(scheduler.get_last_lr()[0], end=" ")
    ...     scheduler.step()
    8.0 8.0 4.0 4.0 2.0
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return γ at the end of every step."""
        return self.gamma if t > 0 and t % self.step_size == 0 else 1.0


class MultiStepLR(FactorLR):
    r"""Down at each milestone.  $\alpha_t = \alpha\, \gamma^{n}$, with $n$ the number of milestones up to $t$."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return γ at a milestone."""
        ratio: float = self.gamma ** self.milestones.count(t)
        return ratio


class ConstantLR(FactorLR):
    r"""Lower at first: $\alpha_t = f \alpha$ until time $T$, then $\alpha$."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return the factor at the start, and its inverse at the end."""
        if t == 0:
            return self.factor
        return 1.0 / self.factor if t == self.total_iters else 1.0


class LinearLR(FactorLR):
    r"""A ramp.  $\alpha_t = \alpha\, \big(f_0 + (f_1 - f_0) \min(t / T, 1)\big)$."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return the quotient of two neighbours on the ramp."""
        if t == 0:
            return self.start_factor
        return self._ramp(t) / self._ramp(t - 1) if t <= self.total_iters else 1.0

    def _ramp(self, t: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * t / self.total_iters


class ExponentialLR(FactorLR):
    r"""Exponential decay.  $\alpha_t = \alpha\, \gamma^t$."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return γ."""
        return self.gamma if t > 0 else 1.0


class PolynomialLR(FactorLR):
    r"""Down to zero at time $T$ along a power.  $\alpha_t = \alpha\, (1 - t / T)^p$."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def ratio(self, t: int) -> float:
        """Return the quotient of two neighbours on the curve."""
        if t == 0 or t > self.total_iters:
            return 1.0
        ratio: float = ((self.total_iters - t) / (self.total_iters - t + 1)) ** self.power
        return ratio
