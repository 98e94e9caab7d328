r"""The Kullback-Leibler divergence, $\mathrm{KL}(p \,\|\, q) = \mathbb{E}_p \big[\log p(x) - \log q(x)\big]$."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from ..functions.view import broadcast_shapes
from ..ops.elementwise import softplus
from ..tensor import Tensor
from .bernoulli import Bernoulli
from .categorical import Categorical
from .distribution import Distribution
from .exponential import Exponential
from .independent import Independent
from .linalg import solve_lower
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .uniform import Uniform
from .utils import sum_rightmost

F = TypeVar("F", bound=Callable[..., Tensor])

FORMULAS: dict[tuple[type, type], Callable[..., Tensor]] = {}
INFINITY = float("inf")


def register_kl(type_p: type, type_q: type) -> Callable[[F], F]:
    """Declare the formula for two types of distributions, and for those derived from them that have none."""
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"Expected a Distribution type but got {kind}")

    def register(formula: F) -> F:
        FORMULAS[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    r"""Return $\mathrm{KL}(p \,\|\, q)$, of the batch shape of both.

    Raises:  NotImplementedError for types without a formula.

    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5000)
    """
    for type_p in type(p).__mro__:
        for type_q in type(q).__mro__:
            if (type_p, type_q) in FORMULAS:
                return FORMULAS[type_p, type_q](p, q)
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
    )


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Tensor:
    r"""$\frac12 \big(r + \frac{(\mu_p - \mu_q)^2}{\sigma_q^2} - 1 - \log r\big)$ with $r = \sigma_p^2 / \sigma_q^2$."""
    r = (p.scale / q.scale) ** 2
    return 0.5 * (r + ((p.loc - q.loc) / q.scale) ** 2 - 1 - r.log())


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p: Any, q: Any) -> Tensor:
    r"""$\log\frac{|L_q|}{|L_p|} + \frac12 \big(\|L_q^{-1} L_p\|^2 + \|L_q^{-1}(\mu_p - \mu_q)\|^2 - n\big)$."""
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Multivariate Normals with different event shapes cannot be computed: "
            f"{p.event_shape} and {q.event_shape}"
        )
    spread = (solve_lower(q.scale_tril, p.scale_tril) ** 2).sum((-2, -1))
    distance = (solve_lower(q.scale_tril, (p.loc - q.loc).unsqueeze(-1)) ** 2).sum((-2, -1))
    return q.log_determinant() - p.log_determinant() + 0.5 * (spread + distance - p.event_shape[0])


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Tensor:
    r"""$\log\frac{b_q - a_q}{b_p - a_p}$; infinite where q does not cover p."""
    ratio = ((q.high - q.low) / (p.high - p.low)).log()
    return ratio.masked_fill((q.low > p.low) | (q.high < p.high), INFINITY)


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Tensor:
    r"""$r - 1 - \log r$ with $r = \lambda_q / \lambda_p$."""
    r = q.rate / p.rate
    return r - 1 - r.log()


def _to_normal(mean: Any, variance: Any, entropy: Any, q: Any) -> Tensor:
    r"""$\frac12 \log 2\pi\sigma_q^2 + \frac{v + (m - \mu_q)^2}{2\sigma_q^2} - H(p)$ for p of mean m and variance v."""
    spread = (variance + (mean - q.loc) ** 2) / q.scale**2
    return 0.5 * (math.log(2 * math.pi) + spread) + q.scale.log() - entropy


@register_kl(Uniform, Normal)
@register_kl(Exponential, Normal)
def _normal_of_another(p: Any, q: Any) -> Tensor:
    """Mean and variance of p are all that the logarithm of a normal density asks for."""
    return _to_normal(p.mean, p.variance, p.entropy(), q)


@register_kl(Uniform, Exponential)
def _uniform_exponential(p: Any, q: Any) -> Tensor:
    r"""$\lambda_q \frac{a_p + b_p}{2} - \log\lambda_q - H(p)$; infinite where p reaches below 0."""
    divergence = q.rate * p.mean - q.rate.log() - p.entropy()
    return divergence.masked_fill((p.low < 0).expand(divergence.shape), INFINITY)


@register_kl(Normal, Uniform)
@register_kl(Normal, Exponential)
@register_kl(Exponential, Uniform)
def _not_covered(p: Any, q: Any) -> Tensor:
    """Infinite: p reaches where q does not."""
    shape = broadcast_shapes(p.batch_shape, q.batch_shape)
    return p.mean.new_full(shape, INFINITY)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Tensor:
    r"""$p \log\frac pq + (1-p) \log\frac{1-p}{1-q}$, where $\log p = -\log(1 + e^{-\ell})$; $0 \log 0 = 0$."""
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    one = one.masked_fill(q.probs == 0, INFINITY).masked_fill(p.probs == 0, 0)
    zero = zero.masked_fill(q.probs == 1, INFINITY).masked_fill(p.probs == 1, 0)
    return one + zero


@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Tensor:
    r"""$\sum_k p_k (\log p_k - \log q_k)$; $0 \log 0 = 0$."""
    terms = p.probs * (p.logits - q.logits)
    return terms.masked_fill(q.probs == 0, INFINITY).masked_fill(p.probs == 0, 0).sum(-1)


@register_kl(Independent, Independent)
def _independent(p: Any, q: Any) -> Tensor:
    """Sum those of the numbers of an event."""
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError(
            "KL of two Independents needs the same reinterpreted_batch_ndims, "
            f"got {p.reinterpreted_batch_ndims} and {q.reinterpreted_batch_ndims}"
        )
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)
