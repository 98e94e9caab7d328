"""The categorical distribution."""

from __future__ import annotations

from typing import Any, ClassVar

from ..autograd import no_grad
from ..backend.dtypes import finfo
from ..creation import arange, multinomial
from ..functions.view import broadcast_shapes
from ..size import Size
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import lazy_property, logits_to_probs, probs_to_logits


class Categorical(Distribution):
    r"""$P(k) = p_k$ for k = 0 … K-1.

    Given by `probs`, which need not sum to 1, or by `logits`, $\log p$ up to a constant.

    Shapes:  probs or logits (*, K) -> batch_shape (*).

    >>> from minitorch import tensor
    >>> Categorical(tensor([1.0, 3.0])).log_prob(tensor([0, 1])).exp()
    tensor([0.2500, 0.7500])
    """

    arg_constraints: ClassVar[Any] = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        self._given = "logits" if probs is None else "probs"
        given = logits if probs is None else probs
        if not isinstance(given, Tensor) or given.ndim < 1:
            raise ValueError(f"`{self._given}` parameter must be at least one-dimensional.")
        if probs is not None:
            self.__dict__["probs"] = given / given.sum(-1, keepdim=True)
        else:
            self.__dict__["logits"] = given - given.logsumexp(-1, keepdim=True)
        self._num_events = int(given.shape[-1])
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @property
    def _parameter(self) -> Tensor:
        return self.__dict__[self._given]

    @lazy_property
    def logits(self) -> Tensor:
        r"""$\log p$."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Tensor:
        """$p$."""
        return logits_to_probs(self.logits)

    @property
    def support(self) -> constraints.Constraint:
        """The numbers of the categories."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._parameter.shape

    @property
    def mean(self) -> Tensor:
        """Categories have none: nan."""
        return self._parameter[..., 0].detach() * float("nan")

    variance = mean

    @property
    def mode(self) -> Tensor:
        """The most likely category."""
        return self.probs.argmax(-1)

    def expand(self, batch_shape: Any) -> Categorical:
        """Expand the parameter."""
        shape = (*batch_shape, self._num_events)
        return Categorical(**{self._given: self._parameter.expand(shape)}, validate_args=self._validate_args)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw categories, int64."""
        count = 1
        for n in sample_shape:
            count *= int(n)
        with no_grad():
            rows = multinomial(self.probs.reshape(-1, self._num_events), count, replacement=True)  # (batch, count)
            return rows.t().reshape(self._extended_shape(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$\log p_x$."""
        self._check_sample(value)
        shape = broadcast_shapes(value.shape, self.batch_shape)
        index = value.long().expand(shape).unsqueeze(-1)
        return self.logits.expand(*shape, self._num_events).gather(-1, index).squeeze(-1)

    def entropy(self) -> Tensor:
        r"""$-\sum_k p_k \log p_k$, where $0 \log 0 = 0$."""
        logits = self.logits.clamp(min=float(finfo(self.logits.dtype).min))  # 0 · -∞ would be nan
        return -(self.probs * logits).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Return 0 … K-1."""
        values = arange(self._num_events, device=self._parameter.device)
        values = values.reshape(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values
