"""Probability distributions: samples, log-probabilities, entropies and divergences, with gradients."""

from . import constraints, utils
from .bernoulli import Bernoulli
from .categorical import Categorical
from .distribution import Distribution
from .exponential import Exponential
from .independent import Independent
from .kl import kl_divergence, register_kl
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .uniform import Uniform

__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Exponential", "Independent", "MultivariateNormal", "Normal", "Uniform",
    "constraints", "kl_divergence", "register_kl", "utils",
]  # fmt: skip
