"""Parametrizations that are often wanted: the length of a weight apart, and a largest singular value of one."""

from __future__ import annotations

from typing import Any, TypeVar

from ...autograd import no_grad
from ...creation import randn
from ...tensor import Tensor
from ..conv_transpose import TransposedConvolution
from ..functional.distance import normalize
from ..module import Module
from .parametrize import register_parametrization
from .weight_norm import length

M = TypeVar("M", bound=Module)


class _WeightNorm(Module):
    r"""$W = g\,v / \lVert v \rVert$."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return weight_v * (weight_g / length(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        r"""$g = \lVert W \rVert$, $v = W$."""
        return length(weight, self.dim), weight.clone()

    def _upgrade_state(self, state: dict[str, Any], prefix: str, version: int | None) -> None:
        """Take the entries `weight_g` and `weight_v` of the older `utils.weight_norm`."""
        owner, _, rest = prefix.rpartition("parametrizations.")
        name = rest.split(".")[0]
        for old, new in (("g", "original0"), ("v", "original1")):
            if f"{owner}{name}_{old}" in state:
                state[f"{owner}parametrizations.{name}.{new}"] = state.pop(f"{owner}{name}_{old}")


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    r"""Let a weight be $g\,v / \lVert v \rVert$, with parameters g (`original0`) and v (`original1`); return the module.

    The norm is taken over all dimensions but `dim`: each output has a length of its own; None for one length in all.
    Source:  Salimans & Kingma 2016, eq. 2 (arXiv:1602.07868).
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    r"""$W / \sigma$, $\sigma = u^\top W v$, with buffers u and v for the singular vectors."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if dim >= weight.ndim or dim < -weight.ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{weight.ndim}, {weight.ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim, eps
        if weight.ndim > 1:
            W = self.matrix(weight)
            for name, size in zip(("_u", "_v"), W.shape, strict=True):
                start = randn(size, dtype=weight.dtype, device=weight.device)
                self.register_buffer(name, normalize(start, dim=0, eps=eps))
            self.iterate(W, 15)

    def matrix(self, weight: Tensor) -> Tensor:
        """Return the weight as a matrix whose rows belong to the outputs."""
        return weight.movedim(self.dim, 0).flatten(1)

    @no_grad()
    def iterate(self, W: Tensor, times: int) -> None:
        r"""$u \leftarrow W v$, $v \leftarrow W^\top u$, each divided by its length."""
        for _ in range(times):
            self._u.copy_(normalize(W @ self._v, dim=0, eps=self.eps))
            self._v.copy_(normalize(W.t() @ self._u, dim=0, eps=self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        W = self.matrix(weight)
        if self.training:
            self.iterate(W.detach(), self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # later iterations write into u and v, which backward reads
        return weight / (u @ (W @ v))

    def right_inverse(self, value: Tensor) -> Tensor:
        """Take the value as it is: it may already have been normalised."""
        return value


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    r"""Let a weight be $W / \sigma_{max}(W)$, so that the layer stretches nothing; return the module.

    Power iteration follows the singular vectors, in training, some steps whenever the weight is read.
    Source:  Miyato et al. 2018, Algorithm 1 (arXiv:1802.05957).
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    outputs = 1 if isinstance(module, TransposedConvolution) else 0
    parametrization = _SpectralNorm(weight.detach(), n_power_iterations, outputs if dim is None else dim, eps)
    return register_parametrization(module, name, parametrization)
