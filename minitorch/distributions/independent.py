"""Independent: some of the dimensions of the batch become dimensions of the event."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .constraints import Constraint, independent
from .distribution import Distribution
from .utils import sum_rightmost


class Independent(Distribution):
    r"""A distribution over arrays of independent numbers.  $\log p(x) = \sum_i \log p_i(x_i)$.

    The last `reinterpreted_batch_ndims` dimensions of the batch of `base_distribution` go to the event.

    >>> from minitorch import ones, zeros
    >>> from minitorch.distributions import Normal
    >>> diagonal = Independent(Normal(zeros(2), ones(2)), 1)
    >>> diagonal.batch_shape, diagonal.event_shape
    (torch.Size([]), torch.Size([2]))
    """

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        dims = len(base_distribution.batch_shape)
        if reinterpreted_batch_ndims > dims:
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
                f"actual {reinterpreted_batch_ndims} vs {dims}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, reinterpreted_batch_ndims
        shape, kept = base_distribution._extended_shape(), dims - reinterpreted_batch_ndims
        super().__init__(shape[:kept], shape[kept:], validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base has."""
        return self.base_dist.has_rsample

    @property
    def support(self) -> Constraint:
        """That of the base, for every number of the event."""
        base = self.base_dist.support
        return independent(base, self.reinterpreted_batch_ndims) if self.reinterpreted_batch_ndims else base

    @property
    def mean(self) -> Tensor:
        """The mean of the base."""
        return self.base_dist.mean

    @property
    def mode(self) -> Tensor:
        """The mode of the base."""
        return self.base_dist.mode

    @property
    def variance(self) -> Tensor:
        """The variance of the base."""
        return self.base_dist.variance

    def expand(self, batch_shape: Any) -> Independent:
        """Expand the base."""
        added = self.event_shape[: self.reinterpreted_batch_ndims]
        return Independent(
            self.base_dist.expand((*batch_shape, *added)), self.reinterpreted_batch_ndims, self._validate_args
        )

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw from the base."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw from the base, with gradients."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Sum those of the numbers of an event."""
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Tensor:
        """Sum those of the numbers of an event."""
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"
