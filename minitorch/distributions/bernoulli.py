"""The Bernoulli distribution."""

from __future__ import annotations

from typing import Any, ClassVar

from ..autograd import no_grad
from ..creation import bernoulli, tensor
from ..ops.elementwise import softplus
from ..size import Size
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits


class Bernoulli(Distribution):
    r"""$P(1) = p$, $P(0) = 1 - p$, given by `probs`, p, or by `logits`, $\ell = \log\frac{p}{1-p}$."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True

    def __init__(
        self,
        probs: Tensor | float | None = None,
        logits: Tensor | float | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        self._given = "logits" if probs is None else "probs"
        (self.__dict__[self._given],) = broadcast_all(logits if probs is None else probs)
        super().__init__(self._parameter.shape, validate_args=validate_args)

    @property
    def _parameter(self) -> Tensor:
        return self.__dict__[self._given]

    @lazy_property
    def logits(self) -> Tensor:
        r"""$\log\frac{p}{1-p}$."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Tensor:
        r"""$p = \frac{1}{1 + e^{-\ell}}$."""
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._parameter.shape

    @property
    def mean(self) -> Tensor:
        """$p$."""
        return self.probs

    @property
    def mode(self) -> Tensor:
        r"""1 where $p > \frac12$, nan where both are as likely."""
        return (self.probs >= 0.5).type_as(self.probs).masked_fill(self.probs == 0.5, float("nan"))

    @property
    def variance(self) -> Tensor:
        """$p (1 - p)$."""
        return self.probs * (1 - self.probs)

    def expand(self, batch_shape: Any) -> Bernoulli:
        """Expand the parameter."""
        return Bernoulli(**{self._given: self._parameter.expand(batch_shape)}, validate_args=self._validate_args)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw zeros and ones."""
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$x \ell - \log(1 + e^\ell)$."""
        self._check_sample(value)
        return value * self.logits - softplus(self.logits)

    def entropy(self) -> Tensor:
        r"""$\log(1 + e^\ell) - p\,\ell$."""
        return softplus(self.logits) - self.probs * self.logits

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Return 0 and 1."""
        values = tensor([0.0, 1.0], dtype=self._parameter.dtype, device=self._parameter.device)
        values = values.reshape(2, *[1] * len(self.batch_shape))
        return values.expand(2, *self.batch_shape) if expand else values
