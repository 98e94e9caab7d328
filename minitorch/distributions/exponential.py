"""The exponential distribution."""

from __future__ import annotations

from typing import Any, ClassVar

from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Exponential(Distribution):
    r"""$p(x) = \lambda e^{-\lambda x}$ for $x \ge 0$, with $\lambda$ `rate`."""

    arg_constraints: ClassVar[Any] = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate: Tensor | float, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        r"""$1/\lambda$."""
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        """0."""
        return self.rate * 0

    @property
    def stddev(self) -> Tensor:
        r"""$1/\lambda$."""
        return 1 / self.rate

    @property
    def variance(self) -> Tensor:
        r"""$1/\lambda^2$."""
        return self.rate**-2

    def expand(self, batch_shape: Any) -> Exponential:
        """Expand the rate."""
        return Exponential(self.rate.expand(batch_shape), self._validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        r"""Draw $\epsilon / \lambda$, where $\epsilon$ has the rate 1."""
        return self.rate.new_empty(*self._extended_shape(sample_shape)).exponential_() / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$\log\lambda - \lambda x$."""
        self._check_sample(value)
        return self.rate.log() - self.rate * value

    def cdf(self, value: Tensor) -> Tensor:
        r"""$1 - e^{-\lambda x}$."""
        self._check_sample(value)
        return 1 - (-self.rate * value).exp()

    def icdf(self, value: Tensor) -> Tensor:
        r"""$-\log(1 - p) / \lambda$."""
        return -(-value).log1p() / self.rate

    def entropy(self) -> Tensor:
        r"""$1 - \log\lambda$."""
        return 1 - self.rate.log()
