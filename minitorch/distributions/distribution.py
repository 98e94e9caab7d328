"""Distribution: what all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..autograd import no_grad
from ..functions.view import broadcast_shapes
from ..size import Size
from ..tensor import Tensor
from .constraints import Constraint


class Distribution:
    r"""Base class: a batch of independent distributions of `batch_shape`, each over events of `event_shape`.

    `sample(n)` has the shape n + batch_shape + event_shape, and no gradient.  `rsample`, where a distribution has it,
    is a differentiable function of the parameters and of noise that does not depend on them.  `log_prob` has the
    batch_shape (broadcast with that of the values).

    `validate_args=False` leaves out the checks of parameters and values, which look at every number.

    Raises:  ValueError for parameters outside their constraints, and for values outside the support.
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args: bool = __debug__
    arg_constraints: ClassVar[Any] = {}
    support: Any

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Say whether distributions check their arguments unless told otherwise."""
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: expected True or False, got {value!r}")
        Distribution._validate_args = value

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters(self.arg_constraints)

    def _check_parameters(self, constraints: Mapping[str, Constraint]) -> None:
        for name, constraint in constraints.items():
            value = self.__dict__.get(name)  # what is computed from another parameter is not checked
            if value is not None and not bool(constraint.check(value).all()):
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{_shown(value)}"
                )

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one event: () for numbers, (n,) for vectors."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        r"""$\mathbb{E}\,x$."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most likely value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Tensor:
        r"""$\mathbb{E}\,(x - \mathbb{E}\,x)^2$."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The root of the variance."""
        return self.variance.sqrt()

    def expand(self, batch_shape: Any) -> Distribution:
        """Return the distribution with its parameters expanded to another batch shape."""
        raise NotImplementedError

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw values, without gradients."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw values that are differentiable functions of the parameters."""
        raise NotImplementedError

    def log_prob(self, value: Tensor) -> Tensor:
        r"""Return $\log p(x)$, of the density or of the probability."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        r"""Return $P(X \le x)$."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        r"""Return x with $P(X \le x)$ = value."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Return all values that there are, along a new first dimension."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        r"""$H = -\mathbb{E} \log p(x)$."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        r"""$e^H$."""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        """Return the shape of a sample."""
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _check_sample(self, value: Any) -> None:
        """Raise ValueError for what is no value of this distribution; nothing is checked with validate_args=False."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        dims = len(self._event_shape)
        if dims and tuple(value.shape[-dims:]) != tuple(self._event_shape):
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        expected = self._extended_shape()
        try:
            broadcast_shapes(value.shape, expected)
        except RuntimeError:
            raise ValueError(
                f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
            ) from None
        if not bool(self.support.check(value).all()):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({self.support!r}) of the distribution {self!r}, but found invalid values:\n{_shown(value)}"
            )

    def __repr__(self) -> str:
        given = [(name, self.__dict__[name]) for name in self.arg_constraints if name in self.__dict__]
        shown = [f"{name}: {_shown(x) if x.numel() == 1 else x.size()}" for name, x in given]
        return f"{type(self).__name__}({', '.join(shown)})"


def _shown(value: Tensor) -> Any:
    return value.item() if value.ndim == 0 else value
