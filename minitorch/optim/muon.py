"""Muon."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from .optimizer import Group, Optimizer, State, slot


class Muon(Optimizer):
    r"""Momentum whose matrix is made orthogonal before each step: all its singular values become about one.

    $$B \leftarrow \mu B + (1-\mu) G, \qquad \tilde B = \mu B + (1-\mu) G \ \ (\text{Nesterov; else } B), \qquad
      O = \mathrm{NS}(\tilde B)$$
    $$\theta \leftarrow \theta - \alpha\lambda\theta, \qquad \theta \leftarrow \theta - \alpha\, s\, O, \qquad
      s = \sqrt{\max(1, n/m)}$$

    for a matrix (n, m); with `adjust_lr_fn="match_rms_adamw"`, $s = 0.2\sqrt{\max(n, m)}$, which gives steps of the
    size of AdamW's.  For the hidden matrices of a network only: biases, embeddings and the last layer go to AdamW.

    Raises:  ValueError for a parameter that is no matrix.
    Source:  Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; s: Liu et al. 2025
             (arXiv:2502.16982).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        for what, value in (("Learning rate", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{what} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        options = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov, "eps": eps}
        newton_schulz = {"ns_coefficients": ns_coefficients, "ns_steps": ns_steps}
        super().__init__(params, {**options, **newton_schulz, "adjust_lr_fn": adjust_lr_fn, "maximize": maximize})

    def _check(self, params: list[Any]) -> None:
        super()._check(params)
        for p in params:
            if p.ndim != 2:
                raise ValueError(f"Muon only supports 2D parameters whereas we found a parameter with size: {p.shape}")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Move the momentum, make it orthogonal, let the parameter decay, and go $\alpha s O$."""
        lr, mu = float(group["lr"]), group["momentum"]
        B = slot(state, "momentum_buffer", p)
        B *= mu
        B += (1 - mu) * g
        ahead = mu * B + (1 - mu) * g if group["nesterov"] else B
        O = orthogonalize(ahead, group["ns_coefficients"], group["ns_steps"], group["eps"])
        p *= 1 - lr * group["weight_decay"]
        p -= (lr * scale(p.shape, group["adjust_lr_fn"])) * O


def orthogonalize(X: Array, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    r"""Return about $UV^\top$ of $X = U\Sigma V^\top$, by Newton and Schulz's iteration.

    $$X \leftarrow X / \|X\|, \qquad X \leftarrow aX + b\,(XX^\top)X + c\,(XX^\top)^2X$$

    Each singular value goes through $\sigma \leftarrow a\sigma + b\sigma^3 + c\sigma^5$.  With Muon's coefficients
    it does not converge: within five steps all but the smallest come between 0.7 and 1.2, where they stay.
    """
    a, b, c = coefficients
    lib, tall = library(X), X.shape[0] > X.shape[1]
    X = X.T if tall else X  # XXᵀ is the smaller square
    X = X / lib.maximum(lib.sqrt((X * X).sum()), eps)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X.T if tall else X


def scale(shape: tuple[int, ...], rule: str | None) -> float:
    """Return s, by which the step of a matrix (n, m) is multiplied."""
    n, m = shape
    return 0.2 * math.sqrt(max(n, m)) if rule == "match_rms_adamw" else math.sqrt(max(1, n / m))
