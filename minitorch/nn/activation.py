r"""Activations: the $f$ of a layer $y = f(Wx + b)$ (F4: $a^{(l+1)} = f(z^{(l+1)})$).

The formulas and their sources are in `functional`; the modules here carry the options.
"""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .module import Module


class ReLU(Module):
    r"""$y = \max(0, x)$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Cut off what is negative."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Module):
    r"""$y = \max(0, x) + \alpha \min(0, x)$."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Flatten what is negative."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


class ELU(Module):
    r"""$y = x$ for $x > 0$, else $\alpha (e^x - 1)$."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Bend what is negative."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class SiLU(Module):
    r"""$y = x\,\sigma(x)$, the swish."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by its own sigmoid."""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class GELU(Module):
    r"""$y = x\,\Phi(x)$, with the normal distribution function; `approximate="tanh"` for the tanh formula."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by the normal distribution."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Show the option."""
        return f"approximate={self.approximate!r}"


class Sigmoid(Module):
    r"""$y = 1 / (1 + e^{-x})$."""

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (0, 1)."""
        return input.sigmoid()


class Tanh(Module):
    r"""$y = \tanh x$."""

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-1, 1)."""
        return input.tanh()


class Softplus(Module):
    r"""$y = \frac1\beta \ln(1 + e^{\beta x})$; above the threshold, $y = x$."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        """Smooth the corner of ReLU."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"beta={self.beta}, threshold={self.threshold}"


class AlongDim(Module):
    """What `Softmax` and `LogSoftmax` share: the dimension whose numbers belong together."""

    normalise: Any

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along the dimension."""
        return type(self).normalise(input, self.dim)

    def extra_repr(self) -> str:
        """Show the dimension."""
        return f"dim={self.dim}"


class Softmax(AlongDim):
    r"""$y_k = e^{x_k} / \sum_j e^{x_j}$."""

    normalise = staticmethod(F.softmax)


class LogSoftmax(AlongDim):
    r"""$y_k = x_k - \ln \sum_j e^{x_j}$."""

    normalise = staticmethod(F.log_softmax)
