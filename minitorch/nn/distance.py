"""Distances and angles, as layers of two inputs."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module


class PairwiseDistance(Module):
    r"""$y = \lVert x_1 - x_2 + \epsilon \rVert_p$ along the last dimension."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Measure the distances."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    r"""$y = \frac{x_1 \cdot x_2}{\max(\lVert x_1\rVert, \epsilon) \max(\lVert x_2\rVert, \epsilon)}$, along a dim."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Measure the angles."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
