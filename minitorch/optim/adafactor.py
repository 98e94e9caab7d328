"""Adafactor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..backend.devices import Array, library
from ..engine import make
from ..tensor import Tensor
from .optimizer import Group, Optimizer, State, slot


class Adafactor(Optimizer):
    r"""Adam's scaling with the memory of a row and a column: the mean squares of a matrix are nearly of rank one.

    $$\hat\beta = 1 - t^{\tau}, \qquad R \leftarrow \hat\beta R + (1-\hat\beta)\, \overline{G^2}^{\,cols}, \qquad
      C \leftarrow \hat\beta C + (1-\hat\beta)\, \overline{G^2}^{\,rows}, \qquad
      \hat V = \frac{R\,C}{\max(\bar R, \epsilon_1)}$$
    $$U = \frac{G}{\max(\sqrt{\hat V}, \epsilon_1)}, \qquad \hat U = \frac{U}{\max(1, \mathrm{rms}(U) / d)}, \qquad
      \alpha_t = \max(\epsilon_2, \mathrm{rms}(\theta)) \min\!\big(\alpha, 1/\sqrt t\big), \qquad
      \theta \leftarrow \theta - \alpha_t \hat U$$

    The step is relative to the size of the parameter.  Vectors keep all their mean squares,
    $\hat V \leftarrow \hat\beta \hat V + (1-\hat\beta) G^2$; arrays of more dimensions are stacks of matrices.
    $\tau$ is `beta2_decay`, $d$ the clipping threshold; $\epsilon_1 = $ None is the machine epsilon.  Weights decay by
    themselves, $\theta \leftarrow \theta - \alpha\lambda\theta$.

    Source:  Shazeer & Stern 2018, Algorithms 4-6 (arXiv:1804.04235); where $\epsilon_1$ stands is PyTorch's choice.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **switches: bool | None,
    ) -> None:
        for what, value, fits, rule in (
            ("Learning rate", lr, lr >= 0, ">= 0"),
            ("beta2_decay", beta2_decay, beta2_decay <= 0, "<= 0"),
            ("epsilon1", eps[0], eps[0] is None or eps[0] >= 0, ">= 0"),
            ("epsilon2", eps[1], eps[1] >= 0, ">= 0"),
            ("Clipping threshold d", d, d >= 1, ">= 1"),
            ("weight_decay", weight_decay, weight_decay >= 0, ">= 0"),
        ):
            if not fits:
                raise ValueError(f"{what} should be {rule} but is: {value}")
        options = {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay}
        super().__init__(params, {**options, "maximize": maximize}, switches)

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        r"""Scale the gradient by the mean squares, clip the result, and go $\alpha_t$ of it."""
        lib, lr, (eps1, eps2) = library(p), float(group["lr"]), group["eps"]
        eps1 = float(lib.finfo(p.dtype).eps) if eps1 is None else eps1
        t = state["step"] = state.get("step", 0) + 1
        alpha = lib.maximum(rms(p), eps2) * min(lr, t**-0.5)
        if group["weight_decay"] != 0:
            p *= 1 - lr * group["weight_decay"]
        new = t ** group["beta2_decay"]  # 1 - β̂
        v = self.factored(g, state, new, eps1) if p.ndim > 1 else self.whole(g, state, new)
        u = g / lib.sqrt(lib.maximum(v, eps1 * eps1))
        p -= alpha / lib.maximum(rms(u) / group["d"], 1.0) * u

    @staticmethod
    def whole(g: Array, state: State, new: float) -> Array:
        r"""Move $\hat V$ of a vector; return it."""
        v = slot(state, "variance", g)
        v += new * (g * g - v)
        return v

    @staticmethod
    def factored(g: Array, state: State, new: float, eps: float) -> Array:
        r"""Move $R$ and $C$; return $\hat V = R C / \max(\bar R, \epsilon_1)$.

        Shapes:  g (*, n, m), R (*, n, 1), C (*, 1, m).
        """
        squares = g * g
        for name, axis in (("row_var", -1), ("col_var", -2)):
            mean = squares.mean(axis=axis, keepdims=True)
            if name not in state:
                state[name] = make(Tensor, mean * 0)
            state[name].value += new * (mean - state[name].value)
        R, C = state["row_var"].value, state["col_var"].value
        return R * C / library(g).maximum(R.mean(axis=-2, keepdims=True), eps)


def rms(x: Array) -> Array:
    r"""Return the root mean square, $\sqrt{\overline{x^2}}$."""
    return library(x).sqrt((x * x).mean())
