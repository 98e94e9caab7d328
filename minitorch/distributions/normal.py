"""The normal distribution."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..creation import randn
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .special import Erfinv
from .utils import broadcast_all


class Normal(Distribution):
    r"""$p(x) = \frac{1}{\sqrt{2\pi}\,\sigma} \exp\!\big(-\frac{(x-\mu)^2}{2\sigma^2}\big)$.

    $\mu$ is `loc`, $\sigma$ `scale`.

    >>> from minitorch import tensor
    >>> Normal(0.0, 1.0).log_prob(tensor(0.0))
    tensor(-0.9189)
    """

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        r"""$\mu$."""
        return self.loc

    mode = mean

    @property
    def stddev(self) -> Tensor:
        r"""$\sigma$."""
        return self.scale

    @property
    def variance(self) -> Tensor:
        r"""$\sigma^2$."""
        return self.scale**2

    def expand(self, batch_shape: Any) -> Normal:
        """Expand both parameters."""
        return Normal(self.loc.expand(batch_shape), self.scale.expand(batch_shape), self._validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        r"""Draw $\mu + \sigma\epsilon$, $\epsilon \sim N(0, 1)$."""
        noise = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype, device=self.loc.device)
        return self.loc + self.scale * noise

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$-\frac{(x-\mu)^2}{2\sigma^2} - \log\sigma - \frac12 \log 2\pi$."""
        self._check_sample(value)
        return -((value - self.loc) ** 2) / (2 * self.variance) - self.scale.log() - math.log(2 * math.pi) / 2

    def cdf(self, value: Tensor) -> Tensor:
        r"""$\frac12 \big(1 + \mathrm{erf}\,\frac{x-\mu}{\sqrt2\,\sigma}\big)$."""
        self._check_sample(value)
        return 0.5 * (1 + ((value - self.loc) / (self.scale * math.sqrt(2))).erf())

    def icdf(self, value: Tensor) -> Tensor:
        r"""$\mu + \sqrt2\,\sigma\,\mathrm{erf}^{-1}(2p - 1)$."""
        return self.loc + self.scale * math.sqrt(2) * Erfinv.apply(2 * value - 1)

    def entropy(self) -> Tensor:
        r"""$\frac12 + \frac12 \log 2\pi + \log\sigma$."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
