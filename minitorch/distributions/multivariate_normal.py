"""The multivariate normal distribution."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..creation import eye, randn
from ..functions.view import broadcast_shapes
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .linalg import cholesky, solve_lower
from .utils import lazy_property


class MultivariateNormal(Distribution):
    r"""Normal vectors of n numbers with mean $\mu$ and covariance $\Sigma = LL^\top$.

    $$\log p(x) = -\tfrac12 \big\|L^{-1}(x - \mu)\big\|^2 - \sum_i \log L_{ii} - \tfrac n2 \log 2\pi$$

    Given by `loc` and just one of `covariance_matrix` $\Sigma$, `precision_matrix` $\Sigma^{-1}$, `scale_tril` $L$ (the
    cheapest).  Independent numbers are better described by `Independent(Normal(loc, scale), 1)`.

    Shapes:  loc (*, n), matrices (*, n, n), the batches broadcast -> batch_shape (*), event_shape (n).
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        matrices = {
            "covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril,
        }  # fmt: skip
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        self._given, matrix = given[0]
        n = loc.shape[-1]
        if matrix.ndim < 2:
            raise ValueError(f"{self._given} must be at least two-dimensional, with optional leading batch dimensions")
        if tuple(matrix.shape[-2:]) != (n, n):
            raise ValueError(
                f"{self._given} must be ({n}, {n}) for a loc of {n} numbers, got shape {list(matrix.shape)}"
            )
        batch = broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        self.loc = loc.expand(*batch, n)
        self.__dict__[self._given] = matrix.expand(*batch, n, n)
        super().__init__(batch, (n,), validate_args)

    @lazy_property
    def scale_tril(self) -> Tensor:
        """$L$."""
        if self._given == "covariance_matrix":
            return cholesky(self.covariance_matrix)
        # P = Σ⁻¹ = L⁻ᵀ L⁻¹ is a product of an upper and a lower triangle: read backwards, a lower and an upper one
        inverse = cholesky(self.precision_matrix.flip(-2, -1)).flip(-2, -1).mT
        return solve_lower(inverse, self._identity())

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        r"""$\Sigma = LL^\top$."""
        return self.scale_tril @ self.scale_tril.mT

    @lazy_property
    def precision_matrix(self) -> Tensor:
        r"""$\Sigma^{-1} = L^{-\top} L^{-1}$."""
        inverse = solve_lower(self.scale_tril, self._identity())
        return inverse.mT @ inverse

    def _identity(self) -> Tensor:
        return eye(self.event_shape[0], dtype=self.loc.dtype, device=self.loc.device)

    def log_determinant(self) -> Tensor:
        r"""$\log |L| = \sum_i \log L_{ii}$, half of $\log |\Sigma|$."""
        return self.scale_tril.diagonal(0, -2, -1).log().sum(-1)

    @property
    def mean(self) -> Tensor:
        r"""$\mu$."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Tensor:
        r"""The diagonal of $\Sigma$."""
        return (self.scale_tril**2).sum(-1)

    def expand(self, batch_shape: Any) -> MultivariateNormal:
        """Expand the mean and the matrix."""
        n = self.event_shape[0]
        matrix = {self._given: self.__dict__[self._given].expand(*batch_shape, n, n)}
        return MultivariateNormal(self.loc.expand(*batch_shape, n), **matrix, validate_args=self._validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        r"""Draw $\mu + L\epsilon$, $\epsilon \sim N(0, I)$."""
        noise = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype, device=self.loc.device)
        return self.loc + (self.scale_tril @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""$-\frac12 \|L^{-1}(x - \mu)\|^2 - \log |L| - \frac n2 \log 2\pi$."""
        self._check_sample(value)
        z = solve_lower(self.scale_tril, (value - self.loc).unsqueeze(-1)).squeeze(-1)
        return -0.5 * (z**2).sum(-1) - self.log_determinant() - self.event_shape[0] / 2 * math.log(2 * math.pi)

    def entropy(self) -> Tensor:
        r"""$\frac n2 (1 + \log 2\pi) + \log |L|$."""
        return self.event_shape[0] / 2 * (1 + math.log(2 * math.pi)) + self.log_determinant()
