"""The uniform distribution."""

from __future__ import annotations

from typing import Any

from ..creation import rand
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Uniform(Distribution):
    r"""$p(x) = \frac{1}{b - a}$ for $a \le x < b$, with $a$ `low`, $b$ `high`."""

    has_rsample = True

    def __init__(self, low: Tensor | float, high: Tensor | float, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        """Each bound is constrained by the other."""
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    @property
    def support(self) -> constraints.Constraint:
        """From `low` to `high`."""
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Tensor:
        r"""$\frac{a+b}2$."""
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Tensor:
        """There is none: nan."""
        return self.low * float("nan")

    @property
    def variance(self) -> Tensor:
        r"""$\frac{(b-a)^2}{12}$."""
        return (self.high - self.low) ** 2 / 12

    @property
    def stddev(self) -> Tensor:
        r"""$\frac{b-a}{\sqrt{12}}$."""
        return (self.high - self.low) / 12**0.5

    def expand(self, batch_shape: Any) -> Uniform:
        """Expand both bounds."""
        return Uniform(self.low.expand(batch_shape), self.high.expand(batch_shape), self._validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        r"""Draw $a + (b-a)\,u$, $u \sim U(0, 1)$."""
        u = rand(self._extended_shape(sample_shape), dtype=self.low.dtype, device=self.low.device)
        return self.low + u * (self.high - self.low)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$-\log(b - a)$; $-\infty$ outside."""
        self._check_sample(value)
        inside = (self.low <= value) & (self.high > value)
        return inside.type_as(self.low).log() - (self.high - self.low).log()

    def cdf(self, value: Tensor) -> Tensor:
        r"""$\frac{x-a}{b-a}$, between 0 and 1."""
        self._check_sample(value)
        return ((value - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: Tensor) -> Tensor:
        r"""$a + (b-a)\,p$."""
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Tensor:
        r"""$\log(b - a)$."""
        return (self.high - self.low).log()
