"""Spectral normalisation: a weight divided by its largest singular value."""

from __future__ import annotations

from typing import Any, TypeVar

from ...autograd import no_grad
from ...functions.history import RemovableHandle
from ...tensor import Tensor
from ..conv_transpose import TransposedConvolution
from ..functional.distance import normalize
from ..module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


class SpectralNorm:
    """The hook that computes the weight anew before every call of the module."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps
        self.handle: RemovableHandle | None = None

    def matrix(self, weight: Tensor) -> Tensor:
        """Return the weight as a matrix whose rows belong to the outputs."""
        return weight.movedim(self.dim, 0).reshape(weight.shape[self.dim], -1)

    def weight(self, module: Module, iterate: bool) -> Tensor:
        r"""$W / \sigma$ with $\sigma = u^\top W v$.

        A power iteration is $v \leftarrow W^\top u$, $u \leftarrow W v$, each divided by its length.
        """
        original = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        W = self.matrix(original)
        with no_grad():
            for _ in range(self.n_power_iterations if iterate else 0):
                v.copy_(normalize(W.t() @ u, dim=0, eps=self.eps))
                u.copy_(normalize(W @ v, dim=0, eps=self.eps))
            u, v = u.clone(), v.clone()  # later iterations write into u and v, which backward reads
        return original / (u @ (W @ v))

    def __call__(self, module: Module, inputs: Any) -> None:
        """Set the weight."""
        setattr(module, self.name, self.weight(module, iterate=module.training))


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    r"""Replace a weight by $W / \sigma_{max}(W)$, so that the layer stretches nothing; return the module.

    The parameter is then called `weight_orig`; the buffers `weight_u` and `weight_v` hold the singular vectors, which
    power iteration follows, in training, one step a call.
    Source:  Miyato et al. 2018, Algorithm 1 (arXiv:1802.05957).
    """
    if n_power_iterations <= 0:
        raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
    if _find(module, name) is not None:
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    outputs = 1 if isinstance(module, TransposedConvolution) else 0
    hook = SpectralNorm(name, n_power_iterations, outputs if dim is None else dim, eps)
    weight = getattr(module, name).detach()
    rows, columns = hook.matrix(weight).shape
    delattr(module, name)
    module.register_parameter(f"{name}_orig", Parameter(weight))
    setattr(module, name, weight)
    for letter, size in (("u", rows), ("v", columns)):
        vector = normalize(weight.new_empty(size).normal_(), dim=0, eps=eps)
        module.register_buffer(f"{name}_{letter}", vector)
    hook.handle = module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make the weight an ordinary parameter again, with the value that it has; return the module."""
    hook = _find(module, name)
    if hook is None or hook.handle is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    weight = hook.weight(module, iterate=False).detach()
    hook.handle.remove()
    for old in (name, f"{name}_orig", f"{name}_u", f"{name}_v"):
        delattr(module, old)
    setattr(module, name, Parameter(weight))
    return module


def _find(module: Module, name: str) -> SpectralNorm | None:
    hooks = [hook.function for hook in module._forward_pre_hooks.values()]
    return next((hook for hook in hooks if isinstance(hook, SpectralNorm) and hook.name == name), None)
